package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/**
 * What comes in at a UDP socket: the next datagram that the policy lets in, and the errors that the
 * network reports. Changed under the socket's lock.
 */
final class UdpInput {

    private static final long WOULD_BLOCK = SocketDescription.WOULD_BLOCK;

    private final UdpSocket socket;

    private volatile boolean datagramAhead;

    /** How many errors the network has reported. */
    private volatile int errors;

    /** An error that the network reported, until the guest has seen it. */
    private volatile @Nullable Errno pending;

    /** The datagram that the policy let in and the guest has not taken yet. */
    private @Nullable DatagramPort.Datagram admitted;

    UdpInput(UdpSocket socket) {
        this.socket = socket;
    }

    // ---- receive

    /** See {@link SocketDescription#receive}. */
    long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        boolean wait = !socket.isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        long deadline = 0;
        for (; ; ) {
            long received;
            try {
                received = tryReceive(buffers, count, flags, info);
            } catch (ErrnoException e) {
                socket.consumed();
                throw e;
            }
            if (received != WOULD_BLOCK) {
                tellOthers((flags & SockFlags.RECV_PEEK) != 0);
                return received;
            }
            // also before it waits: datagrams that the policy refuses are gone now
            socket.exhausted(Readiness.READ);
            if (!wait) {
                return WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = socket.options().deadline(SockOption.RECV_TIMEOUT);
            }
            if (!thread.awaitOrThrow(socket, Readiness.READ, deadline)) {
                return WOULD_BLOCK;
            }
        }
    }

    private void tellOthers(boolean peeked) {
        if (peeked) {
            // the kernel, that others wait for, may have lost sight of what is looked at here
            socket.signal(Readiness.READ);
        } else {
            socket.consumed();
        }
    }

    private long tryReceive(
            ByteBuffer[] buffers, int count, int flags, @Nullable ReceiveInfo info) {
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        synchronized (socket.lock) {
            DatagramPort port = socket.port();
            ScratchBuffers scratches = peek || port == null ? null : port.scratches();
            if (port != null && scratches != null && !port.hasAhead()) {
                return receiveNext(port, scratches, buffers, count, flags, info);
            }
            DatagramPort.Datagram next = peek();
            if (next == null || port == null) {
                return socket.isReadShut() ? 0 : WOULD_BLOCK;
            }
            ByteBuffer data = peek ? next.data().duplicate() : next.data();
            int length = data.remaining();
            long copied = scatter(data, buffers, count);
            if (!peek) {
                port.drop();
                admitted = null;
                datagramAhead = port.hasAhead();
                socket.counters().received(copied);
            }
            return received(next.sender(), length, copied, flags, info);
        }
    }

    private static long received(
            InetAddr sender, int length, long copied, int flags, @Nullable ReceiveInfo info) {
        if (info != null) {
            info.sender = sender;
            info.truncated = copied < length;
        }
        return (flags & SockFlags.RECV_DATA_TRUNCATED) != 0 ? length : copied;
    }

    /**
     * Receives the next datagram that the guest may see and that was not looked at, without keeping
     * it on the way; under the lock.
     */
    private long receiveNext(
            DatagramPort port,
            ScratchBuffers scratches,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        throwPending();
        if (socket.isClosed()) {
            throw Errno.BADF.exception();
        }
        ByteBuffer data = scratches.take();
        try {
            for (; ; ) {
                InetAddr sender = port.receive(data);
                if (sender == null) {
                    return socket.isReadShut() ? 0 : WOULD_BLOCK;
                }
                data.flip();
                if (mayReceive(sender)) {
                    int length = data.remaining();
                    long copied = scatter(data, buffers, count);
                    socket.counters().received(copied);
                    return received(sender, length, copied, flags, info);
                }
                data.clear();
            }
        } catch (IOException | RuntimeException e) {
            throw socket.translate("recv", e);
        } finally {
            scratches.give(data);
        }
    }

    private static long scatter(ByteBuffer data, ByteBuffer[] buffers, int count) {
        long copied = 0;
        for (int i = 0; i < count && data.hasRemaining(); i++) {
            int length = Math.min(data.remaining(), buffers[i].remaining());
            int limit = data.limit();
            buffers[i].put(data.limit(data.position() + length));
            data.limit(limit);
            copied += length;
        }
        return copied;
    }

    // ---- the next datagram

    /** The next datagram that the guest may see; a pending error is thrown; under the lock. */
    private @Nullable DatagramPort.Datagram peek() {
        throwPending();
        DatagramPort port = socket.port();
        if (port == null) {
            return null;
        }
        if (socket.isClosed()) {
            throw Errno.BADF.exception();
        }
        try {
            for (; ; ) {
                DatagramPort.Datagram next = port.peek();
                // a change of the peer also keeps datagrams that have not been read
                if (next == null || next == admitted || mayReceive(next.sender())) {
                    admitted = next;
                    datagramAhead = next != null;
                    return next;
                }
                port.drop();
            }
        } catch (IOException | RuntimeException e) {
            throw socket.translate("recv", e);
        }
    }

    private boolean mayReceive(InetAddr sender) throws IOException {
        // IPv4 senders too, whatever IPV6_V6ONLY says: see TcpFamily.accepts
        return socket.net()
                .permitsPeer(
                        NetworkOperation.RECEIVE_FROM, socket.asked(), socket.actual(), sender);
    }

    /**
     * Finds out whether the kernel's readiness is a datagram for the guest, an error, or nothing.
     */
    void lookAhead() {
        synchronized (socket.lock) {
            if (socket.isClosed() || socket.port() == null || pending != null) {
                return;
            }
            try {
                peek();
            } catch (ErrnoException e) {
                pending = e.errno();
                errors++;
            }
        }
    }

    /**
     * The port was used: it may have a datagram at hand now; under the lock.
     *
     * @return whether it has one that waiting threads have to be told of
     */
    boolean usedBy(DatagramPort port) {
        boolean known = datagramAhead;
        datagramAhead = port.hasAhead();
        return datagramAhead && !known;
    }

    // ---- errors

    /** Throws the error that the guest has not seen yet, if there is one; under the lock. */
    void throwPending() {
        Errno error = pending;
        if (error != null) {
            pending = null;
            throw error.exception();
        }
    }

    /** SO_ERROR: the error that the guest has then seen; not under the lock. */
    Errno takeError() {
        Errno error;
        boolean found;
        synchronized (socket.lock) {
            boolean known = datagramAhead;
            lookAhead();
            error = pending;
            pending = null;
            found = datagramAhead && !known;
        }
        if (found) {
            // the kernel does not report it to waiting threads
            socket.signal(Readiness.READ);
        }
        if (error == null) {
            return Errno.SUCCESS;
        }
        socket.consumed();
        return error;
    }

    // ---- readiness

    /** The conditions that hold, {@link Readiness} bits. */
    int readiness() {
        int ready = 0;
        DatagramPort port = socket.port();
        if (datagramAhead || port != null && port.isReadable()) {
            ready |= Readiness.READ;
        }
        if (pending != null) {
            ready |= Readiness.WRITE | Readiness.ERROR;
        }
        return ready;
    }

    /** A selector has reported that the channel can be read, see {@link Pollable#settle}. */
    void settle() {
        if (datagramAhead) {
            takeIn();
        } else {
            lookAhead();
            if ((datagramAhead || pending != null) && socket.hasSeveralWatchers()) {
                // the kernel does not report it to the other waiting threads
                socket.signal(Readiness.READ);
            }
        }
    }

    /** See {@link Pollable#arrivals}. */
    long arrivals() {
        DatagramPort port = socket.port();
        long come = port == null ? Pollable.UNCOUNTED : port.arrivals();
        return come == Pollable.UNCOUNTED ? Pollable.UNCOUNTED : come + errors;
    }

    /** See {@link Pollable#takeIn}. */
    int takeIn() {
        long before = arrivals();
        int ops = takeInNow();
        if (arrivals() != before) {
            socket.signal(Readiness.READ);
        }
        return ops;
    }

    private int takeInNow() {
        synchronized (socket.lock) {
            DatagramPort port = socket.port();
            if (socket.isClosed() || port == null || pending != null) {
                return 0;
            }
            boolean all;
            try {
                all = port.takeIn();
            } catch (IOException | RuntimeException e) {
                pending = socket.errnoOf("recv", e);
                errors++;
                return 0;
            }
            lookAhead();
            return all && pending == null ? SelectionKey.OP_READ : 0;
        }
    }

    /** How many bytes the next datagram has; 0 when there is none. */
    long readableBytes() {
        synchronized (socket.lock) {
            DatagramPort port = socket.port();
            try {
                DatagramPort.Datagram next = port != null && port.hasAhead() ? port.peek() : null;
                return next == null ? 0 : next.data().remaining();
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
