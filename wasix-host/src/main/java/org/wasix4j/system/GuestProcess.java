package org.wasix4j.system;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.policy.PolicySession;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.clock.IntervalTimers;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.AheadBudget;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.net.Resolver;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.UnixNames;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadLocals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.system.thread.WaitQueue;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;

/**
 * A guest as the machine sees it: its descriptors, its threads, what it may do, and its end. The
 * cousin of a process; it has never heard of pointers or of WebAssembly.
 *
 * <p>The first reason to end wins. Ending wakes every thread wherever it waits; each unwinds by
 * itself, and when the last has left, {@link #release} gives back what the host holds.
 */
public final class GuestProcess {

    private final int pid;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final FdTable descriptors;
    private final Mounts mounts;
    private final Network network;
    private final UnixNames unixNames = new UnixNames();
    private final PolicySession policy;
    private final Reporter reporter;
    private final int maxThreads;

    private final Clocks clocks = new Clocks();
    private final Signals signals = new Signals(this);
    private final IntervalTimers timers = new IntervalTimers(signals::raise);
    private final ThreadLocals threadLocals = new ThreadLocals();
    private final WaitQueue waitQueue = new WaitQueue();
    private final Resolver resolver = new Resolver();
    private final AheadBudget aheadBudget = new AheadBudget();
    private final Map<Integer, GuestThread> threads = new ConcurrentHashMap<>();
    private final ThreadLocal<GuestThread> current = new ThreadLocal<>();
    private final AtomicInteger nextTid;
    private final AtomicReference<ExitReason> end = new AtomicReference<>();

    /** Host calls of threads that are over. Guarded by this. */
    private long pastSyscalls;

    private volatile boolean stopping;
    private volatile boolean ending;
    private volatile ThreadStarter threadStarter;
    private volatile Signals.Handler signalHandler = (thread, export, signal) -> false;
    private volatile Consumer<ExitReason> onEnd = reason -> {};

    GuestProcess(GuestProcessBuilder builder) {
        this.pid = builder.pid;
        this.arguments = List.copyOf(builder.arguments);
        this.environment = builder.environment;
        this.descriptors = new FdTable(builder.maxDescriptors, builder.maxSockets);
        this.mounts = builder.mounts;
        this.network = builder.network;
        this.policy = builder.policy.openSession();
        this.reporter = new Reporter(this, builder.observer);
        this.maxThreads = builder.maxThreads;
        this.nextTid = new AtomicInteger(pid);
    }

    /** The number the guest sees, 1 unless set otherwise. */
    public int pid() {
        return pid;
    }

    /** The command line, the program's name first. */
    public List<String> arguments() {
        return arguments;
    }

    /** The environment, in order. */
    public Map<String, String> environment() {
        return environment;
    }

    /** The descriptors. */
    public FdTable descriptors() {
        return descriptors;
    }

    /** The directories that were granted, and the working directory. */
    public Mounts mounts() {
        return mounts;
    }

    /** Where sockets come from. */
    public Network network() {
        return network;
    }

    /** What the guest has called the unix sockets that it bound. */
    public UnixNames unixNames() {
        return unixNames;
    }

    /** What looks names up. */
    public Resolver resolver() {
        return resolver;
    }

    /** What its sockets may take from the kernel before the guest does. */
    public AheadBudget aheadBudget() {
        return aheadBudget;
    }

    /** The clocks. */
    public Clocks clocks() {
        return clocks;
    }

    /** The signals. */
    public Signals signals() {
        return signals;
    }

    /** The timers that raise signals. */
    public IntervalTimers timers() {
        return timers;
    }

    /** The values that first-generation guests keep for each thread. */
    public ThreadLocals threadLocals() {
        return threadLocals;
    }

    /** The queue under futexes and {@code memory.atomic.wait}. */
    public WaitQueue waitQueue() {
        return waitQueue;
    }

    /** What makes known what happens. */
    public Reporter reporter() {
        return reporter;
    }

    /** The policy of this process. */
    public PolicySession policy() {
        return policy;
    }

    /**
     * Asks the policy.
     *
     * @return false, after telling the observer, when it says no
     */
    public boolean permits(NetworkOperation operation, SocketAddr address) {
        return tell(policy.check(operation, address));
    }

    /** As {@link #permits}, for what the guest has not asked for: nobody is told of a denial. */
    public boolean wouldPermit(NetworkOperation operation, SocketAddr address) {
        return policy.check(operation, address).allowed();
    }

    /**
     * Asks the policy.
     *
     * @throws org.wasix4j.types.ErrnoException acces, after telling the observer, when it says no
     */
    public void require(NetworkOperation operation, SocketAddr address) {
        if (!permits(operation, address)) {
            throw Errno.ACCES.exception();
        }
    }

    /**
     * Asks the policy about an address of the guest's own.
     *
     * @param asked what the guest asked for, perhaps with port 0
     * @param actual what it got
     * @throws org.wasix4j.types.ErrnoException acces, after telling the observer, when it says no
     */
    public void requireLocal(NetworkOperation operation, SocketAddr asked, SocketAddr actual) {
        if (!tell(policy.checkLocal(operation, asked, actual))) {
            throw Errno.ACCES.exception();
        }
    }

    /**
     * Asks the policy about a peer that turned to the guest.
     *
     * @param asked the local address the guest asked for
     * @param actual the local address the peer came to
     * @return false, after telling the observer, when it says no
     */
    public boolean permitsPeer(
            NetworkOperation operation, SocketAddr asked, SocketAddr actual, SocketAddr peer) {
        return tell(policy.checkPeer(operation, asked, actual, peer));
    }

