package org.wasix4j.system.fs;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.locks.ReentrantLock;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/**
 * An open regular file. Everything acts on the open channel, not on the name, so that a file that
 * was renamed or removed goes on working.
 *
 * <p>Reads and writes are positional, straight between the channel and the given buffers. The
 * offset is this object's own and is shared by dup'ed descriptors; a lock keeps a read or write and
 * the step of the offset together, as Linux does, and nobody but the users of this description
 * waits for it. The positional calls take no lock.
 */
public final class OpenFile extends OpenDescription {

    private final FileChannel channel;
    private final Object key;
    private final Path openedAs;
    private final boolean readable;
    private final boolean writable;
    private final boolean readOnlyVolume;
    private final long rights;
    private volatile FileStat lastKnown;

    private final ReentrantLock offsetLock = new ReentrantLock();
    private long offset;

    /** A channel whose writes the kernel puts at the end; opened when first needed. */
    private volatile FileChannel appender;

    OpenFile(OpenedFile opened, OpenMode mode, boolean readOnlyVolume, FileStat stat) {
        this.channel = opened.channel();
        this.appender = opened.appender();
        this.key = opened.key();
        this.openedAs = opened.path();
        this.readable = mode.read();
        this.writable = mode.write();
        this.readOnlyVolume = readOnlyVolume;
        this.lastKnown = stat;
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

    /** The channel, for sending from it; its own position means nothing. */
    public FileChannel fileChannel() {
        return channel;
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
            return Math.max(0, channel.size() - tell());
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
                int read = channel.read(buffer, position + done);
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
                int written = channel.write(buffer, position + done);
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
            FileChannel end = appender();
            long done = end.write(buffers, 0, count);
            if (move) {
                offset = end.position();
            }
            return done;
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /**
     * A channel with O_APPEND. Java can open one only by path: the path of the descriptor itself,
     * or the name it was opened by if that is still this file.
     */
    private FileChannel appender() throws IOException {
        FileChannel end = appender;
        if (end != null) {
            return end;
        }
        synchronized (this) {
            if (appender == null) {
                end = FileChannel.open(path(), StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                appender = end;
                if (isClosed()) {
                    end.close();
                }
            }
            return appender;
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
                        case END -> channel.size();
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
        FileStat stat = HostStat.byPath(openedAs, key, LinkOption.NOFOLLOW_LINKS);
        try {
            if (stat == null) {
                Path self = DescriptorPath.of(channel, key);
                stat = self == null ? null : HostStat.byPath(self, key);
            }
            if (stat == null) {
                FileStat old = lastKnown;
                return new FileStat(
                        old.device(),
                        old.inode(),
                        old.type(),
                        old.links(),
                        channel.size(),
                        old.accessTime(),
                        old.modificationTime(),
                        old.changeTime());
            }
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
        lastKnown = stat;
        return stat;
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
            if (size <= channel.size()) {
                channel.truncate(size);
            } else {
                grow(size);
            }
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
            if (channel.size() < start + length) {
                grow(start + length);
            }
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    @Override
    public void advise() {
        // taken note of by doing nothing
    }

    /** A {@code FileChannel} cannot grow a file; a {@code RandomAccessFile} can. */
    private void grow(long size) throws IOException {
        Path self = DescriptorPath.of(channel, key);
        if (self != null) {
            try (RandomAccessFile file = new RandomAccessFile(self.toString(), "rw")) {
                file.setLength(size);
                return;
            } catch (java.io.FileNotFoundException e) {
                // not readable for this user: below
            }
        }
        channel.write(ByteBuffer.allocate(1), size - 1);
    }

    @Override
    public void sync(boolean metadata) {
        try {
            channel.force(metadata);
            FileChannel end = appender;
            if (end != null) {
                end.force(metadata);
            }
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    @Override
    public void setTimes(FileTime access, FileTime modification) {
        if (readOnlyVolume) {
            throw Errno.ROFS.exception();
        }
        try {
            Files.getFileAttributeView(path(), BasicFileAttributeView.class)
                    .setTimes(modification, access, null);
        } catch (IOException e) {
            throw FileErrors.of(e);
        }
    }

    /** A path that leads to this file now. */
    private Path path() throws IOException {
        Path self = DescriptorPath.of(channel, key);
        if (self != null) {
            return self;
        }
        if (HostStat.byPath(openedAs, key, LinkOption.NOFOLLOW_LINKS) == null) {
            throw Errno.STALE.exception();
        }
        return openedAs;
    }

    @Override
    protected void onClose() {
        try {
            channel.close();
            FileChannel end = appender;
            if (end != null) {
                end.close();
            }
        } catch (IOException e) {
            // close(2) frees the descriptor whatever it answers
        }
    }
}
