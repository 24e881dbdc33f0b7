package org.wasix4j.system.fs;

import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Rights;

/**
 * How a path is to be opened; the flags of open(2).
 *
 * @param read O_RDONLY or O_RDWR
 * @param write O_WRONLY or O_RDWR
 * @param create O_CREAT
 * @param exclusive O_EXCL; means something with {@code create} only
 * @param truncate O_TRUNC
 * @param directory O_DIRECTORY
 * @param flags {@link FdFlags}
 */
public record OpenMode(
        boolean read,
        boolean write,
        boolean create,
        boolean exclusive,
        boolean truncate,
        boolean directory,
        int flags) {

    /** For reading what exists. */
    public static final OpenMode READ = new OpenMode(true, false, false, false, false, false, 0);

    /** O_SYNC; O_RSYNC is the same on Linux. */
    boolean synchronous() {
        return (flags & (FdFlags.SYNC | FdFlags.RSYNC)) != 0;
    }

    /** O_DSYNC. */
    boolean dataSynchronous() {
        return (flags & FdFlags.DSYNC) != 0;
    }

    /** O_APPEND. */
    boolean append() {
        return (flags & FdFlags.APPEND) != 0;
    }

    /** The rights to read and write that what is opened has to have. */
    long rights() {
        return (read ? Rights.FD_READ : 0) | (write ? Rights.FD_WRITE : 0);
    }

    /** Whether something that is not a plain look is asked for. */
    boolean changes() {
        return write || create || truncate;
    }
}
