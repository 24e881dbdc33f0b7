package org.wasix4j.system.thread;

import java.util.concurrent.atomic.AtomicLong;

/** The signals of one guest thread: which are pending for it, and which it takes at the moment. */
public final class ThreadSignals {

    private final AtomicLong pending = new AtomicLong();
    private volatile boolean held;

    /** Signals whose handler runs on this thread, a bit each; touched by the thread itself. */
    private long handling;

    /** Pending signals, a bit each, bit n for number n. */
    AtomicLong pending() {
        return pending;
    }

    /** Whether the guest holds signals back on this thread. */
    public boolean areHeld() {
        return held;
    }

    /** Holds signals back on this thread, or no longer. */
    public void hold(boolean on) {
        held = on;
    }

    /**
     * The signals whose handler runs on this thread, a bit each: as on Linux, the same signal does
     * not interrupt its own handler.
     */
    public long handling() {
        return handling;
    }

    /** Sets {@link #handling()}; only on the thread itself. */
    public void handling(long bits) {
        handling = bits;
    }
}
