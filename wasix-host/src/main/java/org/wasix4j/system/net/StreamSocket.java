package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.poll.Readiness;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
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
 *
 * <p>Lock rule: every change of state is made under {@code lock}, which is not held while waiting
 * nor while the policy or the observer are asked. Reading the state takes no lock.
 */
abstract class StreamSocket extends SocketDescription {

    /** The states; {@code FAILED} after a connection attempt that did not succeed. */
    enum State {
        FRESH,
        BOUND,
        LISTEN,
        CONNECTING,
        CONNECTED,
        FAILED
    }

    private final Object lock = new Object();
    private final Network network;
    private final TcpOptions options;

    private volatile State state = State.FRESH;

    /** The address held in state BOUND, unless it is held by nobody yet: see {@link #reserve}. */
    private BoundPort bound;

    /** The local address as the guest knows it; null before there is one. */
    private volatile SocketAddr local;

    /** The address given to bind, perhaps with port 0: the policy knows the two apart. */
    private volatile SocketAddr asked;

    /** The address of the last connection attempt. */
    private volatile SocketAddr remote;

    /** Whether the guest asked for the local address, so that another attempt keeps it. */
    private volatile boolean boundByGuest;

    private volatile Acceptor acceptor;
    private volatile StreamIo io;

    /** What a connection attempt in the background ended with, until the guest has seen it. */
    private volatile Errno connectError;

    /**
     * The connection was established in the background and connect has not answered success yet.
     */
    private boolean unreportedSuccess;

    StreamSocket(GuestProcess process, Network network, AddressFamily family, TcpOptions options) {
        super(process, family, SockType.STREAM);
        this.network = network;
        this.options = options;
    }

    final State state() {
        return state;
    }

    final TcpOptions options() {
        return options;
    }

    // ---- what the families differ in

    /** Checks an address to bind; throws what Linux answers for a foreign or impossible one. */
    abstract SocketAddr checkLocal(SocketAddr address);

    /** Checks an address to connect to. */
    abstract SocketAddr checkRemote(SocketAddr address);

    /** The address of a socket that has none. */
    abstract SocketAddr unboundAddress();

