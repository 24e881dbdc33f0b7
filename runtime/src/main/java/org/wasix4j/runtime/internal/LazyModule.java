package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.wasix4j.runtime.internal.link.ModuleShape;
import org.wasix4j.types.Nullable;

/**
 * A module that runs before all of it is compiled ({@link LazyCode}), and its entry in the cache.
 * The entry is written when all is compiled. A program that ends before that leaves what there is,
 * and the next start goes on from there.
 */
final class LazyModule implements CodeFolder.Unfinished {

    private static final Loading NO_LIMIT = new Loading(0, null);

    private final byte[] wasm;
    private final @Nullable CodeFolder cache;
    private final @Nullable String versions;

    /** The module without code, the names of functions, and the main class. */
    private final ModuleImage image;

    private final LazyLoader loader;
    private final LazyCode code;
    private final int perClass;

    private Runnable completed = () -> {};

    /** How many classes the entry in the cache has. */
    private int kept;

    private LazyModule(
            byte[] wasm,
            ModuleImage image,
            int functions,
            Supplier<ModuleCompiler> compiler,
            @Nullable CodeFolder cache,
            @Nullable String versions,
            long quiet) {
        this.wasm = wasm;
        this.cache = cache;
        this.versions = versions;
        this.image = image;
        Map<String, ByteBuffer> classes = image.code().classes();
        this.perClass = image.perClass();
        this.loader = new LazyLoader(image.code().mainClass());
        this.kept = classes.size();
        this.code =
                new LazyCode(
                        loader,
                        classes,
                        (functions + perClass - 1) / perClass,
                        () -> compiler.get().groups(),
                        function -> LoadedModule.describe(function, image.names()),
                        quiet,
                        this::end);
    }

    /**
     * Makes a module runnable without compiling its functions.
     *
     * @return null when all of it has to be compiled first
     */
    static @Nullable LoadedModule load(
            CompilableModule module,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            Loading loading) {
        return load(module, versions, cache, loading, LazyCode.QUIET_NANOS);
    }

    /** As the other; the rest is compiled when nothing new was asked for so many nanoseconds. */
    static @Nullable LoadedModule load(
            CompilableModule module,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            Loading loading,
            long quiet) {
        LazyModule made = of(module, versions, cache, loading, quiet);
        return made == null ? null : made.loaded(module.parts().skeleton());
    }

    /**
     * The code of a module.
     *
     * @return null when all of it has to be compiled first
     */
    static @Nullable LazyModule of(
            CompilableModule module,
            @Nullable String versions,
            @Nullable CodeFolder cache,
            Loading loading,
            long quiet) {
        boolean divided = module.division() == null;
        if (module.survey().callsByReference() || divided && !module.tooLarge().isEmpty()) {
            return null;
        }
        loading.begin(2);
        loading.advance(1);
        ModuleCompiler compiler = module.compiler(loading);
        CompiledCode frame = compiler.frameAlone();
        if (frame == null) {
            return null;
        }
        loading.advance(1);
        ModuleImage image = module.image(frame).partial(compiler.functionsPerClass());
        int functions = module.survey().functions();
        return new LazyModule(
                module.wasm(), image, functions, () -> compiler, cache, versions, quiet);
    }

    /** A module of which the cache has some classes. */
    static LoadedModule restore(byte[] wasm, ModuleImage image, String versions, CodeFolder cache) {
        LazyModule restored =
                new LazyModule(
                        wasm,
                        image,
                        ModuleShape.read(image.shape()).functionCount(),
                        () -> CompilableModule.onDemand(wasm, NO_LIMIT).compiler(NO_LIMIT),
                        cache,
                        versions,
                        LazyCode.RESTORED_QUIET_NANOS);
        return LoadedModule.of(image, restored.machines(), cache);
    }

    private LoadedModule loaded(WasmModule module) {
        return new LoadedModule(module, Set.of(), image::names, machines(), cache);
    }

    /**
     * Begins to compile.
     *
     * @return makes the machine of an instance
     */
    Function<Instance, Machine> machines() {
        if (cache != null) {
            cache.expect(this);
        }
        return code.machines(image.code().mainClass());
    }

    /** Before it begins: what is to be done when all is compiled. */
    void whenComplete(Runnable action) {
        completed = action;
    }

    /** Whether the JVM has the code of a function. */
    boolean isCompiled(int function) {
        return code.isDefined(function / perClass);
    }

    /** Has a function compiled, and waits for nothing. */
    void want(int function) {
        code.want(function / perClass);
    }

    /** Where its classes are. */
    LazyLoader loader() {
        return loader;
    }

    /** How many functions share a class. */
    int perClass() {
        return perClass;
    }

    /**
     * All is compiled. When a function had to be interpreted the module is compiled once more, with
     * what is known now.
     */
    private void end() {
        completed.run();
        if (cache == null || versions == null) {
            return;
        }
        try {
            if (code.isFlawless()) {
                keep();
            } else {
                CompilableModule again = CompilableModule.of(wasm, NO_LIMIT);
                write(again.image(again.compiler(NO_LIMIT).accepted().code()));
            }
        } finally {
            cache.forget(this);
        }
    }

    /** Keeps what was compiled so far, as when the program ends. */
    @Override
    public synchronized void keep() {
        if (cache == null || versions == null) {
            return;
        }
        boolean complete = code.isComplete() && code.isFlawless();
        CompiledCode compiled =
                new CompiledCode(image.code().mainClass(), code.classes(), Set.of());
        int count = compiled.classes().size();
        if (count > kept) {
            write(image.with(compiled).partial(complete ? 0 : image.perClass()));
            kept = count;
        }
    }

    private void write(ModuleImage all) {
        if (cache == null || versions == null) {
            return;
        }
        String key = ModuleImage.key(wasm, versions);
        byte[] entry = all.encode(wasm, versions);
        if (all.perClass() == 0 || cache.size(key) < entry.length) {
            cache.write(key, entry);
            cache.discard(key + InterpretedStart.MARK);
        }
    }
}
