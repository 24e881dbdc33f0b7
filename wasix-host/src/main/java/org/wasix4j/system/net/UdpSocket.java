package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.poll.Readiness;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * A UDP socket over IPv4 or IPv6; udp(7). It binds itself when it first sends, connects or joins a
 * group; before that a receive waits, as on Linux.
 *
 * <p>Lock rule: every use of the channel is under {@code lock}, which is not held while waiting.
 */
public final class UdpSocket extends SocketDescription {

    private static final int IP4_HEADERS = 28;
    private static final int IP6_HEADER = 8;

    private final Object lock = new Object();
    private final UdpOptions options;
    private final Multicast groups = new Multicast();

    private volatile DatagramPort port;
    private volatile boolean bound;
    private volatile boolean readShut;
    private volatile boolean writeShut;
    private volatile boolean datagramAhead;

    /** An error that the network reported, until the guest has seen it. */
    private volatile Errno pending;

    /** The address given to bind, perhaps with port 0; null before. */
    private volatile InetAddr asked;

    /** The local address, where it is known. */
    private volatile InetAddr actual;

    /** The datagram that the policy let in and the guest has not taken yet. */
    private DatagramPort.Datagram admitted;

    /** The receiver that the policy allowed last. */
    private volatile InetAddr allowedReceiver;

    /** A fresh socket. */
    public UdpSocket(GuestProcess process, AddressFamily family) {
        super(process, family, SockType.DGRAM);
        options = new UdpOptions(family);
    }

    @Override
    public int protocol() {
        return UdpOptions.PROTOCOL;
    }

    private InetAddr checked(SocketAddr address) {
        if (address == null || address.family() != family()) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return (InetAddr) address;
    }

    /** The channel, opened when it is first needed; under the lock. */
    private DatagramPort open() throws IOException {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        DatagramPort open = port;
        if (open == null) {
            open = process().network().datagrams(family());
            open.onReadiness(this::signal);
            options.applyTo(open);
            port = open;
        }
        return open;
    }

    private void ensureBound(DatagramPort open) throws IOException {
        if (!bound) {
            open.bind(InetAddr.any(family(), 0));
            bound = true;
        }
    }

    // ---- addresses

    @Override
    public void bind(SocketAddr address) {
        InetAddr local = checked(address);
        if (!bound) {
            process().require(NetworkOperation.BIND, local);
        }
        synchronized (lock) {
            if (bound) {
                throw Errno.INVAL.exception();
            }
            try {
                DatagramPort open = open();
                open.bind(local);
                bound = true;
                asked = local;
                actual = open.local();
            } catch (IOException | RuntimeException e) {
                throw translate("bind", e);
            }
        }
        signal(-1);
    }

