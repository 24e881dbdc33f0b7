package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/** A TCP socket over IPv4 or IPv6; tcp(7). */
public final class TcpSocket extends StreamSocket {

    /** IPPROTO_TCP. */
    static final int PROTOCOL = 6;

    /**
     * wasix-libc binds this port of 0.0.0.0 once, reads it back and closes the socket, to learn the
     * byte order of the host's ports. So a bind of it takes nothing until the socket is used.
     */
    private static final int BYTE_ORDER_PROBE_PORT = 10275;

    /** A fresh socket. */
    public TcpSocket(NetContext net, AddressFamily family) {
        super(net, net.network(), family, new StreamOptions(family, PROTOCOL));
    }

    private TcpSocket(TcpSocket listener) {
        super(
                listener.net(),
                listener.net().network(),
                listener.family(),
                listener.options().inherited());
    }

    @Override
    public int protocol() {
        return PROTOCOL;
    }

    @Override
    SocketAddr checkLocal(SocketAddr address) {
        if (address == null || address.family() != family()) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return address;
    }

    @Override
    SocketAddr checkRemote(SocketAddr address) {
        InetAddr remote = (InetAddr) checkLocal(address);
        if (remote.port() == 0) {
            switch (state()) {
                case FRESH, BOUND, FAILED -> throw Errno.CONNREFUSED.exception();
                default -> {}
            }
        }
        return remote.asDestination();
    }

    @Override
    SocketAddr unboundAddress() {
        return InetAddr.any(family(), 0);
    }

    @Override
    boolean bindsLate(SocketAddr address) {
        return address instanceof InetAddr inet
                && inet.family() == AddressFamily.INET4
                && inet.port() == BYTE_ORDER_PROBE_PORT
                && inet.isAny();
    }

    /** IPV6_V6ONLY can not be set through NIO: IPv4 peers of such a socket are turned away. */
    @Override
    boolean accepts(SocketAddr peer) {
        return !(options().isOn(SockOption.ONLY_V6) && ((InetAddr) peer).isV4Mapped());
    }

    @Override
    StreamSocket accepted(StreamEndpoint endpoint, SocketAddr localAddress) {
        TcpSocket child = new TcpSocket(this);
        child.establish(endpoint, localAddress);
        return child;
    }

    @Override
    public String toString() {
        return "tcp " + state() + " " + localAddress();
    }
}
