package org.wasix4j.system.net;

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
}
