package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.Objects;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SocketAddr;

/**
 * A connection: its two halves, and what is known of both together. One thread can read while
 * another writes. Stays until the socket is closed, also when it was reset or shut down.
 */
final class Connection implements StreamPhase {

    final ReadHalf reads;
    final WriteHalf writes;

    private final StreamEndpoint endpoint;
    private final ConnectionFlags condition;
    private final SocketAddr local;
    private final SocketAddr remote;
    private final @Nullable LocalName name;
    private final boolean inbound;

    /** The thread that has sent something last, or null. */
    private volatile @Nullable GuestThread sender;

    /**
     * The success of the attempt was not reported to the guest yet; guarded by the socket's lock.
     */
    boolean unreportedSuccess;

    /**
     * Whether the observer was notified of it, and has to be of its end; under the socket's lock.
     */
    boolean announced;

    /** When it was announced, by {@link System#nanoTime}; guarded by the socket's lock. */
    long since;

    /**
     * A connection that is established.
     *
     * @param name what the guest has bound before it connected, or null
     * @param inbound whether the peer has made it
     */
    Connection(
            StreamSocket socket,
            StreamEndpoint endpoint,
            SocketAddr remote,
            @Nullable LocalName name,
            boolean inbound)
            throws IOException {
        this.endpoint = endpoint;
        this.local = Objects.requireNonNull(endpoint.local());
        this.remote = remote;
        this.name = name;
        this.inbound = inbound;
        this.condition = new ConnectionFlags(socket);
        StreamTraffic traffic = new StreamTraffic(socket.counters());
        AnswerFraming answer = inbound ? new AnswerFraming() : null;
        this.reads =
                new ReadHalf(endpoint, condition, traffic, answer, socket.net().readAheadBudget());
        this.writes = new WriteHalf(endpoint, condition, traffic, answer);
    }

    /** Reports the connection that a socket has made, once; not under the lock. */
    static void announce(StreamSocket socket) {
        Connection connection;
        synchronized (socket.lock) {
            connection = socket.connectionOrNull();
            if (connection == null || connection.announced) {
                return;
            }
            connection.announced = true;
            connection.since = System.nanoTime();
        }
        socket.net().reporter().connected(connection.local, connection.remote);
    }

    @Override
    public StreamEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public @Nullable LocalName name() {
        return name;
    }

    /** The peer's address as it was when the connection was made. */
    SocketAddr remote() {
        return remote;
    }

    /** The peer's address; notconn when the connection is reset. */
    SocketAddr peerAddress() throws IOException {
        SocketAddr peer = condition.isBroken() ? null : endpoint.remote();
        if (peer == null) {
            throw Errno.NOTCONN.exception();
        }
        return peer;
    }

    // ---- errors

    /** Keeps an error for the next call, because this one has made progress. */
    void defer(Errno error) {
        condition.defer(error);
    }

    /** SO_ERROR: the error that the guest has not seen yet, or null; it has seen it then. */
    @Nullable
    Errno takeError() {
        reads.probeForError();
        return condition.take();
    }

    // ---- ends

    /**
     * Ends one or both directions. What is queued can still be read, then comes the end; Linux
     * tells the peer nothing of a shutdown for reading, so the channel is left as it is.
     */
    void shutdown(int how) throws IOException {
        if (condition.isBroken()) {
            throw Errno.NOTCONN.exception();
        }
        if ((how & SockFlags.SHUT_RD) != 0) {
            reads.shutdown();
        }
        if ((how & SockFlags.SHUT_WR) != 0) {
            writes.shutdown();
        }
    }

    // ---- readiness

    @Override
    public int readiness() {
        if (condition.isSuspect()) {
            reads.lookForReset();
        }
        return endpoint.readiness() | condition.readiness();
    }

    /** What is known to be ready, and stays so, need not be watched. */
    @Override
    public int selectOps(int interest) {
        return Readiness.selectOps(interest & ~readiness());
    }

    @Override
    public int settle(StreamSocket socket, int readyOps) {
        int ready = 0;
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            boolean alone = !socket.hasSeveralWatchers();
            if (reads.probe(alone)) {
                ready |= Readiness.READ;
            }
            if (reads.hasAhead() && socket.hasSeveralWatchers()) {
                // the kernel does not report it to the other waiting threads
                socket.signal(Readiness.READ);
            }
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            ready |= Readiness.WRITE;
        }
        return ready;
    }

    @Override
    public long arrivals() {
        return reads.arrivals();
    }

    @Override
    public int takeIn(StreamSocket socket) {
        return socket.takeIn(reads, SelectionKey.OP_READ);
    }

    @Override
    public long readableBytes() {
        return reads.readableBytes();
    }

    @Override
    public SockStatus status() {
        if (condition.isBroken()) {
            return SockStatus.FAILED;
        }
        boolean over = condition.hasEnded() || condition.isReadShut() && condition.isWriteShut();
        return over ? SockStatus.CLOSED : SockStatus.OPENED;
    }

    // ---- how busy it is

    @Override
    public boolean isInbound() {
        return inbound;
    }

    /**
     * Whether an exchange is under way: there is something to read, or what was read last has not
     * been answered, or an answer has been sent in part, as far as it says how long it is; or the
     * thread that sent last sleeps, as it does between two parts of an answer.
     */
    boolean isInFlight() {
        GuestThread last = sender;
        return !condition.isBroken()
                && (reads.isUnfinished()
                        || writes.isUnfinished()
                        || reads.hasMore()
                        || last != null && last.isAsleep());
    }

    /** See {@link Drainable#isOpenEnded}. */
    boolean isOpenEnded() {
        return !condition.isBroken() && !condition.isWriteShut() && writes.isOpenEnded();
    }

    /** A thread has sent something. */
    void sentBy(GuestThread thread) {
        if (sender != thread) {
            sender = thread;
        }
    }

    /** How much was received and sent, as a number that only grows. */
    long activity() {
        return reads.received() + writes.sent();
    }
}
