package org.wasix4j.runtime.internal;

import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.types.Nullable;

/**
 * A load that is under way: how far it is, and whether it is to end. It ends when the thread that
 * waits for it is interrupted, or when its time is up; what works for it looks here between pieces
 * of work.
 */
public final class Loading {

    private final @Nullable IntConsumer progress;
    private final long deadline;
    private final AtomicLong done = new AtomicLong();
    private volatile long total;
    private volatile boolean cancelled;

    /**
     * A load that begins now.
     *
     * @param nanos how long it may take; 0 for no limit
     * @param progress receives a percentage now and then, on any thread; or null
     */
    public Loading(long nanos, @Nullable IntConsumer progress) {
        this.progress = progress;
        this.deadline = nanos <= 0 ? Long.MAX_VALUE : saturatedSum(System.nanoTime(), nanos);
    }

    private static long saturatedSum(long now, long nanos) {
        long sum = now + nanos;
        return now > 0 && sum < 0 ? Long.MAX_VALUE : sum;
    }

    /**
     * Ends the load if it is to end.
     *
     * @throws ModuleException with the reason
     */
    void check() {
        if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline >= 0) {
            cancelled = true;
            throw new ModuleException(
                    "the time is up while compiling", new TimeoutException("loading"));
        }
        if (cancelled) {
            throw new ModuleException("loading was interrupted");
        }
    }

    /** How long may be waited until {@link #check} is to be asked again, in milliseconds. */
    long patience() {
        if (deadline == Long.MAX_VALUE) {
            return 0;
        }
        return Math.max(1, (deadline - System.nanoTime()) / 1_000_000 + 1);
    }

    /** Ends the load: its result is not needed any more. */
    void cancel() {
        cancelled = true;
    }

    /** Tells that it begins: the module was not found in a cache. */
    void start() {
        if (progress != null) {
            progress.accept(0);
        }
    }

    /** Tells how much there is to do. */
    void begin(long total) {
        this.total = total;
    }

    /** Tells that a piece of it is done. */
    void advance(long amount) {
        long now = done.addAndGet(amount);
        if (progress != null && total > 0) {
            progress.accept((int) Math.min(99, 100 * now / total));
        }
    }
}
