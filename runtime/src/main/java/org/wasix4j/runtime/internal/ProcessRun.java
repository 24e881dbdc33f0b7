package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.host.WasixForks;
import org.wasix4j.host.WasixThreads;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.link.ThreadLibraries;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessRunner;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.system.thread.ThreadStarter;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/**
 * A process that runs: its memory, its threads, each with an instance of its own, and its end.
 *
 * <p>How it ends. Whoever is first calls {@link GuestProcess#end}: an exit, the return of {@code
 * _start}, a trap in any thread, a signal, the host. Every thread is then woken, interrupted if it
 * computes, and leaves the guest by itself. The last one out closes the descriptors, gives the
 * memory back and reports. A thread that does not leave in time, because the host does not let it
 * go, is abandoned: descriptors are closed and the end is reported without it, and the memory waits
 * until it leaves after all.
 */
final class ProcessRun implements ThreadStarter, Signals.Handler, ProcessRunner {

    private static final long MAIN_STACK = 16L << 20;
    private static final long WORKER_STACK = 2L << 20;

    private final GuestRun family;
    private final LoadedModule module;
    private final AbiProfile profile;
    private final GuestProcess process;
    private final boolean usesContexts;
    private final Instances instances;
    private final ThreadLocal<Instance> current = new ThreadLocal<>();

    /** Threads that are in the guest, or have been promised to be. */
    private final AtomicInteger inside = new AtomicInteger();

    private final AtomicBoolean reaping = new AtomicBoolean();
    private final AtomicBoolean finishing = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int abandoned;

    /** The program that takes over when the last thread has left. */
    private volatile ProcessRun successor;

    /** How many other processes have ended with this one. */
    private int othersEnded;

    // made beforehand, for an end with no room on the heap

    private final Runnable reaper = this::finishInTime;
    private final Runnable finish = this::finishProcess;
    private final ExitReason noRoomToTell =
            ExitReason.trapped("out of memory, with no room to say more", null);

    /**
     * Links a module to a process; nothing runs yet.
     *
     * @param parent the process of which it is a copy, or null
     * @throws ModuleException when it cannot be run here
     */
    ProcessRun(
            GuestRun family,
            LoadedModule module,
            AbiProfile profile,
            GuestProcess process,
            ProcessRun parent) {
        this.family = family;
        this.module = module;
        this.profile = profile;
        this.process = process;
        this.usesContexts = module.importsFunction("context_create");
        this.instances =
                family.instances(
                        module, profile, process, parent == null ? null : parent.instances);
        if (!instances.younger().isEmpty()) {
            family.noticeOnce(
                    "the module imports functions that are not known here and answer nosys: "
                            + String.join(", ", instances.younger()));
        }
        process.threadStarter(this);
        process.signalHandler(this);
        process.runner(this);
        process.onEnd(this::ending);
    }

    GuestProcess process() {
        return process;
    }

    /** Why the memory is smaller than the module asks for, or null. */
    String memoryNotice() {
        return instances.memory() == null ? null : instances.memory().notice();
    }

    // ---- threads

    /** What a thread does in the guest from its beginning to its end. */
    @FunctionalInterface
    interface Body {
        /** Calls the guest, by {@link ProcessRun#call}. */
        void run(Caller caller);
    }

    /** Calls an export; forks and jumps in it are this side's affair. */
    @FunctionalInterface
    interface Caller {
        long[] call(String export, long... arguments);
    }

    /**
     * Starts the first thread.
     *
     * @param body what it does
     */
    void start(Body body) {
        family.begins(this);
        GuestThread thread = process.newThread();
        inside.incrementAndGet();
        Runnable life =
                () ->
                        run(
                                thread,
                                true,
                                () -> {
                                    Instance instance =
                                            enter(
                                                    thread,
                                                    instances.create(instances.tablesOfFirst()));
                                    body.run(
                                            (name, words) ->
                                                    call(instance, thread, true, name, words));
                                });
        begin(thread, life, MAIN_STACK);
    }

    private void begin(GuestThread thread, Runnable life, long stack) {
        try {
            family.startThread(life, name(thread), stack);
        } catch (RuntimeException | Error e) {
            process.end(ExitReason.hostFault("starting the first thread", e));
            inside.decrementAndGet();
            process.leave(thread);
            over();
            throw e;
        }
    }

    private Instance enter(GuestThread thread, Instance instance) {
        current.set(instance);
        AsyncifyStack stack = AsyncifyStack.of(module, instance, instances.memory());
        thread.stack(stack);
        if (usesContexts) {
            thread.contexts(
                    new Contexts(
                            process,
                            thread,
                            instances.memory(),
                            instance,
                            stack,
                            contextHost(thread)));
        }
        return instance;
    }

