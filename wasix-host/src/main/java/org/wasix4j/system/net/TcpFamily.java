package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** TCP over IPv4 or IPv6; tcp(7). */
record TcpFamily(AddressFamily family) implements StreamFamily {

    /** IPPROTO_TCP. */
    static final int PROTOCOL = 6;

    /**
     * wasix-libc binds this port of 0.0.0.0 once, reads it back and closes the socket, to learn the
     * byte order of the host's ports. So a bind of it takes nothing until the socket is used.
     */
    private static final int BYTE_ORDER_PROBE_PORT = 10275;

    @Override
    public int protocol() {
        return PROTOCOL;
    }

    @Override
    public Network network(NetContext net) {
        return net.network();
    }

    @Override
    public SocketAddr checkLocal(@Nullable SocketAddr address) {
        if (address == null || address.family() != family) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return address;
    }

    @Override
    public SocketAddr checkRemote(@Nullable SocketAddr address, StreamPhase from) {
        InetAddr remote = (InetAddr) checkLocal(address);
        boolean tries =
                from instanceof StreamPhase.Fresh
                        || from instanceof StreamPhase.Bound
                        || from instanceof StreamPhase.Failed;
        if (remote.port() == 0 && tries) {
            throw Errno.CONNREFUSED.exception();
        }
        return remote.asDestination();
    }

    @Override
    public SocketAddr unboundAddress() {
        return InetAddr.any(family, 0);
    }

    @Override
    public boolean bindsLate(SocketAddr address) {
        return address instanceof InetAddr inet
                && inet.family() == AddressFamily.INET4
                && inet.port() == BYTE_ORDER_PROBE_PORT
                && inet.isAny();
    }

    @Override
    public boolean asksPolicy() {
        return true;
    }

    /**
     * Everybody, also an IPv4 peer of a socket with IPV6_V6ONLY: wasix-libc sets each flag that a
     * program sets, to on, so a program that has switched the option off looks like this. The
     * option lets another socket have the IPv4 port; if one has it, IPv4 peers come there.
     */
    @Override
    public boolean accepts(StreamOptions options, SocketAddr peer) {
        return true;
    }

    @Override
    public String toString() {
        return "tcp";
    }
}