    /** Whether binding only takes note of the address, which is reserved when it is used. */
    abstract boolean bindsLate(SocketAddr address);

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
        endpoint.onReadiness(() -> signal(Readiness.READ | Readiness.WRITE));
        io = new StreamIo(endpoint, this);
        state = State.CONNECTED;
    }

    // ---- bind and listen

    @Override
    public final void bind(SocketAddr address) {
        SocketAddr wanted = checkLocal(address);
        boolean late = bindsLate(wanted);
        if (isUnbound() && !late) {
            process().require(NetworkOperation.BIND, wanted);
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
                process().require(NetworkOperation.BIND, address);
            }
            process().requireLocal(NetworkOperation.LISTEN, asked, address);
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
    }

    private boolean isBound() {
        return state == State.BOUND || state == State.FAILED && boundByGuest;
    }

    private void beginToListen(int backlog) {
        if (bound == null) {
            reserve(local);
        }
        try {
            Acceptor listener = bound.listen(backlog, options.receiveBuffer());
            listener.onReadiness(() -> signal(Readiness.READ));
            acceptor = listener;
            bound = null;
            state = State.LISTEN;
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
                    // closed or shut down by another thread
                    requireOpen();
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
            if (peer == null
                    || !accepts(peer)
                    || !process()
                            .permitsPeer(NetworkOperation.ACCEPT, asked, endpoint.local(), peer)) {
                return null;
            }
            StreamSocket child = accepted(endpoint, endpoint.local());
            child.options.applyTo(endpoint);
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
                process().require(NetworkOperation.BIND, local);
            }
            process().require(NetworkOperation.CONNECT, peer);
        }
        boolean done;
        try {
            synchronized (lock) {
                requireOpen();
                done = beginToConnect(peer);
            }
        } finally {
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
            endpoint.onReadiness(() -> signal(Readiness.READ | Readiness.WRITE));
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

    private void settleConnected(StreamEndpoint endpoint) throws IOException {
        local = endpoint.local();
        state = State.CONNECTED;
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
        closeQuietly(attempt.endpoint());
    }

    private void progressNow() {
        synchronized (lock) {
            if (state == State.CONNECTING && !isClosed()) {
                progress();
            }
        }
        if (state == State.CONNECTED) {
            process().observer().connected(local, remote);
        }
        releaseFailedAttempt();
    }

    /** The JVM has closed the channel of an attempt that failed: selectors have to let it go. */
    private void releaseFailedAttempt() {
        if (state == State.FAILED) {
            awaitRelease();
        }
    }

    /** Looks how the connection attempt stands; under the lock. */
    private void progress() {
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

    // ---- receive and send

    @Override
    public final long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        boolean wait = !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        boolean all = wait && !peek && (flags & SockFlags.RECV_WAITALL) != 0;
        long wanted = StreamIo.remaining(buffers, count);
        long done = 0;
        long deadline = 0;
        for (; ; ) {
            long read;
            try {
                read = tryReceive(buffers, count, peek, wanted == 0);
            } catch (ErrnoException e) {
                return partial(done, e);
            }
            if (read > 0) {
                done += read;
            }
            if (read == 0 || done > 0 && (!all || done == wanted)) {
                if (done < wanted) {
                    exhausted(Readiness.READ);
                }
                return done;
            }
            if (!wait) {
                exhausted(Readiness.READ);
                return WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = deadline(options.time(SockOption.RECV_TIMEOUT));
            }
            try {
                if (!thread.awaitOrThrow(this, Readiness.READ, deadline)) {
                    return done > 0 ? done : WOULD_BLOCK;
                }
            } catch (ErrnoException e) {
                if (done > 0 && e.errno() == Errno.INTR) {
                    return done;
                }
                throw e;
            }
        }
    }

    /** An error after progress is kept for the next call. */
    private long partial(long done, ErrnoException error) {
        StreamIo stream = io;
        if (done == 0 || stream == null) {
            throw error;
        }
        stream.defer(error.errno());
        return done;
    }

    private long tryReceive(ByteBuffer[] buffers, int count, boolean peek, boolean nothing) {
        State now = state;
        if (now == State.CONNECTING) {
            progressNow();
            now = state;
        }
        StreamIo stream = io;
        switch (now) {
            case CONNECTED -> {
                if (stream == null) {
                    throw Errno.BADF.exception();
                }
                return nothing ? 0 : stream.tryRead(buffers, count, peek);
            }
            case CONNECTING -> {
                return WOULD_BLOCK;
            }
            case FAILED -> throw takeConnectError(Errno.NOTCONN);
            default -> throw Errno.NOTCONN.exception();
        }
    }

    private ErrnoException takeConnectError(Errno otherwise) {
        synchronized (lock) {
            Errno error = connectError;
            connectError = null;
            return (error == null ? otherwise : error).exception();
        }
    }

    @Override
    public final long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        long wanted = StreamIo.remaining(buffers, count);
        long done = 0;
        long deadline = 0;
        for (; ; ) {
            long written;
            try {
                written = trySend(buffers, count);
            } catch (ErrnoException e) {
                return partial(done, e);
            }
            if (written > 0) {
                done += written;
            }
            if (done == wanted && written != WOULD_BLOCK) {
                return done;
            }
            if (!wait) {
                exhausted(Readiness.WRITE);
                return done > 0 ? done : WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = deadline(options.time(SockOption.SEND_TIMEOUT));
            }
            try {
                if (!thread.awaitOrThrow(this, Readiness.WRITE, deadline)) {
                    return done > 0 ? done : WOULD_BLOCK;
                }
            } catch (ErrnoException e) {
                if (done > 0 && e.errno() == Errno.INTR) {
                    return done;
                }
                throw e;
            }
        }
    }

    private long trySend(ByteBuffer[] buffers, int count) {
        State now = state;
        if (now == State.CONNECTING) {
            progressNow();
            now = state;
        }
        StreamIo stream = io;
        switch (now) {
            case CONNECTED -> {
                if (stream == null) {
                    throw Errno.BADF.exception();
                }
                return stream.tryWrite(buffers, count);
            }
            case CONNECTING -> {
                return WOULD_BLOCK;
            }
            case FAILED -> throw takeConnectError(Errno.PIPE);
            default -> throw Errno.NOTCONN.exception();
        }
    }

    private static long deadline(long nanos) {
        return nanos <= 0 ? GuestThread.FOREVER : Clocks.deadlineIn(nanos);
    }

    // ---- shutdown, status, addresses

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
        }
        signal(-1);
        closeQuietly(listener);
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

    private void closeQuietly(StreamEndpoint endpoint) {
        detach(endpoint.channel());
        closeQuietly(endpoint, options.lingersZero());
        awaitRelease(endpoint.channel());
    }

    /** For a registration that came between: it is rare. */
    private void awaitRelease(SelectableChannel channel) {
        if (channel != null && channel.isRegistered()) {
            awaitRelease();
        }
    }

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
        SocketAddr address = local;
        if (state == State.CONNECTING) {
            try {
                StreamIo attempt = io;
                address = attempt == null ? address : attempt.endpoint().local();
            } catch (IOException e) {
                throw translate("getsockname", e);
            }
        }
        return address == null ? unboundAddress() : address;
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

    private StreamEndpoint endpointOrNull() {
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
        synchronized (lock) {
            Errno error = connectError;
            connectError = null;
            StreamIo stream = io;
            if (error == null && stream != null) {
                error = stream.takePending();
            }
            return error == null ? Errno.SUCCESS : error;
        }
    }

    @Override
    public final void setTime(SockOption option, long nanos) {
        options.setTime(option, nanos);
    }

    @Override
    public final long getTime(SockOption option) {
        return options.getTime(option);
    }

    // ---- readiness

    @Override
    public final int readiness(int interest) {
        StreamIo stream = io;
        Acceptor listener = acceptor;
        int ready =
                switch (state) {
                    case FRESH, BOUND -> Readiness.READ | Readiness.WRITE | Readiness.HANGUP;
                    case LISTEN -> listener != null && listener.isReady() ? Readiness.READ : 0;
                    case CONNECTING -> 0;
                    case FAILED ->
                            Readiness.READ
                                    | Readiness.WRITE
                                    | Readiness.HANGUP
                                    | Readiness.READ_HANGUP
                                    | (connectError != null ? Readiness.ERROR : 0);
                    case CONNECTED -> stream == null ? 0 : stream.readiness();
                };
        return ready & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public final SelectableChannel channel() {
        Acceptor listener = acceptor;
        if (listener != null) {
            return listener.channel();
        }
        StreamEndpoint endpoint = endpointOrNull();
        return endpoint == null ? null : endpoint.channel();
    }

    @Override
    public final int selectOps(int interest) {
        switch (state) {
            case LISTEN -> {
                return (interest & Readiness.READ) != 0 ? SelectionKey.OP_ACCEPT : 0;
            }
            case CONNECTING -> {
                return SelectionKey.OP_CONNECT;
            }
            case CONNECTED -> {
                StreamIo stream = io;
                // what is known to be ready, and stays so, need not be watched
                int known = stream == null ? -1 : stream.readiness();
                int ops = 0;
                if ((interest & ~known & Readiness.READ) != 0) {
                    ops |= SelectionKey.OP_READ;
                }
                if ((interest & ~known & Readiness.WRITE) != 0) {
                    ops |= SelectionKey.OP_WRITE;
                }
                return ops;
            }
            default -> {
                return 0;
            }
        }
    }

    @Override
    public final int settle(int readyOps, int interest) {
        int ready = 0;
        switch (state) {
            case LISTEN -> ready = Readiness.READ;
            case CONNECTING -> {
                progressNow();
                if (state == State.CONNECTED) {
                    ready = Readiness.WRITE;
                    signal(-1);
                } else if (state == State.FAILED) {
                    signal(-1);
                }
            }
            case CONNECTED -> {
                StreamIo stream = io;
                if ((readyOps & SelectionKey.OP_READ) != 0 && stream != null) {
                    stream.probe();
                    ready |= Readiness.READ;
                }
                if ((readyOps & SelectionKey.OP_WRITE) != 0) {
                    ready |= Readiness.WRITE;
                }
            }
            default -> {}
        }
        return ready & interest | readiness(interest);
    }

    @Override
    public final long readableBytes() {
        StreamIo stream = io;
        return switch (state) {
            case LISTEN -> 1;
            case CONNECTED -> stream == null ? 0 : stream.readableBytes();
            default -> 0;
        };
    }

    @Override
    public final long writableBytes() {
        return state == State.CONNECTED ? super.writableBytes() : 0;
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
            closeQuietly(stream.endpoint());
        }
        if (listener != null || stream != null) {
            process().observer().closed(local);
        }
    }
}
