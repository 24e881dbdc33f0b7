package org.wasix4j.system.net;

import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.IntConsumer;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * Datagrams inside the process: a bounded queue with each receiver, which drops what does not fit,
 * and what the receiver has no memory left for. A socket with a peer learns at its next call that
 * what it sent was not received, as from ICMP.
 *
 * <p>Lock rule: {@link #queue} is its own monitor, because senders come with the lock of another
 * socket; only that of a {@link MemoryBudget} is taken under it.
 */
final class InProcessDatagramPort implements DatagramPort {

    private static final int MAX_QUEUED = 256;
    private static final int MAX_BYTES = 212_992;

    /** What a datagram takes besides its bytes. */
    private static final int COST = 128;

    private final InProcessSwitch network;
    private final AddressFamily family;
    private final MemoryBudget memory;
    private final Queue<Datagram> queue = new ArrayDeque<>();
    private final Set<SocketOption<?>> shares = new HashSet<>();
    private int bytes;
    private boolean closed;

    private volatile @Nullable InProcessSwitch.Held held;
    private volatile @Nullable InetAddr peer;
    private volatile boolean unreachable;
    private volatile IntConsumer listener = conditions -> {};

    /**
     * A socket without an address.
     *
     * @param memory what it queues is taken from
     */
    InProcessDatagramPort(InProcessSwitch network, AddressFamily family, MemoryBudget memory) {
        this.network = network;
        this.family = family;
        this.memory = memory;
    }

    @Override
    public @Nullable SelectableChannel channel() {
        return null;
    }

    @Override
    public void onReadiness(IntConsumer listener) {
        this.listener = listener;
    }

    @Override
    public boolean isReadable() {
        return unreachable || hasAhead();
    }

    @Override
    public @Nullable InetAddr peer() {
        return peer;
    }

    @Override
    public void bind(InetAddr local, boolean onlyV6) throws BindException {
        boolean shared = !shares.isEmpty();
        held = network.bind(this, local, new Sharing(shared, shared, onlyV6));
    }

    @Override
    public InetAddr local() {
        InProcessSwitch.Held now = held;
        if (now == null) {
            return InetAddr.any(family, 0);
        }
        InetAddr to = peer;
        return to == null ? now.address() : network.source(family, now.address(), to);
    }

    @Override
    public void connect(@Nullable InetAddr remote) throws BindException {
        if (held == null) {
            bind(InetAddr.any(family, 0), false);
        }
        peer = remote;
    }

    /** Whether it wants what comes from there. */
    boolean takes(InetAddr sender) {
        InetAddr only = peer;
        return only == null
                || only.port() == sender.port()
                        && only.toInetAddress().equals(sender.toInetAddress());
    }

    private void deliver(byte[] data, InetAddr sender) {
        synchronized (queue) {
            if (closed
                    || queue.size() >= MAX_QUEUED
                    || bytes + data.length > MAX_BYTES
                    || !memory.tryTakeHeap(COST + data.length)) {
                return;
            }
            bytes += data.length;
            queue.add(new Datagram(ByteBuffer.wrap(data), InProcessSwitch.as(family, sender)));
        }
        listener.accept(Readiness.READ);
    }

    @Override
    public Datagram peek() throws PortUnreachableException {
        throwUnreachable();
        synchronized (queue) {
            return queue.peek();
        }
    }

    private void throwUnreachable() throws PortUnreachableException {
        if (unreachable) {
            unreachable = false;
            throw new PortUnreachableException();
        }
    }

    @Override
    public boolean takeIn() {
        return false;
    }

    @Override
    public long arrivals() {
        return Pollable.UNCOUNTED;
    }

    @Override
    public void drop() {
        synchronized (queue) {
            Datagram first = queue.poll();
            // null when another thread has closed the socket meanwhile
            if (first != null) {
                int length = first.data().capacity();
                bytes -= length;
                memory.giveBackHeap(COST + length);
            }
        }
    }

    @Override
    public boolean hasAhead() {
        synchronized (queue) {
            return !queue.isEmpty();
        }
    }

    @Override
    public boolean send(ByteBuffer[] buffers, int count, @Nullable InetAddr to)
            throws PortUnreachableException {
        throwUnreachable();
        byte[] data = new byte[(int) Buffers.remaining(buffers, count)];
        int at = 0;
        for (int i = 0; i < count; i++) {
            int length = buffers[i].remaining();
            buffers[i].get(data, at, length);
            at += length;
        }
        InetAddr wanted = to == null ? peer : to;
        InProcessSwitch.Held own = held;
        if (wanted == null || own == null) {
            throw new NotYetConnectedException();
        }
        InetAddr target = wanted.asDestination();
        InetAddr sender = network.source(family, own.address(), target);
        InProcessDatagramPort receiver = network.receiver(target, sender);
        if (receiver != null) {
            receiver.deliver(data, sender);
        } else if (to == null || Objects.equals(to, peer)) {
            unreachable = true;
            listener.accept(Readiness.READ);
        }
        return true;
    }

    @Override
    public <T> boolean set(SocketOption<T> option, T value) {
        if (option == StandardSocketOptions.SO_REUSEADDR
                || option == StandardSocketOptions.SO_REUSEPORT) {
            if (Boolean.TRUE.equals(value)) {
                shares.add(option);
            } else {
                shares.remove(option);
            }
            return true;
        }
        return false;
    }

    @Override
    public int bufferSize(SocketOption<Integer> option) {
        return MAX_BYTES;
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface on) throws SocketException {
        throw new SocketException("No such device");
    }

    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
            memory.giveBackHeap((long) COST * queue.size() + bytes);
            queue.clear();
            bytes = 0;
        }
        InProcessSwitch.Held now = held;
        if (now != null) {
            network.remove(this, now.address());
            now.release().run();
        }
    }
}
