package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/**
 * How a stream socket comes to a local address, listens there, and takes what comes: bind(2),
 * listen(2), accept(2). The other transitions are in {@link StreamSocket}.
 */
abstract class StreamBinding extends StreamReadiness {

    StreamBinding(NetContext net, Network network, AddressFamily family, StreamOptions options) {
        super(net, network, family, options);
    }

    // ---- what the families differ in

    /** Checks an address to bind; throws what Linux answers for a foreign or impossible one. */
    abstract SocketAddr checkLocal(SocketAddr address);

    /** Checks an address to connect to. */
    abstract SocketAddr checkRemote(SocketAddr address);

    /** Whether binding only takes note of the address, which is reserved when it is used. */
    abstract boolean bindsLate(SocketAddr address);

    /** Whether the policy is asked about addresses as they are given; else the network asks. */
    boolean asksPolicy() {
        return true;
    }

    final void require(NetworkOperation operation, SocketAddr address) {
        if (asksPolicy()) {
            net().require(operation, address);
        }
    }

    /** Whether a peer may be accepted; a listener that was handed in is a grant of its own. */
    private boolean welcomes(SocketAddr reached, SocketAddr peer) {
        return !asksPolicy()
                || asked == null
                || net().permitsPeer(NetworkOperation.ACCEPT, asked, reached, peer);
    }

    /** Whether a peer that connected is to be accepted, the policy apart. */
    abstract boolean accepts(SocketAddr peer);

    /** An accepted socket. */
    abstract StreamSocket accepted(StreamEndpoint endpoint, SocketAddr localAddress);

    /** Makes this an accepted socket. */
    final void establish(StreamEndpoint endpoint, SocketAddr localAddress) {
        local = localAddress;
        endpoint.onReadiness(this::told);
        io = new StreamIo(endpoint, this);
        state = State.CONNECTED;
    }

    /** An endpoint without a channel has news; on the peer's thread. */
    final void told(int conditions) {
        if (state == State.CONNECTING) {
            progressNow();
        }
        signal(conditions);
    }

    /**
     * Makes this a listener on an address, without asking the policy: who starts the guest has
     * decided.
     */
    final void listenFor(SocketAddr address, int backlog) throws IOException {
        BoundPort port = network.bind(address, Sharing.NONE);
        boolean listening = false;
        try {
            synchronized (lock) {
                listenOn(port.listen(backlog, 0));
                local = port.local();
            }
            listening = true;
        } finally {
            if (!listening) {
                port.close();
            }
        }
        net().reporter().listening(local);
    }

    private void listenOn(Acceptor source) {
        AcceptQueue listener = new AcceptQueue(source, net().aheadBudget());
        listener.onReadiness(() -> signal(Readiness.READ));
        acceptor = listener;
        state = State.LISTEN;
    }

    // ---- bind and listen

    @Override
    public final void bind(SocketAddr address) {
        SocketAddr wanted = checkLocal(address);
        boolean late = bindsLate(wanted);
        if (isUnbound() && !late) {
            require(NetworkOperation.BIND, wanted);
        }
        synchronized (lock) {
            if (!isUnbound()) {
                throw Errno.INVAL.exception();
            }
            requireOpen();
            if (late) {
                local = wanted;
            } else {
                reserve(wanted);
            }
            asked = wanted;
            boundByGuest = true;
            state = State.BOUND;
        }
        signal(-1);
    }

    private boolean isUnbound() {
        return state == State.FRESH || state == State.FAILED && !boundByGuest;
    }

    /** Takes the address from the network; under the lock. */
    private void reserve(SocketAddr address) {
        Sharing sharing = options.sharing();
        try {
            bound =
                    boundByGuest
                            ? network.rebind(address, sharing)
                            : network.bind(address, sharing);
            local = bound.local();
        } catch (IOException | RuntimeException e) {
            throw translate("bind", e);
        }
    }

    /**
     * Holds the local address that the guest has bound, when nobody does: it was bound late, or the
     * channel of an earlier attempt is gone; under the lock.
     */
    final void ensureReserved() {
        if (bound == null) {
            reserve(local);
        }
    }

    final void requireOpen() {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
    }

    @Override
    public final void listen(int backlog) {
        SocketAddr address = local;
        if (isBound()) {
            if (bindsLate(address)) {
                require(NetworkOperation.BIND, address);
            }
            if (asksPolicy()) {
                net().requireLocal(NetworkOperation.LISTEN, asked, address);
            }
        }
        synchronized (lock) {
            requireOpen();
            switch (state) {
                case BOUND, FAILED -> {
                    if (!isBound()) {
                        throw Errno.INVAL.exception();
                    }
                    // Linux takes the number as unsigned: a negative one asks for the longest queue
                    beginToListen(backlog < 0 ? Integer.MAX_VALUE : backlog);
                }
                case LISTEN -> {
                    // success; NIO can not change the backlog of a listener
                    return;
                }
                case CONNECTED -> throw Errno.ISCONN.exception();
                default -> throw Errno.INVAL.exception();
            }
        }
        net().reporter().listening(local);
        signal(-1);
        if (net().isStopping()) {
            stopTaking();
        }
    }

