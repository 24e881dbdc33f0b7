package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;

/**
 * A datagram channel with what NIO leaves out: a datagram whole however short the reader's buffers
 * are, a look at the next one, a peer that can be changed, and sending past it.
 *
 * <p>Not thread-safe: the socket's lock is held.
 */
final class DatagramPort {

    /** No datagram is longer. */
    static final int MAX_DATAGRAM = 65_535;

    /** How many datagrams are kept when the peer changes, as a receive buffer would. */
    private static final int MAX_KEPT = 256;

    private final DatagramChannel channel;
    private final AddressFamily family;

    /** Received ahead of the guest: at most one, but for those that a change of peer would lose. */
    private final Queue<Datagram> ahead = new ArrayDeque<>();

    private final ByteBuffer scratch = ByteBuffer.allocateDirect(MAX_DATAGRAM);
    private InetAddr peer;

    /**
     * A datagram as it came.
     *
     * @param data its bytes; the reader moves the position
     */
    record Datagram(ByteBuffer data, InetAddr sender) {}

    DatagramPort(AddressFamily family) throws IOException {
        this.channel = DatagramChannel.open(HostNetwork.protocolFamily(family));
        this.family = family;
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    DatagramChannel channel() {
        return channel;
    }

    InetAddr peer() {
        return peer;
    }

    void bind(InetAddr local) throws IOException {
        channel.bind(local.toInetSocketAddress());
    }

    InetAddr local() throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        return local == null ? InetAddr.any(family, 0) : InetAddr.of(local, family);
    }

    boolean isBound() throws IOException {
        return channel.getLocalAddress() != null;
    }

    /** Sets, changes or with null dissolves the association with a peer. */
    void connect(InetAddr remote) throws IOException {
        keepQueued();
        if (channel.isConnected()) {
            channel.disconnect();
        }
        peer = null;
        if (remote != null) {
            channel.connect(remote.toInetSocketAddress());
            peer = remote;
        }
    }

    /** NIO throws away what is queued when a peer is set; the kernel does not. */
    private void keepQueued() throws IOException {
        while (ahead.size() < MAX_KEPT) {
            Datagram next = take();
            if (next == null) {
                return;
            }
            ahead.add(next);
        }
    }

    /** The next datagram from the channel, copied, or null. */
    private Datagram take() throws IOException {
        scratch.clear();
        InetSocketAddress sender = (InetSocketAddress) channel.receive(scratch);
        if (sender == null) {
            return null;
        }
        scratch.flip();
        return new Datagram(
                ByteBuffer.allocate(scratch.remaining()).put(scratch).flip(),
                InetAddr.of(sender, family));
    }

    /**
     * The next datagram, left in the queue; null when there is none.
     *
     * @throws IOException an error that the network reported, once
     */
    Datagram peek() throws IOException {
        if (ahead.isEmpty()) {
            Datagram next = take();
            if (next == null) {
                return null;
            }
            ahead.add(next);
        }
        return ahead.element();
    }

    /** Takes off the queue what {@link #peek} showed. */
    void drop() {
        ahead.remove();
    }

    boolean hasAhead() {
        return !ahead.isEmpty();
    }

    /**
     * Sends one datagram.
     *
     * @param to the receiver, or null for the peer
     * @return whether there was room
     */
    boolean send(ByteBuffer[] buffers, int count, InetAddr to) throws IOException {
        ByteBuffer datagram = count == 1 ? buffers[0] : gather(buffers, count);
        boolean empty = !datagram.hasRemaining();
        InetAddr receiver = to == null ? peer : to;
        if (peer == null) {
            return channel.send(datagram, receiver.toInetSocketAddress()) > 0 || empty;
        }
        if (receiver.equals(peer) && !empty) {
            return channel.write(datagram) > 0;
        }
        return sendUnconnected(datagram, receiver) || empty;
    }

    /**
     * A channel with a peer sends to nobody else, and nothing of no bytes; so it has none for a
     * moment. What strangers send in that moment is not for the guest.
     */
    private boolean sendUnconnected(ByteBuffer datagram, InetAddr receiver) throws IOException {
        InetAddr associated = peer;
        connect(null);
        int kept = ahead.size();
        try {
            return channel.send(datagram, receiver.toInetSocketAddress()) > 0;
        } finally {
            keepQueued();
            dropStrangers(kept, associated);
            connect(associated);
        }
    }

    private void dropStrangers(int kept, InetAddr associated) {
        int index = 0;
        for (Iterator<Datagram> each = ahead.iterator(); each.hasNext(); index++) {
            if (!each.next().sender().equals(associated) && index >= kept) {
                each.remove();
            }
        }
    }

    private ByteBuffer gather(ByteBuffer[] buffers, int count) {
        scratch.clear();
        for (int i = 0; i < count; i++) {
            scratch.put(buffers[i]);
        }
        return scratch.flip();
    }

    <T> boolean set(SocketOption<T> option, T value) throws IOException {
        if (!channel.supportedOptions().contains(option)) {
            return false;
        }
        channel.setOption(option, value);
        return true;
    }

    int bufferSize(SocketOption<Integer> option) throws IOException {
        return channel.getOption(option);
    }

    /** Joins a group; the membership ends with {@link MembershipKey#drop}. */
    MembershipKey join(InetAddress group, NetworkInterface network) throws IOException {
        return channel.join(group, network);
    }
}
