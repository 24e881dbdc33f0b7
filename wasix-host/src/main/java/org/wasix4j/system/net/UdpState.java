package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * What a UDP socket is at this moment, and all that can be asked of it: addresses, options, the
 * next datagram, readiness. What it does is in {@link UdpSocket}.
 *
 * <p>Lock rule: every use of the channel is under {@code lock}, which is not held while waiting.
 */
abstract class UdpState extends SocketDescription {

    final Object lock = new Object();
    final UdpOptions options;
    final Multicast groups = new Multicast();

    volatile DatagramPort port;
    volatile boolean bound;
    volatile boolean readShut;
    volatile boolean writeShut;
    volatile boolean datagramAhead;

    /** How many errors the network has reported. Written under the lock. */
    volatile int errors;

    /** An error that the network reported, until the guest has seen it. */
    volatile Errno pending;

    /** The address given to bind, perhaps with port 0; null before. */
    volatile InetAddr asked;

    /** The local address, where it is known. */
    volatile InetAddr actual;

    /** The datagram that the policy let in and the guest has not taken yet. */
    DatagramPort.Datagram admitted;

    UdpState(NetContext net, AddressFamily family) {
        super(net, family, SockType.DGRAM);
        options = new UdpOptions(family);
    }

    @Override
    public final int protocol() {
        return UdpOptions.PROTOCOL;
    }

    final InetAddr checked(SocketAddr address) {
        if (address == null || address.family() != family()) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return (InetAddr) address;
    }

    /** The channel, opened when it is first needed; under the lock. */
    final DatagramPort open() throws IOException {
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

    final void ensureBound(DatagramPort open) throws IOException {
        if (!bound) {
            open.bind(InetAddr.any(family(), 0), options.isOn(SockOption.ONLY_V6));
            bound = true;
        }
    }

    // ---- addresses

    @Override
    public final SocketAddr localAddress() {
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
    public final SocketAddr peerAddress() {
        DatagramPort open = port;
        InetAddr peer = open == null ? null : open.peer();
        if (peer == null) {
            throw Errno.NOTCONN.exception();
        }
        return peer;
    }

    @Override
    public final SockStatus status() {
        return bound ? SockStatus.OPENED : SockStatus.OPENING;
    }

    // ---- what has come in

    /** The next datagram that the guest may see; a pending error is thrown; under the lock. */
    final DatagramPort.Datagram peek() {
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
        // IPv4 senders too, whatever IPV6_V6ONLY says: see TcpFamily.accepts
        return net().permitsPeer(NetworkOperation.RECEIVE_FROM, asked(), actual, sender);
    }

    /** What the guest asked for; a port of the system's choice when it did not care. */
    final InetAddr asked() {
        InetAddr wanted = asked;
        return wanted == null ? InetAddr.any(family(), 0) : wanted;
    }

    // ---- options

    @Override
    public final void setFlag(SockOption option, boolean on) {
        synchronized (lock) {
            try {
                options.setFlag(option, on, bound, port);
            } catch (IOException e) {
                throw translate("setsockopt", e);
            }
        }
    }

    @Override
    public final boolean getFlag(SockOption option) {
        return options.getFlag(option);
    }

    @Override
    public final void setSize(SockOption option, long size) {
        synchronized (lock) {
            try {
                options.setSize(option, size, port);
            } catch (IOException e) {
                throw translate("setsockopt", e);
            }
        }
    }

    @Override
    public final long getSize(SockOption option) {
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
    public final void setTime(SockOption option, long nanos) {
        options.setTime(option, nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        return options.getTime(option);
    }

    final long deadline(SockOption timeout) {
        return options.deadline(timeout);
    }

    // ---- readiness

    @Override
    public final int readiness(int interest) {
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
    public final SelectableChannel channel() {
        DatagramPort open = port;
        return open == null ? null : open.channel();
    }

    @Override
    public final int selectOps(int interest) {
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
    public final int settle(int readyOps, int interest) {
        int ready = 0;
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            if (datagramAhead) {
                takeIn();
            } else {
                lookAhead();
                if (datagramAhead && hasSeveralWatchers()) {
                    // the kernel does not report it to the other waiting threads
                    signal(Readiness.READ);
                }
            }
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            ready |= Readiness.WRITE;
        }
        return ready & interest | readiness(interest);
    }

    /**
     * Finds out whether the kernel's readiness is a datagram for the guest, an error, or nothing.
     */
    final void lookAhead() {
        synchronized (lock) {
            if (isClosed() || port == null || pending != null) {
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

    @Override
    public final long arrivals() {
        DatagramPort open = port;
        long come = open == null ? UNCOUNTED : open.arrivals();
        return come == UNCOUNTED ? UNCOUNTED : come + errors;
    }

    @Override
    public final int takeIn() {
        long before = arrivals();
        int ops = takeInNow();
        if (arrivals() != before) {
            signal(Readiness.READ);
        }
        return ops;
    }

    private int takeInNow() {
        synchronized (lock) {
            DatagramPort open = port;
            if (isClosed() || open == null || pending != null) {
                return 0;
            }
            boolean all;
            try {
                all = open.takeIn();
            } catch (IOException | RuntimeException e) {
                pending = errnoOf("recv", e);
                errors++;
                return 0;
            }
            lookAhead();
            return all && pending == null ? SelectionKey.OP_READ : 0;
        }
    }

    @Override
    public final long readableBytes() {
        synchronized (lock) {
            DatagramPort open = port;
            try {
                return open != null && open.hasAhead() ? open.peek().data().remaining() : 0;
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
