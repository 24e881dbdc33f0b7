package org.wasix4j.system.thread;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Guest signals: which are pending, and whether the guest wants them now. Numbers are those of
 * Linux.
 *
 * <p>A guest names the export that handles signals ({@code callback_signal}). A name that it does
 * not export means that signals are held back, which is how wasix-libc blocks them; no name at all
 * means that the guest has not asked for signals.
 */
public final class Signals {

    /** SIGKILL, which no guest can handle. */
    public static final int KILL = 9;

    /** Calls the guest's handler; implemented by the engine side. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Calls the named export on the calling thread.
         *
         * @return false when the module has no such export
         */
        boolean call(GuestThread thread, String export, int signal);
    }

    private final AtomicLong processPending = new AtomicLong();
    private volatile String export;
    private volatile boolean held;

    /**
     * Sets the export that handles signals.
     *
     * @param exists whether the module has it; when not, signals are held back
     */
    public void handler(String name, boolean exists) {
        export = exists ? name : export;
        held = !exists;
    }

    /** Whether the guest has named a handler that exists. */
    public boolean handled() {
        return export != null;
    }

    /** The export that handles signals, or null. */
    public String export() {
        return export;
    }

    /** Makes a signal pending for the process: the next thread that can takes it. */
    public void raise(int signal) {
        processPending.getAndUpdate(bits -> bits | 1L << signal);
    }

    /** Makes a signal pending for one thread, and wakes it. */
    public void raise(GuestThread thread, int signal) {
        thread.pendingSignals().getAndUpdate(bits -> bits | 1L << signal);
        thread.wake();
    }

    /** Whether a signal is to be delivered on this thread now. */
    public boolean deliverable(GuestThread thread) {
        return (thread.pendingSignals().get() | processPending.get()) != 0
                && export != null
                && !held;
    }

    /** Takes the lowest pending signal off, or answers 0. */
    public int take(GuestThread thread) {
        if (!deliverable(thread)) {
            return 0;
        }
        int signal = takeLowest(thread.pendingSignals());
        return signal != 0 ? signal : takeLowest(processPending);
    }

    private static int takeLowest(AtomicLong pending) {
        for (; ; ) {
            long bits = pending.get();
            if (bits == 0) {
                return 0;
            }
            if (pending.compareAndSet(bits, bits & bits - 1)) {
                return Long.numberOfTrailingZeros(bits);
            }
        }
    }
}
