package org.wasix4j.system.fd;

import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** What a receive reports beside the bytes. One a thread, used again. */
public final class ReceiveInfo {

    /** The sender's address, or null when it has none. */
    public @Nullable SocketAddr sender;

    /** Whether a datagram was longer than the buffers, MSG_TRUNC. */
    public boolean truncated;

    /** Makes it ready for the next receive. */
    public ReceiveInfo clear() {
        sender = null;
        truncated = false;
        return this;
    }
}
