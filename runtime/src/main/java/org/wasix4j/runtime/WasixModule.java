package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasix4j.runtime.internal.CodeFolder;
import org.wasix4j.runtime.internal.LoadedModule;
import org.wasix4j.runtime.internal.ModuleInspector;

/**
 * A WebAssembly module, parsed and compiled once, to be run as often as wanted. Immutable and safe
 * for any threads.
 *
 * <p>The compiled code has large methods, which HotSpot does not compile further unless the JVM was
 * started with {@code -XX:-DontCompileHugeMethods}, and does not inline into unless it was started
 * with {@code -XX:-ClipInlining}.
 */
public final class WasixModule {

    private final String name;
    private final LoadedModule loaded;

    private WasixModule(String name, LoadedModule loaded) {
        this.name = name;
        this.loaded = loaded;
    }

    /**
     * Loads a file and compiles it.
     *
     * @throws IOException when the file cannot be read
     * @throws ModuleException when what it holds cannot be run here
     */
    public static WasixModule load(Path file) throws IOException {
        return load(file, Engine.COMPILER);
    }

    /** As {@link #load(Path)}, with a choice of the engine. */
    public static WasixModule load(Path file, Engine engine) throws IOException {
        return load(nameOf(file), Files.readAllBytes(file), engine);
    }

    /** As {@link #load(Path)}; what was compiled once is taken from a cache. */
    public static WasixModule load(Path file, CodeCache cache) throws IOException {
        return load(nameOf(file), Files.readAllBytes(file), cache);
    }

    private static String nameOf(Path file) {
        Path last = file.getFileName();
        return last == null ? file.toString() : last.toString();
    }

    /**
     * Compiles a binary.
     *
     * @param name what its messages and by default its first argument say
     * @throws ModuleException when it cannot be run here
     */
    public static WasixModule load(String name, byte[] wasm, Engine engine) {
        return load(name, wasm, engine, null);
    }

    /**
     * Compiles a binary, or takes from a cache what was compiled once.
     *
     * @param name what its messages and by default its first argument say
     * @throws ModuleException when it cannot be run here
     */
    public static WasixModule load(String name, byte[] wasm, CodeCache cache) {
        return load(name, wasm, Engine.COMPILER, cache.folder());
    }

    private static WasixModule load(String name, byte[] wasm, Engine engine, CodeFolder cache) {
        try {
            return new WasixModule(name, LoadedModule.load(wasm, engine, cache));
        } catch (ModuleException e) {
            throw e.of(name);
        }
    }

    /**
     * Looks at a binary without compiling it, also at one that cannot be run here.
     *
     * @param name what the report calls it
     */
    public static ModuleReport inspect(String name, byte[] wasm) {
        return ModuleInspector.inspect(name, wasm);
    }

    /** The file's name, or what it was called when loaded. */
    public String name() {
        return name;
    }

    LoadedModule loaded() {
        return loaded;
    }

    @Override
    public String toString() {
        return name;
    }
}
