package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * Unix stream sockets; unix(7). Their paths are the guest's and lead only into preopened
 * directories. There are no abstract names and no descriptors in messages.
 */
record UnixFamily() implements StreamFamily {

    @Override
    public AddressFamily family() {
        return AddressFamily.UNIX;
    }

    @Override
    public int protocol() {
        return 0;
    }

    @Override
    public Network network(NetContext net) {
        return new UnixNetwork(net);
    }

    @Override
    public SocketAddr checkLocal(@Nullable SocketAddr address) {
        if (!(address instanceof UnixAddr unix)) {
            throw Errno.AFNOSUPPORT.exception();
        }
        if (unix.path().isEmpty()) {
            throw Errno.INVAL.exception();
        }
        return address;
    }

    @Override
    public SocketAddr checkRemote(@Nullable SocketAddr address, StreamPhase from) {
        return checkLocal(address);
    }

    @Override
    public SocketAddr unboundAddress() {
        return UnixAddr.UNNAMED;
    }

    @Override
    public boolean bindsLate(SocketAddr address) {
        return false;
    }

    /** {@link UnixNetwork} asks, when it has followed the path to where it really leads. */
    @Override
    public boolean asksPolicy() {
        return false;
    }

    @Override
    public boolean accepts(StreamOptions options, SocketAddr peer) {
        return true;
    }

    @Override
    public String toString() {
        return "unix";
    }
}
