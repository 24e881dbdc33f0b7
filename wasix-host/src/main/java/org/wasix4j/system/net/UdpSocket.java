package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/**
 * A UDP socket over IPv4 or IPv6; udp(7). It binds itself when it first sends, connects or joins a
 * group; before that a receive waits, as on Linux.
 */
public final class UdpSocket extends UdpState {

    /**
     * The getaddrinfo of wasix-libc connects a datagram socket to this port of each address that it
     * has found, to learn from where that would be reached. Nothing is sent.
     */
    private static final int SOURCE_PROBE_PORT = 65_535;

    private static final int IP4_HEADERS = 28;
    private static final int IP6_HEADER = 8;

    /** The receiver that the policy allowed last. */
    private volatile InetAddr allowedReceiver;

    /** A fresh socket. */
    public UdpSocket(NetContext net, AddressFamily family) {
        super(net, family);
    }

    // ---- addresses

    @Override
    public void bind(SocketAddr address) {
        InetAddr local = checked(address);
        if (!bound) {
            net().require(NetworkOperation.BIND, local);
        }
        synchronized (lock) {
            if (bound) {
                throw Errno.INVAL.exception();
            }
            try {
                DatagramPort open = open();
                open.bind(local, options.isOn(SockOption.ONLY_V6));
                bound = true;
                asked = local;
                actual = open.local();
            } catch (IOException | RuntimeException e) {
                throw translate("bind " + local, e);
            }
        }
        signal(-1);
    }

    /** A denial of getaddrinfo's own query is not reported: the guest has not asked for it. */
    private void requirePeer(InetAddr remote) {
        if (remote.port() != SOURCE_PROBE_PORT) {
            net().require(NetworkOperation.CONNECT, remote);
        } else if (!net().wouldPermit(NetworkOperation.CONNECT, remote)) {
            throw Errno.ACCES.exception();
        }
    }

    @Override
    public void connect(GuestThread thread, SocketAddr address) {
        InetAddr remote = address == null ? null : checked(address).asDestination();
        if (remote != null) {
            requirePeer(remote);
        }
        synchronized (lock) {
            if (remote == null && port == null) {
                return;
            }
            lookAhead(); // an error that is under way outlives the peer whom it is about
            try {
                DatagramPort open = open();
                open.connect(remote);
                bound = true;
                actual = open.local();
                datagramAhead = open.hasAhead();
            } catch (IOException | RuntimeException e) {
                throw translate("connect", e);
            }
        }
        signal(-1);
    }

    // ---- receive

