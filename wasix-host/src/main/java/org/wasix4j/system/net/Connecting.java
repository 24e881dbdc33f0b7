package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SocketAddr;

/**
 * A connection attempt is under way, in the background as far as the guest is concerned. Leads to
 * {@link Connection} or to {@link StreamPhase.Failed}, by {@link #progress}, and to the latter when
 * the guest gives it up.
 */
final class Connecting implements StreamPhase {

    private final StreamEndpoint endpoint;
    private final SocketAddr remote;
    private final @Nullable LocalName name;

    /**
     * An attempt that has begun.
     *
     * @param name what the guest has bound, or null
     */
    Connecting(StreamEndpoint endpoint, SocketAddr remote, @Nullable LocalName name) {
        this.endpoint = endpoint;
        this.remote = remote;
        this.name = name;
    }

    /**
     * Polls the attempt; under the socket's lock, which makes the answer its phase.
     *
     * @return this while it is under way
     */
    StreamPhase progress(StreamSocket socket) {
        try {
            if (!endpoint.finishConnect()) {
                return this;
            }
            Connection connection = established(socket);
            connection.unreportedSuccess = true;
            return connection;
        } catch (IOException | RuntimeException e) {
            Failed failed = new Failed(name, socket.errnoOf("connect", e));
            socket.closeQuietly(endpoint, false);
            return failed;
        }
    }

    /** Polls the connection attempt of a socket, if it is in one. */
    static void poll(StreamSocket socket) {
        synchronized (socket.lock) {
            if (!(socket.phase() instanceof Connecting attempt) || socket.isClosed()) {
                return;
            }
            StreamPhase next = attempt.progress(socket);
            if (next == attempt) {
                return;
            }
            socket.become(next);
        }
        // other waiters have armed OP_CONNECT, which the kernel reports for ever
        socket.signal(-1);
        Connection.announce(socket);
        releaseIfFailed(socket);
    }

    /** The JVM has closed the channel of an attempt that failed: selectors have to let it go. */
    static void releaseIfFailed(StreamSocket socket) {
        if (socket.phase() instanceof Failed) {
            socket.awaitRelease();
        }
    }

    /** Gives the connection attempt of a socket up, if it is in one. */
    static void abandon(StreamSocket socket) {
        Connecting abandoned;
        synchronized (socket.lock) {
            if (!(socket.phase() instanceof Connecting attempt)) {
                return;
            }
            abandoned = attempt;
            socket.become(new Failed(attempt.name, null));
        }
        socket.closer().close(abandoned);
    }

    /** The connection, which has been established. */
    Connection established(StreamSocket socket) throws IOException {
        return new Connection(socket, endpoint, remote, name, false);
    }

    @Override
    public StreamEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public @Nullable LocalName name() {
        return name;
    }

    /**
     * The local address. The JVM knows it only when the connection is established, but for one that
     * the guest has bound; then the kernel's table is searched.
     */
    @Nullable
    SocketAddr localNow(StreamSocket socket) throws IOException {
        SocketAddr known = endpoint.local();
        if (known != null
                || !socket.network.isHostNetwork()
                || !(remote instanceof InetAddr peer)) {
            return known;
        }
        InetAddr only = TcpTable.connecting(peer);
        // still under way, so it was this one's
        poll(socket);
        return socket.phase() == this ? only : socket.phase().local();
    }

    @Override
    public int readiness() {
        return 0;
    }

    @Override
    public int selectOps(int interest) {
        return SelectionKey.OP_CONNECT;
    }

    @Override
    public int settle(StreamSocket socket, int readyOps) {
        poll(socket);
        return socket.phase() instanceof Connection ? Readiness.WRITE : 0;
    }

    @Override
    public SockStatus status() {
        return SockStatus.OPENING;
    }
}
