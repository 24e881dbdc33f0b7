package org.wasix4j.system.net;

import org.wasix4j.types.Errno;

/**
 * What has gone wrong with a connection, in whichever direction: the error that the guest has not
 * seen yet, which it sees once, and whether the connection is of no more use.
 */
final class StreamFault {

    private final SocketDescription owner;
    private volatile Errno pending;
    private volatile boolean broken;

    StreamFault(SocketDescription owner) {
        this.owner = owner;
    }

    /**
     * The errno of what a channel threw, which ends the connection; but not when another thread has
     * closed the channel.
     */
    Errno brokenBy(String operation, Exception thrown) {
        Errno error = owner.errnoOf(operation, thrown);
        if (error != Errno.BADF) {
            broken = true;
        }
        return error;
    }

    /** The connection was reset or is otherwise of no more use; then its stream has ended. */
    boolean isBroken() {
        return broken;
    }

    /** Keeps an error for the next call, because this one has made progress or was not asked. */
    void defer(Errno error) {
        pending = error;
    }

    /** Whether there is an error that the guest has not seen. */
    boolean isPending() {
        return pending != null;
    }

    /** The error that the guest has not seen yet, or null; it has seen it then. */
    Errno take() {
        Errno error = pending;
        pending = null;
        return error;
    }

    /** Throws the error that the guest has not seen yet, if there is one. */
    void throwPending() {
        if (pending != null) {
            Errno error = take();
            if (error != null) {
                throw error.exception();
            }
        }
    }
}
