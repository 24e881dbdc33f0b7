package org.wasix4j.system;

import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.wasix4j.system.process.GuestThreads;
import org.wasix4j.system.process.ProcessEnd;
import org.wasix4j.system.process.ProcessMember;
import org.wasix4j.system.process.ProcessTable;
import org.wasix4j.system.process.StopState;
import org.wasix4j.system.process.VforkParent;
import org.wasix4j.system.process.WordRoom;
import org.wasix4j.system.report.Reporter;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadLocals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.WaitQueue;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A guest as the machine sees it: its descriptors, its threads, what it may do, and its end. The
 * machine's process; it knows neither pointers nor WebAssembly.
 *
 * <p>The first reason to end wins. Ending wakes every thread wherever it waits; each unwinds by
 * itself, and when the last has left, {@link #release} gives back what the host holds.
 */
public final class GuestProcess implements GuestThread.Owner, Signals.Subject, ProcessMember {

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

    private final GuestThreads threads;
    private final StopState stopState;
    private final ProcessEnd end = new ProcessEnd();
    private final VforkParent vforkParent = new VforkParent();
    private final WordRoom words;

    /** Another program has taken over the descriptors. */
    private volatile boolean replaced;

    /** That program. Set before this process ends as replaced, once. */
    private final AtomicReference<GuestProcess> next = new AtomicReference<>();

    private final AtomicBoolean released = new AtomicBoolean();
    private volatile @Nullable ThreadStarter threadStarter;
    private volatile @Nullable ProcessRunner runner;
    private volatile @Nullable DynamicLinker linker;

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
        this.clocks = new Clocks();
        this.arguments = settings.arguments();
        this.environment = settings.environment();
        this.descriptors = new FdTable(limits.maxDescriptors(), limits.maxSockets());
        this.mounts = mounts;
        mounts.attach(descriptors);
        this.table =
                new ProcessTable(new FamilyLimits(limits.maxProcesses(), limits.maxThreads()), pid);
        this.threads = new GuestThreads(this, pid, table);
        this.reporter =
                new Reporter(
                        pid,
                        nameOf(arguments),
                        threads::currentOrNull,
                        this::end,
                        settings.observer());
        this.guest = reporter.guest();
        this.net =
                new NetContext(
                        settings.network(),
                        settings.policy().openSession(),
                        mounts,
                        reporter,
                        threads::currentOrNull,
                        this::callerEnds);
        this.stopState = new StopState(table, pid, threads);
        this.words = WordRoom.none(mounts.memory());
        table.bind(pid, this);
    }

    /** A process of the family of another. */
    private GuestProcess(
            GuestProcess other,
            int pid,
            List<String> arguments,
            Map<String, String> environment,
            FdTable descriptors,
            Mounts mounts,
            WordRoom words) {
        this.pid = pid;
        this.words = words;
        this.arguments = List.copyOf(arguments);
        this.environment = environment;
        this.descriptors = descriptors;
        this.mounts = mounts;
        this.mounts.attach(descriptors);
        this.reporter = other.reporter;
        this.guest = reporter.guest().process(pid, nameOf(arguments));
        this.net = mounts == other.mounts ? other.net : other.net.fork(mounts);
        this.table = other.table;
        this.threads = other.threads.ofRelative(this, pid);
        this.stopState = new StopState(table, pid, threads);
        this.clocks = other.clocks;
        signals.dispositions(other.signals.dispositions());
    }

    private static String nameOf(List<String> arguments) {
        return arguments.isEmpty() ? "" : arguments.get(0);
    }

    /** Whose events those of this process are. */
    public Guest guest() {
        return guest;
    }

    private boolean callerEnds() {
        GuestThread thread = threads.currentOrNull();
        return thread == null ? isEnding() : thread.ownerEnds();
    }

    // ---- other processes

    /** The processes of its family. */
    public ProcessTable table() {
        return table;
    }

    /**
     * A child with copies of the descriptors, the working directory, the environment, the signal
     * handlers and what the policy has learned. It has no thread yet. A caller that does not start
     * it gives it back by {@link #abandon}.
     *
     * @throws org.wasix4j.types.ErrnoException again when there are too many processes, mfile when
     *     there would be too many descriptors, nomem when there is too little memory left
     */
    public GuestProcess fork() {
        WordRoom itsWords = WordRoom.take(mounts.memory(), arguments, environment);
        GuestProcess child = null;
        try {
            child = fork(itsWords);
        } finally {
            if (child == null) {
                itsWords.giveBack();
            }
        }
        reporter.started(child.guest, pid, child.arguments);
        return child;
    }

    private GuestProcess fork(WordRoom itsWords) {
        int number = table.add(pid);
        Mounts itsMounts = mounts.fork();
        GuestProcess child = null;
        try {
            child =
                    new GuestProcess(
                            this,
                            number,
                            arguments,
                            environment,
                            descriptors.fork(),
                            itsMounts,
                            itsWords);
            child.signals.inherit(signals);
        } finally {
            if (child == null) {
                itsMounts.close();
                table.remove(number);
            }
        }
        table.bind(number, child);
        return child;
    }

    /**
     * The process as it will be when another program runs in it: the same number, descriptors and
     * working directory. Takes effect by {@link #replacedBy}, or is to be {@link #dropped}.
     *
     * @throws org.wasix4j.types.ErrnoException nomem when there is too little memory left
     */
    public GuestProcess replacement(List<String> its, Map<String, String> variables) {
        WordRoom room = WordRoom.take(mounts.memory(), its, variables);
        return new GuestProcess(this, pid, its, variables, descriptors, mounts, room);
    }

    /** The program for which this replacement was made cannot be started. */
    public void dropped() {
        words.giveBack();
    }

    /**
     * Another program takes over: this one ends, and its descriptors do not. Of several threads
     * that try, one does it. What ends or signals the process from outside at the same time reaches
     * the one or the other.
     *
     * @return false when the process ends already; nothing has changed then
     */
    public boolean replacedBy(GuestProcess other) {
        ExitReason reason = ExitReason.replaced();
        if (isEnding() || !next.compareAndSet(null, other) || !end.begin(reason)) {
            return false;
        }
        replaced = true;
        words.giveBack();
        other.stopState.takeOver(stopState);
        table.bind(pid, other);
        signals.handOver(other.signals);
        reporter.started(other.guest, table.parent(pid), other.arguments);
        end(reason);
        vforkParent.release();
        return true;
    }

    /** This child is to be one of a vfork; before it runs. */
    public void beginVfork() {
        vforkParent.begin();
    }

    /** Whether it is the child of a vfork that has not started another program. */
    public boolean isVforked() {
        return vforkParent.hasBegun();
    }

    /**
     * Waits until this child has started another program or has ended, as the parent of a vfork.
     */
    public void awaitVfork(GuestThread parent) {
        vforkParent.await(parent, () -> replaced || released.get());
    }

    /** Gives a child back that never ran. */
    public void abandon() {
        end.begin();
        release();
        table.remove(pid);
    }

    /**
     * The process has ended, and its last thread has left: gives back what it holds and notifies
     * its parent.
     *
     * @return how many other processes are ended by it
     */
    public int finish() {
        release();
        vforkParent.release();
        return replaced ? 0 : table.ended(pid, Objects.requireNonNull(exitReason()));
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
    public @Nullable ThreadStarter threadStarter() {
        return threadStarter;
    }

    /** Sets what starts threads. */
    public void threadStarter(ThreadStarter starter) {
        threadStarter = starter;
    }

    /** What makes other processes run, or null when there can be none. */
    public @Nullable ProcessRunner runner() {
        return runner;
    }

    /** Sets what makes other processes run. */
    public void runner(ProcessRunner starter) {
        runner = starter;
    }

    /** Its shared libraries; null when nothing of the kind was set up. */
    public @Nullable DynamicLinker linker() {
        return linker;
    }

    /** Sets what {@link #linker} answers. */
    public void linker(@Nullable DynamicLinker its) {
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
        GuestThread thread = threads.create();
        try {
            starter.start(thread, entry, argument);
        } catch (Throwable e) {
            forget(thread);
            throw e;
        }
        return thread.tid();
    }

    private void forget(GuestThread thread) {
        threads.remove(thread);
        threadLocals.forget(thread);
        descriptors.forget(thread);
        thread.close();
    }

    /** The calling Java thread has left the guest: its guest thread is over. */
    public void leave(GuestThread thread) {
        endOverflowed();
        threads.exit();
        forget(thread);
        reporter.deliver();
    }

    /** The threads that there are now. */
    @Override
    public GuestThreads threads() {
        return threads;
    }

    /**
     * Has a thread of another process act for this one, which has none of its own: the child of a
     * vfork.
     */
    public void borrow(GuestThread thread) {
        vforkParent.borrow(thread, this, threads);
    }

    /** The thread acts for this process no more. */
    public void giveBack(GuestThread thread) {
        vforkParent.giveBack(thread, threads);
    }

    // ---- signals and stopping: if another program has taken over, they are for that

    private @Nullable GuestProcess successor() {
        return replaced ? next.get() : null;
    }

    @Override
    public void signal(int signal) {
        signals.raise(signal);
        GuestProcess other = successor();
        if (other != null) {
            signals.handOver(other.signals);
        }
    }

    @Override
    public void stop(int signal) {
        GuestProcess other = successor();
        if (other != null) {
            other.stop(signal);
        } else if (!isEnding()) {
            stopState.stop(signal);
        }
    }

    @Override
    public void resume() {
        GuestProcess other = successor();
        if (other != null) {
            other.resume();
        } else {
            // before any code of the guest runs
            signals.continued();
            stopState.resume();
            // what came meanwhile
            signals.continued();
        }
    }

    @Override
    public boolean isStopped() {
        GuestProcess other = successor();
        return other != null ? other.isStopped() : stopState.isStopped();
    }

    /** Keeps a thread that is about to return to the guest, while the process is stopped. */
    public void awaitContinue(GuestThread thread) {
        stopState.awaitContinue(thread, this);
    }

    // ---- the end

    /**
     * Begins a graceful end: no socket accepts connections any more. The guest is not notified; its
     * listeners are as before, but no more connections come.
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
    public void end(ExitReason reason) {
        boolean first = end.begin(reason);
        if (first || end.reason() == reason) {
            try {
                timers.close();
                if (first && reason.kind() != ExitReason.Kind.REPLACED) {
                    reporter.ending(guest, reason);
                }
            } finally {
                // also when there is no memory to report it
                onEnd.accept(reason);
                threads.wakeAll();
            }
        }
    }

    @Override
    public void kill(ExitReason reason) {
        end(reason);
        ExitReason first = end.reason();
        GuestProcess other = next.get();
        if (other != null && first != null && first.kind() == ExitReason.Kind.REPLACED) {
            other.kill(reason);
        }
    }

    /**
     * A thread has no stack left, and unwinds. Only notes it: what {@link #end} does takes stack,
     * and is done by the thread when it has left, or by the first that asks for the reason.
     *
     * @param where the call in which it happened
     */
    public void overflowed(String where, StackOverflowError error) {
        end.overflowed(where, error);
    }

    /** Ends the process for a thread that has overflowed its stack, if one has. */
    public void endOverflowed() {
        ExitReason overflow = end.pendingOverflow();
        if (overflow != null) {
            end(overflow);
        }
    }

    @Override
    public boolean isEnding() {
        return end.hasBegun();
    }

    /** Why the process ends, or null while it does not. */
    public @Nullable ExitReason exitReason() {
        endOverflowed();
        return end.reason();
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
            words.giveBack();
            mounts.close();
        }
        reporter.deliver();
    }
}
