package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.util.function.IntConsumer;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * One end of a byte stream that is to be connected or is. Nothing here waits: it is the seam
 * between the socket's states above and what carries the bytes, which is NIO or memory.
 */
public interface StreamEndpoint extends OptionTarget {

    /**
     * The channel that a selector watches, or null when readiness is reported to the listener set
     * by {@link #onReadiness}.
     */
    @Nullable
    SelectableChannel channel();

    /**
     * Sets the listener for readiness when there is no channel: the {@link
     * org.wasix4j.system.wait.Readiness} conditions that may have begun. Called on the peer's
     * thread, with no lock of the network held.
     */
    void onReadiness(IntConsumer listener);

    /** Readiness bits for an endpoint without a channel; 0 where the kernel knows. */
    int readiness();

    /**
     * Whether the connection is over in both directions, as far as a check shows that costs more
     * than reading: reset, or hung up.
     */
    default boolean isOver() {
        return false;
    }

    /** Whether a peer that closes has hung up, which over TCP is only an end of the stream. */
    default boolean endIsHangup() {
        return false;
    }

    /**
     * Begins to connect.
     *
     * @return whether the connection is established already
     */
    boolean connect(SocketAddr remote) throws IOException;

    /** What carries the bytes, as {@link #connect} has found out; this one by default. */
    default StreamEndpoint carrier() {
        return this;
    }

    /**
     * Looks whether a connection that was begun is established.
     *
     * @return whether it is
     * @throws IOException when it failed; the endpoint is of no more use
     */
    boolean finishConnect() throws IOException;

    /**
     * Reads what is there.
     *
     * @return bytes, 0 when none are there, -1 at the end of the stream
     */
    long read(ByteBuffer[] buffers, int count) throws IOException;

    /**
     * Writes what there is room for.
     *
     * @return bytes, 0 when there is no room
     */
    long write(ByteBuffer[] buffers, int count) throws IOException;

    /**
     * Writes part of a file without bringing it into the heap, as far as there is room.
     *
     * @param position first byte, inside the file
     * @param count how many bytes at most
     * @return bytes, 0 when there is no room
     */
    long transfer(FileChannel file, long position, long count) throws IOException;

    /** How many bytes can be read now, or -1 when only a read shows. */
    int available() throws IOException;

    /** No more writing, SHUT_WR: the peer sees the end of the stream. */
    void shutdownOutput() throws IOException;

    /** The local address, or null while there is none. */
    @Nullable
    SocketAddr local() throws IOException;

    /** The peer's address, or null while there is none. */
    @Nullable
    SocketAddr remote() throws IOException;

    /** Reads an option, or answers null when this carrier has no such option. */
    @Nullable
    <T> T get(SocketOption<T> option) throws IOException;

    /** Whether urgent data stand in the stream, SO_OOBINLINE. */
    void oobInline(boolean on) throws IOException;

    /**
     * Closes. A selector that watches the channel has to look before its descriptor is free, see
     * {@link org.wasix4j.system.wait.Pollable}.
     *
     * @param reset whether the peer is to see a reset, and what is unsent is thrown away; else what
     *     is unsent is sent
     */
    void close(boolean reset) throws IOException;
}
