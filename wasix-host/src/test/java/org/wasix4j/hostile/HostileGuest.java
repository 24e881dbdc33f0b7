package org.wasix4j.hostile;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.wasix4j.host.HostHarness;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.MountsBuilder;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.trace.SyscallTracer;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.trace.TraceFamily;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.SyscallSpec;

/**
 * A guest that calls whatever there is with whatever it likes; the host has to keep its word: only
 * an errno or an end comes out, nothing but what the call may write changes in memory, no
 * descriptor stands for something closed, and nothing is reached that is not granted.
 *
 * <p>Its first thread is the one that makes it. {@link RacingThreads} lets several call at once.
 */
final class HostileGuest implements AutoCloseable {

    /** Memory for what one thread points to. */
    private static final int PAGES = 4;

    private static final int PAGE = 65536;
    private static final int FIRST_ADDRESS = 1024;
    private static final int THREADS = 5;
    private static final int DESCRIPTORS = 48;

    /** Few, so that threads meet at the same ones. */
    private static final int RACED_DESCRIPTORS = 28;

    private final String name;
    private final Ground ground;
    private final Neighbours neighbours;
    private final GuestKind kind;
    private final HostHarness harness;
    private final Focus focus;
    private final HostileCaller first;
    private final List<HostileCaller> callers = new CopyOnWriteArrayList<>();
    private final List<Thread> sleepers = new CopyOnWriteArrayList<>();
    private final AtomicInteger denials = new AtomicInteger();
    private final boolean deep;

    private volatile String lastHostError = "";
    private volatile String exceeded;

    /** How a guest calls. */
    enum Mode {
        /** From one thread. */
        ALONE,
        /** From one thread whose stack is nearly used up now and then. */
        DEEP,
        /** From several threads at once. */
        RACED
    }

    HostileGuest(String name, Choices choices, Ground ground, Neighbours neighbours) {
        this(name, choices, ground, neighbours, Mode.ALONE);
    }

    HostileGuest(String name, Choices choices, Ground ground, Neighbours neighbours, Mode mode) {
        this.name = name;
        this.ground = ground;
        this.neighbours = neighbours;
        this.deep = mode == Mode.DEEP;
        this.focus = mode == Mode.RACED ? new Focus() : null;
        this.kind =
                choices.percent(isRaced() ? 80 : 50)
                        ? GuestKind.CURRENT
                        : GuestKind.values()[choices.below(4)];
        boolean narrow = choices.percent(30);
        HostHarness.Builder builder =
                kind.harness()
                        .pages(isRaced() ? PAGES * THREADS : PAGES)
                        .memory(choices.percent(50) ? PlainDirectMemory::new : ByteArrayMemory::new)
                        .with(
                                process ->
                                        process.withLimits(
                                                        Limits.defaults()
                                                                .withMaxDescriptors(
                                                                        maxDescriptors())
                                                                .withMaxThreads(THREADS))
                                                .withArguments(List.of("guest", "argument"))
                                                .withEnvironment(Map.of("K", "V"))
                                                .withNetwork(neighbours.network())
                                                .withPolicy(policy(narrow))
                                                .withObserver(new Watch(narrow)))
                        .mounts(mounts());
        if (choices.percent(50)) {
            builder.listener(
                    new SyscallTracer(
                            choices.percent(50) ? TraceFormat.TEXT : TraceFormat.JSON,
                            EnumSet.allOf(TraceFamily.class),
                            line -> {}));
        }
        harness = builder.build();
        harness.process().threadStarter(this::start);
        harness.process().signalHandler(this::handle);
        openStreams();
        first = caller(harness.thread(), choices);
        first.begin();
    }

    private boolean isRaced() {
        return focus != null;
    }

    private NetworkPolicy policy(boolean narrow) {
        return NetworkPolicy.parse(
                narrow
                        ? "ipv4:allow=127.0.0.1:"
                                + neighbours.grantedPort()
                                + "/out,"
                                + "ipv4:allow=127.0.0.1:0/in,unix:allow=/volume/dir/*"
                        : "loopback,unix:allow=**" + neighbours.denials());
    }

    private Mounts mounts() {
        MountsBuilder mounts = Mounts.builder();
        if (kind.isWasix()) {
            return mounts.withVolume(ground.volume, "/volume", false)
                    .withVolume(ground.readOnly, "/ro", true)
                    .withWorkingDirectory("/volume")
                    .build();
        }
        return mounts.withVolume(ground.volume, "/", false).build();
    }

