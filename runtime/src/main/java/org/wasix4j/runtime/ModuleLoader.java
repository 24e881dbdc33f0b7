package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.wasix4j.runtime.internal.Loading;
import org.wasix4j.types.Nullable;

/**
 * Loads modules, with more settings than {@link WasixModule#load(Path)} has. By default it
 * compiles, uses no cache and has no timeout. Not safe for use by several threads at a time.
 */
public final class ModuleLoader {

    private Engine engine = Engine.COMPILER;
    private @Nullable CodeCache cache;
    private @Nullable Duration timeout;
    private @Nullable IntConsumer progress;
    private @Nullable String entry;
    private boolean lazy;

    ModuleLoader() {}

    /**
     * Sets how the code is executed.
     *
     * @param engine how the code is executed
     * @return this loader
     */
    public ModuleLoader withEngine(Engine engine) {
        this.engine = engine;
        return this;
    }

    /**
     * Sets the cache of compiled code.
     *
     * @param cache is used with {@link Engine#COMPILER} only; null for none
     * @return this loader
     */
    public ModuleLoader withCache(@Nullable CodeCache cache) {
        this.cache = cache;
        return this;
    }

    /**
     * Sets how long a load may take; a longer load ends with a {@link ModuleException} whose cause
     * is a {@link java.util.concurrent.TimeoutException}.
     *
     * @param timeout null for no limit
     * @return this loader
     */
    public ModuleLoader withTimeout(@Nullable Duration timeout) {
        this.timeout = timeout;
        return this;
    }

    /**
     * Receives the progress of compiling in percent, now and then, on threads that compile: 0 when
     * it begins. A module from a cache reports no progress.
     *
     * @param progress must return quickly and not throw; null for none
     * @return this loader
     */
    public ModuleLoader withProgress(@Nullable IntConsumer progress) {
        this.progress = progress;
        return this;
    }

    /**
     * Names the function that will be called, {@code _start} for a command. A module that does not
     * export it is refused before anything is compiled.
     *
     * @param entry null when it is not known yet
     * @return this loader
     */
    public ModuleLoader withEntry(@Nullable String entry) {
        this.entry = entry;
        return this;
    }

    /**
     * Lets a module run before all of it is compiled. The program begins interpreted. When it has
     * executed many instructions, or has called nothing new for a moment, threads of the module
     * compile it while it runs: first the functions that are called, each with others. The first
     * answer comes sooner. In return, some later calls wait for a moment, and a function that is
     * not valid traps when it is called, where the load would have failed. A function of which it
     * turns out late that it has to be interpreted is not among {@link
     * WasixModule#interpretedFunctions}; {@link ProcessListener#notice} names it when it is called
     * first. The cache gets the module when all is compiled; see also {@link CodeCache#flush}. A
     * module with shared libraries or tail calls is not interpreted: a function of it is compiled
     * when it is called for the first time.
     *
     * @param lazy false by default: a load ends when all is compiled
     * @return this loader
     */
    public ModuleLoader withLazyCompilation(boolean lazy) {
        this.lazy = lazy;
        return this;
    }

    /**
     * Loads a file.
     *
     * @param file the file, a module in the binary format
     * @return the module
     * @throws IOException when the file cannot be read
     * @throws ModuleException when what it holds cannot be run here, when the time is up, or when
     *     this thread is interrupted, and it stays interrupted
     */
    public WasixModule load(Path file) throws IOException {
        return load(WasixModule.nameOf(file), Files.readAllBytes(file));
    }

    /**
     * Loads a binary.
     *
     * @param name the name of the module in messages, and by default its first argument
     * @param wasm the binary
     * @return the module
     * @throws ModuleException as {@link #load(Path)}
     */
    public WasixModule load(String name, byte[] wasm) {
        return WasixModule.load(
                name,
                wasm,
                engine,
                cache == null ? null : cache.folder(),
                entry,
                lazy,
                new Loading(nanos(timeout), progress));
    }

    private static long nanos(@Nullable Duration timeout) {
        if (timeout == null) {
            return 0;
        }
        try {
            return Math.max(1, timeout.toNanos());
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }
}
