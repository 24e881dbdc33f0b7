package org.wasix4j.hostile;

import com.dylibso.chicory.wasm.ChicoryException;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.wasix4j.host.HostHarness;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SyscallSpec;

/**
 * A thread of a hostile guest: it calls whatever there is with whatever it likes, and looks after
 * each call whether the host kept its word. What other threads may change meanwhile it looks at
 * only when it is the only one.
 */
final class HostileCaller {

    /** How long a call may go on although it is interrupted all the time. */
    private static final long STUCK = TimeUnit.SECONDS.toNanos(40);

    private static final long INTERRUPT_AFTER = TimeUnit.MILLISECONDS.toNanos(12);

    /** Numbers that a signal handler does not close. */
    private static final int SAFE = 8;

    private static final int REMEMBERED = 25;
    private static final int LARGEST_OUT = 128;

    private final HostileGuest guest;
    private final HostHarness harness;
    private final GuestThread thread;
    private final Choices choices;
    private final Arena arena;
    private final Addresses addresses;
    private final CallMaker maker;
    private final Scenes scenes;
    private final MemoryWatch memory;
    private final DeepStack deep = new DeepStack();
    private final Deque<String> history = new ConcurrentLinkedDeque<>();
    private final Tally tally = new Tally();

    /** When the present call began, 0 between calls. */
    private volatile long started;

    private boolean over;
    private boolean handling;
    private boolean closedByHandler;

    /**
     * Creates a thread's part of a guest.
     *
     * @param focus what the threads of the guest are after, or null when this is the only one
     */
    HostileCaller(
            HostileGuest guest, GuestThread thread, Choices choices, Arena arena, Focus focus) {
        this.guest = guest;
        this.harness = guest.harness();
        this.thread = thread;
        this.choices = choices;
        this.arena = arena;
        Names names = new Names(choices, guest.ground(), tally);
        boolean legacy = harness.profile() == AbiProfile.LEGACY;
        addresses = new Addresses(choices, names, guest.neighbours(), legacy, tally);
        Numbers numbers = new Numbers(choices, harness.process().descriptors(), focus);
        int size = harness.memory().pages() * 65536;
        maker = new CallMaker(choices, arena, size, names, addresses, numbers);
        scenes =
                new Scenes(
                        guest.kind(), harness, choices, arena, addresses, numbers, this::attempt);
        memory = focus == null ? new MemoryWatch(harness) : null;
    }

    private boolean isAlone() {
        return memory != null;
    }

    GuestThread thread() {
        return thread;
    }

    Tally tally() {
        return tally;
    }

    Addresses addresses() {
        return addresses;
    }

    /** Whether it has come to an end, by itself or by a signal. */
    boolean isOver() {
        return over;
    }

    /** Whether there is something left to decide. */
    boolean hasMore() {
        return choices.more();
    }

    /** Opens some of everything. */
    void begin() {
        scenes.begin();
    }

    private Errno attempt(String function, long... args) {
        if (over) {
            return Errno.CANCELED;
        }
        started = System.nanoTime();
        try {
            return harness.call(function, args);
        } catch (Unwind e) {
            over = true;
            return Errno.CANCELED;
        } finally {
            started = 0;
        }
    }

    // ---- a step

    /** Makes one call and looks at what it has done. */
    void step() {
        arena.reset();
        harness.process().signals().handler(thread, "handler", true);
        if (choices.percent(2)) {
            history("a scene");
            scenes.one();
            arena.reset();
        }
        if (over) {
            return;
        }
        SyscallSpec spec = guest.pick(choices);
        long[] args = maker.arguments(spec);
        if (isAlone()) {
            memory.before(spec, args);
        }
        history(spec + Arrays.toString(args));
        tally.called(spec + " " + spec.core());
        closedByHandler = false;
        long[] result = call(spec, args);
        look();
        if (result != null && spec.returnsErrno()) {
            examine(spec, args, (int) result[0]);
        }
    }

    private long[] call(SyscallSpec spec, long[] args) {
        Supplier<long[]> body = () -> harness.invoke(spec.toString(), args.clone());
        started = System.nanoTime();
        try {
            return guest.isDeep() && choices.percent(4)
                    ? deep.call(choices.below(choices.percent(50) ? 40 : 400), body)
                    : body.get();
        } catch (Unwind e) {
            over = true;
        } catch (ChicoryException e) {
            // a jump has no other way to say that it cannot be done
            boolean jump = spec.name().equals("stack_restore");
            if (!jump && (GuestKind.isServed(spec) || spec.returnsErrno())) {
                throw failure("a trap of a function that is served", e);
            }
        } catch (Throwable e) {
            throw failure("neither an errno nor an end came out", e);
        } finally {
            started = 0;
        }
        return null;
    }

