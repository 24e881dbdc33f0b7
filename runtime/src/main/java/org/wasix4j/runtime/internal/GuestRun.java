package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.ValType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.host.Imports;
import org.wasix4j.host.WasixThreads;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.WasixMetrics;
import org.wasix4j.system.Drain;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.report.Counters;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;

/**
 * A guest that runs: its threads, each with an instance of its own, and its end.
 *
 * <p>How it ends. Whoever is first calls {@link GuestProcess#end}: an exit, the return of {@code
 * _start}, a trap in any thread, a timeout, the host. Every thread is then woken, interrupted if it
 * computes, and leaves the guest by itself. The last one out closes the descriptors, gives the
 * memory back and reports. A thread that does not leave in time, because the host does not let it
 * go, is abandoned: descriptors are closed and the end is reported without it, and the memory waits
 * until it leaves after all.
 */
public final class GuestRun implements ThreadStarter, Signals.Handler {

    private static final long MAIN_STACK = 16L << 20;
    private static final long WORKER_STACK = 2L << 20;
    private static final Duration GRACE = Duration.ofSeconds(2);

    /**
     * How much of the end is for connections that clients do not let rest, at most; nanoseconds.
     */
    private static final long LAST = 1_000_000_000;

    /** How often a guest that is to end is looked at. */
    private static final Duration LOOK = Duration.ofMillis(10);

    private final LoadedModule module;
    private final LaunchPlan plan;
    private final GuestProcess process;
    private final Instances instances;
    private final EntryCall entry;
    private final ThreadLocal<Instance> current = new ThreadLocal<>();

    /** Threads that are in the guest, or have been promised to be. */
    private final AtomicInteger inside = new AtomicInteger();

    private final AtomicBoolean reaping = new AtomicBoolean();
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final AtomicBoolean finishing = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int abandoned;

    /** Made beforehand, for an end with no room on the heap. */
    private final ExitReason noRoomToTell =
            ExitReason.trapped("out of memory, with no room to say more", null);

    private final ExitStatus unknownStatus =
            new ExitStatus(ExitStatus.Kind.FAILED, 0, 0, "out of memory at the end", null);

    /**
     * Links the module; nothing runs yet.
     *
     * @throws ModuleException when it cannot be run here
     * @throws IllegalArgumentException when a directory of the plan cannot be opened, the guest
     *     could write in the module's cache, or the arguments do not fit the invocation's function
     * @throws java.io.UncheckedIOException when a listener or a connection of the plan is not to be
     *     had
     */
    public GuestRun(LoadedModule module, LaunchPlan plan) {
        this.module = module;
        this.plan = plan;
        this.entry = EntryCall.of(module, plan.invocation());
        HostClasses.initialise();
        AbiProfile profile =
                plan.profile() != null ? plan.profile() : Imports.profileOf(module.module());
        this.process =
                Machines.build(
                        plan, profile, module.cacheFolder(), GoPrograms.isOne(module.module()));
        long pages = plan.limits().maxMemory() / Memory.PAGE_SIZE;
        try {
            this.instances =
                    new Instances(
                            module,
                            process,
                            profile,
                            plan.tracer(),
                            plan.limits().maxMemory() == 0
                                    ? Memory.RUNTIME_MAX_PAGES
                                    : (int) Math.min(pages, Memory.RUNTIME_MAX_PAGES));
        } catch (RuntimeException | Error e) {
            process.release();
            throw e;
        }
        process.threadStarter(this);
        process.signalHandler(this);
        process.onEnd(this::ending);
    }

    /** Starts the first thread, at {@code _start} or at the function of the invocation. */
    public void start() {
        if (instances.memory() != null && instances.memory().notice() != null) {
            plan.listener().notice(instances.memory().notice());
        }
        GuestThread thread = process.newThread();
        inside.incrementAndGet();
        Runnable body = () -> run(thread, () -> entry.run(current.get()), true);
        try {
            plan.threads().newThread(body, name(thread), MAIN_STACK).start();
        } catch (RuntimeException | OutOfMemoryError e) {
            process.end(ExitReason.hostFault("starting the first thread", e));
            inside.decrementAndGet();
            giveBack();
            throw e;
        }
        if (plan.limits().timeout() != null) {
            try {
                daemon("timeout", this::awaitTimeout);
            } catch (OutOfMemoryError e) {
                // nobody would end it in time, and the caller gets no handle
                process.end(ExitReason.hostFault("starting the timer", e));
                throw e;
            }
        }
    }

