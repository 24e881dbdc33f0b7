package org.wasix4j.system.net;

import java.util.Arrays;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * One of two sockets that are connected to each other from the beginning, socketpair(2): in memory,
 * without names, not reachable by anybody else, and so not subject to the network policy.
 */
public abstract class SocketPair extends SocketDescription {

    private static final SocketAddr UNNAMED = new UnixAddr("");

    private final long[] options = new long[SockOption.values().length];

    SocketPair(NetContext net, AddressFamily family, SockType type) {
        super(net, family, type);
        Arrays.fill(options, NO_TIME);
    }

    /**
     * A pair of connected sockets.
     *
     * @param family unix, or an internet family, as guests ask for those too; null for a number
     *     that is none
     * @param type stream or datagram; null for a number that is none
     * @param protocol 0, or the one that belongs to the type
     * @throws org.wasix4j.types.ErrnoException afnosupport, inval for a type that is none,
     *     prototype for raw and seqpacket, protonosupport
     */
    public static SocketPair[] open(
            NetContext net, AddressFamily family, SockType type, int protocol) {
        SocketFactory.requireKind(family, type);
        SocketFactory.requireProtocol(type, protocol);
        return type == SockType.STREAM
                ? StreamPairSocket.pair(net, family)
                : DatagramPairSocket.pair(net, family);
    }

    /** Whether both directions have ended. */
    abstract boolean isOver();

    abstract void shutdown(boolean reading, boolean writing);

    abstract int capacity();

    /** Until when a call waits, by the option that limits it. */
    final long deadline(SockOption option) {
        long nanos = getTime(option);
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    @Override
    public final void bind(SocketAddr local) {
        throw Errno.INVAL.exception();
    }

    @Override
    public final void listen(int backlog) {
        throw (sockType() == SockType.STREAM ? Errno.ISCONN : Errno.NOTSUP).exception();
    }

    @Override
    public final void connect(GuestThread thread, SocketAddr remote) {
        throw Errno.ISCONN.exception();
    }

    @Override
    public final void shutdown(int how) {
        if (how < SockFlags.SHUT_RD || how > SockFlags.SHUT_RDWR) {
            throw Errno.INVAL.exception();
        }
        shutdown((how & SockFlags.SHUT_RD) != 0, (how & SockFlags.SHUT_WR) != 0);
    }

    @Override
    public final SockStatus status() {
        return isOver() ? SockStatus.CLOSED : SockStatus.OPENED;
    }

    @Override
    public final SocketAddr localAddress() {
        return UNNAMED;
    }

    @Override
    public final SocketAddr peerAddress() {
        return UNNAMED;
    }

    // ---- options: taken and given back; only the timeouts mean something

    private static void require(SockOption option, SockOption.Kind kind) {
        if (option.kind() != kind) {
            throw Errno.INVAL.exception();
        }
    }

    private void store(SockOption option, long value) {
        synchronized (options) {
            options[option.code()] = value;
        }
    }

    private long stored(SockOption option, long preset) {
        synchronized (options) {
            long value = options[option.code()];
            return value == NO_TIME ? preset : value;
        }
    }

    @Override
    public final void setFlag(SockOption option, boolean on) {
        require(option, SockOption.Kind.FLAG);
        store(option, on ? 1 : 0);
    }

    @Override
    public final boolean getFlag(SockOption option) {
        require(option, SockOption.Kind.FLAG);
        return option != SockOption.LISTENING && stored(option, 0) == 1;
    }

    @Override
    public final void setSize(SockOption option, long size) {
        require(option, SockOption.Kind.SIZE);
        switch (option) {
            case RECV_BUF_SIZE, SEND_BUF_SIZE, RECV_LOWAT -> store(option, size & Long.MAX_VALUE);
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    @Override
    public final long getSize(SockOption option) {
        return switch (option) {
            case LAST_ERROR, PROTO -> 0;
            case TYPE -> sockType().code();
            case RECV_BUF_SIZE, SEND_BUF_SIZE -> stored(option, capacity());
            case RECV_LOWAT, SEND_LOWAT -> stored(option, 1);
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    @Override
    public final void setTime(SockOption option, long nanos) {
        require(option, SockOption.Kind.TIME);
        store(option, nanos < 0 ? NO_TIME : nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        require(option, SockOption.Kind.TIME);
        return stored(option, NO_TIME);
    }
}
