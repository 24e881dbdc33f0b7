package org.wasix4j.system.net;

/**
 * A socket that has part in a gentle end: it can stop taking connections, and its connection can be
 * seen at rest and ended.
 */
public interface Drainable {

    /**
     * Takes no more connections: its port is free, and those that are queued can still be accepted.
     * Does nothing unless it listens.
     */
    void stopTaking();

    /** Whether a peer has made this connection, or makes one now that was not accepted yet. */
    boolean isInbound();

    /** Whether an exchange with the peer is under way, as far as the bytes show. */
    boolean isInFlight();

    /**
     * Whether something was sent over it in a protocol of which is not known here when an answer is
     * complete: any but HTTP/1.
     */
    boolean isOpenEnded();

    /** Ends a connection that is not in flight; the peer sees an orderly end. */
    void retire();

    /** How much was received and sent, as a number that only grows. */
    long activity();
}
