package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.wasix4j.host.Imports;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.ProcessInfo;
import org.wasix4j.runtime.WasixMetrics;
import org.wasix4j.system.Drain;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.process.ProcessView;
import org.wasix4j.system.report.Counters;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/**
 * A guest that runs: a family of processes, of which there is one at first. Each runs as a {@link
 * ProcessRun}; what belongs to all is here.
 *
 * <p>The family ends with its first process: the others are ended then, and when the last has given
 * back what it held, the end is reported.
 */
public final class GuestRun {

    /** How long threads have to leave a process that ends. */
    static final Duration GRACE = Duration.ofSeconds(2);

    /**
     * How much of the end is for connections that clients do not let rest, at most; nanoseconds.
     */
    private static final long LAST = 1_000_000_000;

    /** How often a guest that is to end is looked at. */
    private static final Duration LOOK = Duration.ofMillis(10);

    /** No thread has less stack, in bytes, but the first one when that is asked for. */
    private static final long LEAST_STACK = 2L << 20;

    private final LaunchPlan plan;
    private final AbiProfile profile;
    private final EntryCall entry;
    private final GuestProcess process;
    private final MemoryBudget memory;
    private final Programs programs;
    private final ProcessRun first;

    /** The processes that run. */
    private final Set<ProcessRun> running = ConcurrentHashMap.newKeySet();

    /** Those that left threads behind. */
    private final Queue<ProcessRun> left = new ConcurrentLinkedQueue<>();

    /** Host calls of processes that are over. */
    private final AtomicLong pastSyscalls = new AtomicLong();

    private final Set<String> noticed = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

    /** How the first process ended, whatever program ran in it last. */
    private volatile @Nullable ExitReason reason;

    private final ExitReason timeIsUp = ExitReason.timedOut();

    /** Made beforehand: the guest may have filled the heap when its time is up. */
    private final Runnable endInTime = () -> end(timeIsUp);

