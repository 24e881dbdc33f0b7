package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Objects;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.net.StreamPhase.Bound;
import org.wasix4j.system.net.StreamPhase.Failed;
import org.wasix4j.system.net.StreamPhase.Fresh;
import org.wasix4j.system.net.StreamPhase.LocalName;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * Giving a stream socket an address, and listening on it: what is asked of the policy, which
 * transitions are made.
 */
final class StreamBinder {

    private final StreamSocket socket;

    StreamBinder(StreamSocket socket) {
        this.socket = socket;
    }

    /** bind(2). */
    void bind(@Nullable SocketAddr address) {
        SocketAddr wanted = socket.kind.checkLocal(address);
        boolean late = socket.kind.bindsLate(wanted);
        if (isUnbound() && !late) {
            socket.require(NetworkOperation.BIND, wanted);
        }
        synchronized (socket.lock) {
            socket.requireOpen();
            if (!isUnbound()) {
                throw Errno.INVAL.exception();
            }
            if (late) {
                socket.become(new Bound(new LocalName(wanted, wanted), null));
            } else {
                socket.become(
                        hold(
                                wanted,
                                () -> socket.network.bind(wanted, socket.options().sharing())));
            }
        }
        socket.signal(-1);
    }

    private boolean isUnbound() {
        StreamPhase now = socket.phase();
        return now instanceof Fresh || now instanceof Failed && now.name() == null;
    }

    /** Takes an address from the network. */
    private interface Holding {
        BoundPort hold() throws IOException;
    }

    private Bound hold(SocketAddr asked, Holding holding) {
        try {
            BoundPort port = holding.hold();
            return new Bound(new LocalName(asked, port.local()), port);
        } catch (IOException | RuntimeException e) {
            throw socket.translate("bind " + asked, e);
        }
    }

    /**
     * The address that the guest has bound, held: it may be unheld, when it was bound late or the
     * channel of an earlier attempt is gone. Under the lock.
     *
     * @param from a phase with a name
     */
    Bound held(StreamPhase from) {
        if (from instanceof Bound bound && bound.port() != null) {
            return bound;
        }
        LocalName name = Objects.requireNonNull(from.name());
        return hold(
                name.asked(),
                () -> socket.network.rebind(name.actual(), socket.options().sharing()));
    }

    /** listen(2). */
    void listen(int backlog) {
        StreamPhase before = socket.phase();
        LocalName name = before.name();
        if (name != null && canListen(before)) {
            if (socket.kind.bindsLate(name.actual())) {
                socket.require(NetworkOperation.BIND, name.actual());
            }
            if (socket.kind.asksPolicy()) {
                socket.net().requireLocal(NetworkOperation.LISTEN, name.asked(), name.actual());
            }
        }
        Listening listening;
        synchronized (socket.lock) {
            socket.requireOpen();
            StreamPhase now = socket.phase();
            if (now instanceof Listening) {
                // success; NIO cannot change the backlog of a listener
                return;
            }
            if (now instanceof Connection) {
                throw Errno.ISCONN.exception();
            }
            if (!canListen(now)) {
                throw Errno.INVAL.exception();
            }
            Bound bound = held(now);
            socket.become(bound);
            // Linux takes the number as unsigned: a negative one asks for the longest queue
            listening = listenOn(bound, backlog < 0 ? Integer.MAX_VALUE : backlog);
        }
        if (listening.queue().isReachable()) {
            socket.net().reporter().listening(listening.local());
        }
        socket.signal(-1);
        if (socket.net().isStopping()) {
            socket.stopTaking();
        }
    }

    private static boolean canListen(StreamPhase phase) {
        return phase instanceof Bound || phase instanceof Failed && phase.name() != null;
    }

    private Listening listenOn(Bound bound, int backlog) {
        try {
            Acceptor source =
                    Objects.requireNonNull(bound.port())
                            .listen(backlog, socket.options().receiveBuffer());
            Listening listening = new Listening(queue(source), bound.name(), bound.local(), false);
            socket.become(listening);
            return listening;
        } catch (IOException | RuntimeException e) {
            throw socket.translate("listen " + bound.local(), e);
        }
    }

    private AcceptQueue queue(Acceptor source) {
        AcceptQueue queue = new AcceptQueue(source, socket.net().readAheadBudget());
        queue.onReadiness(() -> socket.signal(Readiness.READ));
        return queue;
    }

    /**
     * Makes this a listener on an address, without asking the policy: the embedder has granted it.
     */
    void listenFor(SocketAddr address, int backlog) throws IOException {
        BoundPort port = socket.network.bind(address, Sharing.NONE);
        try {
            synchronized (socket.lock) {
                AcceptQueue queue = queue(port.listen(backlog, 0));
                socket.become(new Listening(queue, null, port.local(), false));
            }
        } catch (Throwable e) {
            port.close();
            throw e;
        }
        socket.net().reporter().listening(port.local());
    }

    /** Listens on a channel that listens already; the channel is this socket's from then on. */
    void adopt(ServerSocketChannel channel, SocketAddr local) throws IOException {
        channel.configureBlocking(false);
        Acceptor acceptor =
                socket.network instanceof UnixNetwork unix
                        ? unix.adopt(channel, local)
                        : new HostAcceptor(channel, local, () -> {});
        synchronized (socket.lock) {
            socket.become(new Listening(queue(acceptor), null, local, false));
        }
        socket.net().reporter().listening(local);
    }
}
