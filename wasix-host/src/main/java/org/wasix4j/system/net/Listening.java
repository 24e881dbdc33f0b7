package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.Objects;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SocketAddr;

/**
 * The socket listens. Leads to {@link StreamPhase.Bound} when it is shut for reading, and to
 * another one of this kind, with the connections that were queued, when a gentle end begins.
 */
final class Listening implements StreamPhase {

    private final AcceptQueue queue;
    private final @Nullable LocalName name;
    private final SocketAddr local;

    /** Whether it takes no more connections, and the observer knows that it listens no more. */
    private final boolean stopped;

    /**
     * A listener.
     *
     * @param name what the guest has bound; null for one that was handed to it
     */
    Listening(AcceptQueue queue, @Nullable LocalName name, SocketAddr local, boolean stopped) {
        this.queue = queue;
        this.name = name;
        this.local = local;
        this.stopped = stopped;
    }

    // ---- accept

    /** See {@link SocketDescription#accept}. */
    static @Nullable StreamSocket accept(
            StreamSocket socket, GuestThread thread, boolean dontWait) {
        long deadline = 0;
        for (; ; ) {
            if (!(socket.phase() instanceof Listening listening)) {
                socket.requireOpen();
                throw Errno.INVAL.exception();
            }
            StreamSocket child = listening.tryAccept(socket);
            if (child != null) {
                socket.consumed();
                announceAccepted(socket, child);
                return child;
            }
            if (dontWait || socket.isNonBlocking()) {
                socket.exhausted(Readiness.READ);
                return null;
            }
            if (deadline == 0) {
                deadline =
                        socket.options()
                                .firstDeadline(SockOption.ACCEPT_TIMEOUT, SockOption.RECV_TIMEOUT);
            }
            if (!thread.awaitOrThrow(socket, Readiness.READ, deadline)) {
                if (socket.options().get(SockOption.ACCEPT_TIMEOUT) > 0) {
                    throw Errno.TIMEDOUT.exception();
                }
                return null;
            }
        }
    }

    /** The next connection that may be accepted, or null when none waits. */
    private @Nullable StreamSocket tryAccept(StreamSocket socket) {
        for (; ; ) {
            StreamEndpoint endpoint;
            try {
                endpoint = queue.accept();
            } catch (IOException | RuntimeException e) {
                if (socket.phase() != this) {
                    // closed, shut down or stopped by another thread
                    socket.requireOpen();
                    if (socket.phase() instanceof Listening) {
                        return null;
                    }
                    throw Errno.INVAL.exception();
                }
                throw socket.translate("accept", e);
            }
            if (endpoint == null) {
                return null;
            }
            StreamSocket child = admit(socket, endpoint);
            if (child != null) {
                return child;
            }
        }
    }

    /** Makes a socket of an accepted connection; null when the peer is not welcome or gone. */
    private @Nullable StreamSocket admit(StreamSocket socket, StreamEndpoint endpoint) {
        StreamSocket child = null;
        try {
            SocketAddr reached = endpoint.local();
            SocketAddr peer = endpoint.remote();
            if (reached != null
                    && peer != null
                    && socket.kind.accepts(socket.options(), peer)
                    && permits(socket, reached, peer)) {
                child = accepted(socket, endpoint, peer);
            }
        } catch (IOException e) {
            // reset before it was accepted
            socket.errnoOf("accept", e);
        } finally {
            if (child == null) {
                socket.closeQuietly(endpoint, true);
            }
        }
        return child;
    }

    /** A socket for a connection that came to this listener; not visible to others yet. */
    private static StreamSocket accepted(
            StreamSocket listener, StreamEndpoint endpoint, SocketAddr peer) throws IOException {
        StreamSocket child = new StreamSocket(listener.net(), listener.kind);
        child.options().inherit(listener.options());
        child.establish(endpoint, peer, true);
        child.options().applyTo(endpoint);
        return child;
    }

    private static void announceAccepted(StreamSocket listener, StreamSocket child) {
        Connection connection = Objects.requireNonNull(child.connectionOrNull());
        connection.announced = true;
        connection.since = System.nanoTime();
        listener.net().reporter().accepted(connection.local(), connection.remote());
    }

    /** A listener that was handed to the guest is a grant of its own. */
    private boolean permits(StreamSocket socket, SocketAddr reached, SocketAddr peer) {
        return name == null
                || !socket.kind.asksPolicy()
                || socket.net().permitsPeer(NetworkOperation.ACCEPT, name.asked(), reached, peer);
    }

    // ---- ends

    /**
     * Shuts a listener down: for reading it listens no more, but keeps its address, as on Linux.
     * What was handed to the guest is given up; to listen again is the guest's own wish then.
     */
    static void shutdown(StreamSocket socket, int how) {
        if ((how & SockFlags.SHUT_RD) == 0) {
            return;
        }
        Listening before;
        synchronized (socket.lock) {
            if (!(socket.phase() instanceof Listening listening)) {
                return;
            }
            before = listening;
            SocketAddr local = before.local;
            LocalName name = before.name;
            socket.become(new Bound(name == null ? new LocalName(local, local) : name, null));
        }
        socket.signal(-1);
        socket.closer().close(before);
    }

    /** See {@link Drainable#stopTaking}: it keeps what was queued so far, and its port is free. */
    static void stop(StreamSocket socket) {
        Listening before;
        ClosedAcceptor rest;
        ReadAheadBudget budget = socket.net().readAheadBudget();
        synchronized (socket.lock) {
            if (!(socket.phase() instanceof Listening listening) || listening.stopped) {
                return;
            }
            before = listening;
            rest = new ClosedAcceptor(before.queue.local(), budget);
            AcceptQueue queued = new AcceptQueue(rest, budget);
            socket.become(new Listening(queued, before.name, before.local, true));
        }
        AcceptQueue queue = before.queue;
        socket.detach(queue.channel());
        try {
            rest.take(queue);
        } catch (IOException e) {
            socket.net().reporter().hostError("accept", e);
        }
        socket.closer().close(queue);
        socket.signal(-1);
        if (queue.isReachable()) {
            socket.net().reporter().stoppedListening(before.local);
        }
    }

    AcceptQueue queue() {
        return queue;
    }

    boolean isStopped() {
        return stopped;
    }

    // ---- readiness

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public @Nullable LocalName name() {
        return name;
    }

    @Override
    public @Nullable SelectableChannel channel() {
        return queue.channel();
    }

    @Override
    public int readiness() {
        return queue.isReady() ? Readiness.READ : 0;
    }

    @Override
    public int selectOps(int interest) {
        return (interest & Readiness.READ) != 0 && !queue.isReady() ? SelectionKey.OP_ACCEPT : 0;
    }

    @Override
    public int settle(StreamSocket socket, int readyOps) {
        queue.connectionsWait();
        return Readiness.READ;
    }

    @Override
    public long arrivals() {
        return queue.arrivals();
    }

    @Override
    public int takeIn(StreamSocket socket) {
        return socket.takeIn(queue, SelectionKey.OP_ACCEPT);
    }

    @Override
    public long readableBytes() {
        return 1;
    }

    @Override
    public SockStatus status() {
        return SockStatus.OPENED;
    }

    /** A connection that waits is one that a peer has made. */
    @Override
    public boolean isInbound() {
        return queue.isReady();
    }
}
