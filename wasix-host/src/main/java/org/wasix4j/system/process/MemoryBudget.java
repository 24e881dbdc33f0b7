package org.wasix4j.system.process;

import org.wasix4j.types.Errno;

/**
 * How much memory the processes of a family may use together. Everything whose size a guest decides
 * counts: its linear memory, which is outside the heap, and on the heap its tables, the files it
 * keeps in memory, the directory listings it holds open, what is in its pipes, sockets and epoll
 * sets, and the words that its processes are started with. What is on the heap has a bound of its
 * own as well, because all guests share the heap.
 *
 * <p>Lock rule: the monitor is held for a few additions, and is a leaf.
 */
public final class MemoryBudget {

    /** What is not counted on the heap: a limit of just a module's pages leaves room to run. */
    static final long FREE_HEAP = 1 << 16;

    private final long limit;
    private final long heapLimit;
    private long used;
    private long heap;

    /**
     * A budget of which nothing is used.
     *
     * @param limit bytes in all, or 0 for no limit
     * @param heapLimit bytes on the heap at most
     */
    public MemoryBudget(long limit, long heapLimit) {
        this.limit = limit == 0 ? Long.MAX_VALUE : limit;
        this.heapLimit = heapLimit;
    }

    /** A budget with a limit in bytes, 0 for none, and at most a quarter of the JVM's heap. */
    public static MemoryBudget of(long limit) {
        return new MemoryBudget(limit, Runtime.getRuntime().maxMemory() / 4);
    }

    /** A budget for what a guest does not decide: it refuses nothing. */
    public static MemoryBudget unlimited() {
        return new MemoryBudget(0, Long.MAX_VALUE);
    }

    /** Takes bytes outside the heap; false, with nothing taken, when there are too few. */
    public synchronized boolean tryTake(long bytes) {
        if (bytes > limit - used) {
            return false;
        }
        used += bytes;
        return true;
    }

    /** Gives back what {@link #tryTake} took. */
    public synchronized void giveBack(long bytes) {
        used -= bytes;
    }

    /** Takes bytes on the heap; false, with nothing taken, when there are too few. */
    public synchronized boolean tryTakeHeap(long bytes) {
        if (bytes > heapLimit - heap || counted(heap + bytes) - counted(heap) > limit - used) {
            return false;
        }
        used += counted(heap + bytes) - counted(heap);
        heap += bytes;
        return true;
    }

    private static long counted(long onHeap) {
        return Math.max(0, onHeap - FREE_HEAP);
    }

    /**
     * Takes bytes on the heap.
     *
     * @param refusal what is thrown when there are too few
     */
    public void takeHeap(long bytes, Errno refusal) {
        if (!tryTakeHeap(bytes)) {
            throw refusal.exception();
        }
    }

    /** Gives back what was taken on the heap. */
    public synchronized void giveBackHeap(long bytes) {
        used -= counted(heap) - counted(heap - bytes);
        heap -= bytes;
    }

    /** How many bytes are taken on the heap. */
    public synchronized long heap() {
        return heap;
    }
}