    private boolean isBound() {
        return state == State.BOUND || state == State.FAILED && boundByGuest;
    }

    private void beginToListen(int backlog) {
        ensureReserved();
        try {
            listenOn(bound.listen(backlog, options.receiveBuffer()));
            bound = null;
        } catch (IOException | RuntimeException e) {
            throw translate("listen", e);
        }
    }

    @Override
    public final SocketDescription accept(GuestThread thread, boolean dontWait) {
        long deadline = 0;
        for (; ; ) {
            AcceptQueue listener = acceptor;
            if (state != State.LISTEN || listener == null) {
                requireOpen();
                throw Errno.INVAL.exception();
            }
            StreamSocket child = tryAccept(listener);
            if (child != null) {
                consumed();
                tellAccepted(child);
                return child;
            }
            if (dontWait || isNonBlocking()) {
                exhausted(Readiness.READ);
                return null;
            }
            if (deadline == 0) {
                deadline = acceptDeadline();
            }
            if (!thread.awaitOrThrow(this, Readiness.READ, deadline)) {
                if (options.time(SockOption.ACCEPT_TIMEOUT) > 0) {
                    throw Errno.TIMEDOUT.exception();
                }
                return null;
            }
        }
    }

    private long acceptDeadline() {
        long accept = options.time(SockOption.ACCEPT_TIMEOUT);
        return deadline(accept > 0 ? accept : options.time(SockOption.RECV_TIMEOUT));
    }

    /** The next connection that may be accepted, or null when none waits. */
    private StreamSocket tryAccept(AcceptQueue listener) {
        for (; ; ) {
            StreamEndpoint endpoint;
            try {
                endpoint = listener.accept();
            } catch (IOException | RuntimeException e) {
                if (acceptor != listener) {
                    // closed, shut down or stopped by another thread
                    requireOpen();
                    if (state == State.LISTEN) {
                        return null;
                    }
                    throw Errno.INVAL.exception();
                }
                throw translate("accept", e);
            }
            if (endpoint == null) {
                return null;
            }
            StreamSocket child = admit(endpoint);
            if (child != null) {
                return child;
            }
        }
    }

    /** Nobody else knows the new socket yet. */
    private void tellAccepted(StreamSocket child) {
        child.told = true;
        child.since = System.nanoTime();
        net().reporter().accepted(child.local, child.remote);
    }

    /** Makes a socket of an accepted connection; null when the peer is not welcome or gone. */
    private StreamSocket admit(StreamEndpoint endpoint) {
        boolean admitted = false;
        try {
            SocketAddr peer = endpoint.remote();
            if (peer == null || !accepts(peer) || !welcomes(endpoint.local(), peer)) {
                return null;
            }
            StreamSocket child = accepted(endpoint, endpoint.local());
            child.options.applyTo(endpoint);
            child.remote = peer;
            child.inbound = true;
            admitted = true;
            return child;
        } catch (IOException e) {
            // reset before it was accepted
            errnoOf("accept", e);
            return null;
        } finally {
            if (!admitted) {
                closeQuietly(endpoint, true);
            }
        }
    }

    /** A listener that is shut for reading listens no more, but keeps its address, as on Linux. */
    final void stopListening(int how) {
        if ((how & SockFlags.SHUT_RD) == 0) {
            return;
        }
        AcceptQueue listener;
        synchronized (lock) {
            listener = acceptor;
            if (state != State.LISTEN || listener == null) {
                return;
            }
            acceptor = null;
            state = State.BOUND;
            if (asked == null) {
                // what was handed in is given up; to listen again is the guest's own wish
                asked = local;
            }
        }
        signal(-1);
        closeQuietly(listener);
        if (!stopped) {
            net().reporter().stoppedListening(local);
        }
        stopped = false;
    }

    @Override
    public final void stopTaking() {
        AcceptQueue listener;
        ClosedAcceptor rest;
        synchronized (lock) {
            listener = acceptor;
            if (state != State.LISTEN || listener == null || stopped) {
                return;
            }
            rest = new ClosedAcceptor(listener.local(), net().aheadBudget());
            acceptor = new AcceptQueue(rest, net().aheadBudget());
            stopped = true;
        }
        detach(listener.channel());
        try {
            rest.take(listener);
        } catch (IOException e) {
            net().reporter().hostError("accept", e);
        }
        closeQuietly(listener);
        signal(-1);
        net().reporter().stoppedListening(local);
    }

    final void closeQuietly(AcceptQueue listener) {
        detach(listener.channel());
        try {
            listener.close();
        } catch (IOException e) {
            net().reporter().hostError("close", e);
        }
        awaitRelease(listener.channel());
    }

    /** For a registration that came between: it is rare. */
    final void awaitRelease(SelectableChannel channel) {
        if (channel != null && channel.isRegistered()) {
            awaitRelease();
        }
    }
}
