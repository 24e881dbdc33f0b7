package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.wasix4j.system.process.HeapAccount;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * A datagram channel with what NIO leaves out: a datagram whole however short the reader's buffers
 * are, a look at the next one, a peer that can be changed, and sending past it.
 *
 * <p>Not thread-safe: the socket's lock is held.
 */
final class HostDatagramPort implements DatagramPort {

    /** How many bytes are taken in that the guest does not receive. */
    private static final int MAX_TAKEN_IN = 65_536;

    /** How many datagrams are kept when the peer changes, as a receive buffer would. */
    private static final int MAX_KEPT = 256;

    /** How many bytes are kept then, rmem_default of Linux. */
    private static final int MAX_KEPT_BYTES = 212_992;

    /** What a datagram takes besides its bytes. */
    private static final int COST = 128;

    private final HostNetwork network;
    private final DatagramChannel channel;
    private final AddressFamily family;
    private final HeapAccount account;

    /**
     * Received ahead of the guest: at most one, but for those that a change of peer would lose and
     * those that are taken in. All but one are taken from the guest's memory.
     */
    private final Queue<Datagram> ahead = new ArrayDeque<>();

    /** For a datagram on its way in, which may be as long as any, or out. */
    private final ScratchBuffers scratches;

    /** The sender seen last, as NIO gave it and as the guest gets it. */
    private @Nullable InetSocketAddress lastSender;

    private @Nullable InetAddr lastSenderAddress;

    /** The receiver of the last datagram, as the guest gave it and as NIO wants it. */
    private @Nullable InetAddr lastReceiver;

    private @Nullable InetSocketAddress lastReceiverAddress;

    private @Nullable InetAddr peer;

    /** The local address, once it is bound. */
    private @Nullable PortRegistry.Entry held;

    /** Datagrams that have come; read without the lock. */
    private volatile long arrivals;

    /** Bytes in {@link #ahead}, about. */
    private int aheadBytes;

    HostDatagramPort(
            HostNetwork network,
            AddressFamily family,
            ScratchBuffers scratches,
            MemoryBudget memory)
            throws IOException {
        this.network = network;
        this.account = new HeapAccount(memory);
        this.scratches = scratches;
        this.channel = DatagramChannel.open(HostNetwork.protocolFamily(family));
        this.family = family;
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public DatagramChannel channel() {
        return channel;
    }

    @Override
    public @Nullable InetAddr peer() {
        return peer;
    }

    @Override
    public void bind(InetAddr local, boolean onlyV6) throws IOException {
        held = network.bindDatagrams(channel, local, new Sharing(false, false, onlyV6));
    }

    @Override
    public InetAddr local() throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        return local == null ? InetAddr.any(family, 0) : InetAddr.of(local, family);
    }

    @Override
    public void connect(@Nullable InetAddr remote) throws IOException {
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
        while (ahead.size() < MAX_KEPT && aheadBytes < MAX_KEPT_BYTES) {
            Datagram next = take();
            if (next == null || !keep(next)) {
                return;
            }
        }
    }

    /** Keeps a datagram, if there is memory for it; else it is lost, as with a full buffer. */
    private boolean keep(Datagram next) {
        if (!ahead.isEmpty() && !account.tryTake(cost(next))) {
            aheadBytes -= next.data().capacity();
            return false;
        }
        ahead.add(next);
        return true;
    }

    @Override
    public boolean takeIn() throws IOException {
        while (ahead.size() < MAX_KEPT && aheadBytes < MAX_TAKEN_IN) {
            Datagram next = take();
            if (next == null) {
                return true;
            }
            if (!keep(next)) {
                return false;
            }
        }
        return false;
    }

    @Override
    public long arrivals() {
        return arrivals;
    }

    @Override
    public ScratchBuffers scratches() {
        return scratches;
    }

    @Override
    // under the lock of the socket; others only read
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public @Nullable InetAddr receive(ByteBuffer room) throws IOException {
        InetSocketAddress sender = (InetSocketAddress) channel.receive(room);
        if (sender == null) {
            return null;
        }
        arrivals++;
        InetAddr address = lastSenderAddress;
        // NIO gives the same object when it is the same sender
        if (sender != lastSender || address == null) {
            address = InetAddr.of(sender, family);
            lastSender = sender;
            lastSenderAddress = address;
        }
        return address;
    }

