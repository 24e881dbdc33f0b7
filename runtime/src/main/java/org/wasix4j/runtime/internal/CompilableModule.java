package org.wasix4j.runtime.internal;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.wasix4j.runtime.internal.link.ModuleShape;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter.Lowered;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.types.Nullable;

/**
 * A module that can be compiled: in terms that the engine knows, with what is known of its
 * functions.
 *
 * @param wasm the module as it was given
 * @param rewritten what the rewriter made of it
 * @param survey the functions of that
 * @param parts makes modules with some of them
 * @param division divides functions when their class is compiled; null when those that can be
 *     divided are divided already
 */
record CompilableModule(
        byte[] wasm,
        RewrittenModule rewritten,
        FunctionSurvey survey,
        ModuleParts parts,
        @Nullable DivisionOnDemand division) {

    /** Prepares a module that is compiled as a whole. */
    static CompilableModule of(byte[] wasm, Loading loading) {
        return divided(wasm, ModuleLoading.lower(wasm), loading);
    }

    /** Prepares a module that was rewritten. */
    static CompilableModule of(byte[] wasm, RewrittenModule rewritten) {
        return of(wasm, rewritten, FunctionSurvey.of(rewritten.wasm()));
    }

    private static CompilableModule of(
            byte[] wasm, RewrittenModule rewritten, FunctionSurvey survey) {
        return new CompilableModule(
                wasm, rewritten, survey, new ModuleParts(rewritten.wasm(), survey), null);
    }

    /**
     * Prepares a module whose classes may be compiled one by one. Its large functions are only
     * divided then, if possible.
     */
    static CompilableModule onDemand(byte[] wasm, Loading loading) {
        return onDemand(wasm, ModuleLoading.lower(wasm), loading);
    }

    /** The same of a module that is in terms that the engine knows. */
    static CompilableModule onDemand(byte[] wasm, Lowered lowered, Loading loading) {
        FunctionSurvey survey = lowered.survey();
        if (!survey.callsByReference() && survey.references().isEmpty()) {
            CompilableModule whole = of(wasm, lowered.module(), survey);
            if (!GroupModule.namesFunctions(whole.parts.skeleton())) {
                return whole.dividedBy(new DivisionOnDemand(survey));
            }
        }
        return divided(wasm, lowered, loading);
    }

    /** It, if its functions are divided when their class is compiled. */
    CompilableModule dividedBy(DivisionOnDemand other) {
        return new CompilableModule(wasm, rewritten, survey, parts, other);
    }

    /** It, with large functions divided now. */
    CompilableModule divided(Loading loading) {
        return division == null ? this : divided(wasm, new Lowered(rewritten, survey), loading);
    }

    private static CompilableModule divided(byte[] wasm, Lowered lowered, Loading loading) {
        RewrittenModule divided = ModuleLoading.divide(wasm, lowered, loading);
        return divided == lowered.module()
                ? of(wasm, divided, lowered.survey())
                : of(wasm, divided);
    }

    /** A compiler of it, with classes of the usual name. */
    ModuleCompiler compiler(Loading loading) {
        return compiler(null, loading);
    }

    /** A compiler of it. */
    ModuleCompiler compiler(@Nullable String className, Loading loading) {
        return new ModuleCompiler(survey, parts, rewritten, division, Set.of(), className, loading);
    }

    /** The functions that have no room in a Java method. */
    List<Integer> tooLarge() {
        List<Integer> suspects =
                IntStream.range(survey.imported(), survey.functions())
                        .filter(function -> ModuleCompiler.isPerhapsTooLarge(survey, function))
                        .boxed()
                        .toList();
        if (suspects.isEmpty()) {
            return List.of();
        }
        ModuleCompiler compiler = compiler(new Loading(0, null));
        return suspects.stream().filter(compiler::isTooLarge).toList();
    }

    /** It, compiled. */
    ModuleImage image(CompiledCode code) {
        byte[] stripped =
                code.interpreted().isEmpty()
                        ? parts.stripped()
                        : StrippedModule.of(rewritten.wasm(), survey, code.interpreted());
        return new ModuleImage(
                stripped,
                ModuleShape.of(parts.skeleton()).bytes(),
                StrippedModule.functionNames(wasm, rewritten),
                code,
                0);
    }
}