    private Contexts.Host contextHost(GuestThread thread) {
        return new Contexts.Host() {
            @Override
            public TableSpace tables() {
                return instances.tables();
            }

            @Override
            public Instance create(TableSpace space, Tables like) {
                return instances.createForked(space, like);
            }

            @Override
            public void runs(Instance instance, AsyncifyStack stack) {
                current.set(instance);
                thread.stack(stack);
            }

            @Override
            public ThreadLaunch start(Runnable body) {
                return family.startThread(body, name(thread), WORKER_STACK);
            }

            @Override
            public void failed(Throwable thrown) {
                process.end(reasonOf(thread, thrown));
            }
        };
    }

    private static long[] call(
            Instance instance, GuestThread thread, boolean main, String export, long... arguments) {
        if (thread.stack() instanceof AsyncifyStack stack) {
            return stack.run(new AsyncifyStack.Outermost(export, arguments, main), null);
        }
        return instance.export(export).apply(arguments);
    }

    private String name(GuestThread thread) {
        List<String> words = process.arguments();
        return "wasix-" + (words.isEmpty() ? "" : words.get(0)) + "-" + thread.tid();
    }

    @Override
    public void start(GuestThread thread, Entry entry, long argument) {
        String export = entry == Entry.START_THREAD ? "_start_thread" : "wasi_thread_start";
        if (!module.exports(export, ValType.I32, ValType.I32)) {
            throw Errno.NOTCAPABLE.exception();
        }
        String obstacle = instances.whyOnlyOne();
        if (obstacle != null) {
            family.hostError("starting a thread", new ModuleException(obstacle));
            throw Errno.NOTSUP.exception();
        }
        long first = entry == Entry.START_THREAD ? argument & 0xffffffffL : thread.tid();
        long second = entry == Entry.START_THREAD ? argument >>> 32 : argument & 0xffffffffL;
        TableSpace tables = tables();
        Runnable body =
                () ->
                        call(
                                enter(thread, instances.create(tables)),
                                thread,
                                false,
                                export,
                                first,
                                second);
        Runnable life =
                () -> {
                    try {
                        run(thread, false, body);
                    } finally {
                        tables.free();
                    }
                };
        inside.incrementAndGet();
        try {
            family.startThread(life, name(thread), WORKER_STACK);
        } catch (RuntimeException | Error e) {
            inside.decrementAndGet();
            tables.free();
            family.hostError("starting a thread", e);
            throw Errno.AGAIN.exception();
        }
    }

    /** Room for the tables of one more thread. */
    private TableSpace tables() {
        try {
            return instances.tables();
        } catch (ErrnoException e) {
            family.hostError(
                    "starting a thread", new ModuleException("no memory left for its tables"));
            throw Errno.AGAIN.exception();
        }
    }

