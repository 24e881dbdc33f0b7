package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;
import java.util.Map;
import org.wasix4j.runtime.internal.lowering.RewrittenModule.Parts;

/**
 * Expresses what the engine lacks in what it has, pass by pass, each for one feature. A module that
 * uses none of these features comes back as it is.
 */
public final class ModuleRewriter {

    /** To be raised when any pass writes something else than before: compiled code is kept. */
    public static final int VERSION = 15;

    private ModuleRewriter() {}

    /**
     * Rewrites a binary.
     *
     * @throws MalformedException when it is damaged
     * @throws UnsupportedException when it uses what neither the engine nor a pass knows
     */
    public static RewrittenModule rewrite(byte[] wasm) {
        return rewrite(wasm, LargeFunctions.MOST);
    }

    /**
     * Rewrites a binary.
     *
     * @param most functions that are expected to become more bytes of bytecode are divided
     */
    public static RewrittenModule rewrite(byte[] wasm, int most) {
        Lowered lowered = lower(wasm);
        return LargeFunctions.divide(lowered.module(), lowered.survey(), most, Crew.ALONE);
    }

    /**
     * A module that was rewritten but for its large functions.
     *
     * @param survey the functions of it
     */
    public record Lowered(RewrittenModule module, FunctionSurvey survey) {

        /**
         * It with its large functions divided.
         *
         * @param crew does the work; what is written does not depend on it
         * @return the same module when none is divided
         */
        public RewrittenModule divided(Crew crew) {
            return LargeFunctions.divide(module, survey, LargeFunctions.MOST, crew);
        }
    }

    /** As {@link #rewrite}, but functions stay as large as they are. */
    public static Lowered lower(byte[] wasm) {
        ModuleIndex given = new ModuleIndex(wasm);
        if (given.hasCompactImports()) {
            given = new ModuleIndex(CompactImports.expand(given));
        }
        if (given.hasMemory64()) {
            throw new UnsupportedException(
                    "it has a 64-bit memory (memory64), which the engine lacks");
        }
        if (given.memories() > 1) {
            throw new UnsupportedException(
                    "it has "
                            + given.memories()
                            + " memories (multi-memory), and there can be one");
        }
        FunctionSurvey survey = FunctionSurvey.ofGiven(given);
        Features features = survey.features();
        ModuleIndex module = ShortLivedLocals.share(given, features);
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
            return new Lowered(
                    new RewrittenModule(module.wasm(), Map.of(), chains.tails(), Parts.NONE),
                    survey(module, given, survey));
        }
        if (module.hasVectorTypes() && !module.hasOnlyFunctionTypes()) {
            throw new UnsupportedException(
                    "it has v128 among its types together with types of the garbage collector");
        }
        VectorLowering.Result lowered = VectorLowering.lower(module, features);
        return new Lowered(
                new RewrittenModule(lowered.wasm(), lowered.helpers(), chains.tails(), Parts.NONE),
                survey(module, given, survey, lowered));
    }

    /** The functions of a module that was made of another one, whose functions are known. */
    private static FunctionSurvey survey(
            ModuleIndex module, ModuleIndex given, FunctionSurvey known) {
        if (!module.isAsGiven(given)) {
            return FunctionSurvey.of(module.wasm());
        }
        return module == given ? known : known.again(module, module.rewritten());
    }

    private static FunctionSurvey survey(
            ModuleIndex module,
            ModuleIndex given,
            FunctionSurvey known,
            VectorLowering.Result lowered) {
        if (lowered.wasm() == module.wasm()) {
            return survey(module, given, known);
        }
        BitSet lowering = lowered.rewritten();
        if (lowering == null || !module.isAsGiven(given)) {
            return FunctionSurvey.of(lowered.wasm());
        }
        BitSet rewritten = (BitSet) module.rewritten().clone();
        rewritten.or(lowering);
        return known.again(new ModuleIndex(lowered.wasm()), rewritten);
    }
}
