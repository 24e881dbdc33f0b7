package org.wasix4j.system;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.wasix4j.jfr.Guest;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.clock.IntervalTimers;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.net.Drainable;
import org.wasix4j.system.net.NetContext;
import org.wasix4j.system.process.FamilyLimits;
import org.wasix4j.system.process.ProcessMember;
import org.wasix4j.system.process.ProcessTable;
import org.wasix4j.system.report.Reporter;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadLocals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.WaitQueue;
import org.wasix4j.types.Errno;

/**
 * A guest as the machine sees it: its descriptors, its threads, what it may do, and its end. The
 * machine's process; it knows neither pointers nor WebAssembly.
 *
 * <p>The first reason to end wins. Ending wakes every thread wherever it waits; each unwinds by
 * itself, and when the last has left, {@link #release} gives back what the host holds.
 */
public final class GuestProcess implements GuestThread.Owner, Signals.Subject, ProcessMember {

    /** A disposition that says that a signal is ignored. */
    private static final int IGNORE = 1;

    private final int pid;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final FdTable descriptors;
    private final Mounts mounts;
    private final NetContext net;
    private final Reporter reporter;
    private final Guest guest;
    private final ProcessTable table;

    /** The same for all processes of a family: they compare times. */
    private final Clocks clocks;

    private final Signals signals = new Signals(this);
    private final IntervalTimers timers = new IntervalTimers(signals::raise);
    private final ThreadLocals threadLocals = new ThreadLocals();
    private final WaitQueue waitQueue = new WaitQueue();
    private final Map<Integer, GuestThread> threads = new ConcurrentHashMap<>();

    /** The guest thread that a Java thread runs; one for the whole family. */
    private final ThreadLocal<GuestThread> current;

    private final AtomicReference<ExitReason> end = new AtomicReference<>();

    /** Host calls of threads that are over. Guarded by this. */
    private long pastSyscalls;

    /** Whether a thread has been made that has the process's own number. Guarded by this. */
    private boolean hasFirstThread;

    private volatile boolean ending;

    /** The signal that has stopped it, or 0. */
    private volatile int stopped;

    /** Another program has taken over the descriptors. */
    private volatile boolean replaced;

    private final AtomicBoolean released = new AtomicBoolean();
    private volatile byte[] dispositions = {};

    /** The call in which a thread has overflowed its stack, or null. */
    private volatile String overflow;

    private volatile StackOverflowError overflowCause;
    private volatile ThreadStarter threadStarter;
    private volatile ProcessRunner runner;
    private volatile DynamicLinker linker;

    /** What the thread that acts for this process acted for before. */
    private GuestThread.Owner outer;

