package org.wasix4j.system.fs;

import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.types.Errno;

/**
 * How much memory a guest may use for everything that is counted: its linear memory, and the files
 * that it keeps in memory. One for all processes of a family. What files take is bounded on its own
 * too, since it is taken from the heap, which all guests share.
 */
public final class MemoryBudget {

    private final long limit;
    private final long filesLimit;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong files = new AtomicLong();

    /**
     * A budget.
     *
     * @param limit bytes in all, or 0 when linear memory is bounded by the module alone
     * @param filesLimit bytes of files at most
     */
    public MemoryBudget(long limit, long filesLimit) {
        this.limit = limit == 0 ? Long.MAX_VALUE : limit;
        this.filesLimit = filesLimit;
    }

    /**
     * A budget of a guest with a memory limit, 0 for none: files take a quarter of the heap at
     * most.
     */
    public static MemoryBudget of(long limit) {
        return new MemoryBudget(limit, Runtime.getRuntime().maxMemory() / 4);
    }

    /** Takes bytes for linear memory; false, with nothing taken, when there are not so many. */
    public boolean tryTake(long bytes) {
        return add(used, bytes, limit);
    }

    /** Gives back what was taken for linear memory. */
    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }

    private static boolean add(AtomicLong sum, long bytes, long limit) {
        for (; ; ) {
            long now = sum.get();
            if (bytes > limit - now) {
                return false;
            }
            if (sum.compareAndSet(now, now + bytes)) {
                return true;
            }
        }
    }

    /** Takes bytes for a file; false, with nothing taken, when there are not so many. */
    boolean tryTakeForFile(long bytes) {
        if (!add(files, bytes, filesLimit)) {
            return false;
        }
        if (!add(used, bytes, limit)) {
            files.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /**
     * Takes bytes for a file.
     *
     * @throws org.wasix4j.types.ErrnoException nospc when there are not so many
     */
    void takeForFile(long bytes) {
        if (!tryTakeForFile(bytes)) {
            throw Errno.NOSPC.exception();
        }
    }

    /** Gives back what was taken for a file. */
    void giveBackOfFile(long bytes) {
        files.addAndGet(-bytes);
        used.addAndGet(-bytes);
    }

    /** How many bytes are taken in all. */
    public long used() {
        return used.get();
    }
}
