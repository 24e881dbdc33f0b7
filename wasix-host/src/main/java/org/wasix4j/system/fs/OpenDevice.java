package org.wasix4j.system.fs;

import java.nio.ByteBuffer;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.RandomSource;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * An open {@code /dev/null}, {@code zero}, {@code full}, {@code random} or {@code urandom}. It
 * never waits; it has an offset that is always 0, as on Linux, and is no terminal.
 */
final class OpenDevice extends OpenDescription {

    /** Which device. */
    enum Kind {
        NULL,
        ZERO,
        FULL,
        RANDOM,
        URANDOM
    }

    private static final long RIGHTS =
            Rights.FD_SEEK
                    | Rights.FD_TELL
                    | Rights.FD_FDSTAT_SET_FLAGS
                    | Rights.FD_FILESTAT_GET
                    | Rights.FD_FILESTAT_SET_TIMES
                    | Rights.POLL_FD_READWRITE;

    private static final int CHUNK = 65536;

    private final Kind kind;
    private final OpenMode mode;
    private final Device node;
    private final @Nullable SecureRandom random;

    OpenDevice(Kind kind, OpenMode mode, Device node) {
        this.kind = kind;
        this.mode = mode;
        this.node = node;
        this.random = kind == Kind.RANDOM || kind == Kind.URANDOM ? RandomSource.make() : null;
        statusFlags(mode.flags());
    }

    @Override
    public FileType type() {
        return FileType.CHARACTER_DEVICE;
    }

    @Override
    protected long possibleRights() {
        return RIGHTS | mode.rights();
    }

    @Override
    public FileStat stat() {
        return node.stat();
    }

    @Override
    public boolean canBeWatched() {
        return kind == Kind.RANDOM;
    }

    @Override
    public int readiness(int interest) {
        // of random Linux says that it can be read, and no more
        return interest & (kind == Kind.RANDOM ? Readiness.READ : Readiness.READ | Readiness.WRITE);
    }

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        return readAll(buffers, count);
    }

    private long readAll(ByteBuffer[] buffers, int count) {
        if (!mode.read()) {
            throw Errno.BADF.exception();
        }
        if (kind == Kind.NULL) {
            return 0;
        }
        long done = 0;
        for (int i = 0; i < count; i++) {
            done += buffers[i].remaining();
            fill(buffers[i]);
        }
        return done;
    }

    private void fill(ByteBuffer buffer) {
        byte[] chunk = new byte[Math.min(CHUNK, buffer.remaining())];
        while (buffer.hasRemaining()) {
            int length = Math.min(chunk.length, buffer.remaining());
            if (random != null) {
                random.nextBytes(chunk);
            }
            buffer.put(chunk, 0, length);
        }
    }

    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        return writeAll(buffers, count);
    }

    private long writeAll(ByteBuffer[] buffers, int count) {
        if (!mode.write()) {
            throw Errno.BADF.exception();
        }
        long done = 0;
        for (int i = 0; i < count; i++) {
            done += buffers[i].remaining();
        }
        if (kind == Kind.FULL) {
            throw Errno.NOSPC.exception();
        }
        return done;
    }

    @Override
    public long pread(ByteBuffer[] buffers, int count, long position) {
        requireNotNegative(position);
        return readAll(buffers, count);
    }

    @Override
    public long pwrite(ByteBuffer[] buffers, int count, long position) {
        requireNotNegative(position);
        return writeAll(buffers, count);
    }

    private static void requireNotNegative(long position) {
        if (position < 0) {
            throw Errno.INVAL.exception();
        }
    }

    @Override
    public long seek(long distance, Whence whence) {
        return 0;
    }

    @Override
    public void advise() {
        // taken note of by doing nothing
    }

    @Override
    public void allocate(long start, long length) {
        throw (start < 0 || length <= 0 ? Errno.INVAL : Errno.NODEV).exception();
    }

    @Override
    public void setTimes(@Nullable FileTime access, @Nullable FileTime modification) {
        node.times(access, modification);
    }

    @Override
    protected void onClose() {
        // nothing of the host's is held
    }
}
