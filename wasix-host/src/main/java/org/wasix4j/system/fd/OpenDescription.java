package org.wasix4j.system.fd;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * What a descriptor stands for: an open file description in the words of POSIX. Descriptors made by
 * dup share it, with its status flags and, for files, its offset; it is closed when the last of
 * them goes.
 *
 * <p>Reads and writes take buffers, never pointers. An operation that would block answers {@link
 * #WOULD_BLOCK} when the description, or the call, is non-blocking; else it waits.
 */
public abstract class OpenDescription extends Pollable {

    /** The answer of an operation that would have to wait and must not. */
    public static final long WOULD_BLOCK = -1;

    /** How many descriptors refer to this, in the tables of all processes. */
    private final AtomicInteger references = new AtomicInteger();

    private volatile int statusFlags;

    /** The rights that were given up, for this and for what is opened through it. */
    private volatile long withheld;

    private volatile long withheldBelow;
    private volatile boolean closed;

    /** What kind of file this is. */
    public abstract FileType type();

    /** Whether an epoll set takes it; as on Linux not what never waits. */
    public boolean canBeWatched() {
        FileType type = type();
        return type != FileType.REGULAR_FILE && type != FileType.DIRECTORY;
    }

    /** The rights that make sense for this kind; see {@link org.wasix4j.types.Rights}. */
    protected abstract long possibleRights();

    /** The rights that make sense for what is opened through this kind: 0 but for directories. */
    protected long possibleRightsBelow() {
        return 0;
    }

    /** The rights that are left, as {@code fdstat} reports them. */
    public final long rights() {
        return possibleRights() & ~withheld;
    }

    /** The rights that are left for what is opened through this. */
    public final long inheritingRights() {
        return possibleRightsBelow() & ~withheldBelow;
    }

    /**
     * Gives rights up, for good and for every descriptor of this.
     *
     * @throws org.wasix4j.types.ErrnoException notcapable for a right that is not there
     */
    public final synchronized void limitRights(long base, long inheriting) {
        if ((base & ~rights()) != 0 || (inheriting & ~inheritingRights()) != 0) {
            throw Errno.NOTCAPABLE.exception();
        }
        withheld |= possibleRights() & ~base;
        withheldBelow |= possibleRightsBelow() & ~inheriting;
    }

    /** Takes from this what was given up on the directory that it was opened through. */
    public final synchronized void withhold(long base, long inheriting) {
        withheld |= base;
        withheldBelow |= inheriting;
    }

    /** The rights that were given up for what is opened through this. */
    public final long withheldBelow() {
        return withheldBelow;
    }

    /**
     * Checks that some rights were not given up.
     *
     * @throws org.wasix4j.types.ErrnoException notcapable
     */
    public final void require(long rights) {
        if ((withheld & rights) != 0) {
            throw Errno.NOTCAPABLE.exception();
        }
    }

    /**
     * Writes part of a file here, sendfile(2). Sockets do it without a copy where they can.
     *
     * @return bytes written, fewer at the end of the file or when there is no more room, or {@link
     *     #WOULD_BLOCK} when there is none at all
     */
    public long sendFile(GuestThread thread, FileChannel file, long position, long count) {
        return FileCopy.copy(thread, file, position, count, this);
    }

    /** Status flags, {@link FdFlags}, shared by all descriptors of this. */
    public final int statusFlags() {
        return statusFlags;
    }

    /**
     * Sets the status flags, F_SETFL. Kinds that know only some of them keep the others as they are
     * asked for.
     *
     * @throws org.wasix4j.types.ErrnoException inval for unknown bits
     */
    public void statusFlags(int flags) {
        if ((flags & ~FdFlags.ALL) != 0) {
            throw Errno.INVAL.exception();
        }
        statusFlags = flags;
    }

    /** Whether operations answer {@link #WOULD_BLOCK} instead of waiting. */
    public final boolean isNonBlocking() {
        return (statusFlags & FdFlags.NONBLOCK) != 0;
    }

    /**
     * Reads into the buffers, from the first to the last; readv(2).
     *
     * @param thread the calling thread, which may have to wait
     * @param count how many of the buffers are meant
     * @return bytes read, 0 at the end, or {@link #WOULD_BLOCK}
     */
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        throw Errno.BADF.exception();
    }

    /**
     * Writes from the buffers, from the first to the last; writev(2).
     *
     * @return bytes written, or {@link #WOULD_BLOCK}
     */
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        throw Errno.BADF.exception();
    }

    /** Where a seek starts from. */
    public enum Whence {
        START,
        CURRENT,
        END
    }

    /**
     * lseek(2).
     *
     * @return the new offset
     * @throws org.wasix4j.types.ErrnoException spipe for kinds that have no offset, inval for a
     *     place before the start, or one that no file can have
     */
    public long seek(long distance, Whence whence) {
        throw Errno.SPIPE.exception();
    }

    /** preadv(2); spipe for kinds that have no offset. */
    public long pread(ByteBuffer[] buffers, int count, long position) {
        throw Errno.SPIPE.exception();
    }

    /** pwritev(2); spipe for kinds that have no offset. */
    public long pwrite(ByteBuffer[] buffers, int count, long position) {
        throw Errno.SPIPE.exception();
    }

    /** ftruncate(2); inval for what is no file. */
    public void setSize(long size) {
        throw Errno.INVAL.exception();
    }

    /** posix_fallocate(3); spipe for kinds that have no offset. */
    public void allocate(long start, long length) {
        throw Errno.SPIPE.exception();
    }

    /** posix_fadvise(2), which need not do anything; spipe for kinds that have no offset. */
    public void advise() {
        throw Errno.SPIPE.exception();
    }

    /** fsync(2), or fdatasync(2) without the metadata; inval for what is no file. */
    public void sync(boolean metadata) {
        throw Errno.INVAL.exception();
    }

    /** futimens(2); null leaves a time as it is; notsup for what is no file. */
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        throw Errno.NOTSUP.exception();
    }

    /** What is known of the file, fstat(2). */
    public FileStat stat() {
        return FileStat.of(type());
    }

    @Override
    public final boolean isClosed() {
        return closed;
    }

    /** Whether it has a number in any table. */
    final boolean isReferenced() {
        return references.get() > 0;
    }

    /** Adds a reference; the caller has one, or made the description. */
    final void retain() {
        references.incrementAndGet();
    }

    /** Gives one reference back; true when it was the last. */
    final boolean release() {
        return references.decrementAndGet() == 0;
    }

    /**
     * The last descriptor is gone: waiters are woken and find it closed, then what the host holds
     * for it is freed. No lock is held.
     */
    final void close() {
        closed = true;
        signal(-1);
        try {
            onClose();
        } finally {
            leaveAll();
        }
    }

    /** Frees what the host holds, completely, before it returns. Must not throw. */
    protected abstract void onClose();
}
