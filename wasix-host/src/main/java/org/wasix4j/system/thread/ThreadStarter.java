package org.wasix4j.system.thread;

/**
 * Makes guest threads run. What an instance is and which export is called is known only to the
 * engine side, which implements this; without one, creating threads answers {@code notsup}.
 */
@FunctionalInterface
public interface ThreadStarter {

    /**
     * Starts a host thread that runs the guest's thread entry.
     *
     * @param thread the new thread, registered with its process and numbered
     * @param entry which of the ABI's ways to enter is meant
     * @param argument the address of the start record, or for the first generation the user data
     * @throws org.wasix4j.types.ErrnoException again when no thread can be made, notcapable when
     *     the module has no entry
     */
    void start(GuestThread thread, Entry entry, long argument);

    /** The exports that enter a thread. */
    enum Entry {
        /** {@code wasi_thread_start(tid, record)}. */
        WASI_THREAD_START,
        /** {@code _start_thread(low, high)} of the first generation. */
        START_THREAD
    }
}