    private String name(GuestThread thread) {
        return "wasix-" + plan.arguments().get(0) + "-" + thread.tid();
    }

    // ---- threads

    @Override
    public void start(GuestThread thread, Entry entry, long argument) {
        String export = entry == Entry.START_THREAD ? "_start_thread" : "wasi_thread_start";
        if (!module.exports(export, ValType.I32, ValType.I32)) {
            throw Errno.NOTCAPABLE.exception();
        }
        String obstacle = instances.whyOnlyOne();
        if (obstacle != null) {
            plan.listener().hostError("starting a thread", new ModuleException(obstacle));
            throw Errno.NOTSUP.exception();
        }
        long first = entry == Entry.START_THREAD ? argument & 0xffffffffL : thread.tid();
        long second = entry == Entry.START_THREAD ? argument >>> 32 : argument & 0xffffffffL;
        Runnable body =
                () -> run(thread, () -> current.get().export(export).apply(first, second), false);
        inside.incrementAndGet();
        try {
            plan.threads().newThread(body, name(thread), WORKER_STACK).start();
        } catch (OutOfMemoryError | RuntimeException e) {
            inside.decrementAndGet();
            plan.listener().hostError("starting a thread", e);
            throw Errno.AGAIN.exception();
        }
    }

    /** The whole life of a guest thread. */
    private void run(GuestThread thread, Runnable entry, boolean main) {
        process.enter(thread);
        try {
            if (!process.isEnding()) {
                current.set(instances.create());
                entry.run();
                if (main) {
                    process.end(ExitReason.exited(0));
                } else {
                    WasixThreads.runDestructors(current.get(), process.threadLocals(), thread);
                }
            }
        } catch (Unwind e) {
            // its process or the thread itself ended
        } catch (ChicoryInterruptedException e) {
            process.end(ExitReason.killed(0));
        } catch (Throwable e) {
            process.end(reasonOf(thread, e));
        } finally {
            leave(thread);
        }
    }

    /** Why a thread ends by what was thrown; also when the heap has no room to say it. */
    private ExitReason reasonOf(GuestThread thread, Throwable thrown) {
        try {
            return Traps.reason(module, nameOf(thread), thrown);
        } catch (Throwable e) {
            return noRoomToTell;
        }
    }

    /** A thread for the human, or null when there is only the first. */
    private String nameOf(GuestThread thread) {
        boolean alone = thread.tid() == process.pid() && process.threadCount() == 1;
        return alone ? null : "thread " + thread.tid();
    }

    /** Whatever fails here for want of heap: who waits for the end must hear of it. */
    private void leave(GuestThread thread) {
        try {
            current.remove();
            if (process.isEnding() && inside.get() > 1) {
                // again: who ended the process may have had no stack left to wake the others
                ending(process.exitReason());
            }
            process.leave(thread);
        } finally {
            // an interrupt was meant for the guest; what follows must be able to close channels
            Thread.interrupted();
            if (inside.decrementAndGet() == 0) {
                try {
                    process.end(ExitReason.exited(0));
                    giveBack();
                } finally {
                    exit.complete(status());
                }
            }
        }
    }

    private ExitStatus status() {
        try {
            return Statuses.of(process.exitReason());
        } catch (Throwable e) {
            return unknownStatus;
        }
    }

    /** Closes what is open and unmaps the memory: no thread is in the guest any more. */
    private void giveBack() {
        finish();
        if (instances.memory() != null) {
            instances.memory().free();
        }
    }

    @Override
    public boolean call(GuestThread thread, String export, int signal) {
        if (!module.exports(export, ValType.I32)) {
            return false;
        }
        try {
            current.get().export(export).apply(signal);
        } catch (ChicoryException e) {
            if (!Signals.endsByDefault(signal) || !Traps.foundNothingToCall(module, export, e)) {
                throw e;
            }
            endBySignal(signal, export, e);
        }
        return true;
    }

