package org.wasix4j.system.report;

import org.wasix4j.policy.Decision;
import org.wasix4j.types.SocketAddr;

/**
 * Is told what happens in the machine: the trace, metrics and the command's messages listen here.
 * Called without locks, mostly on the guest thread where it happened: at the end of the host call
 * that did it, or before that call waits. Has to be quick and must not throw.
 */
public interface SystemObserver {

    /** Hears nothing. */
    SystemObserver NONE = new SystemObserver() {};

    /** A socket listens. */
    default void listening(SocketAddr local) {}

    /** A connection was accepted. */
    default void accepted(SocketAddr local, SocketAddr peer) {}

    /** A connection was established outward. */
    default void connected(SocketAddr local, SocketAddr peer) {}

    /** A socket listens no more. */
    default void stoppedListening(SocketAddr local) {}

    /** A connected socket is closed. */
    default void closed(SocketAddr local) {}

    /** The policy refused something. */
    default void denied(Decision decision) {}

    /**
     * The host refused something; the guest sees an errno, this is the host's own text. What peers
     * do every day (resets, refusals, timeouts) is not among it.
     */
    default void hostError(String operation, Throwable error) {}
}
