package org.wasix4j.runtime.internal;

import java.util.concurrent.atomic.AtomicLong;

/** How many pages of memory the processes of a family can have together. */
final class MemoryQuota {

    private final long limit;
    private final AtomicLong pages = new AtomicLong();

    /** A quota of which nothing is used; 0 pages for no limit. */
    MemoryQuota(long limit) {
        this.limit = limit == 0 ? Long.MAX_VALUE : limit;
    }

    /** Takes pages; false when there are not so many left. */
    boolean take(int count) {
        if (pages.addAndGet(count) > limit) {
            pages.addAndGet(-count);
            return false;
        }
        return true;
    }

    /** Gives pages back. */
    void give(int count) {
        pages.addAndGet(-count);
    }
}
