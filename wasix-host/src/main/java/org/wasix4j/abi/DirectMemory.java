package org.wasix4j.abi;

import java.nio.ByteBuffer;

/**
 * A guest memory whose bytes a channel can read and write in place. Implemented by the engine
 * side's linear memory; an embedder's own memory need not be one, host calls then copy.
 */
public interface DirectMemory {

    /**
     * A new little-endian view of the whole reservation, from address 0; its capacity is what the
     * memory may grow to, not what it has. Views stay valid across growth, and belong to one
     * thread.
     */
    ByteBuffer view();

    /** The present size in bytes. */
    int size();
}
