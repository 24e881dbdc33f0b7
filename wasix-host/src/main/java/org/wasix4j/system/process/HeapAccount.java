package org.wasix4j.system.process;

import org.wasix4j.types.Errno;

/**
 * What one object has taken of its family's memory on the heap. Closing gives back what is left;
 * nothing can be taken after that, so that a late caller leaves nothing behind.
 *
 * <p>Lock rule: the monitor is held for a moment; only that of the {@link MemoryBudget} is taken
 * under it.
 */
public final class HeapAccount {

    private final MemoryBudget budget;
    private long taken;
    private boolean closed;

    /** An account of which nothing is taken. */
    public HeapAccount(MemoryBudget budget) {
        this.budget = budget;
    }

    /** Takes bytes; false, with nothing taken, when there are too few, or when it is closed. */
    public synchronized boolean tryTake(long bytes) {
        if (closed || !budget.tryTakeHeap(bytes)) {
            return false;
        }
        taken += bytes;
        return true;
    }

    /**
     * Takes bytes.
     *
     * @param refusal what is thrown when there are too few, or when it is closed
     */
    public void take(long bytes, Errno refusal) {
        if (!tryTake(bytes)) {
            throw refusal.exception();
        }
    }

    /** Gives bytes back, but no more than are taken: a close may have been faster. */
    public synchronized void giveBack(long bytes) {
        long held = Math.min(bytes, taken);
        taken -= held;
        budget.giveBackHeap(held);
    }

    /** Gives everything back; a second time does nothing. */
    public synchronized void close() {
        closed = true;
        giveBack(taken);
    }
}
