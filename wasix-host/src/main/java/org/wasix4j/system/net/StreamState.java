package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.net.StreamPhase.Closed;
import org.wasix4j.system.net.StreamPhase.Failed;
import org.wasix4j.system.net.StreamPhase.Fresh;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * What a stream socket is at this moment, and all that can be asked of it: its {@link StreamPhase},
 * readiness, addresses, options. What it does is in {@link StreamSocket}.
 *
 * <p>Lock rule: every transition is made under {@code lock}, which is not held while waiting nor
 * while the policy or the observer are asked. Reading the phase takes no lock.
 */
abstract class StreamState extends SocketDescription {

    final Object lock = new Object();
    final StreamFamily kind;
    final Network network;
    final StreamOptions options;

    private volatile StreamPhase phase = Fresh.INSTANCE;

    StreamState(NetContext net, StreamFamily kind, StreamOptions options) {
        super(net, kind.family(), SockType.STREAM);
        this.kind = kind;
        this.network = kind.network(net);
        this.options = options;
    }

    @Override
    public final int protocol() {
        return kind.protocol();
    }

    // ---- the phase

    StreamPhase phase() {
        return phase;
    }

    /** A transition; under the lock. */
    void become(StreamPhase next) {
        phase = next;
    }

    void requireOpen() {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
    }

    /** The connection, or null in any other phase. */
    Connection connectionOrNull() {
        return phase instanceof Connection connection ? connection : null;
    }

    /** The phase, after looking how a connection attempt stands. */
    StreamPhase phaseNow() {
        StreamPhase now = phase;
        if (now instanceof Connecting) {
            progressNow();
            now = phase;
        }
        return now;
    }

    /** Polls a pending connection attempt. */
    void progressNow() {
        StreamPhase next;
        synchronized (lock) {
            if (!(phase instanceof Connecting attempt) || isClosed()) {
                return;
            }
            next = attempt.progress(this);
            if (next == attempt) {
                return;
            }
            phase = next;
        }
        // whoever else watches has asked the kernel for the connection, which it reports for ever
        signal(-1);
        announceConnection();
        releaseFailedAttempt();
    }

    /** Reports a connection that was established, once; not under the lock. */
    void announceConnection() {
        Connection connection;
        synchronized (lock) {
            connection = connectionOrNull();
            if (connection == null || connection.announced) {
                return;
            }
            connection.announced = true;
            connection.since = System.nanoTime();
        }
        net().reporter().connected(connection.local(), connection.remote());
    }

    /** The JVM has closed the channel of an attempt that failed: selectors have to let it go. */
    void releaseFailedAttempt() {
        if (phase instanceof Failed) {
            awaitRelease();
        }
    }

    /**
     * The connection to read from or write to, or null while it is being established.
     *
     * @param whenFailed the error after a failed attempt whose own error the guest has seen
     */
    Connection connection(Errno whenFailed) {
        StreamPhase now = phaseNow();
        if (now instanceof Connection connection) {
            return connection;
        }
        if (now instanceof Connecting) {
            return null;
        }
        if (now instanceof Failed failed) {
            Errno error = failed.take();
            throw (error == null ? whenFailed : error).exception();
        }
        throw (now instanceof Closed ? Errno.BADF : Errno.NOTCONN).exception();
    }

    /** An endpoint without a channel has news; on the peer's thread. */
    void heard(int conditions) {
        if (phase instanceof Connecting) {
            progressNow();
        }
        signal(conditions);
    }

    /** Asks the policy, where it is asked about addresses as they are given. */
    void require(NetworkOperation operation, SocketAddr address) {
        if (kind.asksPolicy()) {
            net().require(operation, address);
        }
    }

    // ---- readiness

    @Override
    public final int readiness(int interest) {
        return phase.readiness() & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public final SelectableChannel channel() {
        return phase.channel();
    }

    @Override
    public final int selectOps(int interest) {
        return phase.selectOps(interest);
    }

    @Override
    public final int settle(int readyOps, int interest) {
        return phase.settle(this, readyOps) & interest | readiness(interest);
    }

    @Override
    public final void reported(int readyOps, int interest) {
        if (!(phase instanceof Connection)) {
            settle(readyOps, interest);
        }
    }

    @Override
    public final long arrivals() {
        StreamPhase now = phase;
        return now.channel() == null ? UNCOUNTED : now.arrivals();
    }

    @Override
    public final int takeIn() {
        StreamPhase now = phase;
        return now.channel() == null ? 0 : now.takeIn(this);
    }

    @Override
    public final long readableBytes() {
        return phase.readableBytes();
    }

    @Override
    public final long writableBytes() {
        return phase instanceof Connection ? super.writableBytes() : 0;
    }

    /** Wakes everything that waits for one of these conditions. */
    void announce(int conditions) {
        signal(conditions);
    }

    /** An operation came up short, see {@link org.wasix4j.system.wait.Pollable}. */
    void cameUpShort(int condition) {
        exhausted(condition);
    }

    /** Something was taken, and there may be more. */
    void tookSome() {
        consumed();
    }

    /**
     * Something was received.
     *
     * @param all whether nothing is left, for now
     */
    void received(boolean all, boolean peeked) {
        Connection connection = connectionOrNull();
        if (peeked) {
            // the kernel, that others wait for, may have lost sight of what is looked at here
            signal(Readiness.READ);
        } else if (all && connection != null && !connection.reads.hasEnded()) {
            exhausted(Readiness.READ);
        } else {
            consumed();
        }
    }

    // ---- status, addresses, options

    @Override
    public final SockStatus status() {
        return phaseNow().status();
    }

    @Override
    public final SocketAddr localAddress() {
        StreamPhase now = phase;
        SocketAddr address;
        try {
            address = now instanceof Connecting attempt ? attempt.localNow(this) : now.local();
        } catch (IOException e) {
            throw translate("getsockname", e);
        }
        return address == null ? kind.unboundAddress() : address;
    }

    @Override
    public final SocketAddr peerAddress() {
        if (!(phase instanceof Connection connection)) {
            throw Errno.NOTCONN.exception();
        }
        try {
            return connection.peerAddress();
        } catch (IOException e) {
            throw translate("getpeername", e);
        }
    }

    @Override
    public final void setFlag(SockOption option, boolean on) {
        StreamPhase now = phase;
        try {
            options.setFlag(option, on, now instanceof Fresh, now.endpoint());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public final boolean getFlag(SockOption option) {
        return options.getFlag(option, phase instanceof Listening);
    }

    @Override
    public final void setSize(SockOption option, long size) {
        try {
            options.setSize(option, size, phase.endpoint());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public final long getSize(SockOption option) {
        if (option == SockOption.LAST_ERROR) {
            return lastError().code();
        }
        StreamEndpoint endpoint = phase.endpoint();
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
        StreamPhase now = phaseNow();
        Errno error = null;
        if (now instanceof Failed failed) {
            error = failed.take();
        } else if (now instanceof Connection connection) {
            error = connection.takeError();
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

    @Override
    public String toString() {
        return kind + " " + phase.getClass().getSimpleName() + " " + localAddress();
    }
}
