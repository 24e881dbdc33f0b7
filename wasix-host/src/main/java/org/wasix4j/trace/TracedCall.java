package org.wasix4j.trace;

import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SyscallSpec;

/**
 * One host call that is over.
 *
 * @param tid the guest thread
 * @param spec the function
 * @param profile the generation of the ABI, for numbers that changed
 * @param arguments as the guest gave them; not to be kept
 * @param error how it ended; null when it did not return
 * @param number the result of a function that answers a number and not an errno, else 0
 * @param nanos how long it took
 * @param memory what the pointers among the arguments point to, during this call only; null when
 *     there is no memory
 */
public record TracedCall(
        int tid,
        SyscallSpec spec,
        AbiProfile profile,
        long[] arguments,
        @Nullable Errno error,
        long number,
        long nanos,
        @Nullable MemoryReader memory) {

    /** {@return whether it did what it was asked to, so that its out pointers have values} */
    public boolean succeeded() {
        return error == Errno.SUCCESS;
    }
}
