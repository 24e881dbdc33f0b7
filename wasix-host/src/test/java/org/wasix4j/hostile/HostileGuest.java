package org.wasix4j.hostile;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.ChicoryException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.wasix4j.host.HostHarness;
import org.wasix4j.host.HostLinker;
import org.wasix4j.host.Imports;
import org.wasix4j.host.Signatures;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.SystemObserver;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.trace.SyscallTracer;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.SyscallSpec;

/**
 * A guest that calls whatever there is with whatever it likes, and looks after each call whether
 * the host kept its word: only an errno or an end came out, nothing but what the call may write has
 * changed in memory, no descriptor stands for something closed, and nothing was reached that is not
 * granted.
 */
final class HostileGuest implements AutoCloseable {

    /** The import modules that a kind of guest knows. */
    enum Kind {
        CURRENT(AbiProfile.CURRENT, "wasi_snapshot_preview1", "wasix_32v1", "wasi"),
        LEGACY(AbiProfile.LEGACY, "wasix_32v1"),
        PREVIEW1(AbiProfile.PREVIEW1, "wasi_snapshot_preview1"),
        SNAPSHOT0(AbiProfile.PREVIEW1, "wasi_unstable");

        private final AbiProfile profile;
        private final List<String> modules;

        Kind(AbiProfile profile, String... modules) {
            this.profile = profile;
            this.modules = List.of(modules);
        }
    }

    private static final int PAGES = 4;
    private static final int DESCRIPTORS = 48;
    private static final int THREADS = 5;

    /** How long a call may go on although it is interrupted all the time. */
    private static final long STUCK = TimeUnit.SECONDS.toNanos(40);

    private static final long INTERRUPT_AFTER = TimeUnit.MILLISECONDS.toNanos(12);

    private static final Imports IMPORTS = new Imports(HostLinker.modules());

    /** Ends of the guest, which a sequence should not come to all the time. */
    private static final Set<String> ENDS = Set.of("proc_exit", "proc_exit2", "thread_exit");

    private final String name;
    private final Choices choices;
    private final Ground ground;
    private final Kind kind;
    private final HostHarness guest;
    private final GuestThread thread;
    private final CallMaker maker;
    private final List<SyscallSpec> served = new ArrayList<>();
    private final List<SyscallSpec> all = new ArrayList<>();
    private final Deque<String> history = new ConcurrentLinkedDeque<>();
    private final List<Thread> others = java.util.Collections.synchronizedList(new ArrayList<>());

    /** Which functions have been called. */
    final Set<String> called = new TreeSet<>();

    final int[] errnos = new int[Errno.values().length];

    /** How often the policy said no. */
    int denials;

    /** How many calls were made. */
    int calls;

    /** What the host said where a guest heard {@code io}, which should be known better. */
    final Set<String> unknownErrors = new TreeSet<>();

    private volatile String lastHostError = "";
    private volatile String exceeded;
    private volatile long started;
    private boolean over;
    private boolean nested;
    private boolean deep;
    private int framesLeft;
    private int framesWanted;

    HostileGuest(String name, Choices choices, Ground ground) {
        this.name = name;
        this.choices = choices;
        this.ground = ground;
        this.kind = choices.percent(50) ? Kind.CURRENT : Kind.values()[choices.below(4)];
        boolean narrow = choices.percent(30);
        String rules =
                narrow
                        ? "ipv4:allow=127.0.0.1:"
                                + ground.grantedPort()
                                + "/out,"
                                + "ipv4:allow=127.0.0.1:0/in,unix:allow=/volume/dir/*"
                        : "loopback,unix:allow=**" + ground.denials();
        HostHarness.Builder builder = HostHarness.builder();
        switch (kind) {
            case LEGACY -> builder.legacy();
            case PREVIEW1 -> builder.preview1();
            case SNAPSHOT0 -> builder.snapshot0();
            default -> {}
        }
        builder.pages(PAGES)
                .memory(choices.percent(50) ? PlainDirectMemory::new : ByteArrayMemory::new)
                .with(
                        process ->
                                process.withMaxDescriptors(DESCRIPTORS)
                                        .withMaxThreads(THREADS)
                                        .withArguments(List.of("guest", "argument"))
                                        .withEnvironment(Map.of("K", "V"))
                                        .withPolicy(NetworkPolicy.parse(rules))
                                        .withObserver(new Watch(narrow))
                                        .withMounts(mounts()));
        if (choices.percent(50)) {
            builder.listener(
                    new SyscallTracer(
                            choices.percent(50) ? TraceFormat.TEXT : TraceFormat.JSON,
                            EnumSet.allOf(TraceFamily.class),
                            line -> {}));
        }
        guest = builder.build();
        thread = guest.thread();
        maker = new CallMaker(choices, guest, ground);
        Signatures signatures = Signatures.load();
        for (String each : new TreeSet<>(signatures.names())) {
            String[] words = each.split(" ");
            if (kind.modules.contains(words[0])) {
                for (SyscallSpec spec : signatures.find(words[0], words[1])) {
                    all.add(spec);
                    if (IMPORTS.serves(spec) && !ENDS.contains(spec.name())) {
                        for (int i = 0; i < weight(spec.name()); i++) {
                            served.add(spec);
                        }
                    }
                }
            }
        }
        guest.process().threadStarter(this::start);
        guest.process().signalHandler(this::handle);
        openStreams();
        populate();
    }

