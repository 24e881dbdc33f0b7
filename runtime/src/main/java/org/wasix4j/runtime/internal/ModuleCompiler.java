package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.types.Nullable;

/**
 * Compiles a module in parts, on all processors. The engine compiles a whole module or nothing; so
 * a part is the module with the bodies of all other functions replaced by a trap, of which only the
 * classes with its own functions are taken. A part is parsed, validated and compiled by itself: no
 * more of the module is in memory at a time than the parts that are under way.
 *
 * <p>A function that the engine cannot compile is left to the interpreter, that function alone: one
 * that is too large for a Java method, and one at which the engine or the JVM's verifier fails.
 * When a class has more constants than the JVM allows, all classes get fewer functions.
 */
final class ModuleCompiler {

    /** A module with less code, in bytes, is compiled at once. */
    private static final int WORTH_SPLITTING = 200_000;

    /** A part has about so much code, in bytes, at most. */
    private static final int LARGEST_PART = 2_000_000;

    /** The engine emits something for each function of the module in each part, too. */
    private static final int CODE_WORTH_A_STUB = 150;

    /** Functions that may be too large are tried alone: else all of their part is done again. */
    private static final int PERHAPS_TOO_LARGE = 40_000;

    /** These are certainly too large. */
    private static final int TOO_LARGE = 400_000;

    /** Of so many functions the verifier may think ill before the module is refused. */
    private static final int MOST_REFUSALS = 32;

    /** So many globals through which values of divided functions pass become fields. */
    private static final int MOST_TRANSFERS = 200;

    private final FunctionSurvey survey;
    private final ModuleParts parts;
    private final Loading loading;
    private final EngineCompiler engine;

    /** What is done to a class, given how globals are read and written. */
    private final Function<GlobalCode, UnaryOperator<byte[]>> tuner;

    private final InterruptPoints interrupts;

    /** The functions that were divided. */
    private final RewrittenModule.Parts divided;

    /** Divides functions when their class is compiled, or null when nothing does. */
    private final @Nullable DivisionOnDemand division;

    /** The functions that are left to the interpreter. */
    private final Set<Integer> interpreted = new ConcurrentSkipListSet<>();

    private volatile ClassCollection classes;
    private int functionsPerClass;
    private int refusals;

    /**
     * A compiler of one module.
     *
     * @param survey its functions
     * @param parts makes modules with some of them
     * @param rewritten what the rewriter made of it
     * @param division divides functions when their class is compiled, or null when nothing does
     * @param interpreted functions that are not to be compiled
     * @param className of the main class, and the beginning of the others' names; null for the
     *     usual one
     */
    ModuleCompiler(
            FunctionSurvey survey,
            ModuleParts parts,
            RewrittenModule rewritten,
            @Nullable DivisionOnDemand division,
            Set<Integer> interpreted,
            @Nullable String className,
            Loading loading) {
        this(
                survey,
                parts,
                rewritten.parts(),
                division,
                interpreted,
                className,
                loading,
                (interrupts, globals) -> tuner(rewritten, interrupts).apply(globals));
    }

    /** As the other, with something else done to the classes that the engine makes. */
    ModuleCompiler(
            FunctionSurvey survey,
            ModuleParts parts,
            Set<Integer> interpreted,
            @Nullable String className,
            Loading loading,
            UnaryOperator<byte[]> tuner) {
        this(
                survey,
                parts,
                RewrittenModule.Parts.NONE,
                null,
                interpreted,
                className,
                loading,
                (interrupts, globals) -> tuner);
    }

    /** As the others, with something done to the classes that depends on what becomes a field. */
    ModuleCompiler(
            FunctionSurvey survey,
            ModuleParts parts,
            RewrittenModule.Parts divided,
            @Nullable DivisionOnDemand division,
            Set<Integer> interpreted,
            @Nullable String className,
            Loading loading,
            BiFunction<InterruptPoints, GlobalCode, UnaryOperator<byte[]>> tuner) {
        this.engine = new EngineCompiler(className);
        this.survey = survey;
        this.parts = parts;
        this.divided = divided;
        this.division = division;
        this.loading = loading;
        this.interrupts = new InterruptPoints(survey, divided);
        this.tuner = globals -> tuner.apply(interrupts, globals);
        this.interpreted.addAll(interpreted);
        this.functionsPerClass = ClassSizes.functions(survey);
        this.classes = collection();
    }

    /** What is done to the classes of a module, given how globals are read and written. */
    static Function<GlobalCode, UnaryOperator<byte[]>> tuner(
            RewrittenModule rewritten, InterruptPoints interrupts) {
        Map<String, String> helpers = HelperCalls.methods(rewritten.helpers());
        boolean deepTailCalls = rewritten.tails().deep() > 0;
        return globals -> code -> CodeTuner.tune(code, helpers, interrupts, deepTailCalls, globals);
    }

