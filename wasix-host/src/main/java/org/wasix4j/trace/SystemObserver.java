package org.wasix4j.trace;

import org.wasix4j.policy.Decision;
import org.wasix4j.types.SocketAddr;

/**
 * Receives the events of a guest: connections, listeners, refusals. Called with no lock held,
 * mostly on the guest thread that caused the event: at the end of the host call, or before that
 * call waits. A method must return quickly and must not throw. No argument is null.
 */
public interface SystemObserver {

    /** Ignores every event. */
    SystemObserver NONE = new SystemObserver() {};

    /**
     * A socket listens.
     *
     * @param local the address, with the port that was chosen when the guest asked for any
     */
    default void listening(SocketAddr local) {}

    /**
     * A socket no longer listens.
     *
     * @param local the local address
     */
    default void stoppedListening(SocketAddr local) {}

    /**
     * A connection was accepted.
     *
     * @param local the local address
     * @param peer the address of the peer
     */
    default void accepted(SocketAddr local, SocketAddr peer) {}

    /**
     * An outgoing connection was established.
     *
     * @param local the local address
     * @param peer the address of the peer
     */
    default void connected(SocketAddr local, SocketAddr peer) {}

    /**
     * A connected socket was closed.
     *
     * @param local the local address
     */
    default void closed(SocketAddr local) {}

    /**
     * The policy refused an operation.
     *
     * @param decision what was refused and why
     */
    default void denied(Decision decision) {}

    /**
     * The host refused an operation. The guest sees an errno; this is the host's own error. Errors
     * that peers cause every day (resets, refused connections, timeouts) are not reported.
     *
     * @param operation what was attempted, for example {@code connect}
     * @param error what the host threw
     */
    default void hostError(String operation, Throwable error) {}
}
