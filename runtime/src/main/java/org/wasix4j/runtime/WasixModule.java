package org.wasix4j.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.runtime.internal.CodeFolder;
import org.wasix4j.runtime.internal.LoadedModule;
import org.wasix4j.runtime.internal.Loading;
import org.wasix4j.runtime.internal.ModuleInspector;
import org.wasix4j.runtime.internal.ModuleLoading;
import org.wasix4j.runtime.internal.PackedModule;
import org.wasix4j.runtime.internal.link.SearchPath;
import org.wasix4j.types.Nullable;

/**
 * A WebAssembly module that was parsed and compiled, and can be run any number of times. Immutable
 * and safe for use by several threads. No argument may be null, unless stated otherwise.
 *
 * <p>The compiled code has large methods, which HotSpot does not compile further unless the JVM was
 * started with {@code -XX:-DontCompileHugeMethods}, and does not inline into unless it was started
 * with {@code -XX:-ClipInlining}.
 *
 * <p>A module is compiled on all processors, by threads that end with the load. Interrupting the
 * thread that loads ends the load with a {@link ModuleException}; {@link #loader} can set a limit
 * of time.
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
     * @param file the file, a module in the binary format
     * @return the module
     * @throws IOException when the file cannot be read
     * @throws ModuleException when what it holds cannot be run here
     */
    public static WasixModule load(Path file) throws IOException {
        return load(file, Engine.COMPILER);
    }

    /**
     * As {@link #load(Path)}, with a choice of the engine.
     *
     * @param file the file, a module in the binary format
     * @param engine how the code is executed
     * @return the module
     * @throws java.io.IOException when the file cannot be read
     */
    public static WasixModule load(Path file, Engine engine) throws IOException {
        return load(nameOf(file), Files.readAllBytes(file), engine);
    }

    /**
     * As {@link #load(Path)}, with a cache of compiled code.
     *
     * @param file the file, a module in the binary format
     * @param cache where compiled code is looked for and stored
     * @return the module
     * @throws java.io.IOException when the file cannot be read
     */
    public static WasixModule load(Path file, CodeCache cache) throws IOException {
        return load(nameOf(file), Files.readAllBytes(file), cache);
    }

    static String nameOf(Path file) {
        Path last = file.getFileName();
        return last == null ? file.toString() : last.toString();
    }

    /**
     * Compiles the binary that a stream contains, for example that of {@code
     * Class.getResourceAsStream}. Closes the stream.
     *
     * @param name the name of the module in messages, and by default its first argument
     * @param wasm the binary
     * @return the module
     * @throws IOException when the stream cannot be read
     * @throws NullPointerException when the stream is null, because the resource does not exist
     * @throws ModuleException when it cannot be run here
     */
    public static WasixModule load(String name, InputStream wasm) throws IOException {
        Objects.requireNonNull(wasm, () -> "there is no stream to load " + name + " from");
        try (wasm) {
            return load(name, wasm.readAllBytes());
        }
    }

    /**
     * Compiles a binary.
     *
     * @param name the name of the module in messages, and by default its first argument
     * @param wasm the binary
     * @return the module
     * @throws ModuleException when it cannot be run here
     */
    public static WasixModule load(String name, byte[] wasm) {
        return load(name, wasm, Engine.COMPILER);
    }

    /**
     * As {@link #load(String, byte[])}, with a choice of the engine.
     *
     * @param name the name of the module in messages, and by default its first argument
     * @param wasm the binary
     * @param engine how the code is executed
     * @return the module
     */
    public static WasixModule load(String name, byte[] wasm, Engine engine) {
        return load(name, wasm, engine, null);
    }

    /**
     * Compiles a binary, or loads the compiled code from a cache.
     *
     * @param name the name of the module in messages, and by default its first argument
     * @param wasm the binary
     * @param cache where compiled code is looked for and stored
     * @return the module
     * @throws ModuleException when it cannot be run here
     */
    public static WasixModule load(String name, byte[] wasm, CodeCache cache) {
        return load(name, wasm, Engine.COMPILER, cache.folder());
    }

    private static WasixModule load(
            String name, byte[] wasm, Engine engine, @Nullable CodeFolder cache) {
        return load(name, wasm, engine, cache, null, false, new Loading(0, null));
    }

    static WasixModule load(
            String name,
            byte[] wasm,
            Engine engine,
            @Nullable CodeFolder cache,
            @Nullable String entry,
            boolean lazy,
            Loading loading) {
        try {
            return new WasixModule(
                    name, ModuleLoading.load(wasm, engine, cache, entry, lazy, loading));
        } catch (ModuleException e) {
            throw e.of(name);
        }
    }

    /** {@return a loader with further settings} */
    public static ModuleLoader loader() {
        return new ModuleLoader();
    }

    /**
     * Loads a module that was compiled ahead of time: by {@link #pack}, which {@code wasix-run
     * pack} and the Maven plugin call. Nothing is compiled, and there is no cache.
     *
     * @param loader finds the files that were packed, for example {@code
     *     Main.class.getClassLoader()}
     * @param name the name under which it was packed
     * @return the module
     * @throws ModuleException when there is no module of that name, or another version has packed
     *     it
     */
    public static WasixModule packed(ClassLoader loader, String name) {
        try {
            return new WasixModule(name, PackedModule.load(loader, name));
        } catch (ModuleException e) {
            throw e.of(name);
        }
    }

    /**
     * Compiles a binary to the files that {@link #packed} loads. They are for a class path: a jar,
     * or a folder of classes. The same binary, name and version give the same files.
     *
     * @param name letters, digits, '.', '_' and '-', with a letter or a digit first
     * @param wasm the binary
     * @return the content of each file, by its path with '/', in order
     * @throws ModuleException when it cannot be run here
     * @throws IllegalArgumentException when the name is not valid
     */
    public static Map<String, byte[]> pack(String name, byte[] wasm) {
        try {
            return PackedModule.pack(name, wasm);
        } catch (ModuleException e) {
            throw e.of(name);
        }
    }

    /**
     * Inspects a binary without compiling it, even if it cannot be run here.
     *
     * @param name the name of the module in the report
     * @param wasm the binary
     * @return what the module is, and would need
     */
    public static ModuleReport inspect(String name, byte[] wasm) {
        return ModuleInspector.inspect(name, wasm);
    }

    /**
     * Where the libraries that a module needs are looked for, but for those whose names are paths.
     *
     * @param report of the module
     * @param libraryPath {@code LD_LIBRARY_PATH} of the guest; empty when it has none
     * @param path the module's own path in the guest's tree, which {@code $ORIGIN} stands for
     * @return the guest's folders, in order
     */
    public static List<String> libraryFolders(
            ModuleReport report, String libraryPath, String path) {
        return SearchPath.folders(libraryPath, report.runtimePath(), path);
    }

    /** {@return the name of the file, or the name that was given when it was loaded} */
    public String name() {
        return name;
    }

    /**
     * {@return the functions that are interpreted although the module was compiled, as {@code
     * function 7 (name)}: they are too large for a method of Java, or the engine or the JVM failed
     * at them} They run some hundred times slower. Empty for most modules, and when all is
     * interpreted.
     */
    public List<String> interpretedFunctions() {
        return loaded.interpretedNames();
    }

    LoadedModule loaded() {
        return loaded;
    }

    @Override
    public String toString() {
        return name;
    }
}
