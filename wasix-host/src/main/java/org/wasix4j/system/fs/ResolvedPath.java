package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Where a path leads: a name in a directory that is held open, or a directory itself.
 *
 * @param node the directory
 * @param entry a name in it, which may stand for nothing yet; null when the directory itself is
 *     meant
 * @param last the last word of the path when it was {@code .} or {@code ..}, else null
 * @param slash whether the path ended with a slash, so that only a directory will do
 * @param seen what the walk found under the name, a symbolic link being itself; null when there was
 *     nothing, and for a directory itself
 * @param mark the directory's {@link Folder#mark} before the walk looked; 0 when it did not
 */
record ResolvedPath(
        DirectoryNode node,
        @Nullable String entry,
        @Nullable String last,
        boolean slash,
        @Nullable BasicFileAttributes seen,
        long mark)
        implements AutoCloseable {

    boolean isDirectoryItself() {
        return entry == null;
    }

    /** The name in the directory, when it is not the directory itself. */
    String name() {
        return Objects.requireNonNull(entry);
    }

    /** What is there now, a symbolic link being itself; null when nothing is. */
    @Nullable
    BasicFileAttributes look() {
        return node.hasFolder() ? node.directory().look(name()) : null;
    }

    /** What is there now. */
    BasicFileAttributes require() {
        return require(look());
    }

    private BasicFileAttributes require(@Nullable BasicFileAttributes attributes) {
        if (attributes == null) {
            throw Errno.NOENT.exception();
        }
        if (slash && !attributes.isDirectory()) {
            throw Errno.NOTDIR.exception();
        }
        return attributes;
    }

    /** lstat(2). */
    FileStat stat() {
        if (entry == null) {
            return node.stat();
        }
        // before the folder: where there is none, nothing is seen
        BasicFileAttributes found = require(seen);
        FileStat stat = node.directory().stat(entry, found);
        if (stat == null) {
            throw Errno.NOENT.exception();
        }
        return stat;
    }

    @Override
    public void close() {
        node.close();
    }
}
