package org.wasix4j.system.fs;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/**
 * The names that are in a directory, as they were at one moment. A guest decides how many there are
 * and how long they are kept, so they are taken from its memory.
 */
final class Listing {

    /** What a name takes beside its letters: the string, its array, its place in the list. */
    private static final int COST = 72;

    private final MemoryBudget budget;
    private final List<String> names = new ArrayList<>();
    private long taken;

    Listing(MemoryBudget budget) {
        this.budget = budget;
    }

    /** The names, in order. */
    List<String> names() {
        return names;
    }

    /**
     * Adds a name.
     *
     * @throws org.wasix4j.types.ErrnoException nomem when the guest has too little memory left
     */
    void add(String name) {
        long cost = COST + 2L * name.length();
        budget.takeHeap(cost, Errno.NOMEM);
        taken += cost;
        names.add(name);
    }

    /** Puts names before all others; they are the host's and cost nothing. */
    void addFirst(List<String> first) {
        names.addAll(0, first);
    }

    /** Gives back what the names have taken; the holder calls it once. */
    void discard() {
        budget.giveBackHeap(taken);
    }
}
