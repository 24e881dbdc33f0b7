package org.wasix4j.types;

/**
 * What {@code sock_status} answers.
 *
 * <p>Source: wasix-witx {@code sock_status}.
 */
public enum SockStatus {
    /** Not usable yet: fresh, or a connection attempt is under way. */
    OPENING,
    /** Bound, listening or connected. */
    OPENED,
    /** The peer has closed, or both directions are shut. */
    CLOSED,
    /** A connection attempt failed, or the connection was reset. */
    FAILED;

    /** {@return the number on the wire} */
    public int code() {
        return ordinal();
    }
}
