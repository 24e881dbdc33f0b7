package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/** The ways in which the functions of a module can be executed: all must give the same. */
enum ExecutionWays {
    COMPILED(function -> false),
    INTERPRETED(function -> true),
    EVEN_ONES_INTERPRETED(function -> function % 2 == 0),
    ODD_ONES_INTERPRETED(function -> function % 2 == 1);

    private final IntPredicate interpreted;

    ExecutionWays(IntPredicate interpreted) {
        this.interpreted = interpreted;
    }

    /** What makes the machine of an instance. */
    Function<Instance, Machine> machines(byte[] wasm) {
        if (this == INTERPRETED) {
            return InterpreterCode::machine;
        }
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        Set<Integer> some =
                IntStream.range(survey.imported(), survey.functions())
                        .filter(interpreted)
                        .boxed()
                        .collect(Collectors.toSet());
        return compile(wasm, some).define(true);
    }

    /** Compiles a module but for some functions. */
    static CompiledCode compile(byte[] wasm, Set<Integer> interpreted) {
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        return new ModuleCompiler(
                        survey,
                        new ModuleParts(wasm, survey),
                        new RewrittenModule(wasm, Map.of()),
                        null,
                        interpreted,
                        null,
                        new Loading(0, null))
                .compile();
    }

    /** An instance of a module that imports nothing and has no memory. */
    Instance instance(byte[] wasm) {
        return Instance.builder(Parser.parse(wasm))
                .withMachineFactory(machines(wasm))
                .withStart(false)
                .build();
    }
}