    /** Ends the whole guest, as a thread of it can. */
    void exit() {
        started = System.nanoTime();
        try {
            harness.invoke("proc_exit", 7);
            throw failure("proc_exit came back", null);
        } catch (Unwind e) {
            over = true;
        } finally {
            started = 0;
        }
    }

    private void look() {
        ExitReason reason = harness.process().exitReason();
        boolean overflow = guest.isDeep() && guest.isTrapped();
        if (reason != null
                && !overflow
                && (reason.kind() == ExitReason.Kind.HOST_FAULT
                        || reason.kind() == ExitReason.Kind.TRAPPED)) {
            throw failure("a fault of the host: " + reason.message(), reason.cause());
        }
        String broken = guest.exceeded();
        if (broken == null) {
            broken = isAlone() ? memory.after() : MemoryWatch.secret(arena.content(), 0);
        }
        if (broken == null && isAlone()) {
            broken = closedButThere(harness.process().descriptors());
        }
        if (broken != null) {
            throw failure(broken, null);
        }
    }

    /** What a table without anybody who uses it has that it must not have, or null. */
    static String closedButThere(FdTable descriptors) {
        for (int fd = 0; fd < descriptors.limit(); fd++) {
            OpenDescription description = descriptors.find(fd);
            if (description != null && description.isClosed()) {
                return "descriptor " + fd + " stands for something closed";
            }
        }
        return null;
    }

    private void examine(SyscallSpec spec, long[] args, int code) {
        if (spec.name().equals("thread-spawn")) {
            if (code == 0 || code < -80) {
                throw failure("thread-spawn answered " + code, null);
            }
            return;
        }
        int largest = harness.profile().extendedErrno() ? 80 : 76;
        if (code < 0 || code > largest) {
            throw failure("no errno that this guest knows: " + code, null);
        }
        tally.answered(code);
        if (code == Errno.IO.code()) {
            tally.unknown(spec.name() + ": " + guest.lastHostError());
        }
        if (code == 0) {
            for (int i = 0; i < args.length; i++) {
                if (spec.parameters().get(i).kind().equals("*fd")) {
                    opened(spec, args, i);
                }
            }
            if (spec.name().equals("sock_bind")) {
                scenes.learn((int) args[0]);
            }
        }
    }

    private void opened(SyscallSpec spec, long[] args, int i) {
        int fd = harness.i32((int) args[i]);
        if (isAlone()
                && harness.process().descriptors().find(fd) == null
                && !closedByHandler
                && standsAlone(spec, args, i)) {
            throw failure(spec + " gave " + fd + ", which is not open", null);
        }
        if (choices.percent(isAlone() ? 85 : 60)) {
            scenes.nonBlocking(fd);
        }
    }

    /** Whether no other out value can have been written over one. */
    private static boolean standsAlone(SyscallSpec spec, long[] args, int i) {
        for (int k = 0; k < args.length; k++) {
            boolean out = k != i && spec.parameters().get(k).kind().startsWith("*");
            if (out && Math.abs((int) args[k] - (long) (int) args[i]) < LARGEST_OUT) {
                return false;
            }
        }
        return true;
    }

    /** A signal's handler, on this thread: it closes something now and then. */
    void handle() {
        if (!handling && choices.percent(20)) {
            handling = true;
            closedByHandler = true;
            try {
                harness.call("fd_close", SAFE + choices.below(guest.maxDescriptors() - SAFE));
            } finally {
                handling = false;
            }
        }
    }

    // ---- what is reported of it

    private void history(String what) {
        history.addLast(what);
        if (history.size() > REMEMBERED) {
            history.removeFirst();
        }
    }

    private AssertionError failure(String what, Throwable cause) {
        return new AssertionError(
                guest + ", call " + tally.calls() + ": " + what + "\n  " + guest.histories(),
                cause);
    }

    String history() {
        return String.join("\n  ", history);
    }

    // ---- from outside

    /** Interrupts a call that waits; to be called again and again by another thread. */
    void watch() {
        long since = started;
        if (since == 0) {
            return;
        }
        long time = System.nanoTime() - since;
        GuestProcess process = harness.process();
        if (time > STUCK) {
            String stack = Arrays.toString(thread.javaThread().getStackTrace());
            guest.exceeded("a call does not end although it is interrupted: " + stack);
            if (!process.isEnding()) {
                // it may never come back to say it
                System.err.println(failure(guest.exceeded(), null).getMessage());
            }
            process.end(ExitReason.killed(0));
            thread.javaThread().interrupt();
        } else if (time > INTERRUPT_AFTER) {
            process.resume(); // it may have stopped itself
            process.signals().raise(thread, 10 + (int) (time / INTERRUPT_AFTER) % 8);
        }
    }
}
