package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;

/**
 * A memory whose bytes {@link GuestAccess} can reach by address. Public because modules have their
 * own copies of that class; no other code may use it.
 */
public abstract class RawMemory implements Memory {

    /** The address of the first byte, or 0. */
    public final long rawStart;

    /**
     * Up to where guest code may go by address: the size as the thread knows it, or 0 when that is
     * not to be done. Never more than the size, as memory does not shrink.
     */
    public int rawEnd;

    /**
     * @param rawStart the address of the first byte, or 0 when it is not to be used
     */
    RawMemory(long rawStart) {
        this.rawStart = rawStart;
    }
}
