package org.wasix4j.runtime.internal.link;

import com.dylibso.chicory.runtime.Memory;
import org.wasix4j.types.Nullable;

/**
 * Memory for the data of libraries and the thread-locals that have no other place. The guest's
 * memory is grown for it, so that its allocator never sees these places. What was given is never
 * taken back.
 */
final class LibraryMemory {

    private static final int PAGE = Memory.PAGE_SIZE;

    private final @Nullable Memory memory;
    private long at;
    private long end;

    LibraryMemory(@Nullable Memory memory) {
        this.memory = memory;
    }

    /** The same, for a process that was forked. */
    synchronized LibraryMemory copy(@Nullable Memory its) {
        LibraryMemory copy = new LibraryMemory(its);
        copy.at = at;
        copy.end = end;
        return copy;
    }

    /**
     * Memory of zeros.
     *
     * @param alignment a power of two, a page at most
     * @return where it begins, or -1 when there is none left
     */
    synchronized int allocate(long size, int alignment) {
        long start = (at + alignment - 1) / alignment * alignment;
        if (start + size > end || end == 0) {
            long pages = (size + PAGE - 1) / PAGE;
            if (memory == null || pages > Memory.RUNTIME_MAX_PAGES) {
                return -1;
            }
            int first = memory.grow((int) pages);
            if (first < 0) {
                return -1;
            }
            start = (long) first * PAGE;
            end = start + pages * PAGE;
        }
        at = start + size;
        return (int) start;
    }
}
