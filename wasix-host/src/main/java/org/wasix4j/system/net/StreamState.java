package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * What a stream socket is at this moment, and what can be asked of it without changing it: state,
 * how a connection attempt stands, addresses, options. What can be waited for is in {@link
 * StreamReadiness}, the transitions are in {@link StreamSocket}.
 *
 * <p>Lock rule: every change of state is made under {@code lock}, which is not held while waiting
 * nor while the policy or the observer are asked. Reading the state takes no lock.
 */
abstract class StreamState extends SocketDescription implements Drainable {

    /** The states; {@code FAILED} after a connection attempt that did not succeed. */
    enum State {
        FRESH,
        BOUND,
        LISTEN,
        CONNECTING,
        CONNECTED,
        FAILED
    }

    final Object lock = new Object();
    final Network network;
    final StreamOptions options;

    volatile State state = State.FRESH;

    /**
     * The address held in state BOUND, unless it is held by nobody yet: see {@link StreamSocket}.
     */
    BoundPort bound;

    /** The local address as the guest knows it; null before there is one. */
    volatile SocketAddr local;

    /** The address given to bind, perhaps with port 0; null when the guest did not bind this. */
    volatile SocketAddr asked;

    /** The address of the last connection attempt. */
    volatile SocketAddr remote;

    /** Whether the guest asked for the local address, so that another attempt keeps it. */
    volatile boolean boundByGuest;

    /** Whether the peer has made the connection. */
    volatile boolean inbound;

    /** Whether a listener takes no more connections, see {@link StreamBinding#stopTaking}. */
    volatile boolean stopped;

    volatile AcceptQueue acceptor;
    volatile StreamIo io;

    /** What a connection attempt in the background ended with, until the guest has seen it. */
    volatile Errno connectError;

    /**
     * The connection was established in the background and connect has not answered success yet.
     */
    boolean unreportedSuccess;

    /** The connection was told of, so that its end has to be told too; guarded by the lock. */
    boolean told;

    /** When it was told of, by {@link System#nanoTime}; guarded by the lock. */
    long since;

    StreamState(NetContext net, Network network, AddressFamily family, StreamOptions options) {
        super(net, family, SockType.STREAM);
        this.network = network;
        this.options = options;
    }

    final State state() {
        return state;
    }

    final StreamOptions options() {
        return options;
    }

    /** The address of a socket that has none. */
    abstract SocketAddr unboundAddress();

    // ---- connection attempts

    /** Looks how a connection attempt in the background stands. */
    final void progressNow() {
        boolean settled;
        synchronized (lock) {
            if (state == State.CONNECTING && !isClosed()) {
                progress();
                settled = state != State.CONNECTING;
            } else {
                settled = false;
            }
        }
        if (!settled) {
            return;
        }
        // whoever else watches has asked the kernel for the connection, which it reports for ever
        signal(-1);
        tellConnected();
        releaseFailedAttempt();
    }

    /** Tells of a connection that was established, once; not under the lock. */
    final void tellConnected() {
        synchronized (lock) {
            if (told || state != State.CONNECTED) {
                return;
            }
            told = true;
            since = System.nanoTime();
        }
        net().reporter().connected(local, remote);
    }

    /** The JVM has closed the channel of an attempt that failed: selectors have to let it go. */
    final void releaseFailedAttempt() {
        if (state == State.FAILED) {
            awaitRelease();
        }
    }

    /** Looks how the connection attempt stands; under the lock. */
    final void progress() {
        StreamEndpoint endpoint = io.endpoint();
        try {
            if (endpoint.finishConnect()) {
                settleConnected(endpoint);
                unreportedSuccess = true;
            }
        } catch (IOException | RuntimeException e) {
            connectError = errnoOf("connect", e);
            closeQuietly(endpoint, false);
            io = null;
            state = State.FAILED;
        }
    }

    /** The outcome of a failed attempt, once; then the other error. */
    private ErrnoException takeConnectError(Errno otherwise) {
        synchronized (lock) {
            Errno error = connectError;
            connectError = null;
            return (error == null ? otherwise : error).exception();
        }
    }

    /**
     * The stream to read from or write to, or null while the connection is being established.
     *
     * @param whenFailed the error after a failed attempt whose own error was told already
     */
    final StreamIo stream(Errno whenFailed) {
        if (state == State.CONNECTING) {
            progressNow();
        }
        StreamIo stream = io;
        switch (state) {
            case CONNECTED -> {
                if (stream == null) {
                    throw Errno.BADF.exception();
                }
                return stream;
            }
            case CONNECTING -> {
                return null;
            }
            case FAILED -> throw takeConnectError(whenFailed);
            default -> throw Errno.NOTCONN.exception();
        }
    }