    private ClassCollection collection() {
        WasmModule module = parts.skeleton();
        GlobalCode globals = new GlobalCode(mainClass(), module, transfers());
        return new ClassCollection(
                parts, tuner.apply(globals), survey.functions(), functionsPerClass);
    }

    private GlobalCode.MainClass mainClass() {
        return GlobalCode.MainClass.of(engine.mainClass(), parts.skeleton());
    }

    private TransferCode transfers() {
        if (division != null) {
            return new TransferCode(mainClass(), division.firstTransfer(), division.transfers());
        }
        return new TransferCode(
                mainClass(),
                divided.firstGlobal(),
                areTransfersFields() ? Math.min(MOST_TRANSFERS, divided.globals()) : 0);
    }

    /** The interpreter has no fields: a function and all of its parts are to find their globals. */
    private boolean areTransfersFields() {
        return interpreted.stream().noneMatch(divided::concern);
    }

    /** Leaves a function to the interpreter. */
    private void interpret(int function) {
        boolean fields = areTransfersFields();
        interpreted.add(function);
        if (fields && !areTransfersFields()) {
            throw new EngineCompiler.AgainException(functionsPerClass);
        }
    }

    /** Compiles a module that was rewritten, with all its functions if possible. */
    static CompiledCode compile(RewrittenModule module) {
        Loading loading = new Loading(0, null);
        return CompilableModule.of(module.wasm(), module).compiler(loading).compile();
    }

    /** Whether a function may have no room in a Java method. */
    static boolean isPerhapsTooLarge(FunctionSurvey survey, int function) {
        return survey.javaSize(function) >= PERHAPS_TOO_LARGE;
    }

    /** Code that the JVM has accepted, and what makes the machine of an instance of it. */
    record Accepted(CompiledCode code, Function<Instance, Machine> machines) {}

    /**
     * Compiles the module and gives the classes to the JVM. A function that its verifier refuses is
     * left to the interpreter.
     *
     * @throws LinkageError when the JVM refuses them and names no function
     * @throws ModuleException when that is not possible
     */
    Accepted accepted() {
        CompiledCode code = compile();
        while (true) {
            loading.check();
            try {
                return new Accepted(code, code.define(true));
            } catch (VerifyError | ClassFormatError e) {
                code = compileWithout(e);
            }
        }
    }

    /**
     * Compiles the module.
     *
     * @throws ModuleException when that is not possible
     */
    CompiledCode compile() {
        while (true) {
            List<Part> all = split();
            loading.begin(all.stream().mapToLong(part -> part.code).sum());
            try {
                Workers.run(
                        all.stream().<Runnable>map(part -> () -> compile(part)).toList(), loading);
                return frame();
            } catch (EngineCompiler.AgainException e) {
                // the number of a function says in which class it is
                functionsPerClass = e.functions();
                classes = collection();
            }
        }
    }

    /** Functions with consecutive numbers, from the first one of a class. */
    private record Part(int from, int to, long code) {}

    private List<Part> split() {
        int count = survey.functions();
        long wanted;
        if (isWorthSplitting()) {
            int processors = Math.min(16, Runtime.getRuntime().availableProcessors());
            long largest = Math.max(LARGEST_PART, (long) count * CODE_WORTH_A_STUB);
            wanted = Math.min(largest, code() / processors + 1);
        } else {
            wanted = Long.MAX_VALUE;
        }
        List<Part> all = new ArrayList<>();
        int from = 0;
        long sum = 0;
        for (int group = 0; group < count; group += functionsPerClass) {
            int end = Math.min(count, group + functionsPerClass);
            sum +=
                    IntStream.range(Math.max(group, survey.imported()), end)
                            .mapToLong(this::size)
                            .sum();
            if (sum >= wanted || end == count) {
                all.add(new Part(from, end, sum));
                from = end;
                sum = 0;
            }
        }
        if (all.isEmpty()) {
            all.add(new Part(0, 0, 0));
        }
        return all;
    }

    private boolean isWorthSplitting() {
        // what a call by reference needs is only there when all are compiled at once
        return code() >= WORTH_SPLITTING && !survey.callsByReference();
    }

    private long code() {
        return IntStream.range(survey.imported(), survey.functions()).mapToLong(this::size).sum();
    }

    private long size(int function) {
        return (long) survey.end(function) - survey.start(function);
    }

    private void compile(Part part) {
        loading.check();
        List<Integer> wanted =
                IntStream.range(Math.max(part.from, survey.imported()), part.to)
                        .filter(function -> !interpreted.contains(function))
                        .boxed()
                        .collect(Collectors.toList());
        for (int function : List.copyOf(wanted)) {
            if (isTooLarge(function)) {
                interpret(function);
                wanted.remove((Integer) function);
            }
        }
        compile(part, wanted);
        loading.advance(part.code);
    }

