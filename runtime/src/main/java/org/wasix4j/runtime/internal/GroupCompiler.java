package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionBody;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.types.Nullable;

/**
 * Compiles the groups of functions of a module one by one, each to the class that a compilation of
 * the whole module gives it. By then the program may run: a function that cannot be compiled is
 * interpreted ({@link LateFunctions}), and one that is not valid traps when it is called.
 */
final class GroupCompiler {

    private final FunctionSurvey survey;
    private final ModuleParts parts;
    private final EngineCompiler engine;
    private final ClassCollection classes;
    private final int perClass;
    private final GroupModule modules;
    private final TransferCode transfers;

    /** The functions that could not be compiled, with what the interpreter needs. */
    private final Map<Integer, FunctionBody> late = new ConcurrentHashMap<>();

    /** The functions that are not valid, with the message of the trap that replaces each. */
    private final Map<Integer, String> invalid = new ConcurrentHashMap<>();

    GroupCompiler(
            FunctionSurvey survey,
            ModuleParts parts,
            EngineCompiler engine,
            ClassCollection classes,
            TransferCode transfers,
            int perClass) {
        this.survey = survey;
        this.parts = parts;
        this.engine = engine;
        this.classes = classes;
        this.transfers = transfers;
        this.perClass = perClass;
        this.modules = new GroupModule(parts, survey.functions(), perClass);
    }

    /** How many groups there are. */
    int groups() {
        return (survey.functions() + perClass - 1) / perClass;
    }

    /** Whether all functions that were compiled so far could be. */
    boolean isFlawless() {
        return late.isEmpty() && invalid.isEmpty();
    }

    /** Whether the class of a group needs nothing of this compiler when it runs. */
    boolean isFlawless(int group) {
        return Stream.concat(late.keySet().stream(), invalid.keySet().stream())
                .noneMatch(function -> function / perClass == group);
    }

    /** What the interpreter needs of a function that could not be compiled, or null. */
    @Nullable
    FunctionBody late(int function) {
        return late.get(function);
    }

    /** The functions of a group that are interpreted because they could not be compiled. */
    List<Integer> interpreted(int group) {
        return late.keySet().stream().filter(function -> function / perClass == group).toList();
    }

    /** Which globals are fields of the main class. */
    TransferCode transfers() {
        return transfers;
    }

    /** The name of the class of a group. */
    String name(int group) {
        return engine.groupClass(group);
    }

    /** The class of a group, which the JVM's verifier has accepted. */
    byte[] compile(int group) {
        List<Integer> wanted =
                IntStream.range(
                                Math.max(group * perClass, survey.imported()),
                                Math.min((group + 1) * perClass, survey.functions()))
                        .boxed()
                        .collect(Collectors.toCollection(ArrayList::new));
        Set<Integer> interpreted = new HashSet<>();
        while (true) {
            try {
                byte[] code = tuned(group, wanted, interpreted);
                CompiledCode.verify(name(group), code);
                return code;
            } catch (EngineCompiler.TooLargeException e) {
                giveUp(e.function(), wanted, interpreted);
            } catch (EngineCompiler.AgainException e) {
                // the class has too many constants
                giveUp(largest(wanted), wanted, interpreted);
            } catch (VerifyError | ClassFormatError e) {
                Integer function = EngineCompiler.functionIn(String.valueOf(e.getMessage()));
                if (function == null || !wanted.contains(function)) {
                    throw e;
                }
                giveUp(function, wanted, interpreted);
            } catch (RuntimeException | StackOverflowError e) {
                giveUp(culprit(wanted, e), wanted, interpreted);
            }
        }
    }

    /** Leaves a function to the interpreter, or to nobody when it is not valid. */
    private void giveUp(int function, List<Integer> wanted, Set<Integer> interpreted) {
        wanted.remove((Integer) function);
        FunctionBody body;
        try {
            WasmModule module = parts.module(List.of(function));
            body = module.codeSection().getFunctionBody(function - survey.imported());
        } catch (RuntimeException | StackOverflowError e) {
            invalid.put(function, LateFunctions.notValid(e));
            return;
        }
        // a guest thread may have no stack left to load the interpreter
        InterpreterCode.prepare();
        late.put(function, body);
        interpreted.add(function);
    }

    private int largest(List<Integer> wanted) {
        return wanted.stream().max(Comparator.comparingInt(survey::javaSize)).orElseThrow();
    }

    /** The function at which the engine fails. */
    private int culprit(List<Integer> wanted, Throwable failure) {
        for (int function : wanted) {
            try {
                engine.compile(parts.module(List.of(function)), Set.of(), perClass);
            } catch (RuntimeException | StackOverflowError e) {
                return function;
            }
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        throw (StackOverflowError) failure;
    }

    private byte[] tuned(int group, List<Integer> wanted, Set<Integer> interpreted) {
        int first = group * perClass;
        byte[] code = null;
        if (interpreted.isEmpty() && first >= survey.imported()) {
            code = alone(group, wanted);
        }
        if (code == null) {
            code = engine.group(parts.module(wanted), group, interpreted, perClass);
        }
        if (!interpreted.isEmpty()) {
            code = LateCode.call(code);
        }
        if (!invalid.isEmpty()) {
            code = LateCode.trap(code, invalid);
        }
        return classes.tuned(code, name(group), first);
    }

    /** Without a look at any other function; null when that is not possible. */
    private @Nullable byte[] alone(int group, List<Integer> wanted) {
        GroupModule.Made made = modules.module(group, wanted);
        if (made == null) {
            return null;
        }
        byte[] code;
        try {
            code = engine.group(made.module(), 0, Set.of(), made.own());
        } catch (EngineCompiler.TooLargeException e) {
            throw new EngineCompiler.TooLargeException(made.functions()[e.function()]);
        }
        return FunctionNumbers.ofGroup(code, made.functions(), perClass);
    }
}
