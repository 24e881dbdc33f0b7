package org.wasix4j.system.clock;

/** A thread of the system that runs one thread of a guest after the other. */
public interface ReusedThread {

    /**
     * The CPU time that went to those before the present one, in nanoseconds: what {@link
     * Clocks#threadTimeSoFar} answered when the present one began.
     */
    long timeBefore();
}
