package org.wasix4j.runtime.internal.lowering;

import java.util.List;

/**
 * The pass that writes legacy exceptions ({@code try}, {@code catch}, {@code catch_all}, {@code
 * delegate}, {@code rethrow}) with {@code try_table} and {@code exnref}. Types are appended,
 * nothing else of the module changes but code.
 */
final class LegacyExceptions {

    private final ModuleIndex module;
    private final Features features;
    private final Helpers helpers;

    private LegacyExceptions(ModuleIndex module, Features features) {
        this.module = module;
        this.features = features;
        this.helpers = new Helpers(module);
    }

    /** The module with exceptions of today. */
    static byte[] modernize(ModuleIndex module, Features features) {
        return new LegacyExceptions(module, features).write();
    }

    private byte[] write() {
        BinaryWriter bodies = new BinaryWriter(module.wasm().length);
        bodies.u32(FunctionBodies.count(module));
        FunctionBodies.write(
                module,
                bodies,
                (function, body) ->
                        features.hasLegacyExceptions(function)
                                ? new TryBlocks(
                                                module,
                                                helpers,
                                                module.functionType(function),
                                                body)
                                        .write()
                                : null);
        return GrownModule.write(module, helpers.types(), List.of(), List.of(), bodies);
    }
}
