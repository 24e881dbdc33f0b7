package org.wasix4j.system.process;

import java.util.function.BooleanSupplier;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.types.Nullable;

/**
 * The parent of a process that a vfork has made, until that process starts another program or ends.
 * Its thread either acts for the child, which then has no thread of its own, or waits.
 */
public final class VforkParent {

    private volatile @Nullable GuestThread waiting;

    private volatile boolean begun;

    /** Its thread is about to wait. */
    public void begin() {
        begun = true;
    }

    /** Whether there is one: its thread waits, or is about to, or has waited. */
    public boolean hasBegun() {
        return begun;
    }

    /**
     * Has the thread of the parent act for the child.
     *
     * @param threads those of the child
     */
    public void borrow(GuestThread thread, GuestThread.Owner child, GuestThreads threads) {
        threads.borrow(thread);
        thread.acting(child);
    }

    /** The thread acts for the child no more. */
    public void giveBack(GuestThread thread, GuestThreads threads) {
        threads.giveBack(thread);
        thread.acting(null);
    }

    /**
     * Waits until the child lets its parent go on, or the parent ends.
     *
     * @param released whether the child does; {@link #release} is called after that has changed
     */
    public void await(GuestThread parent, BooleanSupplier released) {
        waiting = parent;
        parent.beginWait();
        while (!released.getAsBoolean()) {
            if (parent.park(GuestThread.FOREVER, false) == ParkResult.ENDING) {
                return;
            }
        }
    }

    /** Wakes the thread that waits, if one does. */
    public void release() {
        GuestThread parent = waiting;
        if (parent != null) {
            parent.wake();
        }
    }
}
