package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Where a path leads: a name in a directory that is held open, or a directory itself.
 *
 * @param node the directory
 * @param name a name in it, which may stand for nothing yet; null when the directory itself is
 *     meant
 * @param last the last word of the path when it was {@code .} or {@code ..}, else null
 * @param slash whether the path ended with a slash, so that only a directory will do
 * @param seen what the walk found under the name, a symbolic link being itself; null when there was
 *     nothing, and for a directory itself
 */
record ResolvedPath(
        DirectoryNode node, String name, String last, boolean slash, BasicFileAttributes seen)
        implements AutoCloseable {

    boolean isDirectoryItself() {
        return name == null;
    }

    /** What is there now, a symbolic link being itself; null when nothing is. */
    @Nullable
    BasicFileAttributes look() {
        return node.hasFolder() ? node.directory().look(name) : null;
    }

    /** What is there now. */
    BasicFileAttributes require() {
        return require(look());
    }

    private BasicFileAttributes require(BasicFileAttributes attributes) {
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
        if (name == null) {
            return node.stat();
        }
        require(seen);
        FileStat stat = node.directory().stat(name, seen);
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
