package org.wasix4j.runtime;

import org.wasix4j.policy.Decision;
import org.wasix4j.types.SocketAddr;

/**
 * Is told what happens in a guest. Called mostly on the guest's threads, at the end of the call
 * that did it or before that call waits; on another thread when the guest has left little of its
 * own stack, while the guest's waits. It has to be quick and must not throw. No lock of ours is
 * held, so it may use the {@link WasixProcess}; but what waits for the end of the process waits for
 * the thread that it is called on too, until that is abandoned.
 */
public interface ProcessListener {

    /** Hears nothing. */
    ProcessListener NONE = new ProcessListener() {};

    /** A socket of the guest listens. */
    default void listening(SocketAddr local) {}

    /** A socket of the guest listens no more. */
    default void stoppedListening(SocketAddr local) {}

    /** A connected socket of the guest is closed. */
    default void closed(SocketAddr local) {}

    /** The guest accepted a connection. */
    default void accepted(SocketAddr local, SocketAddr peer) {}

    /** The guest opened a connection. */
    default void connected(SocketAddr local, SocketAddr peer) {}

    /** The policy refused something. */
    default void denied(Decision decision) {}

    /**
     * The host refused something; the guest sees an errno, this is the host's own text. What peers
     * do every day (resets, refusals, timeouts) is not among it.
     */
    default void hostError(String operation, Throwable error) {}

    /** Something the human may want to know, in a sentence. */
    default void notice(String sentence) {}
}
