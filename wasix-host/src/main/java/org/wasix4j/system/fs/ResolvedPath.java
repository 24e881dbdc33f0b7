package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Errno;

/**
 * Where a path leads: a name in a directory that is held open, or a directory itself.
 *
 * @param node the directory
 * @param name a name in it, which may stand for nothing yet; null when the directory itself is
 *     meant
 * @param last the last word of the path when it was {@code .} or {@code ..}, else null
 * @param slash whether the path ended with a slash, so that only a directory will do
 */
record ResolvedPath(DirectoryNode node, String name, String last, boolean slash)
        implements AutoCloseable {

    boolean isDirectoryItself() {
        return name == null;
    }

    /** What is there, a symbolic link being itself; null when nothing is. */
    BasicFileAttributes look() {
        return node.hasFolder() ? node.directory().look(name) : null;
    }

    /** What is there. */
    BasicFileAttributes require() {
        BasicFileAttributes attributes = look();
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
        require();
        FileStat stat = node.directory().stat(name);
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