    private void openStreams() {
        FdTable descriptors = harness.process().descriptors();
        descriptors.open(null, StandardStreams.input("input".getBytes(StandardCharsets.UTF_8)));
        descriptors.open(null, StandardStreams.nullOutput());
        descriptors.open(null, StandardStreams.closed());
        if (kind == GuestKind.LEGACY) {
            harness.process().mounts().preopenRoot(descriptors);
        } else {
            harness.process().mounts().preopen(descriptors);
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
                    && (neighbours.forbiddenPorts().contains(inet.port())
                            || narrow && inet.port() != neighbours.grantedPort())) {
                exceeded = "connected to " + peer;
            }
        }

        @Override
        public void hostError(String operation, Throwable error) {
            lastHostError = operation + ": " + error;
        }

        @Override
        public void denied(Decision decision) {
            denials.incrementAndGet();
        }
    }

    // ---- its threads, and its signal handler

    /** A thread's part; each has some memory of its own to point to. */
    HostileCaller caller(GuestThread thread, Choices choices) {
        int start = isRaced() ? callers.size() % THREADS * PAGES * PAGE : 0;
        Arena arena = new Arena(harness, Math.max(FIRST_ADDRESS, start), start + PAGES * PAGE);
        HostileCaller caller = new HostileCaller(this, thread, choices, arena, focus);
        callers.add(caller);
        return caller;
    }

    /** A thread that the guest has asked for: it waits, so that it can be joined and signalled. */
    private void start(GuestThread started, ThreadStarter.Entry entry, long argument) {
        Thread sleeper =
                new Thread(
                        () -> {
                            harness.process().threads().enter(started);
                            try {
                                if (kind.isWasix()) {
                                    harness.invoke(
                                            "wasix_32v1.thread_sleep",
                                            TimeUnit.MILLISECONDS.toNanos(20));
                                }
                            } catch (Unwind e) {
                                // the guest's end
                            } finally {
                                harness.process().leave(started);
                            }
                        },
                        "hostile guest's thread");
        sleeper.setDaemon(true);
        sleeper.start();
        sleepers.add(sleeper);
    }

    private boolean handle(GuestThread interrupted, String export, int signal) {
        for (HostileCaller caller : callers) {
            if (caller.thread() == interrupted) {
                caller.handle();
            }
        }
        return true;
    }

    // ---- what its threads ask

    Ground ground() {
        return ground;
    }

    Neighbours neighbours() {
        return neighbours;
    }

    GuestKind kind() {
        return kind;
    }

    HostHarness harness() {
        return harness;
    }

    HostileCaller first() {
        return first;
    }

    int maxDescriptors() {
        return isRaced() ? RACED_DESCRIPTORS : DESCRIPTORS;
    }

    /** Whether its stack is nearly used up in some calls. */
    boolean isDeep() {
        return deep;
    }

    /** Whether a trap has ended it. */
    boolean isTrapped() {
        ExitReason reason = harness.process().exitReason();
        return reason != null && reason.kind() == ExitReason.Kind.TRAPPED;
    }

    SyscallSpec pick(Choices choices) {
        boolean crowded = harness.process().descriptors().size() > maxDescriptors() - 8;
        return kind.functions().pick(choices, crowded, isRaced());
    }

    String lastHostError() {
        return lastHostError;
    }

    /** What was found out of order from another thread, or null. */
    String exceeded() {
        return exceeded;
    }

    void exceeded(String what) {
        exceeded = what;
    }

    String histories() {
        return callers.stream()
                .map(HostileCaller::history)
                .collect(Collectors.joining("\n  -- another thread:\n  "));
    }

    @Override
    public String toString() {
        return name + ", " + kind + ", descriptors " + harness.process().descriptors().size();
    }

    // ---- from outside

    /** Interrupts calls that wait; to be called again and again by another thread. */
    void watch() {
        callers.forEach(HostileCaller::watch);
    }

    /** What it did; after its end. */
    Tally tally() {
        Tally sum = new Tally();
        callers.forEach(caller -> sum.add(caller.tally()));
        sum.denied(denials.get());
        return sum;
    }

    @Override
    public void close() {
        harness.process().end(ExitReason.exited(0));
        sleepers.forEach(sleeper -> join(sleeper));
        if (exceeded != null) {
            throw new AssertionError(this + ": " + exceeded + "\n  " + histories());
        }
        String closed = HostileCaller.closedButThere(harness.process().descriptors());
        if (closed != null) {
            throw new AssertionError(this + ": " + closed + "\n  " + histories());
        }
        harness.close();
        callers.forEach(caller -> neighbours.requireFree(caller.addresses().learnt(), name));
    }

    /** Waits for the end of a thread. */
    void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new AssertionError(
                    this
                            + ": a thread of the guest does not end: "
                            + List.of(thread.getStackTrace())
                            + "\n  "
                            + histories());
        }
    }
}