    /** Functions with much behind them are called more often. */
    private static int weight(String function) {
        if (function.startsWith("sock_") || function.matches("epoll_.*|poll_.*")) {
            return 4;
        }
        return function.startsWith("path_") ? 3 : function.startsWith("fd_") ? 2 : 1;
    }

    private Mounts mounts() {
        Mounts.Builder mounts = Mounts.builder();
        if (kind == Kind.CURRENT || kind == Kind.LEGACY) {
            return mounts.withVolume(ground.volume, "/volume", false)
                    .withVolume(ground.readOnly, "/ro", true)
                    .withWorkingDirectory("/volume")
                    .build();
        }
        return mounts.withVolume(ground.volume, "/", false).build();
    }

    private void openStreams() {
        FdTable descriptors = guest.process().descriptors();
        descriptors.open(null, StandardStreams.input("input".getBytes(StandardCharsets.UTF_8)));
        descriptors.open(null, StandardStreams.nullOutput());
        descriptors.open(null, StandardStreams.closed());
        if (kind == Kind.LEGACY) {
            guest.process().mounts().preopenRoot(descriptors);
        } else {
            guest.process().mounts().preopen(descriptors);
        }
    }

    /** Sees what the guest gets that it was not granted. */
    private final class Watch implements SystemObserver {
        private final boolean narrow;

        Watch(boolean narrow) {
            this.narrow = narrow;
        }

        @Override
        public void connected(SocketAddr local, SocketAddr peer) {
            if (peer instanceof InetAddr inet
                    && (ground.forbiddenPorts().contains(inet.port())
                            || narrow && inet.port() != ground.grantedPort())) {
                exceeded = "connected to " + peer;
            }
        }

        @Override
        public void hostError(String operation, Throwable error) {
            lastHostError = operation + ": " + error;
        }

        @Override
        public void denied(Decision decision) {
            denials++;
        }
    }

    // ---- the guest's other threads, and its signal handler

    /** Another thread of the guest: it waits, so that it can be joined and signalled. */
    private void start(
            GuestThread started,
            org.wasix4j.system.thread.ThreadStarter.Entry entry,
            long argument) {
        String sleep =
                guest.profile() == AbiProfile.CURRENT || guest.profile() == AbiProfile.LEGACY
                        ? "wasix_32v1.thread_sleep"
                        : null;
        Thread other =
                new Thread(
                        () -> {
                            guest.process().enter(started);
                            try {
                                if (sleep != null) {
                                    guest.invoke(sleep, TimeUnit.MILLISECONDS.toNanos(20));
                                }
                            } catch (Unwind e) {
                                // the guest's end
                            } finally {
                                guest.process().leave(started);
                            }
                        },
                        "hostile guest's thread");
        other.setDaemon(true);
        other.start();
        others.add(other);
    }

    /** The handler closes something now and then: it may, it runs when the call is done. */
    private boolean handle(GuestThread interrupted, String export, int signal) {
        if (interrupted == thread && !nested && choices.percent(20)) {
            nested = true;
            try {
                guest.call("fd_close", 8 + choices.below(DESCRIPTORS - 8));
            } finally {
                nested = false;
            }
        }
        return true;
    }

    // ---- states to begin with