    /**
     * The guest has no handler for this signal that can be called: wasix-libc names its export
     * before main, has no default actions until a program sets a first handler, and calls handlers
     * that expect a siginfo_t through the type of those that do not. On Linux the program would
     * have ended by the signal, and it does here.
     */
    private void endBySignal(int signal, String export, ChicoryException trap) {
        plan.listener()
                .notice(
                        "the guest could not handle signal %d (%s, in %s): it ends by it"
                                .formatted(signal, trap.getMessage(), export));
        process.end(ExitReason.killed(signal));
        throw Unwind.PROCESS;
    }

    // ---- the end

    /** The process begins to end: gets the threads out of computations, and bounds the wait. */
    private void ending(ExitReason reason) {
        int others = 0;
        for (GuestThread thread : process.threads()) {
            Thread host = thread.javaThread();
            if (host != Thread.currentThread()) {
                others++;
                if (host != null) {
                    host.interrupt();
                }
            }
        }
        if (others > 0 && reaping.compareAndSet(false, true)) {
            try {
                daemon("end", this::reap);
            } catch (OutOfMemoryError e) {
                // the end waits for whoever does not leave by himself, and that is said
                plan.listener().hostError("starting the thread that bounds the end", e);
            }
        }
    }

    private void daemon(String what, Runnable body) {
        Thread thread = new Thread(body, "wasix-" + plan.arguments().get(0) + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    /** Reports the end without the threads that are still inside when the time is over. */
    private void reap() {
        if (!awaitExit(GRACE)) {
            abandoned = inside.get();
            finish();
            exit.complete(status());
        }
    }

    private void awaitTimeout() {
        if (!awaitExit(plan.limits().timeout())) {
            process.end(ExitReason.timedOut());
        }
    }

    private boolean awaitExit(Duration time) {
        try {
            exit.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            return true;
        }
    }

    /**
     * Closes what is open, once. Who comes second waits for the first; but not for ever, because
     * that one tells the embedder's listener, and must not hold a lock.
     */
    private void finish() {
        if (finishing.compareAndSet(false, true)) {
            try {
                process.release();
            } finally {
                finished.countDown();
            }
            return;
        }
        try {
            finished.await(GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // the end is reported all the same
        }
    }

    // ---- for the handle

    /** The number that the guest has for itself. */
    public int pid() {
        return process.pid();
    }

    /** Completes when the guest has ended and everything was given back. */
    public CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    /**
     * Makes a signal pending when the guest has a handler for signals.
     *
     * @return false when it has none
     */
    public boolean signal(int signal) {
        if (!process.signals().handled()) {
            return false;
        }
        process.signals().raise(signal);
        return true;
    }

    /**
     * Brings the guest to its end: no connection is accepted any more; a guest that handles the
     * signal does what it does, and the connections of another may finish. Who has not ended when
     * the time is up is ended. Waits until the end has begun.
     */
    public void stop(int signal, Duration grace) throws InterruptedException {
        process.stopAccepting();
        boolean handled = process.signals().request(signal);
        Drain drain = new Drain(process);
        long time = nanos(grace);
        long deadline = Clocks.deadlineIn(time);
        while (!process.isEnding()) {
            long left =
                    deadline == GuestThread.FOREVER ? Long.MAX_VALUE : deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            if (!handled || process.signals().isRefused(signal)) {
                if (drain.isOver()) {
                    break;
                }
                if (left < Math.min(time / 8, LAST)) {
                    drain.retire();
                }
            }
            Thread.sleep(LOOK.toMillis());
        }
        kill(signal);
    }

    private static long nanos(Duration time) {
        try {
            return Math.max(0, time.toNanos());
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Ends the guest; a signal number for the exit status, or 0. */
    public void kill(int signal) {
        process.end(ExitReason.killed(signal));
    }

    /** What it has done so far, and what it holds. */
    public WasixMetrics metrics() {
        Counters counters = process.reporter().counters();
        return new WasixMetrics(
                counters.open(),
                counters.accepted(),
                counters.opened(),
                counters.bytesReceived(),
                counters.bytesSent(),
                process.descriptors().size(),
                process.threadCount(),
                counters.denials(),
                process.syscalls());
    }

    /** How many threads were still inside when the end was reported. */
    public int abandonedThreads() {
        return Math.min(abandoned, inside.get());
    }
}
