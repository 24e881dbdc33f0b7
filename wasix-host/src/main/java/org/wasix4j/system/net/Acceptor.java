package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** A listening address. */
public interface Acceptor {

    /**
     * The channel that a selector watches for connections, or null when readiness is reported to
     * the listener set by {@link #onReadiness}.
     */
    @Nullable
    SelectableChannel channel();

    /** Sets the listener for readiness when there is no channel. */
    void onReadiness(Runnable listener);

    /** Whether a connection waits, as far as is known without asking the kernel. */
    boolean isReady();

    /** Whether others than the guest's own processes can connect; only then is it announced. */
    default boolean isReachable() {
        return true;
    }

    /** The next connection, or null when none waits. */
    @Nullable
    StreamEndpoint accept() throws IOException;

    /** The address it listens on. */
    SocketAddr local();

    /**
     * Stops listening; connections not accepted yet are reset. The channel is left to its pollable.
     */
    void close() throws IOException;
}
