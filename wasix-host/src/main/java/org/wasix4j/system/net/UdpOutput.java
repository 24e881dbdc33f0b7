package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/** What a UDP socket sends: the permitted destinations, and how long it waits for room. */
final class UdpOutput {

    private static final long WOULD_BLOCK = SocketDescription.WOULD_BLOCK;

    private static final int IP4_HEADERS = 28;
    private static final int IP6_HEADER = 8;

    private final UdpSocket socket;

    /** The receiver that the policy allowed last. */
    private volatile @Nullable InetAddr allowedReceiver;

    UdpOutput(UdpSocket socket) {
        this.socket = socket;
    }

    /** See {@link SocketDescription#sendTo}. */
    long sendTo(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable SocketAddr to) {
        if (to == null) {
            return send(thread, buffers, count, flags, null);
        }
        if (to.family() != socket.family()) {
            throw refused(Errno.AFNOSUPPORT);
        }
        InetAddr receiver = (InetAddr) to;
        if (receiver.port() == 0) {
            throw refused(Errno.INVAL);
        }
        if (!Objects.equals(receiver, allowedReceiver)) {
            socket.net().require(NetworkOperation.SEND_TO, receiver);
            allowedReceiver = receiver;
        }
        return send(thread, buffers, count, flags, receiver);
    }

    private long send(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, @Nullable InetAddr to) {
        boolean wait = !socket.isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        long length = Buffers.remaining(buffers, count);
        if (length > maxPayload()) {
            throw refused(Errno.MSGSIZE);
        }
        long deadline = 0;
        while (!trySend(buffers, count, to)) {
            if (!wait) {
                socket.exhausted(Readiness.WRITE);
                return WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = socket.options().deadline(SockOption.SEND_TIMEOUT);
            }
            if (!thread.awaitOrThrow(socket, Readiness.WRITE, deadline)) {
                return WOULD_BLOCK;
            }
        }
        socket.counters().sent(length);
        return length;
    }

    /**
     * The error of a send that was not tried. As on Linux the socket is bound all the same, when
     * the policy has nothing against it.
     */
    private ErrnoException refused(Errno error) {
        boolean fresh = !socket.isBound();
        try {
            synchronized (socket.lock) {
                bindIfPermitted();
            }
        } catch (IOException e) {
            return socket.translate("bind", e);
        }
        if (fresh && socket.isBound()) {
            socket.signal(Readiness.WRITE);
        }
        return error.exception();
    }

    private void bindIfPermitted() throws IOException {
        InetAddr any = InetAddr.any(socket.family(), 0);
        if (!socket.isBound() && socket.net().wouldPermit(NetworkOperation.BIND, any)) {
            socket.ensureBound(socket.open());
        }
    }

    private int maxPayload() {
        int headers = socket.family() == AddressFamily.INET6 ? IP6_HEADER : IP4_HEADERS;
        return DatagramPort.MAX_DATAGRAM - headers;
    }

    private boolean trySend(ByteBuffer[] buffers, int count, @Nullable InetAddr to) {
        int news = 0;
        try {
            synchronized (socket.lock) {
                socket.input().throwPending();
                if (socket.isWriteShut()) {
                    throw Errno.PIPE.exception();
                }
                boolean fresh = !socket.isBound();
                try {
                    return trySend(socket.open(), buffers, count, to);
                } catch (IOException | RuntimeException e) {
                    throw socket.translate("send", e);
                } finally {
                    DatagramPort port = socket.port();
                    if (port != null && socket.input().usedBy(port)) {
                        news |= Readiness.READ;
                    }
                    if (fresh && socket.isBound()) {
                        news |= Readiness.WRITE;
                    }
                }
            }
        } catch (ErrnoException e) {
            socket.consumed();
            throw e;
        } finally {
            if (news != 0) {
                // those who wait have not armed their keys for it
                socket.signal(news);
            }
        }
    }

    /** Under the lock. */
    private boolean trySend(
            DatagramPort port, ByteBuffer[] buffers, int count, @Nullable InetAddr to)
            throws IOException {
        if (to == null && port.peer() == null) {
            bindIfPermitted();
            throw Errno.DESTADDRREQ.exception();
        }
        socket.ensureBound(port);
        return port.send(buffers, count, to);
    }
}
