package org.wasix4j.runtime.internal.lowering;

import java.util.Map;
import org.wasix4j.runtime.internal.lowering.RewrittenModule.Parts;

/**
 * Expresses what the engine lacks in what it has, pass by pass, each for one feature. A module that
 * uses none of these features comes back as it is.
 */
public final class ModuleRewriter {

    /** To be raised when any pass writes something else than before: compiled code is kept. */
    public static final int VERSION = 14;

    private ModuleRewriter() {}

    /**
     * Rewrites a binary.
     *
     * @throws MalformedException when it is damaged
     * @throws UnsupportedException when it uses what neither the engine nor a pass knows
     */
    public static RewrittenModule rewrite(byte[] wasm) {
        return rewrite(wasm, Crew.ALONE);
    }

    /** As the other, with the work spread over a crew; what is written does not depend on it. */
    public static RewrittenModule rewrite(byte[] wasm, Crew crew) {
        return rewrite(wasm, LargeFunctions.MOST, crew);
    }

    /**
     * Rewrites a binary.
     *
     * @param most functions that are expected to become more bytes of bytecode are divided
     */
    public static RewrittenModule rewrite(byte[] wasm, int most) {
        return rewrite(wasm, most, Crew.ALONE);
    }

    private static RewrittenModule rewrite(byte[] wasm, int most, Crew crew) {
        ModuleIndex module = new ModuleIndex(wasm);
        if (module.hasCompactImports()) {
            module = new ModuleIndex(CompactImports.expand(module));
        }
        if (module.hasMemory64()) {
            throw new UnsupportedException(
                    "it has a 64-bit memory (memory64), which the engine lacks");
        }
        if (module.memories() > 1) {
            throw new UnsupportedException(
                    "it has "
                            + module.memories()
                            + " memories (multi-memory), and there can be one");
        }
        Features features = Features.of(module);
        return LargeFunctions.divide(lower(module, features), features, most, crew);
    }

    private static RewrittenModule lower(ModuleIndex whole, Features features) {
        ModuleIndex module = ShortLivedLocals.share(whole);
        module = ConstantGlobals.keep(module);
        module = FunctionEnds.separate(module, features);
        if (features.uses(Features.Feature.LEGACY_EXCEPTIONS)) {
            module = new ModuleIndex(LegacyExceptions.modernize(module, features));
        }
        module = TailCalls.rewrite(module, features);
        TailChains chains = TailChains.of(module, features);
        module = chains.module();
        if (!module.hasVectors()
                && !features.uses(Features.Feature.SIMD)
                && !features.uses(Features.Feature.WIDE_ARITHMETIC)
                && !features.hasExceptions()) {
            return new RewrittenModule(module.wasm(), Map.of(), chains.tails(), Parts.NONE);
        }
        if (module.hasVectorTypes() && !module.hasOnlyFunctionTypes()) {
            throw new UnsupportedException(
                    "it has v128 among its types together with types of the garbage collector");
        }
        RewrittenModule lowered = VectorLowering.lower(module, features);
        return new RewrittenModule(
                lowered.wasm(), lowered.helpers(), chains.tails(), lowered.parts());
    }
}