    /** Opens some of everything, so that sequences do not begin from nothing. */
    private void populate() {
        if (kind == Kind.CURRENT || kind == Kind.LEGACY) {
            for (int i = 0; i < 6; i++) {
                scene();
            }
        } else {
            file("a");
            file("dir/b");
        }
    }

    /** A few calls that belong together, as a program makes them. */
    private void scene() {
        if (kind != Kind.CURRENT && kind != Kind.LEGACY) {
            file("a");
            return;
        }
        int family = 1 + choices.below(2);
        int stream = kind == Kind.LEGACY ? 1 : 1;
        int datagram = kind == Kind.LEGACY ? 0 : 2;
        switch (choices.below(9)) {
            case 0, 1 -> connectedPair(family, stream);
            case 2 -> {
                int one = get("sock_open", family, datagram, 0);
                attempt("sock_bind", one, loopback(family, 0));
                learn(one);
                int other = get("sock_open", family, datagram, 0);
                attempt("sock_connect", other, loopback(family, choices.of(maker.ports)));
            }
            case 3 -> unixPair(stream);
            case 4 -> {
                int out = guest.alloc(8);
                attempt("sock_pair", 3, choices.percent(50) ? stream : datagram, 0, out, out + 4);
            }
            case 5 -> {
                int out = guest.alloc(8);
                attempt("fd_pipe", out, out + 4);
                get("fd_event", choices.below(3), choices.below(5));
            }
            case 6, 7 -> {
                int set = get("epoll_create");
                for (int i = 0; i < 5; i++) {
                    int event = guest.alloc(32);
                    guest.i64(event, choices.below(256));
                    attempt("epoll_ctl", set, 0, maker.descriptor(), event);
                }
            }
            default -> {
                file("a");
                file("dir/b");
            }
        }
    }

    private void connectedPair(int family, int stream) {
        int listener = get("sock_open", family, stream, 0);
        attempt("sock_bind", listener, loopback(family, 0));
        int port = learn(listener);
        attempt("sock_listen", listener, 4);
        int client = get("sock_open", family, stream, 0);
        attempt("fd_fdstat_set_flags", client, 4);
        attempt("fd_fdstat_set_flags", listener, 4);
        attempt("sock_connect", client, loopback(family, port));
        if (choices.percent(70)) {
            attempt("sock_accept_v2", listener, 4, guest.alloc(4), guest.alloc(110));
        }
    }

    private void unixPair(int stream) {
        byte[] path = ("dir/s" + choices.below(3) + "\0").getBytes(StandardCharsets.UTF_8);
        int address = guest.alloc(112);
        guest.memory().writeByte(address, (byte) 3);
        guest.memory().write(address + (kind == Kind.LEGACY ? 4 : 2), path);
        int listener = get("sock_open", 3, stream, 0);
        attempt("sock_bind", listener, address);
        attempt("sock_listen", listener, 2);
        int client = get("sock_open", 3, stream, 0);
        attempt("fd_fdstat_set_flags", client, 4);
        attempt("fd_fdstat_set_flags", listener, 4);
        attempt("sock_connect", client, address);
    }

    private void file(String path) {
        FdTable descriptors = guest.process().descriptors();
        int out = guest.alloc(4);
        int text = guest.string(path);
        long rights = -1L >>> 35;
        for (int dir = 3; dir < 5; dir++) {
            if (descriptors.find(dir) != null) {
                attempt(
                        "path_open",
                        dir,
                        1,
                        text,
                        path.length(),
                        1,
                        rights,
                        rights,
                        choices.below(6),
                        out);
            }
        }
    }

