package org.wasix4j.host;

import org.wasix4j.types.Errno;

/** A family of host functions: it names each function of the ABI that it serves. */
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

    /** Where the functions are entered. */
    interface Registry {
        /** Serves a name in every module that has it. */
        void on(String name, Syscall body);

        /** Serves a name that has several types, for one of them; letters as {@code iiI:i}. */
        void on(String name, String core, Syscall body);

        /**
         * Serves a name for one type in one import module, where it means something else than in
         * the others.
         */
        void on(String module, String name, String core, Syscall body);

        /** Serves a name whose result is a number. */
        void onNumber(String name, NumberSyscall body);
    }

    /** Enters the functions. */
    void register(Registry registry);
}
