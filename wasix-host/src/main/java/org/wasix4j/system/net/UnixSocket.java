package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * A unix stream socket; unix(7). Its paths are the guest's and lead only into preopened
 * directories. There are no abstract names and no descriptors in messages.
 */
public final class UnixSocket extends StreamSocket {

    private static final UnixAddr UNNAMED = new UnixAddr("");

    /** A fresh socket. */
    public UnixSocket(NetContext net) {
        super(
                net,
                new UnixNetwork(net),
                AddressFamily.UNIX,
                new StreamOptions(AddressFamily.UNIX, 0));
    }

    private UnixSocket(UnixSocket listener) {
        super(
                listener.net(),
                new UnixNetwork(listener.net()),
                AddressFamily.UNIX,
                listener.options().inherited());
    }

    @Override
    SocketAddr checkLocal(SocketAddr address) {
        if (!(address instanceof UnixAddr unix)) {
            throw Errno.AFNOSUPPORT.exception();
        }
        if (unix.path().isEmpty()) {
            throw Errno.INVAL.exception();
        }
        return address;
    }

    @Override
    SocketAddr checkRemote(SocketAddr address) {
        return checkLocal(address);
    }

    @Override
    SocketAddr unboundAddress() {
        return UNNAMED;
    }

    @Override
    boolean bindsLate(SocketAddr address) {
        return false;
    }

    /** {@link UnixNetwork} asks, when it has followed the path to where it really leads. */
    @Override
    boolean asksPolicy() {
        return false;
    }

    @Override
    boolean accepts(SocketAddr peer) {
        return true;
    }

    @Override
    StreamSocket accepted(StreamEndpoint endpoint, SocketAddr localAddress) {
        UnixSocket child = new UnixSocket(this);
        child.establish(endpoint, localAddress);
        return child;
    }
}
