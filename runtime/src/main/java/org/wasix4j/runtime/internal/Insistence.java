package org.wasix4j.runtime.internal;

import java.util.concurrent.locks.LockSupport;
import org.wasix4j.types.Nullable;

/**
 * Does what has to be done also when the heap is full: a guest may have filled it, and its end is
 * what frees it. A part of the heap is kept back for that.
 */
final class Insistence {

    private static final int RESERVE = 256 << 10;
    private static final long PAUSE_NANOS = 10_000_000;

    private static volatile @Nullable byte[] reserve = new byte[RESERVE];

    private Insistence() {}

    /** Does it, again and again until there is memory for it. It must be repeatable. */
    static void on(Runnable step) {
        for (boolean again = false; ; again = true) {
            try {
                step.run();
                if (reserve == null) {
                    restore();
                }
                return;
            } catch (OutOfMemoryError e) {
                giveReserve();
                if (again) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    /** Lets go of what is kept back, until the next step that succeeds. */
    static void giveReserve() {
        reserve = null;
    }

    private static void restore() {
        try {
            reserve = new byte[RESERVE];
        } catch (OutOfMemoryError e) {
            // at the next end
        }
    }
}
