package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.poll.Readiness;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/**
 * A stream socket as a state machine, over whatever carries its bytes. The states decide and the
 * host confirms: which call is legal when is known here, what only the kernel knows comes from
 * {@link JvmErrors}.
 *
 * <pre>
 * FRESH  --bind--> BOUND --listen--> LISTEN
 *   |                |
 *   +----connect-----+--> CONNECTING --> CONNECTED
 *                             |
 *                             +--> FAILED --connect--> CONNECTING
 * </pre>
 */
abstract class StreamSocket extends StreamState {

    private final StreamTransfer transfer = new StreamTransfer(this);

    StreamSocket(
            GuestProcess process, Network network, AddressFamily family, StreamOptions options) {
        super(process, network, family, options);
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

    private void require(NetworkOperation operation, SocketAddr address) {
        if (asksPolicy()) {
            process().require(operation, address);
        }
    }

    /** Whether a peer may be accepted; a listener that was handed in is a grant of its own. */
    private boolean welcomes(SocketAddr reached, SocketAddr peer) {
        return !asksPolicy()
                || asked == null
                || process().permitsPeer(NetworkOperation.ACCEPT, asked, reached, peer);
    }

    /** Whether a peer that connected is to be accepted, the policy apart. */
    abstract boolean accepts(SocketAddr peer);

    /** An accepted socket. */
    abstract StreamSocket accepted(StreamEndpoint endpoint, SocketAddr localAddress);

    /** Makes this an accepted socket. */
    final void establish(StreamEndpoint endpoint, SocketAddr localAddress) {
        local = localAddress;
        connected(endpoint);
    }

    private void connected(StreamEndpoint endpoint) {
        endpoint.onReadiness(this::told);
        io = new StreamIo(endpoint, this);
        state = State.CONNECTED;
    }

    /** An endpoint without a channel has news; on the peer's thread. */
    private void told(int conditions) {
        if (state == State.CONNECTING) {
            progressNow();
        }
        signal(conditions);
    }

    // ---- handed in

    /**
     * Makes this a listener on an address, without asking the policy: who starts the guest has
     * decided.
     */
    final void listenFor(SocketAddr address, int backlog) throws IOException {
        BoundPort port = network.bind(address, false, false);
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
        process().observer().listening(local);
    }

    private void listenOn(Acceptor listener) {
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
        try {
            bound =
                    network.bind(
                            address,
                            options.isOn(SockOption.REUSE_ADDR),
                            options.isOn(SockOption.REUSE_PORT));
            local = bound.local();
        } catch (IOException | RuntimeException e) {
            throw translate("bind", e);
        }
    }

    private void requireOpen() {
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
                process().requireLocal(NetworkOperation.LISTEN, asked, address);
            }
        }
        synchronized (lock) {
            requireOpen();
            switch (state) {
                case BOUND, FAILED -> {
                    if (!isBound()) {
                        throw Errno.INVAL.exception();
                    }
                    beginToListen(Math.max(1, backlog));
                }
                case LISTEN -> {
                    // success; NIO can not change the backlog of a listener
                    return;
                }
                case CONNECTED -> throw Errno.ISCONN.exception();
                default -> throw Errno.INVAL.exception();
            }
        }
        process().observer().listening(local);
        signal(-1);
        if (process().isStopping()) {
            stopTaking();
        }
    }

    private boolean isBound() {
        return state == State.BOUND || state == State.FAILED && boundByGuest;
    }

    private void beginToListen(int backlog) {
        if (bound == null) {
            reserve(local);
        }
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
            Acceptor listener = acceptor;
            if (state != State.LISTEN || listener == null) {
                requireOpen();
                throw Errno.INVAL.exception();
            }
            StreamSocket child = tryAccept(listener);
            if (child != null) {
                exhausted(Readiness.READ);
                process().observer().accepted(child.local, child.peerAddress());
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
    private StreamSocket tryAccept(Acceptor listener) {
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
            child.inbound = true;
            admitted = true;
            return child;
        } catch (IOException e) {
            // reset before it was accepted
            process().observer().hostError("accept", e);
            return null;
        } finally {
            if (!admitted) {
                closeQuietly(endpoint, true);
            }
        }
    }

    // ---- connect

    @Override
    public final void connect(GuestThread thread, SocketAddr address) {
        SocketAddr peer = checkRemote(address);
        State before = state;
        if (before != State.CONNECTED && before != State.LISTEN) {
            if (before == State.BOUND && bindsLate(local)) {
                require(NetworkOperation.BIND, local);
            }
            require(NetworkOperation.CONNECT, peer);
        }
        boolean done;
        try {
            synchronized (lock) {
                requireOpen();
                done = beginToConnect(peer);
            }
        } finally {
            if (before == State.CONNECTING && state != State.CONNECTING) {
                signal(-1);
            }
            releaseFailedAttempt();
        }
        if (done) {
            signal(-1);
            return;
        }
        if (isNonBlocking()) {
            throw Errno.INPROGRESS.exception();
        }
        awaitConnection(thread);
    }

    /** Under the lock; true when the connection is established, false when it is under way. */
    private boolean beginToConnect(SocketAddr peer) {
        switch (state) {
            case LISTEN -> throw Errno.ISCONN.exception();
            case CONNECTING -> {
                progress();
                if (state == State.CONNECTING) {
                    throw Errno.ALREADY.exception();
                }
                return answerOldAttempt();
            }
            case CONNECTED, FAILED -> {
                if (state == State.CONNECTED || connectError != null) {
                    return answerOldAttempt();
                }
            }
            default -> {}
        }
        StreamEndpoint endpoint = null;
        try {
            endpoint = endpointToConnect();
            endpoint.onReadiness(this::told);
            options.applyTo(endpoint);
            remote = peer;
            boolean established = endpoint.connect(peer);
            io = new StreamIo(endpoint, this);
            if (established) {
                settleConnected(endpoint);
            } else {
                state = State.CONNECTING;
            }
            return established;
        } catch (IOException | RuntimeException e) {
            Errno error = errnoOf("connect", e);
            if (endpoint != null) {
                closeQuietly(endpoint, false);
                state = State.FAILED;
                io = null;
            }
            throw error.exception();
        }
    }

    /** What connect answers when an earlier attempt has ended: once its outcome, then isconn. */
    private boolean answerOldAttempt() {
        Errno error = connectError;
        if (error != null) {
            connectError = null;
            throw error.exception();
        }
        if (unreportedSuccess) {
            unreportedSuccess = false;
            return true;
        }
        throw Errno.ISCONN.exception();
    }

    private StreamEndpoint endpointToConnect() throws IOException {
        if (!boundByGuest) {
            return network.open(family());
        }
        if (bound == null) {
            // bound late, or the channel of an earlier attempt is gone
            reserve(local);
        }
        BoundPort port = bound;
        bound = null;
        return port.endpoint();
    }

    private void awaitConnection(GuestThread thread) {
        long deadline = deadline(options.time(SockOption.CONNECT_TIMEOUT));
        while (state == State.CONNECTING) {
            ParkResult result = thread.await(this, Readiness.WRITE, deadline);
            progressNow();
            if (state == State.CONNECTING && !thread.resume(result)) {
                abandonAttempt();
                throw Errno.TIMEDOUT.exception();
            }
        }
        synchronized (lock) {
            requireOpen();
            if (state == State.CONNECTED) {
                unreportedSuccess = false;
                return;
            }
            Errno error = connectError;
            connectError = null;
            throw (error == null ? Errno.CONNABORTED : error).exception();
        }
    }

    private void abandonAttempt() {
        StreamIo attempt;
        synchronized (lock) {
            if (state != State.CONNECTING) {
                return;
            }
            attempt = io;
            io = null;
            state = State.FAILED;
        }
        closeAndRelease(attempt.endpoint(), options.lingersZero());
    }

    // ---- receive and send

    @Override
    public final long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        return transfer.receive(thread, buffers, count, flags);
    }

    @Override
    public final long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        return transfer.send(thread, buffers, count, flags);
    }

    @Override
    public final long sendFile(GuestThread thread, FileChannel file, long position, long count) {
        return transfer.sendFile(thread, file, position, count);
    }

    // ---- shutdown

    @Override
    public final void shutdown(int how) {
        if (how < SockFlags.SHUT_RD || how > SockFlags.SHUT_RDWR) {
            throw Errno.INVAL.exception();
        }
        switch (state) {
            case CONNECTED -> shutdownStream(how);
            case LISTEN -> stopListening(how);
            // as on Linux: the attempt is given up
            case CONNECTING -> abandonAttempt();
            default -> throw Errno.NOTCONN.exception();
        }
        signal(-1);
    }

    private void shutdownStream(int how) {
        StreamIo stream = io;
        if (stream == null || stream.isBroken()) {
            throw Errno.NOTCONN.exception();
        }
        if ((how & SockFlags.SHUT_RD) != 0) {
            stream.shutdownRead();
        }
        if ((how & SockFlags.SHUT_WR) != 0) {
            try {
                stream.shutdownWrite();
            } catch (IOException e) {
                throw translate("shutdown", e);
            }
        }
    }

    @Override
    public final void stopTaking() {
        Acceptor listener;
        ClosedAcceptor rest;
        synchronized (lock) {
            listener = acceptor;
            if (state != State.LISTEN || listener == null || listener instanceof ClosedAcceptor) {
                return;
            }
            rest = new ClosedAcceptor(listener.local());
            acceptor = rest;
        }
        detach(listener.channel());
        try {
            rest.take(listener);
        } catch (IOException e) {
            process().observer().hostError("accept", e);
        }
        closeQuietly(listener);
        signal(-1);
        process().observer().stoppedListening(local);
    }

    /** A listener that is shut for reading listens no more, but keeps its address, as on Linux. */
    private void stopListening(int how) {
        if ((how & SockFlags.SHUT_RD) == 0) {
            return;
        }
        Acceptor listener;
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
        process().observer().stoppedListening(local);
    }

    private void closeQuietly(Acceptor listener) {
        detach(listener.channel());
        try {
            listener.close();
        } catch (IOException e) {
            process().observer().hostError("close", e);
        }
        awaitRelease(listener.channel());
    }

    private void closeQuietly(StreamIo stream) {
        StreamEndpoint endpoint = stream.endpoint();
        if (state == State.CONNECTED
                && !boundByGuest
                && stream.endsPlainly()
                && !options.lingersZero()) {
            // the JVM sends the end of the stream at once, the rest can wait for the next select
            closeQuietly(endpoint, false);
            releaseSoon();
            return;
        }
        // what was looked at and never received has left the kernel's queue: it would not reset
        closeAndRelease(endpoint, options.lingersZero() || stream.hasAhead());
    }

    private void closeAndRelease(StreamEndpoint endpoint, boolean reset) {
        detach(endpoint.channel());
        closeQuietly(endpoint, reset);
        awaitRelease(endpoint.channel());
    }

    /** For a registration that came between: it is rare. */
    private void awaitRelease(SelectableChannel channel) {
        if (channel != null && channel.isRegistered()) {
            awaitRelease();
        }
    }

    // ---- close

    @Override
    protected final void onClose() {
        BoundPort port;
        Acceptor listener;
        StreamIo stream;
        synchronized (lock) {
            port = bound;
            listener = acceptor;
            stream = io;
            bound = null;
            acceptor = null;
            io = null;
        }
        if (port != null) {
            port.close();
        }
        if (listener != null) {
            closeQuietly(listener);
        }
        if (stream != null) {
            closeQuietly(stream);
        }
        if (listener instanceof ClosedAcceptor) {
            return; // which was told when it stopped
        }
        if (listener != null) {
            process().observer().stoppedListening(local);
        } else if (stream != null) {
            process().observer().closed(local);
        }
    }
}
