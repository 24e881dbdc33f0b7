package org.wasix4j.system;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.clock.IntervalTimers;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.Drainable;
import org.wasix4j.system.net.NetContext;
import org.wasix4j.system.report.Reporter;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadLocals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.WaitQueue;
import org.wasix4j.types.Errno;

/**
 * A guest as the machine sees it: its descriptors, its threads, what it may do, and its end. The
 * cousin of a process; it has never heard of pointers or of WebAssembly.
 *
 * <p>The first reason to end wins. Ending wakes every thread wherever it waits; each unwinds by
 * itself, and when the last has left, {@link #release} gives back what the host holds.
 */
public final class GuestProcess implements GuestThread.Owner {

    private final int pid;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final FdTable descriptors;
    private final Mounts mounts;
    private final NetContext net;
    private final Reporter reporter;
    private final int maxThreads;

    private final Clocks clocks = new Clocks();
    private final Signals signals = new Signals(this::threads, this::end);
    private final IntervalTimers timers = new IntervalTimers(signals::raise);
    private final ThreadLocals threadLocals = new ThreadLocals();
    private final WaitQueue waitQueue = new WaitQueue();
    private final Map<Integer, GuestThread> threads = new ConcurrentHashMap<>();
    private final ThreadLocal<GuestThread> current = new ThreadLocal<>();
    private final AtomicInteger nextTid;
    private final AtomicReference<ExitReason> end = new AtomicReference<>();

    /** Host calls of threads that are over. Guarded by this. */
    private long pastSyscalls;

    private volatile boolean ending;
    private volatile ThreadStarter threadStarter;
    private volatile Signals.Handler signalHandler = (thread, export, signal) -> false;
    private volatile Consumer<ExitReason> onEnd = reason -> {};

    /** A process without directories, see {@link #GuestProcess(ProcessSettings, Mounts)}. */
    public GuestProcess(ProcessSettings settings) {
        this(settings, Mounts.none());
    }

    /**
     * A process with no descriptor open and no thread yet.
     *
     * @param settings what it is made from
     * @param mounts the directories that are granted; {@link #release} closes them
     */
    public GuestProcess(ProcessSettings settings, Mounts mounts) {
        Limits limits = settings.limits();
        this.pid = settings.pid();
        this.arguments = settings.arguments();
        this.environment = settings.environment();
        this.descriptors = new FdTable(limits.maxDescriptors(), limits.maxSockets());
        this.mounts = mounts;
        this.reporter =
                new Reporter(
                        pid,
                        arguments.isEmpty() ? "" : arguments.get(0),
                        this::threadOrNull,
                        this::end,
                        settings.observer());
        this.net =
                new NetContext(
                        settings.network(),
                        settings.policy().openSession(),
                        mounts,
                        reporter,
                        this::threadOrNull,
                        this::isEnding);
        this.maxThreads = limits.maxThreads();
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

    /** The network as its sockets see it, and the policy about it. */
    public NetContext net() {
        return net;
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
            int tid = nextTid.getAndUpdate(last -> last == GuestThread.MAX_TID ? 1 : last + 1);
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
        descriptors.forget(thread);
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
        net.stopAccepting();
        for (OpenDescription description : descriptors.descriptions()) {
            if (description instanceof Drainable socket) {
                socket.stopTaking();
            }
        }
        reporter.deliver();
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

    @Override
    public boolean isEnding() {
        return ending;
    }

    /** Why the process ends, or null while it does not. */
    public ExitReason exitReason() {
        return end.get();
    }

    @Override
    public boolean deliverable(GuestThread thread) {
        return signals.deliverable(thread);
    }

    @Override
    public void beforePark() {
        reporter.deliver();
    }

    /** Closes every descriptor and lets go of the volumes; after the last thread has left. */
    public void release() {
        descriptors.closeAll();
        mounts.close();
        reporter.deliver();
    }
}
