package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** A standard stream. A stand-in: it blocks where the machine's own streams wait. */
final class StreamDescription extends OpenDescription {

    private final InputStream input;
    private final OutputStream output;

    StreamDescription(InputStream input, OutputStream output) {
        this.input = input;
        this.output = output;
    }

    @Override
    public FileType type() {
        return FileType.CHARACTER_DEVICE;
    }

    @Override
    public long rights() {
        return Rights.ALL;
    }

    @Override
    public int readiness(int interest) {
        return interest;
    }

    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        try {
            for (int i = 0; i < count; i++) {
                if (buffers[i].hasRemaining()) {
                    byte[] bytes = new byte[Math.min(buffers[i].remaining(), 8192)];
                    int got = input == null ? -1 : input.read(bytes);
                    if (got <= 0) {
                        return 0;
                    }
                    buffers[i].put(bytes, 0, got);
                    return got;
                }
            }
            return 0;
        } catch (IOException e) {
            throw Errno.IO.exception();
        }
    }

    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        try {
            long total = 0;
            for (int i = 0; i < count; i++) {
                byte[] bytes = new byte[buffers[i].remaining()];
                buffers[i].get(bytes);
                if (output != null) {
                    output.write(bytes);
                }
                total += bytes.length;
            }
            if (output != null) {
                output.flush();
            }
            return total;
        } catch (IOException e) {
            throw Errno.IO.exception();
        }
    }

    @Override
    protected void onClose() {
        // the stream is the JVM's
    }
}
