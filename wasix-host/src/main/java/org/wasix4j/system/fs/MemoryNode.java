package org.wasix4j.system.fs;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;

/**
 * What has a name in a directory of our own making: a directory, a file, a symbolic link, a device.
 * It lives as long as it has a name or is open somewhere.
 */
abstract class MemoryNode implements BasicFileAttributes {

    /** The device number of everything here; the kernel gives 0 to no file system. */
    static final long DEVICE = 0x776173;

    private static final AtomicLong LAST_INODE = new AtomicLong();

    private final long inode = LAST_INODE.incrementAndGet();
    private volatile FileTime accessed = now();
    private volatile FileTime modified = accessed;
    private volatile FileTime changed = accessed;

    /** How many names it has; guarded by the file system's lock. */
    private volatile int links = 1;

    private static FileTime now() {
        return FileTime.from(Instant.now());
    }

    abstract FileType type();

    final long inodeNumber() {
        return inode;
    }

    int links() {
        return links;
    }

    /** Another name, or one less; the caller holds the file system's lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void link(int more) {
        links += more;
        changed = now();
    }

    /** The content was changed. */
    final void touch() {
        modified = now();
        changed = modified;
    }

    /** Null leaves a time as it is. */
    final void times(@Nullable FileTime access, @Nullable FileTime modification) {
        accessed = access == null ? accessed : access;
        modified = modification == null ? modified : modification;
        changed = now();
    }

    public final FileStat stat() {
        return new FileStat(
                DEVICE,
                inode,
                type(),
                links(),
                size(),
                accessed.to(TimeUnit.NANOSECONDS),
                modified.to(TimeUnit.NANOSECONDS),
                changed.to(TimeUnit.NANOSECONDS));
    }

    // ---- as attributes

    @Override
    public final FileTime lastModifiedTime() {
        return modified;
    }

    @Override
    public final FileTime lastAccessTime() {
        return accessed;
    }

    @Override
    public final FileTime creationTime() {
        return changed;
    }

    @Override
    public final boolean isRegularFile() {
        return type() == FileType.REGULAR_FILE;
    }

    @Override
    public final boolean isDirectory() {
        return type() == FileType.DIRECTORY;
    }

    @Override
    public final boolean isSymbolicLink() {
        return type() == FileType.SYMBOLIC_LINK;
    }

    @Override
    public final boolean isOther() {
        return !isRegularFile() && !isDirectory() && !isSymbolicLink();
    }

    @Override
    public long size() {
        return 0;
    }

    @Override
    public final Object fileKey() {
        return this;
    }

    /** A symbolic link. */
    static final class Link extends MemoryNode {
        private final String text;

        Link(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        @Override
        FileType type() {
            return FileType.SYMBOLIC_LINK;
        }

        @Override
        public long size() {
            return PathText.encode(text).length;
        }
    }
}
