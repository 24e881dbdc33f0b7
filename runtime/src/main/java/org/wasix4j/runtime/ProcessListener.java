package org.wasix4j.runtime;

import org.wasix4j.trace.SystemObserver;

/**
 * Receives the events of a guest, and notices for the operator. Called mostly on the guest's
 * threads, at the end of the host call that caused the event or before that call waits. When the
 * guest has left little of its own stack, it is called on another thread while the guest's thread
 * waits.
 *
 * <p>A method must return quickly and must not throw: what it throws ends the guest. The library
 * holds no lock meanwhile, so it may use the {@link WasixProcess}; but a method that waits for the
 * end of the process waits for its own thread, until that thread is abandoned.
 */
public interface ProcessListener extends SystemObserver {

    /** Ignores every event. */
    ProcessListener NONE = new ProcessListener() {};

    /**
     * A notice for the operator.
     *
     * @param sentence in English, without a line break
     */
    default void notice(String sentence) {}
}
