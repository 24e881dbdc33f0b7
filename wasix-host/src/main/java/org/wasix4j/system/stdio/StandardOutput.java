package org.wasix4j.system.stdio;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.FileErrors;
import org.wasix4j.system.fs.HostDescriptor;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;

/**
 * Standard output or standard error, over any stream. The bytes of one write are not mixed with
 * those of another; a reader that is slow, or a terminal that is stopped, holds up the guest thread
 * that writes and no other.
 *
 * <p>A plain {@code OutputStream} and not a channel, since a channel is closed when a thread that
 * is in it is interrupted, and with it the stream of the whole JVM.
 */
public final class StandardOutput extends OpenDescription {

    private static final int CHUNK = 65536;

    private final OutputStream stream;
    private final StreamKind kind;
    private final @Nullable HostDescriptor file;
    private @Nullable byte[] copy;

    /** A description that writes to a stream, which stays open when this is closed. */
    public StandardOutput(OutputStream stream, StreamKind kind) {
        this(stream, kind, null);
    }

    /**
     * As the other.
     *
     * @param file the descriptor of the JVM's own under it when that is a file, else null
     */
    StandardOutput(OutputStream stream, StreamKind kind, @Nullable HostDescriptor file) {
        this.stream = stream;
        this.kind = kind;
        this.file = file;
    }

    @Override
    public FileType type() {
        return kind.type();
    }

    @Override
    protected long possibleRights() {
        return kind.rights(Rights.FD_WRITE);
    }

    @Override
    public int readiness(int interest) {
        return interest & Readiness.WRITE;
    }

    @Override
    public synchronized long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        if (kind == StreamKind.CLOSED) {
            throw Errno.BADF.exception();
        }
        return stream instanceof FileOutputStream
                ? writeAll(buffers, count)
                : StackRoom.callForeign(() -> writeAll(buffers, count));
    }

    private long writeAll(ByteBuffer[] buffers, int count) {
        long done = 0;
        try {
            for (int i = 0; i < count; i++) {
                while (buffers[i].hasRemaining()) {
                    done += writeSome(buffers[i]);
                }
            }
            stream.flush();
        } catch (IOException e) {
            if (done == 0) {
                throw FileErrors.of(e);
            }
        }
        return done;
    }

    private int writeSome(ByteBuffer buffer) throws IOException {
        int length = Math.min(buffer.remaining(), CHUNK);
        if (copy == null || copy.length < length) {
            copy = new byte[Math.max(length, 4096)];
        }
        buffer.get(copy, 0, length);
        stream.write(copy, 0, length);
        return length;
    }

    @Override
    public synchronized long seek(long distance, Whence whence) {
        return file == null ? super.seek(distance, whence) : file.seek(distance, whence);
    }

    @Override
    public void setSize(long size) {
        if (file == null) {
            super.setSize(size);
        } else {
            file.setSize(size);
        }
    }

    @Override
    public FileStat stat() {
        FileStat stat = file == null ? null : file.stat();
        return stat == null ? super.stat() : stat;
    }

    @Override
    protected void onClose() {
        // the stream is not ours
    }
}