    /** The thread that waits for this child of a vfork to exec or to end. */
    private volatile GuestThread vforker;

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
        this.current = new ThreadLocal<>();
        this.clocks = new Clocks();
        this.arguments = settings.arguments();
        this.environment = settings.environment();
        this.descriptors = new FdTable(limits.maxDescriptors(), limits.maxSockets());
        this.mounts = mounts;
        mounts.attach(descriptors);
        this.reporter =
                new Reporter(
                        pid, nameOf(arguments), this::threadOrNull, this::end, settings.observer());
        this.guest = reporter.guest();
        this.net =
                new NetContext(
                        settings.network(),
                        settings.policy().openSession(),
                        mounts,
                        reporter,
                        this::threadOrNull,
                        this::callerEnds);
        this.table =
                new ProcessTable(new FamilyLimits(limits.maxProcesses(), limits.maxThreads()), pid);
        table.bind(pid, this);
    }

    /** A process of the family of another. */
    private GuestProcess(
            GuestProcess other,
            int pid,
            List<String> arguments,
            Map<String, String> environment,
            FdTable descriptors,
            Mounts mounts) {
        this.pid = pid;
        this.arguments = List.copyOf(arguments);
        this.environment = environment;
        this.descriptors = descriptors;
        this.mounts = mounts;
        this.mounts.attach(descriptors);
        this.reporter = other.reporter;
        this.guest = reporter.guest().process(pid, nameOf(arguments));
        this.net = mounts == other.mounts ? other.net : other.net.fork(mounts);
        this.table = other.table;
        this.current = other.current;
        this.clocks = other.clocks;
        dispositions(other.dispositions);
    }

    private static String nameOf(List<String> arguments) {
        return arguments.isEmpty() ? "" : arguments.get(0);
    }

    /** Whose events those of this process are. */
    public Guest guest() {
        return guest;
    }

    private boolean callerEnds() {
        GuestThread thread = current.get();
        return thread == null ? ending : thread.ownerEnds();
    }

    // ---- other processes

    /** The processes of its family. */
    public ProcessTable table() {
        return table;
    }

    /**
     * A child with copies of the descriptors, the working directory, the environment, the signal
     * handlers and what the policy has learned. It has no thread yet. Who does not start it gives
     * it back by {@link #abandon}.
     *
     * @throws org.wasix4j.types.ErrnoException again when there are too many processes, mfile when
     *     there would be too many descriptors
     */
    public GuestProcess fork() {
        int number = table.add(pid);
        Mounts itsMounts = mounts.fork();
        GuestProcess child = null;
        try {
            child =
                    new GuestProcess(
                            this, number, arguments, environment, descriptors.fork(), itsMounts);
            child.signals.inherit(signals);
        } finally {
            if (child == null) {
                itsMounts.close();
                table.remove(number);
            }
        }
        table.bind(number, child);
        reporter.started(child.guest, pid, child.arguments);
        return child;
    }

    /**
     * The process as it will be when another program runs in it: the same number, descriptors and
     * working directory. Takes effect by {@link #replacedBy}.
     */
    public GuestProcess replacement(List<String> words, Map<String, String> variables) {
        return new GuestProcess(this, pid, words, variables, descriptors, mounts);
    }

    /** Another program takes over: this one ends, and its descriptors do not. */
    public void replacedBy(GuestProcess next) {
        replaced = true;
        table.bind(pid, next);
        reporter.started(next.guest, table.parent(pid), next.arguments);
        end(ExitReason.replaced());
        tellVforker();
    }

    /**
     * Waits until this child has started another program or has ended, as the parent of a vfork.
     */
    public void awaitVfork(GuestThread parent) {
        vforker = parent;
        parent.beginWait();
        while (!replaced && !released.get()) {
            if (parent.park(GuestThread.FOREVER, false) == ParkResult.ENDING) {
                return;
            }
        }
    }

    private void tellVforker() {
        GuestThread parent = vforker;
        if (parent != null) {
            parent.wake();
        }
    }

    /** Gives a child back that never ran. */
    public void abandon() {
        ending = true;
        release();
        table.remove(pid);
    }

    /**
     * The process has ended, and its last thread has left: gives back what it holds and tells its
     * parent.
     *
     * @return how many other processes are ended by it
     */
    public int finish() {
        release();
        tellVforker();
        return replaced ? 0 : table.ended(pid, exitReason());
    }

    /** What a parent has laid down for signals: pairs of a number and 0 for default, 1 ignored. */
    public byte[] dispositions() {
        return dispositions;
    }

    /** Sets {@link #dispositions()}. */
    public void dispositions(byte[] pairs) {
        dispositions = pairs.clone();
        for (int i = 0; i + 1 < pairs.length; i += 2) {
            signals.ignore(pairs[i], pairs[i + 1] == IGNORE);
        }
    }

    /** The number the guest sees, 1 unless set otherwise. */
    public int pid() {
        return pid;
    }

    /** The command line, the program's name first. */
    @Override
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

    /** What makes other processes run, or null when there can be none. */
    public ProcessRunner runner() {
        return runner;
    }

    /** Sets what makes other processes run. */
    public void runner(ProcessRunner starter) {
        runner = starter;
    }

    /** Its shared libraries; null when nothing of the kind was set up. */
    public DynamicLinker linker() {
        return linker;
    }

    /** Sets what {@link #linker} answers. */
    public void linker(DynamicLinker its) {
        linker = its;
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
        table.threadBegins();
        for (; ; ) {
            int tid = hasFirstThread ? table.newId() : pid;
            hasFirstThread = true;
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
        try {
            starter.start(thread, entry, argument);
        } catch (Throwable e) {
            forget(thread);
            throw e;
        }
        return thread.tid();
    }

    private void forget(GuestThread thread) {
        synchronized (this) {
            if (threads.remove(thread.tid(), thread)) {
                pastSyscalls += thread.syscalls();
                table.threadEnded();
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
        endOverflowed();
        current.remove();
        forget(thread);
        reporter.deliver();
    }

    /** The thread of a number, or null. */
    public GuestThread thread(int tid) {
        return threads.get(tid);
    }

    @Override
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

    /**
     * Has a thread of another process act for this one, which has none of its own: the child of a
     * vfork.
     */
    public void borrow(GuestThread thread) {
        outer = thread.acting();
        threads.put(thread.tid(), thread);
        thread.acting(this);
    }

    /** The thread acts for this process no more. */
    public void giveBack(GuestThread thread) {
        threads.remove(thread.tid());
        thread.acting(outer);
    }

    // ---- stopping

    @Override
    public void signal(int signal) {
        signals.raise(signal);
    }

    @Override
    public void stop(int signal) {
        if (!ending && stopped == 0) {
            stopped = signal;
            table.stopped(pid, signal);
        }
    }

    @Override
    public void resume() {
        if (stopped != 0) {
            stopped = 0;
            for (GuestThread thread : threads.values()) {
                thread.wake();
            }
            table.continued(pid);
        }
    }

    /** Keeps a thread that is about to return to the guest, while the process is stopped. */
    public void awaitContinue(GuestThread thread) {
        if (stopped == 0) {
            return;
        }
        thread.beginWait();
        while (stopped != 0 && !ending) {
            thread.park(GuestThread.FOREVER, false);
        }
    }

    // ---- the end

    /**
     * Begins a graceful end: no socket accepts connections any more. The guest is not notified; its
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

    /**
     * Sets a listener that is called once when the process begins to end, before its threads are
     * woken.
     */
    public void onEnd(Consumer<ExitReason> listener) {
        onEnd = listener;
    }

    /**
     * Every thread is woken and unwinds. Only the first reason counts. With the same reason it is
     * done once more: the first attempt may have failed for want of heap.
     */
    @Override
    public void end(ExitReason reason) {
        boolean first = end.compareAndSet(null, reason);
        if (first || end.get() == reason) {
            ending = true;
            try {
                timers.close();
                if (first && reason.kind() != ExitReason.Kind.REPLACED) {
                    reporter.ending(guest, reason);
                }
            } finally {
                // also when there is no memory to tell of it
                onEnd.accept(reason);
                for (GuestThread thread : threads.values()) {
                    thread.wake();
                }
            }
        }
    }

    /**
     * A thread has no stack left, and unwinds. Only notes it: what {@link #end} does takes stack,
     * and is done by the thread when it has left, or by whoever asks for the reason before.
     *
     * @param where the call in which it happened
     */
    public void overflowed(String where, StackOverflowError error) {
        overflowCause = error;
        overflow = where;
        ending = true;
    }

    /** Ends the process for a thread that has overflowed its stack, if one has. */
    public void endOverflowed() {
        String where = overflow;
        if (where != null && end.get() == null) {
            end(ExitReason.trapped("call stack exhausted in " + where, overflowCause));
        }
    }

    @Override
    public boolean isEnding() {
        return ending;
    }

    /** Why the process ends, or null while it does not. */
    public ExitReason exitReason() {
        endOverflowed();
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
        if (!replaced && released.compareAndSet(false, true)) {
            descriptors.closeAll();
            mounts.close();
        }
        reporter.deliver();
    }
}
