package org.wasix4j.system.net;

import java.io.IOException;
import org.wasix4j.system.net.StreamPhase.Bound;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockOption;

/** Gives back what a phase of a stream socket holds; no lock is held. */
final class StreamCloser {

    /** How long to wait before the kernel is asked again what is unsent, at first and at most. */
    private static final long FIRST_PAUSE = 1_000_000;

    private static final long LAST_PAUSE = 32_000_000;

    private final StreamSocket socket;

    StreamCloser(StreamSocket socket) {
        this.socket = socket;
    }

    /** Frees what a phase holds that the socket has left, and reports its end. */
    void close(StreamPhase left) {
        if (left instanceof Bound bound && bound.port() != null) {
            bound.port().close();
        } else if (left instanceof Listening listening) {
            close(listening.queue());
            if (!listening.isStopped() && listening.queue().isReachable()) {
                socket.net().reporter().stoppedListening(listening.local());
            }
        } else if (left instanceof Connecting attempt) {
            closeAndRelease(attempt.endpoint(), socket.options().lingersZero());
        } else if (left instanceof Connection connection) {
            close(connection);
            connection.reads.forgetAhead();
            if (connection.announced) {
                socket.net()
                        .reporter()
                        .closed(
                                connection.local(),
                                connection.remote(),
                                connection.reads.received(),
                                connection.writes.sent(),
                                System.nanoTime() - connection.since);
            }
        }
    }

    /** Closes a queue of connections; its port is free then. */
    void close(AcceptQueue queue) {
        socket.detach(queue.channel());
        try {
            queue.close();
        } catch (IOException e) {
            socket.net().reporter().hostError("close", e);
        }
        socket.awaitRelease();
    }

    private void close(Connection connection) {
        StreamOptions options = socket.options();
        if (options.get(SockOption.LINGER) > 0) {
            linger(connection, options.deadline(SockOption.LINGER));
        }
        boolean plain =
                socket.isWatched() ? connection.reads.isDrained() : !connection.reads.hasAhead();
        if (connection.name() == null && !options.lingersZero() && plain) {
            // the JVM sends the end of the stream at once, the rest can wait for the next select
            socket.closeQuietly(connection.endpoint(), false);
            socket.releaseSoon();
            return;
        }
        // what was looked at and never received has left the kernel's queue: it would not reset
        closeAndRelease(
                connection.endpoint(), options.lingersZero() || connection.reads.hasAhead());
    }

    /** Closes an endpoint; its host descriptor and its port are free then. */
    void closeAndRelease(StreamEndpoint endpoint, boolean reset) {
        socket.detach(endpoint.channel());
        socket.closeQuietly(endpoint, reset);
        // whatever the channel says: a select of another thread may be between the key, which is
        // gone, and the host descriptor, which is not
        socket.awaitRelease();
    }

    /**
     * Waits until the peer has acknowledged everything, SO_LINGER: not when the end is a reset
     * anyway, nor when the process ends. A signal or the deadline end the wait, and what is unsent
     * is sent all the same.
     */
    private void linger(Connection connection, long deadline) {
        GuestThread thread = socket.net().callingThread();
        if (thread == null
                || !socket.network.isHostNetwork()
                || socket.net().isEnding()
                || !connection.reads.isDrained()) {
            return;
        }
        try {
            connection.writes.shutdown();
            StreamEndpoint endpoint = connection.endpoint();
            if (!(endpoint.local() instanceof InetAddr here)
                    || !(endpoint.remote() instanceof InetAddr there)) {
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
}
