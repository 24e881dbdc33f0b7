package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionBody;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.types.Nullable;

/**
 * A module whose programs begin interpreted: what a small server does until it serves takes less
 * time than the compilation of it. The compiler begins behind the program's back when that has
 * executed many instructions, or has called nothing new for a moment. Then whatever is called goes
 * over to compiled code as soon as there is some, and a loop that runs goes on in code of its own
 * ({@link LoopCode}). The interpreter waits for code where it must not go on: when calls are nested
 * deeply, in functions whose loops cannot be left, and when many instructions were executed.
 *
 * <p>Public because the interpreter has a loader of its own; no other code may use it.
 */
public final class InterpretedStart implements CodeFolder.Unfinished {

    /** The main class of larger modules may have no room for what it lists. */
    private static final int MOST_FUNCTIONS = 10_000;

    /**
     * When so many instructions were executed, the compiler begins. A small server needs 12,000.
     */
    private static final long MANY_INSTRUCTIONS = 30_000;

    /** When so many were executed, programs wait for the compiler. */
    private static final long MOST_INSTRUCTIONS = 100_000;

    /**
     * When a program has executed them, the rest is compiled later: meanwhile HotSpot has as much
     * to compile as the engine's compiler would give it.
     */
    private static final long BUSY_QUIET_NANOS = 1_000_000_000;

    /** So many calls of the interpreter may be nested: each takes more stack than compiled code. */
    private static final int MOST_CALLS = 100;

    /** The mark of a module that was run before, and ended before the compiler began. */
    static final String MARK = "-ran";

    /** What is interpreted; null when all is compiled. */
    private volatile @Nullable InterpretedBodies bodies;

    private final byte[] wasm;

    /** The machine in an instance. */
    private final Field machine;

    private final int imported;
    private final @Nullable CodeFolder cache;
    private final @Nullable String versions;

    /** Functions with loops that cannot be compiled, of which the operator knows. */
    private final Set<Integer> told = ConcurrentHashMap.newKeySet();

    private final AtomicLong executed = new AtomicLong();

    /** Many instructions were executed: from now on the interpreter waits for code. */
    private volatile boolean busy;

    private volatile long lastNew;

    /** The compiled code, as soon as there can be some. */
    private volatile @Nullable LazyModule code;

    /** Makes the machines for it; there when it is. */
    private volatile @Nullable Function<Instance, Machine> machines;

    /** The code of loops, when there is the other. */
    private volatile @Nullable LoopCode loops;

    // these are guarded by this

    private boolean running;
    private boolean wanted;
    private boolean over;

    private InterpretedStart(
            CompilableModule module,
            Field machine,
            @Nullable String versions,
            @Nullable CodeFolder cache) {
        this.wasm = module.wasm();
        this.machine = machine;
        this.bodies = new InterpretedBodies(module);
        this.imported = module.survey().imported();
        this.cache = cache;
        this.versions = versions;
    }

    /**
     * Makes a module runnable that is interpreted at first.
     *
     * @param versions what the entry in the cache depends on, or null
     * @param cache where its code will be kept, or null
     * @return null when it has to be compiled from the beginning
     * @throws com.dylibso.chicory.wasm.ChicoryException when it is not valid, besides its functions
     */
    static @Nullable LoadedModule load(
            CompilableModule module, @Nullable String versions, @Nullable CodeFolder cache) {
        FunctionSurvey survey = module.survey();
        WasmModule skeleton = module.parts().skeleton();
        Field machine = TieredMachine.field();
        if (module.division() == null
                || survey.functions() > MOST_FUNCTIONS
                || survey.hasTailCalls()
                || ModuleNeeds.linker(skeleton)
                || machine == null
                || hasRun(module.wasm(), versions, cache)) {
            return null;
        }
        // validates what there is besides the functions
        module.parts().module(List.of());
        InterpretedStart start = new InterpretedStart(module, machine, versions, cache);
        return new LoadedModule(
                skeleton,
                Set.of(),
                start::names,
                instance -> new TieredMachine(instance, start),
                cache);
    }

    private byte[] names() {
        return StrippedModule.functionNames(wasm, ModuleLoading.lower(wasm).module());
    }

    private static boolean hasRun(
            byte[] wasm, @Nullable String versions, @Nullable CodeFolder cache) {
        return versions != null
                && cache != null
                && cache.size(ModuleImage.key(wasm, versions) + MARK) > 0;
    }

    /**
     * When the program ends before the compiler has begun, notes that it was run: a program that is
     * run again and again is to start from the cache, so the next run compiles what it calls.
     */
    @Override
    public void keep() {
        if (code == null && versions != null && cache != null) {
            cache.write(ModuleImage.key(wasm, versions) + MARK, new byte[1]);
        }
    }

    // ---- for guest threads

