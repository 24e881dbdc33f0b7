package org.wasix4j.system.net;

import org.wasix4j.types.SockOption;

/**
 * The options of one socket: setsockopt(2) and getsockopt(2). Every method throws an {@link
 * org.wasix4j.types.ErrnoException}, noprotoopt for an option that this kind of socket does not
 * have.
 */
public interface SocketOptions {

    /** The value of a time option that is not set: no time limit. */
    long NO_TIME = -1;

    /** Sets a flag option. */
    void setFlag(SockOption option, boolean on);

    /** Reads a flag option. */
    boolean getFlag(SockOption option);

    /** Sets a size option: bytes, or a number of hops. */
    void setSize(SockOption option, long size);

    /** Reads a size option; reading {@link SockOption#LAST_ERROR} clears the pending error. */
    long getSize(SockOption option);

    /** Sets a time option in nanoseconds, {@link #NO_TIME} for none. */
    void setTime(SockOption option, long nanos);

    /** Reads a time option in nanoseconds, {@link #NO_TIME} for none. */
    long getTime(SockOption option);
}