    private final ExitStatus timedOutStatus = Statuses.of(timeIsUp);
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
        this.plan = plan;
        this.entry = EntryCall.of(module, plan.invocation());
        HostClasses.initialise();
        this.profile = plan.profile() != null ? plan.profile() : profileOf(module);
        this.memory = MemoryBudget.of(plan.limits().maxMemory());
        this.programs = new Programs(module, plan.programs(), this::notice);
        this.process =
                ProcessAssembly.build(
                        plan,
                        profile,
                        module.cacheFolder(),
                        GoPrograms.isOne(module.module()),
                        memory);
        try {
            this.first = new ProcessRun(this, module, profile, process, null);
        } catch (RuntimeException | Error e) {
            process.release();
            throw e;
        }
    }

    /** Starts the first thread, at {@code _start} or at the function of the invocation. */
    public void start() {
        if (first.memoryNotice() != null) {
            notice(first.memoryNotice());
        }
        first.start(entry::run);
        Duration timeout = plan.limits().timeout();
        if (timeout != null) {
            try {
                startTimer(Times.deadlineIn(timeout));
            } catch (OutOfMemoryError e) {
                // nothing would end it in time, and the caller gets no handle
                process.end(ExitReason.hostFault("starting the timer", e));
                throw e;
            }
        }
    }

    /** All that takes heap is done here: a guest may have filled it when the timer first runs. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void startTimer(long deadline) {
        Thread timer = daemon("timeout", () -> awaitTimeout(deadline));
        exit.whenComplete((status, failure) -> LockSupport.unpark(timer));
    }

    // ---- for its processes

    /** The generation of the ABI that a module shows. */
    AbiProfile profileOf(LoadedModule of) {
        return Imports.profileOf(of.module());
    }

    /**
     * What a process makes its instances from; its memory counts against the limit of all.
     *
     * @param parent those of the process that was forked, or null
     */
    Instances instances(
            LoadedModule of,
            AbiProfile generation,
            GuestProcess owner,
            @Nullable Instances parent) {
        long pages = plan.limits().maxMemory() / Memory.PAGE_SIZE;
        return new Instances(
                of,
                owner,
                generation,
                plan.tracer(),
                plan.strictImports(),
                pages == 0
                        ? Memory.RUNTIME_MAX_PAGES
                        : (int) Math.min(pages, Memory.RUNTIME_MAX_PAGES),
                memory,
                programs,
                parent);
    }

    /** The programs that processes can start. */
    Programs programs() {
        return programs;
    }

    /** The stack of the first thread of a process, in bytes. */
    long stackOfFirst() {
        return plan.limits().maxStack();
    }

    /** The stack of each other thread. */
    long stackOfOthers() {
        return Math.max(LEAST_STACK, plan.limits().maxStack() / 8);
    }

    /** Starts a thread of the embedder's making. */
    ThreadLaunch startThread(Runnable body, String name, long stack) {
        ThreadLaunch launch = new ThreadLaunch(body);
        launch.start(plan.threads(), name, stack);
        return launch;
    }

    /** Starts a thread of ours. */
    Thread daemon(String what, Runnable body) {
        Thread thread = new Thread(body, "wasix-" + plan.arguments().get(0) + "-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Tells the human something. */
    void notice(String sentence) {
        StackRoom.runForeign(() -> plan.listener().notice(sentence));
    }

    /** As {@link #notice}, but each sentence once. */
    void noticeOnce(String sentence) {
        if (noticed.size() < 64 && noticed.add(sentence)) {
            notice(sentence);
        }
    }

    /** Tells the human what the host refused. */
    void hostError(String operation, Throwable error) {
        StackRoom.runForeign(() -> plan.listener().hostError(operation, error));
    }

    /** A process is about to run. */
    void begins(ProcessRun run) {
        running.add(run);
    }

    /** A process has given back what it held; with the last one the family ends. */
    void ends(ProcessRun run) {
        pastSyscalls.addAndGet(run.process().threads().syscalls());
        if (run.abandonedThreads() > 0) {
            left.add(run);
        }
        ExitReason how = run.process().exitReason();
        if (run.process().pid() == process.pid()
                && how != null
                && how.kind() != ExitReason.Kind.REPLACED) {
            reason = how;
        }
        running.remove(run);
        if (running.isEmpty()) {
            exit.complete(status());
        }
    }

    private ExitStatus status() {
        ExitStatus known = knownStatus();
        if (known == null) {
            Insistence.giveReserve();
            known = knownStatus();
        }
        return known == null ? unknownStatus : known;
    }

    /** How the first process ended; null when there is no room on the heap to tell. */
    private @Nullable ExitStatus knownStatus() {
        try {
            ExitReason last = reason == null ? process.exitReason() : reason;
            if (last == null) {
                return unknownStatus;
            }
            return last == timeIsUp ? timedOutStatus : Statuses.of(last);
        } catch (Throwable e) {
            return null;
        }
    }

    private void awaitTimeout(long deadline) {
        if (!awaitExit(deadline)) {
            Insistence.on(endInTime);
        }
    }

    /** Waits for the end without taking heap; false when the time is up before. */
    private boolean awaitExit(long deadline) {
        while (!exit.isDone()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                return true;
            }
        }
        return true;
    }

    /** The first process as it is now: exec makes another one of it. */
    private GuestProcess leader() {
        for (ProcessRun run : running) {
            if (run.process().pid() == process.pid() && !run.process().isEnding()) {
                return run.process();
            }
        }
        return process;
    }

    /** Ends the first process, and so all. */
    private void end(ExitReason why) {
        GuestProcess leader;
        do {
            leader = leader();
            leader.kill(why);
        } while (leader() != leader && !leader().isEnding());
    }

    // ---- for the handle

    /** The number that the guest has for itself. */
    public int pid() {
        return process.pid();
    }

    /** Its processes at this moment, by number. */
    public List<ProcessInfo> processes() {
        return process.table().processes().stream().map(this::info).toList();
    }

    private ProcessInfo info(ProcessView view) {
        ProcessRun run = null;
        for (ProcessRun each : running) {
            // an exec makes another one under the same number
            if (each.process().pid() == view.pid() && (run == null || run.process().isEnding())) {
                run = each;
            }
        }
        ProcessInfo.State state = ProcessInfo.State.valueOf(view.state().name());
        if (run == null || state == ProcessInfo.State.ZOMBIE) {
            return new ProcessInfo(view.pid(), view.parent(), view.arguments(), state, 0, 0, 0, 0);
        }
        GuestProcess its = run.process();
        return new ProcessInfo(
                view.pid(),
                view.parent(),
                view.arguments(),
                state,
                its.threads().count(),
                its.descriptors().size(),
                run.memorySize(),
                its.threads().syscalls());
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
        Signals signals = leader().signals();
        if (!signals.handled()) {
            return false;
        }
        signals.raise(signal);
        return true;
    }

    private List<GuestProcess> members() {
        return running.stream().map(ProcessRun::process).toList();
    }

    /**
     * Brings the guest to its end: no connection is accepted any more; a guest that handles the
     * signal does what it does, and the connections of another may finish. A guest that has not
     * ended when the time is up is ended. Waits until the end has begun.
     */
    public void stop(int signal, Duration grace) throws InterruptedException {
        members().forEach(GuestProcess::stopAccepting);
        GuestProcess leader = leader();
        boolean handled = leader.signals().request(signal);
        long time = Times.nanos(grace);
        Drain drain = new Drain(this::members, time);
        long deadline = Clocks.deadlineIn(time);
        while (!leader.isEnding()) {
            long left =
                    deadline == GuestThread.FOREVER ? Long.MAX_VALUE : deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            if (!handled || leader.signals().isRefused(signal)) {
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

    /** Ends the guest; a signal number for the exit status, or 0. */
    public void kill(int signal) {
        ExitReason why = ExitReason.killed(signal);
        Insistence.on(() -> end(why));
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
                members().stream().mapToInt(member -> member.descriptors().size()).sum(),
                process.table().threadCount(),
                counters.denials(),
                pastSyscalls.get()
                        + members().stream()
                                .mapToLong(process -> process.threads().syscalls())
                                .sum());
    }

    /** How many threads were still inside when the end was reported. */
    public int abandonedThreads() {
        return left.stream().mapToInt(ProcessRun::abandonedThreads).sum();
    }
}
