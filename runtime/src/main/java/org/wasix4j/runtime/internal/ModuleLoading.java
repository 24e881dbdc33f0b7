package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.wasix4j.host.JdkWarmUp;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.lowering.MalformedException;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.runtime.internal.lowering.UnsupportedException;
import org.wasix4j.types.Nullable;

/**
 * The way from a binary to a {@link LoadedModule}: from the cache, or rewritten, checked, compiled
 * and put into the cache.
 */
public final class ModuleLoading {

    private ModuleLoading() {}

    /**
     * Parses a binary and makes it runnable.
     *
     * @param cache where compiled code is looked for and kept, or null; no fault of it is one of
     *     the module's
     * @param entry the function that is to be called, or null when that is open
     * @param lazy whether functions may be compiled when they are called for the first time
     * @param loading can end it
     * @throws ModuleException when it is none, is damaged, or uses what the engine lacks
     */
    public static LoadedModule load(
            byte[] wasm,
            Engine engine,
            @Nullable CodeFolder cache,
            @Nullable String entry,
            boolean lazy,
            Loading loading) {
        // beside the load, also when the code is in the cache: a guest waits for it
        JdkWarmUp.begin();
        String start = ModuleDiagnosis.ofStart(wasm);
        if (start != null) {
            throw new ModuleException(start);
        }
        String versions = cache == null ? null : ModuleImage.versions();
        if (engine == Engine.COMPILER && cache != null && versions != null) {
            LoadedModule kept = kept(wasm, versions, cache, lazy);
            if (kept != null) {
                return lazy ? kept.lazy() : kept;
            }
        }
        LoadedModule[] loaded = new LoadedModule[1];
        Workers.run(
                List.of(
                        () ->
                                loaded[0] =
                                        translate(
                                                wasm,
                                                () ->
                                                        make(
                                                                wasm, engine, versions, cache,
                                                                entry, lazy, loading))),
                loading);
        return lazy ? loaded[0].lazy() : loaded[0];
    }

    private static LoadedModule make(
            byte[] wasm,
            Engine engine,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            @Nullable String entry,
            boolean lazy,
            Loading loading) {
        if (engine != Engine.COMPILER) {
            // no function is too large for the interpreter
            WasmModule lowered = Parser.parse(lower(wasm).module().wasm());
            LoadedModule module = new LoadedModule(lowered, InterpreterCode::machine, null);
            module.requireLinkable(entry);
            return module;
        }
        CompilableModule module = lazy ? CompilableModule.onDemand(wasm, loading) : null;
        LoadedModule interpreted =
                module == null ? null : InterpretedStart.load(module, versions, cache);
        if (interpreted != null) {
            interpreted.requireLinkable(entry);
            return interpreted;
        }
        EngineWarmUp.begin();
        loading.start();
        if (module == null) {
            module = CompilableModule.of(wasm, loading);
        }
        loading.check();
        new LoadedModule(module.parts().skeleton(), InterpreterCode::machine, null)
                .requireLinkable(entry);
        LoadedModule begun = lazy ? LazyModule.load(module, versions, cache, loading) : null;
        return begun != null ? begun : compile(module.divided(loading), versions, cache, loading);
    }

    /** Does something with a binary, and says what is wrong with it when that fails. */
    static <T> T translate(byte[] wasm, Supplier<T> work) {
        String start = ModuleDiagnosis.ofStart(wasm);
        if (start != null) {
            throw new ModuleException(start);
        }
        try {
            return work.get();
        } catch (ModuleException e) {
            throw e;
        } catch (UnsupportedException e) {
            throw new ModuleException(ModuleDiagnosis.clause(wasm, e), e);
        } catch (OutOfMemoryError e) {
            throw new ModuleException("the host has no memory left: " + e.getMessage(), e);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            String clause = ModuleDiagnosis.of(wasm);
            throw new ModuleException(
                    clause != null ? clause : "the engine refuses it: " + firstLine(e), e);
        }
    }

    /** What there is to say of a failure of the engine's: a refusal by the JVM has many lines. */
    static String firstLine(Throwable e) {
        String message = e.getMessage();
        if (message == null) {
            return e instanceof StackOverflowError
                    ? "it is nested too deeply"
                    : e.getClass().getSimpleName();
        }
        return message.lines().findFirst().orElse("").strip();
    }

    /** The module in terms that the engine knows, with functions as large as they are. */
    static ModuleRewriter.Lowered lower(byte[] wasm) {
        return rewrite(wasm, () -> ModuleRewriter.lower(wasm));
    }

    /** The same with its large functions divided. */
    static RewrittenModule divide(byte[] wasm, ModuleRewriter.Lowered lowered, Loading loading) {
        return rewrite(wasm, () -> lowered.divided(pieces -> Workers.run(pieces, loading)));
    }

    private static <T> T rewrite(byte[] wasm, Supplier<T> rewriting) {
        try {
            return LoadTimes.of("rewriting", rewriting);
        } catch (MalformedException e) {
            throw new ModuleException(e.getMessage(), e);
        } catch (UnsupportedException e) {
            throw new ModuleException(ModuleDiagnosis.clause(wasm, e), e);
        }
    }

    private static LoadedModule compile(
            CompilableModule compilable,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            Loading loading) {
        ModuleCompiler.Accepted accepted = compilable.compiler(loading).accepted();
        ModuleImage image = compilable.image(accepted.code());
        if (cache != null && versions != null) {
            byte[] wasm = compilable.wasm();
            try {
                cache.write(ModuleImage.key(wasm, versions), image.encode(wasm, versions));
            } catch (RuntimeException | OutOfMemoryError e) {
                // then it is compiled again the next time
            }
        }
        Set<Integer> interpreted = accepted.code().interpreted();
        WasmModule module =
                interpreted.isEmpty()
                        ? compilable.parts().skeleton()
                        : StrippedModule.parse(image.module(), interpreted);
        return new LoadedModule(module, interpreted, image::names, accepted.machines(), cache);
    }

    /** What is in the cache for a module, or null. */
    private static @Nullable LoadedModule kept(
            byte[] wasm, String versions, CodeFolder cache, boolean lazy) {
        String key = ModuleImage.key(wasm, versions);
        EntryBytes entry = cache.open(key);
        if (entry == null) {
            return null;
        }
        LoadedModule kept = restore(wasm, entry, versions, cache, lazy);
        if (kept == null) {
            entry.close();
            cache.discard(key);
        }
        return kept;
    }

    /** The module of an entry, or null when that is of no use. */
    private static @Nullable LoadedModule restore(
            byte[] wasm, EntryBytes entry, String versions, CodeFolder cache, boolean lazy) {
        try {
            ModuleImage.Entry read = ModuleImage.read(entry, versions);
            if (read == null) {
                return null;
            }
            ModuleImage image = read.image();
            if (image.perClass() > 0 && !lazy) {
                // all of it is to be there
                return null;
            }
            EntryComparison comparison = EntryComparison.begin(read, wasm);
            if (image.perClass() > 0) {
                return comparison.result()
                        ? LazyModule.restore(wasm, image, versions, cache)
                        : null;
            }
            CompiledCode code = image.code().small();
            LoadedModule restored = LoadedModule.of(image, code.define(false), cache);
            if (!comparison.result()) {
                return null;
            }
            if (!(code.classes() instanceof StoredClasses)) {
                entry.close();
            }
            return restored;
        } catch (RuntimeException | LinkageError e) {
            return null;
        }
    }
}