    @Override
    public long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        long deadline = 0;
        for (; ; ) {
            long received = tryReceive(buffers, count, flags, info);
            if (received != WOULD_BLOCK) {
                consumed();
                return received;
            }
            if (!wait) {
                exhausted(Readiness.READ);
                return WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = deadline(SockOption.RECV_TIMEOUT);
            }
            if (!thread.awaitOrThrow(this, Readiness.READ, deadline)) {
                return WOULD_BLOCK;
            }
        }
    }

    private long tryReceive(ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        synchronized (lock) {
            DatagramPort.Datagram next = peek();
            if (next == null) {
                return readShut ? 0 : WOULD_BLOCK;
            }
            boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
            ByteBuffer data = peek ? next.data().duplicate() : next.data();
            int length = data.remaining();
            long copied = scatter(data, buffers, count);
            if (!peek) {
                port.drop();
                admitted = null;
                datagramAhead = port.hasAhead();
                counters().received(copied);
            }
            if (info != null) {
                info.sender = next.sender();
                info.truncated = copied < length;
            }
            return (flags & SockFlags.RECV_DATA_TRUNCATED) != 0 ? length : copied;
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

    // ---- send

    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        return send(thread, buffers, count, flags, null);
    }

    @Override
    public long sendTo(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, SocketAddr to) {
        if (to == null) {
            return send(thread, buffers, count, flags, null);
        }
        if (to.family() != family()) {
            throw refused(Errno.AFNOSUPPORT);
        }
        InetAddr receiver = (InetAddr) to;
        if (receiver.port() == 0) {
            throw refused(Errno.INVAL);
        }
        if (!receiver.equals(allowedReceiver)) {
            net().require(NetworkOperation.SEND_TO, receiver);
            allowedReceiver = receiver;
        }
        return send(thread, buffers, count, flags, receiver);
    }

    private long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags, InetAddr to) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        long length = Buffers.remaining(buffers, count);
        if (length > maxPayload()) {
            throw refused(Errno.MSGSIZE);
        }
        long deadline = 0;
        while (!trySend(buffers, count, to)) {
            if (!wait) {
                exhausted(Readiness.WRITE);
                return WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = deadline(SockOption.SEND_TIMEOUT);
            }
            if (!thread.awaitOrThrow(this, Readiness.WRITE, deadline)) {
                return WOULD_BLOCK;
            }
        }
        counters().sent(length);
        return length;
    }

    /**
     * The error of a send that was not tried. As on Linux the socket is bound all the same, when
     * the policy has nothing against it.
     */
    private ErrnoException refused(Errno error) {
        if (!bound && net().wouldPermit(NetworkOperation.BIND, InetAddr.any(family(), 0))) {
            synchronized (lock) {
                try {
                    ensureBound(open());
                } catch (IOException e) {
                    return translate("bind", e);
                }
            }
        }
        return error.exception();
    }

    private int maxPayload() {
        int headers = family() == AddressFamily.INET6 ? IP6_HEADER : IP4_HEADERS;
        return DatagramPort.MAX_DATAGRAM - headers;
    }

    private boolean trySend(ByteBuffer[] buffers, int count, InetAddr to) {
        synchronized (lock) {
            Errno error = pending;
            if (error != null) {
                pending = null;
                throw error.exception();
            }
            if (writeShut) {
                throw Errno.PIPE.exception();
            }
            try {
                DatagramPort open = open();
                if (to == null && open.peer() == null) {
                    throw refused(Errno.DESTADDRREQ);
                }
                ensureBound(open);
                boolean sent = open.send(buffers, count, to);
                datagramAhead = open.hasAhead();
                return sent;
            } catch (IOException | RuntimeException e) {
                throw translate("send", e);
            }
        }
    }

    // ---- the rest

    @Override
    public void shutdown(int how) {
        SockFlags.requireShutdown(how);
        synchronized (lock) {
            DatagramPort open = port;
            if (open == null || open.peer() == null) {
                throw Errno.NOTCONN.exception();
            }
            // never back to false: another thread may shut the other direction meanwhile
            if ((how & SockFlags.SHUT_RD) != 0) {
                readShut = true;
            }
            if ((how & SockFlags.SHUT_WR) != 0) {
                writeShut = true;
            }
        }
        signal(-1);
    }

    @Override
    public void joinGroup(InetAddr group, InetAddr interfaceAddress, int interfaceIndex) {
        net().require(NetworkOperation.JOIN, group.withPort(asked().port()));
        synchronized (lock) {
            try {
                DatagramPort open = open();
                groups.join(open, group, interfaceAddress, interfaceIndex);
            } catch (IOException | RuntimeException e) {
                throw translate("join", e);
            }
        }
    }

    @Override
    public void leaveGroup(InetAddr group, InetAddr interfaceAddress, int interfaceIndex) {
        synchronized (lock) {
            groups.leave(group, interfaceAddress, interfaceIndex);
        }
    }

    @Override
    protected void onClose() {
        DatagramPort open;
        synchronized (lock) {
            open = port;
            port = null;
        }
        if (open == null) {
            return;
        }
        detach(open.channel());
        try {
            open.close();
        } catch (IOException e) {
            net().reporter().hostError("close", e);
        }
        awaitRelease();
    }
}
