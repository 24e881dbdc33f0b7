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
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.types.Nullable;

/**
 * Compiles the groups of functions of a module one by one, each to the class that a compilation of
 * the whole module gives it. By then the program may run: a function that cannot be compiled is
 * interpreted ({@link LateFunctions}), and one that is not valid traps when it is called.
 *
 * <p>Large functions may be divided here ({@link DivisionOnDemand}). One that cannot be compiled so
 * is tried whole before it is interpreted.
 */
final class GroupCompiler {

    private final FunctionSurvey survey;
    private final ModuleParts parts;
    private final EngineCompiler engine;
    private final ClassCollection classes;
    private final int perClass;
    private final GroupModule modules;
    private final TransferCode transfers;
    private final @Nullable DivisionOnDemand division;

    /** The functions that are not divided, because what that gave could not be compiled. */
    private final Set<Integer> whole = ConcurrentHashMap.newKeySet();

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
            int perClass,
            @Nullable DivisionOnDemand division,
            InterruptPoints interrupts) {
        this.survey = survey;
        this.parts = parts;
        this.engine = engine;
        this.classes = classes;
        this.transfers = transfers;
        this.perClass = perClass;
        this.division = division;
        this.modules = new GroupModule(parts, survey.functions(), perClass, division, interrupts);
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
                Integer named = EngineCompiler.functionIn(String.valueOf(e.getMessage()));
                int function = named == null ? -1 : named % survey.functions();
                if (!wanted.contains(function)) {
                    throw e;
                }
                giveUp(function, wanted, interpreted);
            } catch (RuntimeException | StackOverflowError e) {
                giveUp(culprit(group, wanted, e), wanted, interpreted);
            }
        }
    }

    /**
     * Leaves a function whole, or to the interpreter when it was, or to nobody when it is not
     * valid.
     */
    private void giveUp(int function, List<Integer> wanted, Set<Integer> interpreted) {
        if (division != null && division.isLarge(function) && whole.add(function)) {
            return;
        }
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
    private int culprit(int group, List<Integer> wanted, Throwable failure) {
        for (int function : wanted) {
            try {
                untuned(group, List.of(function), Set.of());
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
        byte[] code = untuned(group, wanted, interpreted);
        if (!interpreted.isEmpty()) {
            code = LateCode.call(code);
        }
        if (!invalid.isEmpty()) {
            code = LateCode.trap(code, invalid);
        }
        return classes.tuned(code, name(group), group * perClass);
    }

    private byte[] untuned(int group, List<Integer> wanted, Set<Integer> interpreted) {
        byte[] code = alone(group, wanted, interpreted);
        return code != null
                ? code
                : engine.group(parts.module(wanted), group, interpreted, perClass);
    }

    /** Without a look at any other function; null when that is not possible. */
    private @Nullable byte[] alone(int group, List<Integer> wanted, Set<Integer> interpreted) {
        GroupModule.Made made = modules.module(group, wanted, whole);
        if (made == null) {
            return null;
        }
        Set<Integer> places = interpreted.stream().map(made::place).collect(Collectors.toSet());
        byte[] code;
        try {
            code = engine.group(made.module(), 0, places, made.own());
        } catch (EngineCompiler.TooLargeException e) {
            int function = made.functions()[e.function()] % survey.functions();
            throw new EngineCompiler.TooLargeException(function);
        }
        return FunctionNumbers.ofGroup(code, made.functions(), group, perClass, survey.functions());
    }
}