    /** Asks the policy about a name to be looked up, as {@link #require}. */
    public void requireName(String name) {
        if (!tell(policy.checkName(name))) {
            throw Errno.ACCES.exception();
        }
    }

    private boolean tell(Decision decision) {
        if (!decision.allowed()) {
            reporter.denied(decision);
        }
        return decision.allowed();
    }

    // ---- threads

    /** What starts threads, or null when this process can have one only. */
    public ThreadStarter threadStarter() {
        return threadStarter;
    }

    /** Sets what starts threads. */
    public void threadStarter(ThreadStarter starter) {
        threadStarter = starter;
    }

    /** What calls the guest's signal handler. */
    public Signals.Handler signalHandler() {
        return signalHandler;
    }

    /** Sets what calls the guest's signal handler. */
    public void signalHandler(Signals.Handler handler) {
        signalHandler = handler;
    }

    /**
     * The guest thread that the calling Java thread runs. A Java thread that calls a host function
     * without having been started by a runtime becomes a guest thread here.
     */
    public GuestThread currentThread() {
        GuestThread thread = current.get();
        if (thread == null) {
            thread = newThread();
            enter(thread);
        }
        return thread;
    }

    /**
     * A new thread with a number of its own; the first has the process's number.
     *
     * @throws org.wasix4j.types.ErrnoException again when there are too many
     */
    public synchronized GuestThread newThread() {
        if (threads.size() >= maxThreads) {
            throw Errno.AGAIN.exception();
        }
        for (; ; ) {
            int tid =
                    nextTid.getAndUpdate(
                            last -> last == GuestProcessBuilder.MAX_TID ? 1 : last + 1);
            GuestThread thread = new GuestThread(this, tid);
            if (threads.putIfAbsent(tid, thread) == null) {
                return thread;
            }
        }
    }

    /**
     * Starts a thread.
     *
     * @return its number
     * @throws org.wasix4j.types.ErrnoException notsup when this process can have one thread only,
     *     again when there are too many, and those of {@link ThreadStarter#start}
     */
    public int startThread(ThreadStarter.Entry entry, long argument) {
        ThreadStarter starter = threadStarter;
        if (starter == null) {
            throw Errno.NOTSUP.exception();
        }
        GuestThread thread = newThread();
        boolean started = false;
        try {
            starter.start(thread, entry, argument);
            started = true;
        } finally {
            if (!started) {
                forget(thread);
            }
        }
        return thread.tid();
    }

    private void forget(GuestThread thread) {
        synchronized (this) {
            if (threads.remove(thread.tid(), thread)) {
                pastSyscalls += thread.syscalls();
            }
        }
        threadLocals.forget(thread);
        thread.close();
    }

    /** The guest thread that the calling Java thread runs, or null when it runs none. */
    public GuestThread threadOrNull() {
        return current.get();
    }

    /** Makes the calling Java thread run a guest thread. */
    public void enter(GuestThread thread) {
        thread.bind();
        current.set(thread);
    }

    /** The calling Java thread has left the guest: its guest thread is over. */
    public void leave(GuestThread thread) {
        current.remove();
        forget(thread);
        reporter.deliver();
    }

    /** The thread of a number, or null. */
    public GuestThread thread(int tid) {
        return threads.get(tid);
    }

    /** The threads there are. */
    public Iterable<GuestThread> threads() {
        return threads.values();
    }

    /** How many threads there are. */
    public int threadCount() {
        return threads.size();
    }

    /** How many host calls its threads have begun; those of running threads are near enough. */
    public synchronized long syscalls() {
        long sum = pastSyscalls;
        for (GuestThread thread : threads.values()) {
            sum += thread.syscalls();
        }
        return sum;
    }

    // ---- the end

    /**
     * Begins a gentle end: no socket takes connections any more. The guest is not told; its
     * listeners are as before, only nobody comes.
     */
    public void stopAccepting() {
        stopping = true;
        for (OpenDescription description : descriptors.descriptions()) {
            if (description instanceof SocketDescription socket) {
                socket.stopTaking();
            }
        }
        reporter.deliver();
    }

    /** Whether a gentle end has begun. */
    public boolean isStopping() {
        return stopping;
    }

    /** Sets who is told once when the process begins to end, before its threads are woken. */
    public void onEnd(Consumer<ExitReason> listener) {
        onEnd = listener;
    }

    /** Ends the process: every thread is woken and unwinds. Only the first reason counts. */
    public void end(ExitReason reason) {
        if (end.compareAndSet(null, reason)) {
            ending = true;
            timers.close();
            reporter.ending(reason);
            onEnd.accept(reason);
            for (GuestThread thread : threads.values()) {
                thread.wake();
            }
        }
    }

    /** Whether the process has begun to end. */
    public boolean isEnding() {
        return ending;
    }

    /** Why the process ends, or null while it does not. */
    public ExitReason exitReason() {
        return end.get();
    }

    /** What a thread throws that has to leave the guest now. */
    public Unwind unwind(GuestThread thread) {
        return Unwind.PROCESS;
    }

    /** Closes every descriptor and lets go of the volumes; after the last thread has left. */
    public void release() {
        descriptors.closeAll();
        mounts.close();
        reporter.deliver();
    }
}
