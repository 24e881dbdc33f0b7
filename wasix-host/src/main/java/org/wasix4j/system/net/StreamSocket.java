package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;
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
abstract class StreamSocket extends StreamBinding {

    /** How long to wait before a full queue is asked again, at first and at most. */
    private static final long FIRST_PAUSE = 1_000_000;

    private static final long LAST_PAUSE = 32_000_000;

    private final StreamTransfer transfer = new StreamTransfer(this);

    StreamSocket(NetContext net, Network network, AddressFamily family, StreamOptions options) {
        super(net, network, family, options);
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
        boolean done = isNonBlocking() ? begin(peer) : beginWhenThereIsRoom(thread, peer);
        if (done || state != State.CONNECTING) {
            signal(-1);
        }
        if (done) {
            return;
        }
        if (isNonBlocking()) {
            throw Errno.INPROGRESS.exception();
        }
        awaitConnection(thread);
    }

    /** True when the connection is established, false when it is under way. */
    private boolean begin(SocketAddr peer) {
        State before = state;
        try {
            synchronized (lock) {
                requireOpen();
                return beginToConnect(peer);
            }
        } finally {
            if (before == State.CONNECTING && state != State.CONNECTING) {
                signal(-1);
            }
            releaseFailedAttempt();
            tellConnected();
        }
    }

    /** As {@link #begin}; waits while the queue of a listener on this machine is full. */
    private boolean beginWhenThereIsRoom(GuestThread thread, SocketAddr peer) {
        try {
            return begin(peer);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.AGAIN) {
                throw e;
            }
        }
        Runnable takeBack = network.awaitRoom(thread::wake);
        try {
            return beginAgainAndAgain(thread, peer);
        } finally {
            takeBack.run();
        }
    }

    /** Nobody may tell of room, if the listener is not in this JVM: so it is asked now and then. */
    private boolean beginAgainAndAgain(GuestThread thread, SocketAddr peer) {
        long pause = FIRST_PAUSE;
        long deadline = 0;
        for (; ; ) {
            try {
                return begin(peer);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.AGAIN) {
                    throw e;
                }
            }
            if (deadline == 0) {
                deadline = connectDeadline();
            }
            if (deadline != GuestThread.FOREVER && deadline - System.nanoTime() <= 0) {
                boolean own = options.time(SockOption.CONNECT_TIMEOUT) > 0;
                throw (own ? Errno.TIMEDOUT : Errno.AGAIN).exception();
            }
            thread.beginWait();
            thread.want(this, 0);
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            long end = System.nanoTime() + pause;
            boolean early = deadline != GuestThread.FOREVER && deadline - end < 0;
            thread.resume(thread.park(early ? deadline : end));
            requireOpen();
            pause = Math.min(2 * pause, LAST_PAUSE);
        }
    }

    /** The guest's own limit, or that of sending, which is Linux's for unix sockets. */
    private long connectDeadline() {
        long own = options.time(SockOption.CONNECT_TIMEOUT);
        return deadline(own > 0 ? own : options.time(SockOption.SEND_TIMEOUT));
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
                return true;
            }
            state = State.CONNECTING;
            if (endpoint.channel() == null) {
                // the peer may have told of the outcome before it could be told here
                progress();
                unreportedSuccess = false;
            }
            return state == State.CONNECTED;
        } catch (IOException | RuntimeException e) {
            Errno error = errnoOf("connect", e);
            if (endpoint != null) {
                closeQuietly(endpoint, false);
                io = null;
                state = error != Errno.AGAIN ? State.FAILED : unconnected();
            }
            throw error.exception();
        }
    }

    /** The state of one that has not tried to connect. */
    private State unconnected() {
        return boundByGuest ? State.BOUND : State.FRESH;
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
        ensureReserved();
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

    private void closeQuietly(StreamIo stream) {
        StreamEndpoint endpoint = stream.endpoint();
        if (options.time(SockOption.LINGER) > 0) {
            linger(stream, deadline(SockOption.LINGER));
        }
        if (state == State.CONNECTED
                && !boundByGuest
                && !options.lingersZero()
                && (isWatched() ? stream.endsPlainly() : !stream.hasAhead())) {
            // the JVM sends the end of the stream at once, the rest can wait for the next select
            closeQuietly(endpoint, false);
            releaseSoon();
            return;
        }
        // what was looked at and never received has left the kernel's queue: it would not reset
        closeAndRelease(endpoint, options.lingersZero() || stream.hasAhead());
    }

    /**
     * Waits until the peer has acknowledged everything, SO_LINGER: not when the end is a reset
     * anyway, nor when the process ends. A signal or the deadline end the wait, and what is unsent
     * is sent all the same.
     */
    private void linger(StreamIo stream, long deadline) {
        GuestThread thread = net().callingThread();
        if (thread == null
                || !network.isMachines()
                || net().isEnding()
                || state != State.CONNECTED
                || !stream.endsPlainly()) {
            return;
        }
        try {
            stream.shutdownWrite();
            if (!(stream.endpoint().local() instanceof InetAddr here)
                    || !(stream.endpoint().remote() instanceof InetAddr there)) {
                return;
            }
            long pause = FIRST_PAUSE;
            while (!TcpTable.isAcknowledged(here, there) && deadline - System.nanoTime() > 0) {
                thread.beginWait();
                long end = System.nanoTime() + pause;
                ParkResult result = thread.park(deadline - end < 0 ? deadline : end);
                if (result == ParkResult.SIGNAL || result == ParkResult.ENDING) {
                    return;
                }
                pause = Math.min(2 * pause, LAST_PAUSE);
            }
        } catch (IOException e) {
            // nothing to wait for
        }
    }

    private void closeAndRelease(StreamEndpoint endpoint, boolean reset) {
        detach(endpoint.channel());
        closeQuietly(endpoint, reset);
        awaitRelease(endpoint.channel());
    }

    // ---- close

    @Override
    protected final void onClose() {
        BoundPort port;
        AcceptQueue listener;
        StreamIo stream;
        boolean connection;
        synchronized (lock) {
            connection = told;
            told = true;
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
            stream.forgetAhead();
        }
        if (listener != null && stopped) {
            return; // which was told when it stopped
        }
        if (listener != null) {
            net().reporter().stoppedListening(local);
        } else if (stream != null && connection) {
            long age = System.nanoTime() - since;
            net().reporter().closed(local, remote, stream.received(), stream.sent(), age);
        }
    }
}
