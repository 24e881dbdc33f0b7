package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.locks.ReentrantLock;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * An open regular file: access, offset and append mode over a {@link FileContent}.
 *
 * <p>The offset is this object's own and is shared by dup'ed descriptors; a lock keeps a read or
 * write and the step of the offset together, as Linux does, and only the users of this description
 * wait for it. The positional calls take no lock.
 */
public final class OpenFile extends OpenDescription {

    private final FileContent content;
    private final boolean readable;
    private final boolean writable;
    private final boolean readOnlyVolume;
    private final long rights;

    private final ReentrantLock offsetLock = new ReentrantLock();
    private long offset;

    /**
     * Takes over a content.
     *
     * @param readOnlyVolume whether it lies where nothing can be changed
     */
    OpenFile(FileContent content, OpenMode mode, boolean readOnlyVolume) {
        this.content = content;
        this.readable = mode.read();
        this.writable = mode.write();
        this.readOnlyVolume = readOnlyVolume;
        long possible = Rights.REGULAR_FILE;
        if (!readable) {
            possible &= ~Rights.FD_READ;
        }
        if (!writable) {
            possible &=
                    ~(Rights.FD_WRITE
                            | Rights.FD_DATASYNC
                            | Rights.FD_ALLOCATE
                            | Rights.FD_FILESTAT_SET_SIZE);
        }
        this.rights = possible;
        statusFlags(mode.flags());
    }

    /**
     * The channel, for sending from it, or null for a file in memory; its own position means
     * nothing.
     */
    public @Nullable FileChannel fileChannel() {
        return content.channel();
    }

    /** The bytes, for reading a program. */
    FileContent content() {
        return content;
    }

    @Override
    public FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    protected long possibleRights() {
        return rights;
    }

    /**
     * Checks that reading is allowed.
     *
     * @throws org.wasix4j.types.ErrnoException badf, notcapable when that right was given up
     */
    public void requireReadable() {
        if (!readable) {
            throw Errno.BADF.exception();
        }
        require(Rights.FD_READ);
    }

    /**
     * For what is to write to it later, or nothing at all.
     *
     * @throws org.wasix4j.types.ErrnoException badf, notcapable when that right was given up
     */
    public void requireWritable() {
        requireWritable(Errno.BADF);
    }

    private void requireWritable(Errno otherwise) {
        if (!writable) {
            throw otherwise.exception();
        }
        require(Rights.FD_WRITE);
    }

    @Override
    public int readiness(int interest) {
        return interest & (Readiness.READ | Readiness.WRITE);
    }

    @Override
    public long readableBytes() {
        try {
            return Math.max(0, content.size() - tell());
        } catch (IOException e) {
            return 0;
        }
    }

    // ---- reading

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        requireReadable();
        offsetLock.lock();
        try {
            long done = read(buffers, count, offset);
            offset += done;
            return done;
        } finally {
            offsetLock.unlock();
        }
    }

    @Override
    public long pread(ByteBuffer[] buffers, int count, long position) {
        requireReadable();
        if (position < 0) {
            throw Errno.INVAL.exception();
        }
        return read(buffers, count, position);
    }

    private long read(ByteBuffer[] buffers, int count, long position) {
        long done = 0;
        try {
            for (int i = 0; i < count; i++) {
                ByteBuffer buffer = buffers[i];
                int wanted = buffer.remaining();
                int read = content.read(buffer, position + done);
                if (read > 0) {
                    done += read;
                }
                if (read < wanted) {
                    break;
                }
            }
        } catch (IOException e) {
            if (done == 0) {
                throw FileErrors.of(e);
            }
        }
        return done;
    }

    // ---- writing

    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        requireWritable(Errno.BADF);
        offsetLock.lock();
        try {
            if (appends()) {
                return append(buffers, count, true);
            }
            long done = write(buffers, count, offset);
            offset += done;
            return done;
        } finally {
            offsetLock.unlock();
        }
    }

    /** On a file in append mode it appends, as Linux does. */
    @Override
    public long pwrite(ByteBuffer[] buffers, int count, long position) {
        requireWritable(Errno.BADF);
        if (position < 0) {
            throw Errno.INVAL.exception();
        }
        return appends() ? append(buffers, count, false) : write(buffers, count, position);
    }

    private boolean appends() {
        return (statusFlags() & FdFlags.APPEND) != 0;
    }

    private long write(ByteBuffer[] buffers, int count, long position) {
        long done = 0;
        try {
            for (int i = 0; i < count; i++) {
                ByteBuffer buffer = buffers[i];
                if (position + done > Long.MAX_VALUE - buffer.remaining()) {
                    throw Errno.FBIG.exception();
                }
                int wanted = buffer.remaining();
                int written = content.write(buffer, position + done);
                done += written;
                if (written < wanted) {
                    break;
                }
            }
        } catch (IOException e) {
            if (done == 0) {
                throw FileErrors.of(e);
            }
        }
        return done;
    }

    private long append(ByteBuffer[] buffers, int count, boolean move) {
        try {
            long before = 0;
            for (int i = 0; i < count; i++) {
                before += buffers[i].remaining();
            }
            long end = content.append(buffers, count);
            long done = before;
            for (int i = 0; i < count; i++) {
                done -= buffers[i].remaining();
            }
            if (move) {
                offset = end;
            }
            return done;
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    // ---- offset

    @Override
    public long seek(long distance, Whence whence) {
        offsetLock.lock();
        try {
            long from =
                    switch (whence) {
                        case START -> 0;
                        case CURRENT -> offset;
                        case END -> content.size();
                    };
            long target = from + distance;
            // also a sum beyond 2^63, as Linux has it
            if (target < 0) {
                throw Errno.INVAL.exception();
            }
            offset = target;
            return target;
        } catch (IOException e) {
            throw FileErrors.of(e);
        } finally {
            offsetLock.unlock();
        }
    }

    /** The present offset. */
    public long tell() {
        offsetLock.lock();
        try {
            return offset;
        } finally {
            offsetLock.unlock();
        }
    }

    // ---- the file

    @Override
    public FileStat stat() {
        try {
            return content.stat();
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /**
     * ftruncate(2).
     *
     * @throws org.wasix4j.types.ErrnoException inval when it is not open for writing
     */
    @Override
    public void setSize(long size) {
        requireWritable(Errno.INVAL);
        if (size < 0) {
            throw Errno.INVAL.exception();
        }
        try {
            content.resize(size);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /**
     * posix_fallocate(3), without a promise that the host keeps the room free.
     *
     * @throws org.wasix4j.types.ErrnoException inval, fbig, badf when it is not open for writing
     */
    @Override
    public void allocate(long start, long length) {
        requireWritable(Errno.BADF);
        if (start < 0 || length <= 0) {
            throw Errno.INVAL.exception();
        }
        if (start + length < 0) {
            throw Errno.FBIG.exception();
        }
        try {
            if (content.size() < start + length) {
                content.resize(start + length);
            }
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    @Override
    public void advise() {
        // taken note of by doing nothing
    }

    @Override
    public void sync(boolean metadata) {
        try {
            content.sync(metadata);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        if (readOnlyVolume) {
            throw Errno.ROFS.exception();
        }
        try {
            content.setTimes(access, modification);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    @Override
    protected void onClose() {
        try {
            content.close();
        } catch (IOException e) {
            // close(2) frees the descriptor whatever it answers
        }
    }
}
