package org.wasix4j.system.net;

import java.nio.channels.SelectableChannel;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SocketAddr;

/**
 * What a stream socket is at a moment, with everything that belongs to that state and to no other.
 * A socket holds one phase; a transition is one assignment under the socket's lock, so a reader
 * without the lock sees a state and its payload together.
 *
 * <pre>
 * Fresh --bind--> Bound --listen--> Listening --shutdown--> Bound
 *   |               |
 *   +----connect----+--> Connecting --> Connection
 *                            |
 *                            +--> Failed --connect--> Connecting
 *                                    |
 *                                    +--bind--> Bound, or --listen--> Listening
 * any --close--> Closed
 * </pre>
 */
sealed interface StreamPhase
        permits StreamPhase.Fresh,
                StreamPhase.Bound,
                Listening,
                Connecting,
                Connection,
                StreamPhase.Failed,
                StreamPhase.Closed {

    /**
     * The local address that the guest has chosen.
     *
     * @param asked what it gave to bind, perhaps with port 0
     * @param actual what it got
     */
    record LocalName(SocketAddr asked, SocketAddr actual) {}

    /** What holds as far as this process knows, {@link Readiness} bits. */
    int readiness();

    /** The state in a word. */
    SockStatus status();

    /** The local address, or null when there is none yet. */
    default @Nullable SocketAddr local() {
        LocalName name = name();
        return name == null ? null : name.actual();
    }

    /** What the guest has bound and another attempt keeps, or null. */
    default @Nullable LocalName name() {
        return null;
    }

    /** The endpoint of a connection, or of an attempt; else null. */
    default @Nullable StreamEndpoint endpoint() {
        return null;
    }

    /** The channel that a selector has to watch, or null. */
    default @Nullable SelectableChannel channel() {
        StreamEndpoint endpoint = endpoint();
        return endpoint == null ? null : endpoint.channel();
    }

    /** See {@link Pollable#selectOps}. */
    default int selectOps(int interest) {
        return 0;
    }

    /**
     * A selector has reported operations, see {@link Pollable#settle}.
     *
     * @return the conditions that this shows, beside {@link #readiness}
     */
    default int settle(StreamSocket socket, int readyOps) {
        return 0;
    }

    /** See {@link Pollable#arrivals}. */
    default long arrivals() {
        return Pollable.UNCOUNTED;
    }

    /** See {@link Pollable#takeIn}. */
    default int takeIn(StreamSocket socket) {
        return 0;
    }

    /** How many bytes, or connections, can be taken now. */
    default long readableBytes() {
        return 0;
    }

    /** See {@link Drainable#isInbound}. */
    default boolean isInbound() {
        return false;
    }

    /** No address yet. Leads to {@link Bound} by bind, to {@link Connecting} by connect. */
    record Fresh() implements StreamPhase {

        static final Fresh INSTANCE = new Fresh();

        @Override
        public int readiness() {
            return Readiness.WRITE | Readiness.HANGUP;
        }

        @Override
        public SockStatus status() {
            return SockStatus.OPENING;
        }
    }

    /**
     * The guest has chosen an address. Leads to {@link Listening} by listen, to {@link Connecting}
     * by connect.
     *
     * @param port holds the address; null when none does: it was bound late, or it was held by a
     *     listener or an attempt that is gone
     */
    record Bound(LocalName name, @Nullable BoundPort port) implements StreamPhase {

        @Override
        public SocketAddr local() {
            return name.actual();
        }

        @Override
        public int readiness() {
            return Readiness.WRITE | Readiness.HANGUP;
        }

        @Override
        public SockStatus status() {
            return SockStatus.OPENED;
        }
    }

    /**
     * A connection attempt has failed. Leads to {@link Connecting} by connect, and to {@link Bound}
     * or {@link Listening} as a socket that has never tried.
     */
    final class Failed implements StreamPhase {

        private final @Nullable LocalName name;
        private volatile @Nullable Errno error;

        /**
         * The end of an attempt.
         *
         * @param name what the guest had bound before, or null
         * @param error what it ended with, or null when the guest knows it already
         */
        Failed(@Nullable LocalName name, @Nullable Errno error) {
            this.name = name;
            this.error = error;
        }

        /** Whether the guest has not seen the error yet. */
        boolean isPending() {
            return error != null;
        }

        /** The error that the guest has not seen yet, or null; it has seen it then. */
        synchronized @Nullable Errno take() {
            Errno taken = error;
            error = null;
            return taken;
        }

        @Override
        public @Nullable LocalName name() {
            return name;
        }

        @Override
        public int readiness() {
            return Readiness.READ
                    | Readiness.WRITE
                    | Readiness.HANGUP
                    | Readiness.READ_HANGUP
                    | (error != null ? Readiness.ERROR : 0);
        }

        @Override
        public SockStatus status() {
            return SockStatus.FAILED;
        }
    }

    /** The last descriptor is gone; nothing leads on from here. */
    record Closed(@Nullable SocketAddr local) implements StreamPhase {

        @Override
        public int readiness() {
            return 0;
        }

        @Override
        public SockStatus status() {
            return SockStatus.CLOSED;
        }
    }
}
