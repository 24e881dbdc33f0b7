package org.wasix4j.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;

/**
 * The host's end of a TCP connection to a guest over an {@link InProcessNetwork}. It blocks as a
 * socket channel does: a read waits for the first byte, and answers -1 when the guest has ended its
 * side; a write waits until all is taken. One thread can read while another writes. When the guest
 * resets the connection, or ends with something unread, reading and writing throw {@link
 * java.net.SocketException}. A thread that is interrupted while it waits closes the connection, as
 * with every {@link java.nio.channels.InterruptibleChannel}.
 */
public interface InProcessConnection extends ByteChannel {

    /** {@return the bytes of the guest, as a stream; closing it closes the connection} */
    InputStream inputStream();

    /** {@return the bytes to the guest, as a stream; closing it closes the connection} */
    OutputStream outputStream();

    /**
     * Ends this side: the guest sees the end of the stream, and can still answer.
     *
     * @throws java.io.IOException when the connection is closed
     */
    void shutdownOutput() throws IOException;

    /** Closes both sides. The guest sees a reset when something that it sent was not read. */
    @Override
    void close() throws IOException;
}
