package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectableChannel;
import java.util.function.IntConsumer;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * What carries the datagrams of a socket, over NIO or in memory. Nothing here waits. Not
 * thread-safe: the socket's lock is held.
 */
public interface DatagramPort extends OptionTarget {

    /** No datagram is longer. */
    int MAX_DATAGRAM = 65_535;

    /**
     * A datagram as it came.
     *
     * @param data its bytes; the reader moves the position
     */
    record Datagram(ByteBuffer data, InetAddr sender) {}

    /**
     * The channel that a selector watches, or null when readiness is reported to the listener set
     * by {@link #onReadiness}.
     */
    @Nullable
    SelectableChannel channel();

    /** Sets the listener for readiness when there is no channel; called on a sender's thread. */
    void onReadiness(IntConsumer listener);

    /** Whether {@link #peek} has something to show, without a channel; needs no lock. */
    boolean isReadable();

    /** The peer, or null. */
    @Nullable
    InetAddr peer();

    /**
     * Takes a local address.
     *
     * @param local the address; port 0 asks for an ephemeral one
     * @param onlyV6 whether another socket may have the port for IPv4, IPV6_V6ONLY
     */
    void bind(InetAddr local, boolean onlyV6) throws IOException;

    /** The local address; the wildcard and port 0 before there is one. */
    InetAddr local() throws IOException;

    /** Sets, changes or with null dissolves the association with a peer. */
    void connect(@Nullable InetAddr remote) throws IOException;

    /**
     * The next datagram, left in the queue; null when there is none.
     *
     * @throws IOException an error that the network reported, once
     */
    @Nullable
    Datagram peek() throws IOException;

    /**
     * Where {@link #receive} puts a datagram, or null when this has a queue of its own, in which
     * {@link #peek} shows what came.
     */
    default @Nullable ScratchBuffers scratches() {
        return null;
    }

    /**
     * Receives the next datagram without keeping it; only while nothing is {@link #hasAhead ahead}.
     *
     * @param room one of the {@link #scratches}, cleared; filled up to its position
     * @return the sender, or null when there is no datagram
     * @throws IOException an error that the network reported, once
     */
    default @Nullable InetAddr receive(ByteBuffer room) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes in what the kernel holds.
     *
     * @return whether the kernel's next word is news; false where there is no kernel
     * @throws IOException an error that the network reported, once
     */
    boolean takeIn() throws IOException;

    /**
     * How many datagrams have come, as far as is known; {@link
     * org.wasix4j.system.wait.Pollable#UNCOUNTED} where each is reported. Needs no lock.
     */
    long arrivals();

    /** Takes off the queue what {@link #peek} showed. */
    void drop();

    /** Whether a datagram has been looked at and not been taken. */
    boolean hasAhead();

    /**
     * Sends one datagram.
     *
     * @param to the receiver, or null for the peer
     * @return whether there was room
     */
    boolean send(ByteBuffer[] buffers, int count, @Nullable InetAddr to) throws IOException;

    /** The size of a buffer in bytes. */
    int bufferSize(SocketOption<Integer> option) throws IOException;

    /** Joins a group; the membership ends with {@link MembershipKey#drop}. */
    MembershipKey join(InetAddress group, NetworkInterface network) throws IOException;

    /** Closes; the address is free. */
    void close() throws IOException;
}