    /** The whole life of a guest thread. */
    private void run(GuestThread thread, boolean main, Runnable entry) {
        try {
            process.enter(thread);
            if (!process.isEnding()) {
                entry.run();
                WasixForks.leaveChildren(thread, ExitReason.exited(0));
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

    /** Even if the heap is exhausted, threads that wait for the end are notified. */
    private void leave(GuestThread thread) {
        try {
            current.remove();
            ThreadLibraries.leave();
            if (thread.contexts() instanceof Contexts contexts) {
                contexts.close();
            }
            WasixForks.leaveChildren(thread, ExitReason.killed(Signals.KILL));
            if (process.isEnding() && inside.get() > 1) {
                // again: the thread that ended the process may have had no stack left to wake the
                // others
                ending(process.exitReason());
            }
            process.leave(thread);
        } finally {
            // an interrupt was meant for the guest; what follows must be able to close channels
            Thread.interrupted();
            if (inside.decrementAndGet() == 0) {
                try {
                    process.end(ExitReason.exited(0));
                } finally {
                    over();
                }
            }
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
            if (!Traps.foundNothingToCall(module, export, e)) {
                throw e;
            }
            byDefault(signal, export, e);
        }
        return true;
    }

    /**
     * The guest has no handler for this signal that can be called: wasix-libc names its export
     * before main, has no default actions until a program sets a first handler, and calls handlers
     * that expect a siginfo_t through the type of those that do not. What is default on Linux
     * happens here.
     */
    private void byDefault(int signal, String export, ChicoryException trap) {
        if (Signals.stopsByDefault(signal)) {
            process.stop(signal);
        } else if (Signals.endsByDefault(signal)) {
            // a null pointer is no more than that the program has no handler
            if (!Traps.calledNull(trap)) {
                family.notice(
                        "the guest could not handle signal %d (%s, in %s): it ends by it"
                                .formatted(signal, trap.getMessage(), export));
            }
            process.end(ExitReason.killed(signal));
            throw Unwind.PROCESS;
        }
    }

    // ---- other processes

    @Override
    public void fork(GuestProcess child, GuestThread caller, GuestStack.Frames frames) {
        AsyncifyStack stack = (AsyncifyStack) caller.stack();
        ProcessRun copy;
        try {
            copy = new ProcessRun(family, module, profile, child, this);
        } catch (ModuleException e) {
            family.hostError("forking", e);
            throw Errno.NOMEM.exception();
        }
        Tables tables = Tables.of(current.get());
        boolean copied = false;
        try {
            copy.instances.tablesOfFirst().require(tables.entries());
            copied = copy.instances.memory().copyFrom(instances.memory());
        } finally {
            if (!copied) {
                copy.free();
            }
        }
        if (!copied) {
            throw Errno.NOMEM.exception();
        }
        copy.startForked(caller, stack, frames, tables);
    }

    private void startForked(
            GuestThread parent,
            AsyncifyStack parentStack,
            GuestStack.Frames frames,
            Tables tables) {
        GuestThread thread;
        try {
            thread = process.newThread();
        } catch (RuntimeException | Error e) {
            free();
            throw e;
        }
        thread.inherit(parent);
        family.begins(this);
        inside.incrementAndGet();
        // a thread that was started calls another export than the first thread of a program
        AsyncifyStack.Outermost outermost = parentStack.outermost();
        boolean main = outermost.main();
        Runnable life =
                () ->
                        run(
                                thread,
                                main,
                                () -> {
                                    Instance instance =
                                            enter(
                                                    thread,
                                                    instances.createForked(
                                                            instances.tablesOfFirst(), tables));
                                    tables.putInto(instance);
                                    AsyncifyStack stack = (AsyncifyStack) thread.stack();
                                    stack.roomOf(parentStack);
                                    stack.run(outermost, new GuestStack.Entry(frames, 0));
                                });
        try {
            family.startThread(life, name(thread), MAIN_STACK);
        } catch (RuntimeException | Error e) {
            family.hostError("starting a process", e);
            family.ends(this);
            inside.decrementAndGet();
            process.leave(thread);
            free();
            throw Errno.AGAIN.exception();
        }
    }

    @Override
    public Program find(GuestProcess of, String path, List<String> arguments) {
        return family.programs().find(of, path, arguments);
    }

    @Override
    public Launch link(GuestProcess next, Program program) {
        LoadedModule its = ((Programs.Found) program).module();
        ProcessRun run;
        try {
            its.requireStart();
            run = new ProcessRun(family, its, family.profileOf(its), next, null);
        } catch (ModuleException e) {
            family.notice(
                    String.join(" ", next.arguments()) + " cannot be started: " + e.getMessage());
            throw Errno.NOEXEC.exception();
        }
        return new Launch() {
            @Override
            public void start() {
                run.startProgram();
            }

            @Override
            public void startAfterCaller() {
                successor = run;
            }

            @Override
            public void cancel() {
                run.free();
            }
        };
    }

    private void startProgram() {
        start(caller -> caller.call("_start"));
    }

    @Override
    public void notice(String sentence) {
        family.noticeOnce(sentence);
    }

    // ---- the end

    /** The process begins to end: gets the threads out of computations, and bounds the wait. */
    private void ending(ExitReason reason) {
        int others = 0;
        for (GuestThread thread : process.threads()) {
            Thread host = thread.javaThread();
            if (host != Thread.currentThread()) {
                others++;
                thread.wake();
                if (host != null) {
                    host.interrupt();
                }
            }
        }
        if (others > 0 && reaping.compareAndSet(false, true)) {
            try {
                family.daemon("end", this::reap);
            } catch (OutOfMemoryError e) {
                reaping.set(false);
                // the end waits for whoever does not leave by himself, and that is said
                family.hostError("starting the thread that bounds the end", e);
            }
        }
    }

    /** Reports the end without the threads that are still inside when the time is over. */
    private void reap() {
        Insistence.on(reaper);
    }

    private void finishInTime() {
        try {
            if (!finished.await(GuestRun.GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                abandoned = inside.get();
                finish();
            }
        } catch (InterruptedException e) {
            // nobody interrupts this thread
        }
    }

    /** The last thread has left, or none could be started. */
    private void over() {
        try {
            finish();
        } finally {
            free();
        }
    }

    private void free() {
        instances.free();
    }

    /**
     * Closes what is open and reports, once. Who comes second waits for the first; but not for
     * ever, because that one tells the embedder's listener, and must not hold a lock.
     */
    private void finish() {
        if (finishing.compareAndSet(false, true)) {
            try {
                Insistence.on(finish);
                if (othersEnded > 0) {
                    family.notice(
                            "the first process has ended: %d other%s with it"
                                    .formatted(
                                            othersEnded,
                                            othersEnded == 1 ? " is ended" : "s are ended"));
                }
                ProcessRun next = successor;
                if (next != null) {
                    next.process.descriptors().closeForExec();
                    next.startProgram();
                }
            } finally {
                finished.countDown();
                family.ends(this);
            }
            return;
        }
        try {
            finished.await(GuestRun.GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // the end is reported all the same
        }
    }

    private void finishProcess() {
        othersEnded = process.finish();
    }

    /** How many threads were still inside when the end was reported, and still are. */
    int abandonedThreads() {
        return Math.min(abandoned, inside.get());
    }
}
