package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.wasix4j.runtime.internal.CodeFolder;

/**
 * A folder that caches compiled modules, so that the next JVM need not parse and compile them
 * again. Safe for use by several threads, and by several processes that share the folder. An entry
 * is used for a module with the same bytes, and by the same versions of wasix4j and of the engine;
 * one that is damaged is compiled again, and no error of the cache ends a run.
 *
 * <p>The folder contains Java code that is executed: whoever can write there decides what the JVM
 * does, outside of every sandbox. So the folder must belong to the user of the JVM and be writable
 * by no other user, and a guest is not started that was granted a directory for writing which
 * contains the folder or lies in it. The checksum of an entry detects damage, not forgery.
 */
public final class CodeCache {

    /** The default limit of the size of all entries, in bytes. */
    public static final long DEFAULT_SIZE = 512L << 20;

    private final CodeFolder folder;

    private CodeCache(CodeFolder folder) {
        this.folder = folder;
    }

    /**
     * As {@link #open(Path, long)}, with {@link #DEFAULT_SIZE}.
     *
     * @param folder the folder; created when it is missing
     * @return the cache
     * @throws java.io.IOException when the folder cannot be created or used
     */
    public static CodeCache open(Path folder) throws IOException {
        return open(folder, DEFAULT_SIZE);
    }

    /**
     * Opens a folder. A missing folder is created, accessible to its owner only. A folder that this
     * process cannot write is only read, if it belongs to root or to this user: for example one
     * that {@code wasix-run compile} filled.
     *
     * @param folder the folder; created when it is missing
     * @param mostBytes the limit of the size of all entries, in bytes; beyond it those are removed
     *     that were used longest ago
     * @return the cache
     * @throws IOException with a sentence when the folder cannot be used, belongs to another user,
     *     or can be written by others
     */
    public static CodeCache open(Path folder, long mostBytes) throws IOException {
        return new CodeCache(CodeFolder.open(folder, mostBytes));
    }

    CodeFolder folder() {
        return folder;
    }

    /**
     * Stores what has been compiled so far of modules that were loaded {@linkplain
     * ModuleLoader#withLazyCompilation lazily} and are not compiled to the end yet; to be called
     * when the JVM is about to exit. The next load goes on from there. Modules that are compiled
     * are stored without it.
     */
    public void flush() {
        folder.flush();
    }

    /**
     * {@return why the code that was compiled last was not stored, in a sentence for the operator;
     * empty when nothing went wrong} A load does not fail because of it.
     */
    public Optional<String> problem() {
        return Optional.ofNullable(folder.refusal());
    }

    @Override
    public String toString() {
        return folder.path().toString();
    }
}