    /** Whether a function has no room in a Java method. */
    boolean isTooLarge(int function) {
        if (!isPerhapsTooLarge(survey, function)) {
            return false;
        }
        if (survey.javaSize(function) > TOO_LARGE) {
            return true;
        }
        try {
            engine(List.of(function));
            return false;
        } catch (EngineCompiler.TooLargeException e) {
            return true;
        } catch (RuntimeException | StackOverflowError e) {
            // it will be found when all are compiled
            return false;
        }
    }

    /**
     * Compiles the functions of a part; those at which the engine fails are left out, one by one.
     */
    private void compile(Part part, List<Integer> wanted) {
        while (true) {
            Set<Integer> known = Set.copyOf(interpreted);
            WasmModule module = parts.module(wanted);
            try {
                classes.take(
                        part.from,
                        part.to,
                        engine.compile(module, known, functionsPerClass),
                        known);
                return;
            } catch (EngineCompiler.AgainException e) {
                throw e;
            } catch (EngineCompiler.TooLargeException e) {
                interpret(e.function());
                wanted.remove((Integer) e.function());
            } catch (RuntimeException | StackOverflowError e) {
                Integer culprit = culprit(wanted);
                if (culprit == null) {
                    throw e;
                }
                interpret(culprit);
                wanted.remove(culprit);
            }
            loading.check();
        }
    }

    /** The first function at which the engine fails, or null when it is none of them alone. */
    private @Nullable Integer culprit(List<Integer> functions) {
        List<Integer> suspects = functions;
        while (suspects.size() > 1) {
            List<Integer> half = suspects.subList(0, suspects.size() / 2);
            suspects = fails(half) ? half : suspects.subList(suspects.size() / 2, suspects.size());
        }
        return suspects.isEmpty() || !fails(suspects) ? null : suspects.get(0);
    }

    private boolean fails(List<Integer> functions) {
        try {
            engine(functions);
            return false;
        } catch (ModuleException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            return true;
        }
    }

    // ---- classes that are compiled one by one

    /**
     * The classes besides those of the functions.
     *
     * @return null when the others cannot be compiled without these
     */
    @Nullable
    CompiledCode frameAlone() {
        try {
            // validates what there is besides the functions
            WasmModule whole = parts.module(List.of());
            return takeThinFrame() || takeFullFrame(whole) ? classes.code(Set.of()) : null;
        } catch (EngineCompiler.AgainException e) {
            return null;
        }
    }

    private boolean takeFullFrame(WasmModule whole) {
        return classes.takeFrameAlone(
                engine.compile(whole, Set.of(), functionsPerClass),
                UnaryOperator.identity(),
                survey.functions());
    }

    /** Compiles a main class that lists only the functions that are called by number, if it can. */
    private boolean takeThinFrame() {
        FrameModule frame = FrameModule.of(parts, survey);
        return frame != null
                && classes.takeFrameAlone(
                        engine.compile(frame.module(), Set.of(), functionsPerClass),
                        code -> frame.restored(code, functionsPerClass),
                        frame.functions());
    }

    /** Compiles the classes of the functions, which belong to what {@link #frameAlone} made. */
    GroupCompiler groups() {
        return groups(functionsPerClass);
    }

    /** The same, when these are to be of so many functions each. */
    GroupCompiler groups(int perClass) {
        if (perClass != functionsPerClass) {
            functionsPerClass = perClass;
            classes = collection();
        }
        return new GroupCompiler(
                survey,
                parts,
                engine,
                classes,
                transfers(),
                functionsPerClass,
                division,
                interrupts);
    }

    /** How many functions share a class. */
    int functionsPerClass() {
        return functionsPerClass;
    }

    /**
     * Compiles the module once more, after the JVM has refused it.
     *
     * @param refusal names the function that it thinks ill of, which is left to the interpreter
     * @throws LinkageError the same, when it names none
     */
    private CompiledCode compileWithout(LinkageError refusal) {
        Integer function = EngineCompiler.functionIn(String.valueOf(refusal.getMessage()));
        if (function == null || refusals++ == MOST_REFUSALS || interpreted.contains(function)) {
            throw refusal;
        }
        try {
            interpret(function);
        } catch (EngineCompiler.AgainException e) {
            classes = collection();
            return compile();
        }
        Workers.run(
                split().stream()
                        .filter(part -> part.from <= function && function < part.to)
                        .<Runnable>map(part -> () -> compile(part))
                        .toList(),
                loading);
        return frame();
    }

    private CompilerResult engine(List<Integer> functions) {
        loading.check();
        return engine.compile(parts.module(functions), Set.of(), functionsPerClass);
    }

    private CompiledCode frame() {
        boolean thin = interpreted.isEmpty() && isWorthSplitting() && takeThinFrame();
        if (!thin && !classes.isFramedFor(interpreted)) {
            Set<Integer> known = Set.copyOf(interpreted);
            classes.takeFrame(
                    engine.compile(parts.module(List.of()), known, functionsPerClass), known);
        }
        return classes.code(interpreted);
    }
}
