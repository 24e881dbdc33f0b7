package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    Function<Instance, Machine> machines(WasmModule module) {
        if (this == INTERPRETED) {
            return InterpreterCode::machine;
        }
        int imported = module.importSection().count(ExternalType.FUNCTION);
        return CompiledCode.of(
                        module,
                        Map.of(),
                        IntStream.range(0, module.functionSection().functionCount())
                                .map(function -> imported + function)
                                .filter(interpreted)
                                .boxed()
                                .collect(Collectors.toSet()))
                .define(true);
    }

    /** An instance of a module that imports nothing and has no memory. */
    Instance instance(WasmModule module) {
        return Instance.builder(module)
                .withMachineFactory(machines(module))
                .withStart(false)
                .build();
    }
}
