package org.wasix4j.trace;

import org.wasix4j.types.SyscallSpec;

/** Is told of every host call after it was made; called on the guest's thread. */
@FunctionalInterface
public interface SyscallListener {

    /**
     * A call has returned to the guest.
     *
     * @param tid the guest thread
     * @param spec the function
     * @param arguments as the guest gave them; not to be kept
     * @param result what the guest gets, an errno for most
     * @param nanos how long it took
     */
    void completed(int tid, SyscallSpec spec, long[] arguments, int result, long nanos);
}