    /** A transfer came up short, see {@link org.wasix4j.system.wait.Pollable}. */
    final void cameUpShort(int condition) {
        exhausted(condition);
    }

    /**
     * Something was received.
     *
     * @param all whether nothing is left, for now
     */
    final void received(boolean all, boolean peeked) {
        StreamIo stream = io;
        if (peeked) {
            // the kernel, that others wait for, may have lost sight of what is looked at here
            signal(Readiness.READ);
        } else if (all && stream != null && !stream.hasEnded()) {
            exhausted(Readiness.READ);
        } else {
            consumed();
        }
    }

    /** The deadline of a timeout option, from now. */
    final long deadline(SockOption timeout) {
        return deadline(options.time(timeout));
    }

    static long deadline(long nanos) {
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    /** The connection is established; under the lock. */
    final void settleConnected(StreamEndpoint endpoint) throws IOException {
        local = endpoint.local();
        state = State.CONNECTED;
    }

    // ---- status and addresses

    @Override
    public final SockStatus status() {
        if (state == State.CONNECTING) {
            progressNow();
        }
        StreamIo stream = io;
        return switch (state) {
            case FRESH, CONNECTING -> SockStatus.OPENING;
            case BOUND, LISTEN -> SockStatus.OPENED;
            case FAILED -> SockStatus.FAILED;
            case CONNECTED -> {
                if (stream == null || stream.isBroken()) {
                    yield SockStatus.FAILED;
                }
                yield stream.isOver() ? SockStatus.CLOSED : SockStatus.OPENED;
            }
        };
    }

    @Override
    public final SocketAddr localAddress() {
        SocketAddr address = state == State.CONNECTING ? addressOfAttempt() : local;
        return address == null ? unboundAddress() : address;
    }

    /**
     * The local address while the connection is being established. The JVM knows it only when it
     * is, but for one that the guest has bound.
     */
    private SocketAddr addressOfAttempt() {
        StreamIo attempt = io;
        SocketAddr known;
        try {
            known = attempt == null ? local : attempt.endpoint().local();
        } catch (IOException e) {
            throw translate("getsockname", e);
        }
        if (known != null || !network.isMachines() || !(remote instanceof InetAddr peer)) {
            return known;
        }
        InetAddr only = TcpTable.connecting(peer);
        // still under way, so it was this one's
        progressNow();
        return state == State.CONNECTING ? only : local;
    }

    @Override
    public final SocketAddr peerAddress() {
        StreamIo stream = io;
        if (state != State.CONNECTED || stream == null || stream.isBroken()) {
            throw Errno.NOTCONN.exception();
        }
        try {
            SocketAddr peer = stream.endpoint().remote();
            if (peer == null) {
                throw Errno.NOTCONN.exception();
            }
            return peer;
        } catch (IOException e) {
            throw translate("getpeername", e);
        }
    }

    // ---- options

    final StreamEndpoint endpointOrNull() {
        StreamIo stream = io;
        return stream == null ? null : stream.endpoint();
    }

    @Override
    public final void setFlag(SockOption option, boolean on) {
        try {
            options.setFlag(option, on, state == State.FRESH, endpointOrNull());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public final boolean getFlag(SockOption option) {
        return options.getFlag(option, state == State.LISTEN);
    }

    @Override
    public final void setSize(SockOption option, long size) {
        try {
            options.setSize(option, size, endpointOrNull());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public final long getSize(SockOption option) {
        if (option == SockOption.LAST_ERROR) {
            return lastError().code();
        }
        StreamEndpoint endpoint = endpointOrNull();
        StreamEndpoint lent = null;
        try {
            if (endpoint == null
                    && (option == SockOption.RECV_BUF_SIZE || option == SockOption.SEND_BUF_SIZE)) {
                lent = network.open(family());
                options.applyTo(lent);
                endpoint = lent;
            }
            return options.getSize(option, endpoint);
        } catch (IOException e) {
            throw translate("getsockopt", e);
        } finally {
            if (lent != null) {
                closeQuietly(lent, false);
            }
        }
    }

    /** SO_ERROR: the pending error, which the guest has then seen. */
    private Errno lastError() {
        if (state == State.CONNECTING) {
            progressNow();
        }
        StreamIo stream = io;
        if (stream != null && (stream.endpoint().readiness() & Readiness.ERROR) != 0) {
            stream.probe();
        }
        Errno error;
        synchronized (lock) {
            error = connectError;
            connectError = null;
        }
        if (error == null && stream != null) {
            error = stream.takePending();
        }
        return error == null ? Errno.SUCCESS : error;
    }

    @Override
    public final void setTime(SockOption option, long nanos) {
        options.setTime(option, nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        return options.getTime(option);
    }
}
