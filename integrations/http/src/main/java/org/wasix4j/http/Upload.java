package org.wasix4j.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The body of a request on its way to the guest, on a thread of its own: the answer can come
 * before.
 */
final class Upload {

    /** That of a request without a body. */
    static final Upload NONE = new Upload(true);

    private volatile boolean done;

    private Upload(boolean done) {
        this.done = done;
    }

    static Upload start(InputStream body, OutputStream to, boolean chunked) {
        Upload upload = new Upload(false);
        Thread thread = new Thread(() -> upload.run(body, to, chunked), "upload");
        thread.setDaemon(true);
        thread.start();
        return upload;
    }

    /** Whether all of it was sent. */
    boolean isDone() {
        return done;
    }

    private void run(InputStream body, OutputStream to, boolean chunked) {
        try {
            Streams.copy(body, chunked ? new ChunkedOutput(to) : to);
            if (chunked) {
                to.write("0\r\n\r\n".getBytes(ISO_8859_1));
            }
            done = true;
        } catch (IOException e) {
            // the client is gone, or the guest wants no more; the answer tells which
        }
    }

    /** Writes chunks, each as it comes; the last one is the writer's own. */
    private static final class ChunkedOutput extends OutputStream {

        private final OutputStream to;

        ChunkedOutput(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                to.write((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
                to.write(bytes, offset, length);
                to.write("\r\n".getBytes(ISO_8859_1));
            }
        }
    }
}
