package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.wasix4j.runtime.internal.CodeFolder;

/**
 * A folder in which compiled modules are kept, so that the next JVM need not parse and compile them
 * again. Safe for any threads, and for any processes that share the folder. An entry is used for a
 * module with the same bytes, and by the same versions of wasix4j and of the engine; one that is
 * damaged is compiled anew, and no fault of the cache ends a run.
 *
 * <p>What is in the folder is Java code, and it is executed: who can write there decides what the
 * JVM does, outside of every sandbox. So the folder must belong to whom the JVM runs as and be
 * writable by nobody else, and a guest is not started that was granted a directory for writing
 * which contains the folder or lies in it. The checksum of an entry is against damage, not against
 * forgery.
 */
public final class CodeCache {

    /** How many bytes the entries may have together unless said otherwise. */
    public static final long DEFAULT_SIZE = 512L << 20;

    private final CodeFolder folder;

    private CodeCache(CodeFolder folder) {
        this.folder = folder;
    }

    /** As {@link #open(Path, long)}, with the usual size. */
    public static CodeCache open(Path folder) throws IOException {
        return open(folder, DEFAULT_SIZE);
    }

    /**
     * Opens a folder, which is created for its owner alone when it is not there. One that we cannot
     * write is only read, when it belongs to root or to us: such as {@code wasix-run compile}
     * filled.
     *
     * @param mostBytes how many bytes the entries may have together; beyond, those go that were
     *     used longest ago
     * @throws IOException with a sentence when the folder cannot be used, belongs to somebody else,
     *     or can be written by others
     */
    public static CodeCache open(Path folder, long mostBytes) throws IOException {
        return new CodeCache(CodeFolder.open(folder, mostBytes));
    }

    CodeFolder folder() {
        return folder;
    }

    /**
     * Why code that was compiled last is not kept, in a sentence for a human; empty when nothing
     * went wrong. A load does not fail for that.
     */
    public Optional<String> problem() {
        return Optional.ofNullable(folder.refusal());
    }

    @Override
    public String toString() {
        return folder.path().toString();
    }
}
