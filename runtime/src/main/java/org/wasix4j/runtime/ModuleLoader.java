package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.wasix4j.runtime.internal.Loading;

/**
 * Loads modules, with more to choose than {@link WasixModule#load(Path)} has. By default it
 * compiles, keeps nothing, and takes as long as it takes. Not for several threads at a time.
 */
public final class ModuleLoader {

    private Engine engine = Engine.COMPILER;
    private CodeCache cache;
    private Duration timeout;
    private IntConsumer progress;
    private String entry;

    ModuleLoader() {}

    /** Sets how the code is executed. */
    public ModuleLoader withEngine(Engine engine) {
        this.engine = engine;
        return this;
    }

    /**
     * Sets where compiled code is looked for and kept.
     *
     * @param cache is used with {@link Engine#COMPILER} only; null for none
     */
    public ModuleLoader withCache(CodeCache cache) {
        this.cache = cache;
        return this;
    }

    /**
     * Sets how long a load may take; what is over it ends with a {@link ModuleException} whose
     * cause is a {@link java.util.concurrent.TimeoutException}.
     *
     * @param timeout null for no limit
     */
    public ModuleLoader withTimeout(Duration timeout) {
        this.timeout = timeout;
        return this;
    }

    /**
     * Receives the progress of compiling in percent, now and then, on threads that compile. A
     * module from a cache reports no progress.
     *
     * @param progress returns soon and throws nothing; null for nobody
     */
    public ModuleLoader withProgress(IntConsumer progress) {
        this.progress = progress;
        return this;
    }

    /**
     * Names the function that will be called, {@code _start} for a command. A module that does not
     * export it is refused before anything is compiled.
     *
     * @param entry null when that is open
     */
    public ModuleLoader withEntry(String entry) {
        this.entry = entry;
        return this;
    }

    /**
     * Loads a file.
     *
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
     * @param name what its messages and by default its first argument say
     * @throws ModuleException as {@link #load(Path)}
     */
    public WasixModule load(String name, byte[] wasm) {
        return WasixModule.load(
                name,
                wasm,
                engine,
                cache == null ? null : cache.folder(),
                entry,
                new Loading(nanos(timeout), progress));
    }

    private static long nanos(Duration timeout) {
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
