package org.wasix4j.system.net;

import java.io.IOException;
import java.util.Objects;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.net.StreamPhase.Bound;
import org.wasix4j.system.net.StreamPhase.Failed;
import org.wasix4j.system.net.StreamPhase.Fresh;
import org.wasix4j.system.net.StreamPhase.LocalName;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SocketAddr;

/** One call of connect(2) on a stream socket. */
final class StreamConnector {

    /** How long to wait before a full queue is asked again, at first and at most. */
    private static final long FIRST_PAUSE = 1_000_000;

    private static final long LAST_PAUSE = 32_000_000;

    private final StreamSocket socket;
    private final SocketAddr peer;

    StreamConnector(StreamSocket socket, SocketAddr peer) {
        this.socket = socket;
        this.peer = peer;
    }

    /** See {@link SocketDescription#connect}. */
    void connect(GuestThread thread) {
        StreamPhase before = socket.phase();
        if (!(before instanceof Connection) && !(before instanceof Listening)) {
            if (before instanceof Bound bound && socket.kind.bindsLate(bound.local())) {
                socket.require(NetworkOperation.BIND, bound.local());
            }
            socket.require(NetworkOperation.CONNECT, peer);
        }
        boolean done = socket.isNonBlocking() ? begin() : beginWhenThereIsRoom(thread);
        if (done || !isConnecting()) {
            socket.signal(-1);
        }
        if (done) {
            return;
        }
        if (socket.isNonBlocking()) {
            throw Errno.INPROGRESS.exception();
        }
        awaitConnection(thread);
    }

    private boolean isConnecting() {
        return socket.phase() instanceof Connecting;
    }

    /** True when the connection is established, false when it is under way. */
    private boolean begin() {
        boolean before = isConnecting();
        try {
            synchronized (socket.lock) {
                socket.requireOpen();
                return beginLocked();
            }
        } finally {
            if (before && !isConnecting()) {
                socket.signal(-1);
            }
            Connecting.releaseIfFailed(socket);
            Connection.announce(socket);
        }
    }

    /** As {@link #begin}; waits while the queue of a listener on this machine is full. */
    private boolean beginWhenThereIsRoom(GuestThread thread) {
        try {
            return begin();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.AGAIN) {
                throw e;
            }
        }
        Runnable takeBack = socket.network.awaitRoom(thread::wake);
        try {
            return beginAgainAndAgain(thread);
        } finally {
            takeBack.run();
        }
    }

    /** Room may be made by a listener outside this JVM, unseen: so it is asked now and then. */
    private boolean beginAgainAndAgain(GuestThread thread) {
        long pause = FIRST_PAUSE;
        long deadline = 0;
        for (; ; ) {
            try {
                return begin();
            } catch (ErrnoException e) {
                if (e.errno() != Errno.AGAIN) {
                    throw e;
                }
            }
            if (deadline == 0) {
                // the guest's own limit, or that of sending, which is Linux's for unix sockets
                deadline =
                        socket.options()
                                .firstDeadline(SockOption.CONNECT_TIMEOUT, SockOption.SEND_TIMEOUT);
            }
            if (deadline != GuestThread.FOREVER && deadline - System.nanoTime() <= 0) {
                boolean own = socket.options().get(SockOption.CONNECT_TIMEOUT) > 0;
                throw (own ? Errno.TIMEDOUT : Errno.AGAIN).exception();
            }
            thread.beginWait();
            thread.want(socket, 0);
            socket.requireOpen();
            long end = System.nanoTime() + pause;
            boolean early = deadline != GuestThread.FOREVER && deadline - end < 0;
            thread.resume(thread.park(early ? deadline : end));
            socket.requireOpen();
            pause = Math.min(2 * pause, LAST_PAUSE);
        }
    }

    /** Under the lock; true when the connection is established, false when it is under way. */
    private boolean beginLocked() {
        StreamPhase now = socket.phase();
        if (now instanceof Listening) {
            throw Errno.ISCONN.exception();
        }
        if (now instanceof Connecting attempt) {
            now = attempt.progress(socket);
            socket.become(now);
            if (now == attempt) {
                throw Errno.ALREADY.exception();
            }
            return answerOldAttempt(now);
        }
        if (now instanceof Connection || now instanceof Failed failed && failed.isPending()) {
            return answerOldAttempt(now);
        }
        LocalName name = now.name();
        StreamEndpoint endpoint = null;
        try {
            endpoint = name == null ? socket.network.open(socket.family()) : boundEndpoint(now);
            return begin(endpoint, name);
        } catch (IOException | RuntimeException e) {
            Errno error = socket.errnoOf("connect", e);
            if (endpoint != null) {
                socket.closeQuietly(endpoint, false);
                socket.become(error != Errno.AGAIN ? new Failed(name, null) : unconnected(name));
            }
            throw error.exception();
        }
    }

    private boolean begin(StreamEndpoint opened, @Nullable LocalName name) throws IOException {
        opened.onReadiness(socket::heard);
        socket.options().applyTo(opened);
        boolean established = opened.connect(peer);
        StreamEndpoint endpoint = opened.carrier();
        if (endpoint != opened) {
            endpoint.onReadiness(socket::heard);
        }
        Connecting attempt = new Connecting(endpoint, peer, name);
        if (established) {
            socket.become(attempt.established(socket));
            return true;
        }
        socket.become(attempt);
        if (endpoint.channel() == null) {
            // the peer may have announced the outcome before the listener was set
            socket.become(attempt.progress(socket));
            Connection connection = socket.connectionOrNull();
            if (connection != null) {
                connection.unreportedSuccess = false;
            }
        }
        return socket.phase() instanceof Connection;
    }

    /** An endpoint with the address that the guest has bound, which no other object holds then. */
    private StreamEndpoint boundEndpoint(StreamPhase from) throws IOException {
        Bound bound = socket.binder().held(from);
        socket.become(new Bound(bound.name(), null));
        return Objects.requireNonNull(bound.port()).endpoint();
    }

    /** The phase of one that has not tried to connect. */
    private static StreamPhase unconnected(@Nullable LocalName name) {
        return name == null ? Fresh.INSTANCE : new Bound(name, null);
    }

    /** What connect answers when an earlier attempt has ended: once its outcome, then isconn. */
    private static boolean answerOldAttempt(StreamPhase outcome) {
        if (outcome instanceof Failed failed) {
            Errno error = failed.take();
            if (error != null) {
                throw error.exception();
            }
        }
        if (outcome instanceof Connection connection && connection.unreportedSuccess) {
            connection.unreportedSuccess = false;
            return true;
        }
        throw Errno.ISCONN.exception();
    }

    private void awaitConnection(GuestThread thread) {
        long deadline = socket.options().deadline(SockOption.CONNECT_TIMEOUT);
        while (isConnecting()) {
            ParkResult result = thread.await(socket, Readiness.WRITE, deadline);
            Connecting.poll(socket);
            if (isConnecting() && !thread.resume(result)) {
                Connecting.abandon(socket);
                throw Errno.TIMEDOUT.exception();
            }
        }
        synchronized (socket.lock) {
            socket.requireOpen();
            StreamPhase now = socket.phase();
            if (now instanceof Connection connection) {
                connection.unreportedSuccess = false;
                return;
            }
            Errno error = now instanceof Failed failed ? failed.take() : null;
            throw (error == null ? Errno.CONNABORTED : error).exception();
        }
    }
}
