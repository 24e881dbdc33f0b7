package org.wasix4j.system.net;

import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;

/** What a stream socket takes from the kernel ahead of its guest: bytes, or connections. */
interface Inflow {

    /** How much has been taken so far, in its own unit; it never decreases. */
    long taken();

    /**
     * Takes what there is, as far as there is room.
     *
     * @return whether the kernel is to report more
     */
    boolean takeIn();

    /**
     * What {@link Pollable#takeIn} does for a socket.
     *
     * @param op the operation of the channel for which the kernel reports more
     * @return the operations to wait for: that, or 0
     */
    default int takeInFor(StreamSocket socket, int op) {
        long before = taken();
        int ops = takeIn() ? op : 0;
        if (taken() != before) {
            // the kernel does not report it to the other waiting threads
            socket.signal(Readiness.READ);
        }
        return ops;
    }
}
