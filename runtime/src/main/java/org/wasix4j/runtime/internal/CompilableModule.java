package org.wasix4j.runtime.internal;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
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
 */
record CompilableModule(
        byte[] wasm, RewrittenModule rewritten, FunctionSurvey survey, ModuleParts parts) {

    /** Prepares a module. */
    static CompilableModule of(byte[] wasm, Loading loading) {
        return of(wasm, ModuleLoading.rewrite(wasm, loading));
    }

    /** Prepares a module that was rewritten. */
    static CompilableModule of(byte[] wasm, RewrittenModule rewritten) {
        FunctionSurvey survey = FunctionSurvey.of(rewritten.wasm());
        return new CompilableModule(
                wasm, rewritten, survey, new ModuleParts(rewritten.wasm(), survey));
    }

    /** A compiler of it, with classes of the usual name. */
    ModuleCompiler compiler(Loading loading) {
        return compiler(null, loading);
    }

    /** A compiler of it. */
    ModuleCompiler compiler(@Nullable String className, Loading loading) {
        return new ModuleCompiler(survey, parts, rewritten, Set.of(), className, loading);
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
        return new ModuleImage(stripped, StrippedModule.functionNames(wasm, rewritten), code, 0);
    }
}
