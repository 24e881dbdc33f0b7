package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.Objects;
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
import org.wasix4j.types.Nullable;

/**
 * A process that runs: its memory, and its threads, each with an instance of its own. Its end is
 * {@link RunEnd}'s.
 */
final class ProcessRun implements ThreadStarter, ProcessRunner {

    private final GuestRun family;
    private final LoadedModule module;
    private final AbiProfile profile;
    private final GuestProcess process;
    private final boolean usesContexts;
    private final Instances instances;
    private final ThreadLocal<Instance> current = new ThreadLocal<>();

    private final RunEnd end;

    /** Made beforehand, for an end with no room on the heap. */
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
            @Nullable ProcessRun parent) {
        this.family = family;
        this.module = module;
        this.profile = profile;
        this.process = process;
        this.usesContexts = module.importsFunction("context_create");
        this.instances =
                family.instances(
                        module, profile, process, parent == null ? null : parent.instances);
        if (!instances.newer().isEmpty()) {
            family.noticeOnce(
                    "the module imports functions that are not known here and answer nosys: "
                            + String.join(", ", instances.newer()));
        }
        process.threadStarter(this);
        process.signalHandler(new SignalHandlers(module, process, current::get, family::notice));
        process.runner(this);
        this.end = new RunEnd(family, process, instances::free, () -> family.ends(ProcessRun.this));
    }

    GuestProcess process() {
        return process;
    }

    /** Why the memory is smaller than the module asks for, or null. */
    @Nullable
    String memoryNotice() {
        return instances.memory() == null ? null : instances.memory().notice();
    }

    /** The size of its linear memory in bytes, 0 without one. */
    long memorySize() {
        LinearMemory memory = instances.memory();
        return memory == null ? 0 : (long) memory.pages() * Memory.PAGE_SIZE;
    }

    // ---- threads

    /** What a thread does in the guest from its beginning to its end. */
    @FunctionalInterface
    interface Body {
        /** Calls the guest, by {@link ProcessRun#call}. */
        void run(Caller caller);
    }

    /** Calls an export, and handles the forks and jumps in it. */
    @FunctionalInterface
    interface Caller {
        @Nullable
        long[] call(String export, long... arguments);
    }

    /**
     * Starts the first thread.
     *
     * @param body what it does
     */
    void start(Body body) {
        family.begins(this);
        GuestThread thread = process.threads().create();
        end.threadBegins();
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
        begin(thread, life, family.stackOfFirst());
    }

    private void begin(GuestThread thread, Runnable life, long stack) {
        try {
            family.startThread(life, name(thread), stack);
        } catch (RuntimeException | Error e) {
            process.end(ExitReason.hostFault("starting the first thread", e));
            end.threadFailed();
            process.leave(thread);
            end.over();
            throw e;
        }
    }

    private Instance enter(GuestThread thread, Instance instance) {
        current.set(instance);
        AsyncifyStack stack = AsyncifyStack.of(module, instance, instances.memory());
        thread.frames().stack(stack);
        if (usesContexts) {
            thread.frames()
                    .contexts(
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
            public void runs(@Nullable Instance instance, @Nullable AsyncifyStack stack) {
                current.set(instance);
                thread.frames().stack(stack);
            }

            @Override
            public ThreadLaunch start(Runnable body) {
                return family.startThread(body, name(thread), family.stackOfOthers());
            }

            @Override
            public void failed(Throwable thrown) {
                process.end(reasonOf(thread, thrown));
            }
        };
    }

    private static @Nullable long[] call(
            Instance instance, GuestThread thread, boolean main, String export, long... arguments) {
        if (thread.frames().stack() instanceof AsyncifyStack stack) {
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
        end.threadBegins();
        try {
            family.startThread(life, name(thread), family.stackOfOthers());
        } catch (RuntimeException | Error e) {
            end.threadFailed();
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
            process.threads().enter(thread);
            process.awaitContinue(thread);
            if (!process.isEnding()) {
                entry.run();
                WasixForks.leaveChild(thread, ExitReason.exited(0));
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
            return Traps.reason(module, current.get(), nameOf(thread), thrown);
        } catch (Throwable e) {
            return noRoomToTell;
        }
    }

    /** A thread for the human, or null when there is only the first. */
    private @Nullable String nameOf(GuestThread thread) {
        boolean alone = thread.tid() == process.pid() && process.threads().count() == 1;
        return alone ? null : "thread " + thread.tid();
    }

    /** Even if the heap is exhausted, threads that wait for the end are notified. */
    private void leave(GuestThread thread) {
        try {
            current.remove();
            ThreadLibraries.leave();
            if (thread.frames().contexts() instanceof Contexts contexts) {
                contexts.close();
            }
            WasixForks.leaveChild(thread, ExitReason.killed(Signals.KILL));
            end.wakeOthers();
            process.leave(thread);
        } finally {
            // an interrupt was meant for the guest; what follows must be able to close channels
            Thread.interrupted();
            if (!process.isEnding()) {
                // it is no thread of the process any more, so an end that begins now misses it
                KeptThread.keep();
            }
            end.threadLeaves();
        }
    }

    // ---- other processes

    @Override
    public void fork(GuestProcess child, GuestThread caller, GuestStack.Frames frames) {
        AsyncifyStack stack = Objects.requireNonNull((AsyncifyStack) caller.frames().stack());
        ProcessRun copy;
        try {
            copy = new ProcessRun(family, module, profile, child, this);
        } catch (ModuleException e) {
            family.hostError("forking", e);
            throw Errno.NOMEM.exception();
        }
        Tables tables = Tables.of(current.get());
        try {
            copy.instances.tablesOfFirst().require(tables.entries());
            copy.instances.copyMemoryOf(instances);
        } catch (Throwable e) {
            copy.free();
            throw e;
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
            thread = process.threads().create();
        } catch (RuntimeException | Error e) {
            free();
            throw e;
        }
        thread.inherit(parent);
        family.begins(this);
        end.threadBegins();
        // a thread that was started calls another export than the first thread of a program
        AsyncifyStack.Outermost outermost = Objects.requireNonNull(parentStack.outermost());
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
                                    AsyncifyStack stack =
                                            Objects.requireNonNull(
                                                    (AsyncifyStack) thread.frames().stack());
                                    stack.roomOf(parentStack);
                                    stack.run(outermost, new GuestStack.Entry(frames, 0));
                                });
        try {
            family.startThread(life, name(thread), family.stackOfFirst());
        } catch (RuntimeException | Error e) {
            family.hostError("starting a process", e);
            family.ends(this);
            end.threadFailed();
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
                end.then(
                        () -> {
                            run.process.descriptors().prepareForExec();
                            run.startProgram();
                        });
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

    private void free() {
        instances.free();
    }

    /** How many threads were still inside when the end was reported, and still are. */
    int abandonedThreads() {
        return end.abandonedThreads();
    }
}
