package org.wasix4j.system.fs;

import java.util.Objects;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * A directory as the guest sees it, held open: one that lies in a mount, or one that exists only
 * because something is mounted beneath it.
 *
 * @param mount what it lies in; null for one that lies in none
 * @param folder the host's directory; null for one that lies in none
 * @param path its absolute path in the guest when it was found
 */
record DirectoryNode(@Nullable Mount mount, @Nullable Folder folder, String path)
        implements AutoCloseable {

    boolean hasFolder() {
        return folder != null;
    }

    /** The folder of a node that has one. */
    Folder directory() {
        return Objects.requireNonNull(folder);
    }

    boolean readOnly() {
        return mount == null || mount.readOnly();
    }

    DirectoryNode retain() {
        if (folder != null) {
            folder.retain();
        }
        return this;
    }

    FileStat stat() {
        if (folder == null) {
            return new FileStat(
                    0, path.hashCode() & 0xffffffffL, FileType.DIRECTORY, 2, 0, 0, 0, 0);
        }
        return folder.stat();
    }

    /** The directory, to change something in it. */
    Folder writable() {
        if (readOnly()) {
            throw Errno.ROFS.exception();
        }
        return directory();
    }

    @Override
    public void close() {
        if (folder != null) {
            folder.close();
        }
    }
}
