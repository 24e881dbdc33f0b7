package org.wasix4j.host;

import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A family of host functions, which answers for each function of the ABI that it serves.
 *
 * <p>A function is looked up when a guest imports it, and only then is the code that calls it made.
 * A table of all functions took a twelfth of a warm start.
 */
public interface HostModule {

    /**
     * A host function: decodes the arguments, calls the machine, encodes the answer. Errors may be
     * returned or thrown as {@link org.wasix4j.types.ErrnoException}; nothing else may be thrown.
     */
    @FunctionalInterface
    interface Syscall {
        /**
         * Serves one call.
         *
         * @param call the calling thread, with memory and scratch
         * @param args the arguments; an i32 is in the low 32 bits
         */
        Errno call(CallContext call, long[] args);
    }

    /** A host function whose result is a number, and a negated errno when it fails. */
    @FunctionalInterface
    interface NumberSyscall {
        /** Serves one call; the answer is not negative. */
        int call(CallContext call, long[] args);
    }

    /**
     * The function that a key names.
     *
     * @param key a name, for the function of that name in every module and of every type that no
     *     other key names; {@code "name iiI:i"}, for one of several types; {@code "module name
     *     iiI:i"}, where a module means something else by it than the others
     * @return null when this family does not serve it
     */
    @Nullable
    Syscall find(String key);

    /** Whether there are keys with more than a name. The other families are not asked for them. */
    default boolean distinguishesTypes() {
        return false;
    }

    /**
     * The function of a name, whose result is a number.
     *
     * @return null when this family does not serve it
     */
    default @Nullable NumberSyscall findNumber(String name) {
        return null;
    }
}