    /** The next datagram from the channel, copied, or null. */
    private @Nullable Datagram take() throws IOException {
        ByteBuffer scratch = scratches.take();
        try {
            InetAddr sender = receive(scratch);
            if (sender == null) {
                return null;
            }
            scratch.flip();
            aheadBytes += scratch.remaining();
            return new Datagram(
                    ByteBuffer.allocate(scratch.remaining()).put(scratch).flip(), sender);
        } finally {
            scratches.give(scratch);
        }
    }

    @Override
    public @Nullable Datagram peek() throws IOException {
        if (ahead.isEmpty()) {
            Datagram next = take();
            if (next == null) {
                return null;
            }
            ahead.add(next);
        }
        return ahead.element();
    }

    @Override
    public void drop() {
        forget(ahead.remove());
    }

    private void forget(Datagram gone) {
        // its buffer is its own, and as long as it was
        aheadBytes -= gone.data().capacity();
        // the first one has cost nothing, so when none is left nothing is taken
        account.giveBack(ahead.isEmpty() ? Long.MAX_VALUE : cost(gone));
    }

    private static long cost(Datagram kept) {
        return (long) COST + kept.data().capacity();
    }

    @Override
    public boolean hasAhead() {
        return !ahead.isEmpty();
    }

    @Override
    public boolean send(ByteBuffer[] buffers, int count, @Nullable InetAddr to) throws IOException {
        if (count == 1) {
            return send(buffers[0], to);
        }
        ByteBuffer whole = scratches.take();
        try {
            int length = 0;
            for (int i = 0; i < count; i++) {
                // they stay as they are, for another try
                ByteBuffer each = buffers[i];
                whole.put(length, each, each.position(), each.remaining());
                length += each.remaining();
            }
            return send(whole.limit(length), to);
        } finally {
            scratches.give(whole);
        }
    }

    private boolean send(ByteBuffer data, @Nullable InetAddr to) throws IOException {
        boolean empty = !data.hasRemaining();
        InetAddr associated = peer;
        InetAddr receiver = to == null ? associated : to;
        if (receiver == null) {
            throw new NotYetConnectedException();
        }
        if (associated == null) {
            return sendTo(data, receiver) > 0 || empty;
        }
        if (receiver.equals(associated) && !empty) {
            return channel.write(data) > 0;
        }
        return sendUnconnected(data, receiver, associated) > 0 || empty;
    }

    /**
     * A channel with a peer sends to no other, and sends no empty datagrams; so it is disconnected
     * for a moment. What other senders send in that moment is dropped.
     */
    private int sendUnconnected(ByteBuffer data, InetAddr receiver, InetAddr associated)
            throws IOException {
        connect(null);
        int kept = ahead.size();
        try {
            return sendTo(data, receiver);
        } finally {
            keepQueued();
            dropStrangers(kept, associated);
            connect(associated);
        }
    }

    private int sendTo(ByteBuffer data, InetAddr receiver) throws IOException {
        InetSocketAddress address = lastReceiverAddress;
        InetAddr last = lastReceiver;
        if (address == null || last == null || !receiver.equals(last)) {
            address = receiver.toInetSocketAddress();
            lastReceiver = receiver;
            lastReceiverAddress = address;
        }
        return channel.send(data, address);
    }

    private void dropStrangers(int kept, InetAddr associated) {
        int index = 0;
        for (Iterator<Datagram> each = ahead.iterator(); each.hasNext(); index++) {
            Datagram next = each.next();
            if (!next.sender().equals(associated) && index >= kept) {
                each.remove();
                forget(next);
            }
        }
    }

    @Override
    public <T> boolean set(SocketOption<T> option, T value) throws IOException {
        if (!channel.supportedOptions().contains(option)) {
            return false;
        }
        channel.setOption(option, value);
        return true;
    }

    @Override
    public int bufferSize(SocketOption<Integer> option) throws IOException {
        return channel.getOption(option);
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface network) throws IOException {
        return channel.join(group, network);
    }

    @Override
    public void onReadiness(IntConsumer listener) {
        // the selector reports it
    }

    @Override
    public boolean isReadable() {
        return false;
    }

    @Override
    public void close() throws IOException {
        account.close();
        try {
            channel.close();
        } finally {
            if (held != null) {
                network.releaseDatagrams(held);
            }
        }
    }
}
