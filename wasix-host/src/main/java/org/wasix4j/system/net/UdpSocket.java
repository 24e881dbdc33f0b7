package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * A UDP socket over IPv4 or IPv6; udp(7). It binds itself when it first sends, connects or joins a
 * group; before that a receive waits, as on Linux. What comes in is in {@link UdpInput}, sending in
 * {@link UdpOutput}.
 *
 * <p>Lock rule: every use of the channel is under {@code lock}, which is not held while waiting.
 */
public final class UdpSocket extends SocketDescription {

    /**
     * The getaddrinfo of wasix-libc connects a datagram socket to this port of each address that it
     * has found, to learn from where that would be reached. Nothing is sent.
     */
    private static final int SOURCE_PROBE_PORT = 65_535;

    final Object lock = new Object();

    private final UdpOptions options = new UdpOptions(this);
    private final Multicast groups = new Multicast();
    private final UdpInput input = new UdpInput(this);
    private final UdpOutput output = new UdpOutput(this);

    private volatile @Nullable DatagramPort port;
    private volatile boolean bound;
    private volatile boolean readShut;
    private volatile boolean writeShut;

    /** The address given to bind, perhaps with port 0; null before. */
    private volatile @Nullable InetAddr asked;

    /** The local address, where it is known. */
    private volatile @Nullable InetAddr actual;

    /** A fresh socket. */
    public UdpSocket(NetContext net, AddressFamily family) {
        super(net, family, SockType.DGRAM);
    }

    @Override
    public int protocol() {
        return UdpOptions.PROTOCOL;
    }

    @Override
    public UdpOptions options() {
        return options;
    }

    UdpInput input() {
        return input;
    }

    // ---- the channel

    /** The channel, or null before it is needed and after the close. */
    @Nullable
    DatagramPort port() {
        return port;
    }

    /** The channel, opened when it is first needed; under the lock. */
    DatagramPort open() throws IOException {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        DatagramPort open = port;
        if (open == null) {
            open = net().network().datagrams(family());
            open.onReadiness(this::signal);
            options.applyTo(open);
            port = open;
        }
        return open;
    }

    void ensureBound(DatagramPort open) throws IOException {
        if (!bound) {
            open.bind(InetAddr.any(family(), 0), options.isOn(SockOption.ONLY_V6));
            bound = true;
        }
    }

    boolean isBound() {
        return bound;
    }

    boolean isReadShut() {
        return readShut;
    }

    boolean isWriteShut() {
        return writeShut;
    }

    // ---- addresses

    @Override
    public void bind(@Nullable SocketAddr address) {
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

    private InetAddr checked(@Nullable SocketAddr address) {
        if (address == null || address.family() != family()) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return (InetAddr) address;
    }

    @Override
    public void connect(GuestThread thread, @Nullable SocketAddr address) {
        InetAddr remote = address == null ? null : checked(address).asDestination();
        if (remote != null) {
            requirePeer(remote);
        }
        try {
            synchronized (lock) {
                if (remote != null || port != null) {
                    associate(remote);
                }
            }
        } finally {
            signal(-1);
        }
    }

    private void associate(@Nullable InetAddr remote) {
        input.lookAhead(); // an error that is under way outlives the peer that it concerns
        try {
            DatagramPort open = open();
            try {
                open.connect(remote);
                bound = true;
                actual = open.local();
            } finally {
                input.usedBy(open);
            }
        } catch (IOException | RuntimeException e) {
            throw translate("connect", e);
        }
    }

    /** A denial of getaddrinfo's own query is not reported: the guest has not asked for it. */
    private void requirePeer(InetAddr remote) {
        if (remote.port() != SOURCE_PROBE_PORT) {
            net().require(NetworkOperation.CONNECT, remote);
        } else if (!net().wouldPermit(NetworkOperation.CONNECT, remote)) {
            throw Errno.ACCES.exception();
        }
    }

    /** What the guest asked for; a port of the system's choice when it did not care. */
    InetAddr asked() {
        InetAddr wanted = asked;
        return wanted == null ? InetAddr.any(family(), 0) : wanted;
    }

    /** The local address of the open channel; under the lock. */
    InetAddr actual() throws IOException {
        InetAddr known = actual;
        if (known == null) {
            known = open().local();
            actual = known;
        }
        return known;
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

    // ---- receive and send

    @Override
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        return input.receive(thread, buffers, count, flags, info);
    }

    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        return output.sendTo(thread, buffers, count, flags, null);
    }

    @Override
    public long sendTo(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable SocketAddr to) {
        return output.sendTo(thread, buffers, count, flags, to);
    }

    // ---- readiness

    @Override
    public int readiness(int interest) {
        int ready = input.readiness();
        DatagramPort open = port;
        if (readShut) {
            ready |= Readiness.READ | Readiness.READ_HANGUP;
        }
        if (writeShut || !bound || open != null && open.channel() == null) {
            ready |= Readiness.WRITE;
        }
        if (readShut && writeShut) {
            ready |= Readiness.HANGUP;
        }
        return ready & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public @Nullable SelectableChannel channel() {
        DatagramPort open = port;
        return open == null ? null : open.channel();
    }

    @Override
    public int selectOps(int interest) {
        return Readiness.selectOps(interest & ~readiness(interest));
    }

    @Override
    public int settle(int readyOps, int interest) {
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            input.settle();
        }
        int writable = (readyOps & SelectionKey.OP_WRITE) != 0 ? Readiness.WRITE : 0;
        return writable & interest | readiness(interest);
    }

    @Override
    public long arrivals() {
        return input.arrivals();
    }

    @Override
    public int takeIn() {
        return input.takeIn();
    }

    @Override
    public long readableBytes() {
        return input.readableBytes();
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
    public void joinGroup(InetAddr group, @Nullable InetAddr interfaceAddress, int interfaceIndex) {
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
    public void leaveGroup(
            InetAddr group, @Nullable InetAddr interfaceAddress, int interfaceIndex) {
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