    private int loopback(int family, int port) {
        int at = guest.alloc(32);
        guest.i64(at, family | (long) port << 16).i64(at + 8, 0).i64(at + 16, 0);
        guest.memory().write(at + 4, family == 1 ? new byte[] {127, 0, 0, 1} : new byte[15]);
        if (family == 2) {
            guest.memory().write(at + 19, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0});
        }
        return at;
    }

    private int learn(int fd) {
        int out = guest.alloc(110);
        if (attempt("sock_addr_local", fd, out) == Errno.SUCCESS && guest.u8(out) != 3) {
            int port = guest.u16(out + 2);
            if (port != 0 && !maker.ports.contains(port)) {
                maker.ports.add(port);
            }
            return port;
        }
        return 0;
    }

    /** A call whose last parameter is a number's place; -1 when it fails. */
    private int get(String function, long... args) {
        int out = guest.alloc(4);
        long[] more = Arrays.copyOf(args, args.length + 1);
        more[args.length] = out;
        return attempt(function, more) == Errno.SUCCESS ? guest.i32(out) : -1;
    }

    private Errno attempt(String function, long... args) {
        if (over) {
            return Errno.CANCELED;
        }
        started = System.nanoTime();
        try {
            return guest.call(function, args);
        } catch (Unwind e) {
            over = true;
            return Errno.CANCELED;
        } finally {
            started = 0;
        }
    }

    // ---- a step

    /** Whether the guest has come to an end, by itself or by a signal. */
    boolean isOver() {
        return over;
    }

    /** Whether there is something left to decide. */
    boolean hasMore() {
        return choices.more();
    }

    /** Makes one call and looks at what it has done. */
    void step() {
        guest.resetMemory();
        guest.process().signals().handler(thread, "handler", true);
        if (choices.percent(2)) {
            history("a scene");
            scene();
            guest.resetMemory();
        }
        if (over) {
            return;
        }
        SyscallSpec spec = pick();
        long[] args = maker.arguments(spec);
        byte[] before = memory();
        OutRanges outs = new OutRanges(guest, before);
        outs.add(spec, args);
        history(spec + Arrays.toString(args));
        calls++;
        called.add(spec + " " + spec.core());
        long[] result = null;
        started = System.nanoTime();
        try {
            result =
                    deep && choices.percent(10)
                            ? nearTheEndOfTheStack(spec, args)
                            : guest.invoke(spec.toString(), args.clone());
        } catch (Unwind e) {
            over = true;
        } catch (ChicoryException e) {
            if (IMPORTS.serves(spec) || spec.returnsErrno()) {
                throw failure("a trap of a function that is served", e);
            }
        } catch (Throwable e) {
            throw failure("neither an errno nor an end came out", e);
        } finally {
            started = 0;
        }
        look(outs, before);
        if (result != null && spec.returnsErrno()) {
            examine(spec, args, (int) result[0]);
        }
    }

    /** Makes a tenth of the calls where the stack is nearly used up. */
    HostileGuest onNearlyExhaustedStacks() {
        deep = true;
        return this;
    }

    /** Whether a stack overflow has ended the guest. */
    boolean trapped() {
        ExitReason reason = guest.process().exitReason();
        return reason != null && reason.kind() == ExitReason.Kind.TRAPPED;
    }

    /** Goes down to the end of the stack, a few frames back, and calls there. */
    private long[] nearTheEndOfTheStack(SyscallSpec spec, long[] args) {
        framesLeft = -1;
        framesWanted = choices.below(400);
        return descend(spec, args);
    }

    private long[] descend(SyscallSpec spec, long[] args) {
        try {
            long[] result = descend(spec, args);
            if (framesLeft < 0) {
                return result;
            }
        } catch (StackOverflowError e) {
            if (framesLeft < 0) {
                // the deepest frame; the call is made some frames above it
                framesLeft = framesWanted;
            } else {
                throw e;
            }
        }
        if (framesLeft > 0) {
            framesLeft--;
            return null;
        }
        framesLeft = -1;
        return guest.invoke(spec.toString(), args.clone());
    }

    private SyscallSpec pick() {
        if (choices.percent(4)) {
            SyscallSpec spec = choices.of(all);
            return ENDS.contains(spec.name()) && !choices.percent(5) ? pick() : spec;
        }
        int open = guest.process().descriptors().size();
        if (choices.percent(open > DESCRIPTORS - 8 ? 20 : 1)) {
            return served.stream().filter(s -> s.name().equals("fd_close")).findFirst().get();
        }
        return choices.of(served);
    }

    private byte[] memory() {
        return guest.memory().readBytes(0, PAGES * 65536);
    }

    private void look(OutRanges outs, byte[] before) {
        ExitReason reason = guest.process().exitReason();
        boolean overflow = deep && reason != null && reason.kind() == ExitReason.Kind.TRAPPED;
        if (reason != null
                && !overflow
                && (reason.kind() == ExitReason.Kind.HOST_FAULT
                        || reason.kind() == ExitReason.Kind.TRAPPED)) {
            throw failure("a fault of the host: " + reason.message(), reason.cause());
        }
        if (exceeded != null) {
            throw failure(exceeded, null);
        }
        byte[] after = memory();
        int changed = outs.firstForbidden(after);
        if (changed >= 0) {
            throw failure("the byte at " + changed + " changed, which is not an out value's", null);
        }
        if (contains(before, after, Ground.SECRET.getBytes(StandardCharsets.UTF_8))) {
            throw failure("the guest has read a file that was not granted", null);
        }
        FdTable descriptors = guest.process().descriptors();
        for (int fd = 0; fd < descriptors.limit(); fd++) {
            OpenDescription description = descriptors.find(fd);
            if (description != null && description.isClosed()) {
                throw failure("descriptor " + fd + " stands for something closed", null);
            }
        }
    }

    /** Whether what changed contains a text. */
    private static boolean contains(byte[] before, byte[] after, byte[] text) {
        int first = Arrays.mismatch(before, after);
        if (first < 0) {
            return false;
        }
        for (int i = Math.max(0, first - text.length); i <= after.length - text.length; i++) {
            if (after[i] == text[0]
                    && Arrays.equals(after, i, i + text.length, text, 0, text.length)) {
                return true;
            }
        }
        return false;
    }

    private void examine(SyscallSpec spec, long[] args, int code) {
        if (spec.name().equals("thread-spawn")) {
            if (code == 0 || code < -80) {
                throw failure("thread-spawn answered " + code, null);
            }
            return;
        }
        int largest = guest.profile().extendedErrno() ? 80 : 76;
        if (code < 0 || code > largest) {
            throw failure("no errno that this guest knows: " + code, null);
        }
        errnos[code]++;
        if (code == Errno.IO.code()) {
            unknownErrors.add(spec.name() + ": " + lastHostError);
        }
        if (code == 0) {
            for (int i = 0; i < args.length; i++) {
                if (spec.parameters().get(i).kind().equals("*fd")) {
                    opened(spec, guest.i32((int) args[i]));
                }
            }
            if (spec.name().equals("sock_bind")) {
                learn((int) args[0]);
            }
        }
    }

    private void opened(SyscallSpec spec, int fd) {
        // two out values in one place: the second is there
        if (guest.process().descriptors().find(fd) == null
                && !nested
                && others.isEmpty()
                && !history.peekLast().contains("handler")) {
            // a handler may have closed it again; it closes numbers from 8 on
            if (fd < 8) {
                throw failure(spec + " gave " + fd + ", which is not open", null);
            }
        }
        if (choices.percent(85)) {
            attempt("fd_fdstat_set_flags", fd, 4);
        }
    }

    private void history(String what) {
        history.addLast(what);
        if (history.size() > 25) {
            history.removeFirst();
        }
    }

    private AssertionError failure(String what, Throwable cause) {
        return new AssertionError(
                name
                        + ", "
                        + kind
                        + ", call "
                        + calls
                        + ": "
                        + what
                        + "\n  "
                        + String.join("\n  ", history),
                cause);
    }

    // ---- from outside

    /** Interrupts a call that waits; to be called again and again by another thread. */
    void watch() {
        long since = started;
        if (since == 0) {
            return;
        }
        long time = System.nanoTime() - since;
        GuestProcess process = guest.process();
        if (time > STUCK) {
            exceeded =
                    "a call does not end although it is interrupted: "
                            + Arrays.toString(thread.javaThread().getStackTrace());
            if (!process.isEnding()) {
                // it may never come back to say it
                System.err.println(failure(exceeded, null).getMessage());
            }
            process.end(ExitReason.killed(0));
            thread.javaThread().interrupt();
        } else if (time > INTERRUPT_AFTER) {
            process.signals().raise(thread, 10 + (int) (time / INTERRUPT_AFTER) % 8);
        }
    }

    Path volume() {
        return ground.volume;
    }

    /** How many calls named what is not granted. */
    int attempts() {
        return maker.attempts;
    }

    @Override
    public void close() {
        guest.process().end(ExitReason.exited(0));
        for (Thread other : others) {
            try {
                other.join(TimeUnit.SECONDS.toMillis(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (other.isAlive()) {
                throw failure("a thread of the guest does not end", null);
            }
        }
        guest.close();
    }
}
