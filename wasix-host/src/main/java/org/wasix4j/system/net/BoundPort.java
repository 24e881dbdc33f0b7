package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.types.SocketAddr;

/**
 * A local address that is held and not yet used: it becomes a listener or the local end of a
 * connection, once. NIO has no such thing, see {@link HostNetwork}.
 */
public interface BoundPort {

    /** The address held, its port never 0. */
    SocketAddr local();

    /**
     * Begins to listen; listen(2). When it fails the address is still held.
     *
     * @param backlog how many connections may wait besides one, not negative; the host network
     *     takes 0 as 1
     * @param receiveBuffer SO_RCVBUF to set before, or 0
     */
    Acceptor listen(int backlog, int receiveBuffer) throws IOException;

    /** The endpoint that will connect from this address. From then on the endpoint owns it. */
    StreamEndpoint endpoint() throws IOException;

    /** Gives the address back. */
    void close();
}
