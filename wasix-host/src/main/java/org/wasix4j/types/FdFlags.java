package org.wasix4j.types;

/**
 * Status flags of an open file description: {@code fdflags}, in POSIX O_APPEND, O_DSYNC,
 * O_NONBLOCK, O_RSYNC and O_SYNC, shared by all descriptors of the description; and the flag of a
 * descriptor, {@code fdflagsext}, like FD_CLOEXEC.
 *
 * <p>Source: wasi-witx {@code fdflags}, wasix-witx {@code fdflagsext}.
 */
public final class FdFlags {
    /** O_APPEND: every write goes to the end. */
    public static final int APPEND = 1;

    /** O_DSYNC: a write returns when the data is on the disk. */
    public static final int DSYNC = 2;

    /** O_NONBLOCK: no call waits. */
    public static final int NONBLOCK = 4;

    /** O_RSYNC: a read waits for writes under way. */
    public static final int RSYNC = 8;

    /** O_SYNC: a write returns when data and metadata are on the disk. */
    public static final int SYNC = 16;

    /** Every bit that {@code fdflags} knows. */
    public static final int ALL = 31;

    /** {@code fdflagsext}: the descriptor does not outlive an exec. */
    public static final int CLOEXEC = 1;

    private FdFlags() {}
}