    /**
     * A program begins.
     *
     * @throws OutOfMemoryError when the host has no thread that could compile it later
     */
    synchronized void begins() {
        if (running) {
            return;
        }
        lastNew = System.nanoTime();
        Workers.start("wasix4j-compiler-start", this::compile);
        running = true;
        if (cache != null) {
            cache.expect(this);
        }
    }

    /**
     * The body of a function, or null when it is imported or all is compiled.
     *
     * @throws com.dylibso.chicory.runtime.TrapException when it is not valid
     */
    public @Nullable FunctionBody body(int function) {
        if (function < imported) {
            return null;
        }
        InterpretedBodies all = bodies;
        return all == null ? null : all.get(function);
    }

    /**
     * Whether a function is called in compiled code now.
     *
     * @param depth how many calls are nested that are interpreted
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    public boolean isCompiled(int function, int depth) {
        if (function < imported) {
            return false;
        }
        LazyModule its = code;
        if (its != null && its.isCompiled(function)) {
            return true;
        }
        InterpretedBodies all = bodies;
        if (all == null) {
            return true;
        }
        if (all.isNew(function)) {
            lastNew = System.nanoTime();
        }
        if (!all.canLeave(function) || depth > MOST_CALLS || busy) {
            return awaitCode() != null;
        }
        if (its != null) {
            its.want(function);
        }
        return false;
    }

    /** A program has executed so many instructions more. */
    public void executed(int instructions) {
        if (busy) {
            return;
        }
        long all = executed.addAndGet(instructions);
        if (all > MOST_INSTRUCTIONS) {
            busy = true;
        }
        if (all > MANY_INSTRUCTIONS && all - instructions <= MANY_INSTRUCTIONS) {
            begin();
        }
    }

    /** Whether loops can be left. */
    public boolean leavesLoops() {
        return busy || loops != null;
    }

    /**
     * Goes on in compiled code with a function that is interpreted and at the beginning of a loop.
     *
     * @param loop its number among the loops of the function
     * @return what takes the locals and answers the results of the function; null when the
     *     interpreter has to go on
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    public @Nullable LoopCode.Entry entry(int function, int loop, Instance instance) {
        if (busy) {
            awaitCode();
        }
        LoopCode all = loops;
        LazyModule its = code;
        if (all == null || its == null) {
            return null;
        }
        if (busy) {
            LoopCode.Entry entry = all.await(function, loop);
            if (entry == null && told.add(function)) {
                LateFunctions.tell(LoadedModule.describe(function, names()), instance);
            }
            return entry;
        }
        if (its.isCompiled(function)) {
            return all.entry(function, loop);
        }
        its.want(function);
        return null;
    }

    /** The field of an instance that has its machine. */
    Field machineField() {
        return machine;
    }

    /** The machine that runs compiled code, or null as long as there can be none. */
    @Nullable
    Machine machine(Instance instance) {
        Function<Instance, Machine> its = machines;
        return its == null ? null : its.apply(instance);
    }

    /**
     * Waits until there can be compiled code.
     *
     * @return null when there will be none, and everything is interpreted
     * @throws ChicoryInterruptedException when this thread is interrupted, and it stays so
     */
    private @Nullable LazyModule awaitCode() {
        synchronized (this) {
            wanted = true;
            notifyAll();
            while (!over) {
                begins();
                LazyCode.awaitChange(this);
            }
        }
        return code;
    }

    private synchronized void begin() {
        wanted = true;
        notifyAll();
    }

    // ---- the thread that begins to compile

    private void compile() {
        awaitQuiet();
        try {
            boolean many = executed.get() > MANY_INSTRUCTIONS;
            long quiet = many ? BUSY_QUIET_NANOS : LazyCode.QUIET_NANOS;
            // all is not compiled yet
            CompilableModule module = Objects.requireNonNull(bodies).module();
            LazyModule made = LazyModule.of(module, versions, cache, new Loading(0, null), quiet);
            if (made != null) {
                LoopCode its = new LoopCode(module, made.loader(), made.perClass());
                made.whenComplete(
                        () -> {
                            bodies = null;
                            its.complete();
                        });
                machines = made.machines();
                code = made;
                loops = its;
            }
        } catch (RuntimeException | Error e) {
            // the program is interpreted as long as it runs; HotFunctions tells so
        } finally {
            if (code == null) {
                // the next run compiles it from the beginning, and says what is wrong
                keep();
            }
            if (cache != null) {
                cache.forget(this);
            }
            synchronized (this) {
                over = true;
                notifyAll();
            }
        }
    }

    private synchronized void awaitQuiet() {
        while (!wanted) {
            long pause = lastNew + LazyCode.QUIET_NANOS - System.nanoTime();
            if (pause <= 0) {
                return;
            }
            try {
                wait(pause / 1_000_000 + 1);
            } catch (InterruptedException e) {
                // nobody interrupts this thread
            }
        }
    }
}