    @Override
    public void connect(GuestThread thread, SocketAddr address) {
        InetAddr remote = address == null ? null : checked(address).asDestination();
        if (remote != null) {
            process().require(NetworkOperation.CONNECT, remote);
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

    @Override
    public SocketAddr localAddress() {
        DatagramPort open = port;
        if (open == null) {
            return InetAddr.any(family(), 0);
        }
        try {
            return open.local();
        } catch (IOException e) {
            throw translate("getsockname", e);
        }
    }

    @Override
    public SocketAddr peerAddress() {
        DatagramPort open = port;
        InetAddr peer = open == null ? null : open.peer();
        if (peer == null) {
            throw Errno.NOTCONN.exception();
        }
        return peer;
    }

    @Override
    public SockStatus status() {
        return bound ? SockStatus.OPENED : SockStatus.OPENING;
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
                exhausted(Readiness.READ);
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

    private long deadline(SockOption timeout) {
        long nanos = options.time(timeout);
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
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

    /** The next datagram that the guest may see; a pending error is thrown; under the lock. */
    private DatagramPort.Datagram peek() {
        Errno error = pending;
        if (error != null) {
            pending = null;
            throw error.exception();
        }
        DatagramPort open = port;
        if (open == null) {
            return null;
        }
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        try {
            for (; ; ) {
                DatagramPort.Datagram next = open.peek();
                // a change of the peer also keeps datagrams that nobody has looked at
                if (next == null || next == admitted || mayReceive(next.sender())) {
                    admitted = next;
                    datagramAhead = next != null;
                    return next;
                }
                open.drop();
            }
        } catch (IOException | RuntimeException e) {
            throw translate("recv", e);
        }
    }

    private boolean mayReceive(InetAddr sender) throws IOException {
        if (actual == null) {
            actual = port.local();
        }
        return !(options.isOn(SockOption.ONLY_V6) && sender.isV4Mapped())
                && process().permitsPeer(NetworkOperation.RECEIVE_FROM, asked(), actual, sender);
    }

    /** What the guest asked for; a port of the system's choice when it did not care. */
    private InetAddr asked() {
        InetAddr wanted = asked;
        return wanted == null ? InetAddr.any(family(), 0) : wanted;
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
        InetAddr receiver = checked(to);
        if (receiver.port() == 0) {
            throw Errno.INVAL.exception();
        }
        if (!receiver.equals(allowedReceiver)) {
            process().require(NetworkOperation.SEND_TO, receiver);
            allowedReceiver = receiver;
        }
        return send(thread, buffers, count, flags, receiver);
    }

    private long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags, InetAddr to) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        long length = StreamIo.remaining(buffers, count);
        if (length > maxPayload()) {
            throw Errno.MSGSIZE.exception();
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
        return length;
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
                    throw Errno.DESTADDRREQ.exception();
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
        if (how < SockFlags.SHUT_RD || how > SockFlags.SHUT_RDWR) {
            throw Errno.INVAL.exception();
        }
        DatagramPort open = port;
        if (open == null || open.peer() == null) {
            throw Errno.NOTCONN.exception();
        }
        readShut |= (how & SockFlags.SHUT_RD) != 0;
        writeShut |= (how & SockFlags.SHUT_WR) != 0;
        signal(-1);
    }

    @Override
    public void setFlag(SockOption option, boolean on) {
        synchronized (lock) {
            try {
                options.setFlag(option, on, bound, port);
            } catch (IOException e) {
                throw translate("setsockopt", e);
            }
        }
    }

    @Override
    public boolean getFlag(SockOption option) {
        return options.getFlag(option);
    }

    @Override
    public void setSize(SockOption option, long size) {
        synchronized (lock) {
            try {
                options.setSize(option, size, port);
            } catch (IOException e) {
                throw translate("setsockopt", e);
            }
        }
    }

    @Override
    public long getSize(SockOption option) {
        synchronized (lock) {
            try {
                switch (option) {
                    case LAST_ERROR -> {
                        lookAhead();
                        Errno error = pending;
                        pending = null;
                        return (error == null ? Errno.SUCCESS : error).code();
                    }
                    case RECV_BUF_SIZE -> {
                        return open().bufferSize(StandardSocketOptions.SO_RCVBUF);
                    }
                    case SEND_BUF_SIZE -> {
                        return open().bufferSize(StandardSocketOptions.SO_SNDBUF);
                    }
                    default -> {
                        return options.getSize(option);
                    }
                }
            } catch (IOException e) {
                throw translate("getsockopt", e);
            }
        }
    }

    @Override
    public void setTime(SockOption option, long nanos) {
        options.setTime(option, nanos);
    }

    @Override
    public long getTime(SockOption option) {
        return options.getTime(option);
    }

    @Override
    public void joinGroup(InetAddr group, InetAddr interfaceAddress, int interfaceIndex) {
        process().require(NetworkOperation.JOIN, group.withPort(asked().port()));
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

    // ---- readiness

    @Override
    public int readiness(int interest) {
        int ready = 0;
        DatagramPort open = port;
        if (datagramAhead || open != null && open.isReadable()) {
            ready |= Readiness.READ;
        }
        if (readShut) {
            ready |= Readiness.READ | Readiness.READ_HANGUP;
        }
        if (writeShut || !bound || open != null && open.channel() == null) {
            ready |= Readiness.WRITE;
        }
        if (readShut && writeShut) {
            ready |= Readiness.HANGUP;
        }
        if (pending != null) {
            ready |= Readiness.READ | Readiness.WRITE | Readiness.ERROR;
        }
        return ready & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public SelectableChannel channel() {
        DatagramPort open = port;
        return open == null ? null : open.channel();
    }

    @Override
    public int selectOps(int interest) {
        int known = readiness(interest);
        int ops = 0;
        if ((interest & ~known & Readiness.READ) != 0) {
            ops |= SelectionKey.OP_READ;
        }
        if ((interest & ~known & Readiness.WRITE) != 0) {
            ops |= SelectionKey.OP_WRITE;
        }
        return ops;
    }

    @Override
    public int settle(int readyOps, int interest) {
        int ready = 0;
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            lookAhead();
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            ready |= Readiness.WRITE;
        }
        return ready & interest | readiness(interest);
    }

    /**
     * Finds out whether the kernel's readiness is a datagram for the guest, an error, or nothing.
     */
    private void lookAhead() {
        synchronized (lock) {
            if (isClosed() || port == null || pending != null) {
                return;
            }
            try {
                peek();
            } catch (ErrnoException e) {
                pending = e.errno();
            }
        }
    }

    @Override
    public long readableBytes() {
        synchronized (lock) {
            DatagramPort open = port;
            try {
                return open != null && open.hasAhead() ? open.peek().data().remaining() : 0;
            } catch (IOException e) {
                return 0;
            }
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
            process().observer().hostError("close", e);
        }
        awaitRelease();
    }
}
