package org.wasix4j.system.poll;

import java.util.Arrays;

/**
 * Watches that a waiting thread has taken out of a queue together, and what it has found out about
 * them. They are taken and put back under the lock of their {@link EpollQueue}, and looked at in
 * between without it; so a wait takes that lock a few times, and not a few times for each event.
 *
 * <p>A thread keeps one and uses it again.
 */
final class EpollBatch {

    private static final int CAPACITY = 16;

    private EpollWatch[] watches = new EpollWatch[CAPACITY];
    private int count;

    /** How many of the queue are to be taken out still in this wait. */
    int left;

    /** The conditions that are asked for. */
    int[] interests = new int[CAPACITY];

    /** The conditions to ask the kernel for, of what was reported before. */
    int[] wanted = new int[CAPACITY];

    /** Whether the key is to be looked at, of what was reported before. */
    boolean[] stale = new boolean[CAPACITY];

    /** What the selector has reported. */
    int[] readyOps = new int[CAPACITY];

    /** The conditions that hold as far as this process knows. */
    int[] known = new int[CAPACITY];

    /** All conditions that hold. */
    int[] holding = new int[CAPACITY];

    /** What has arrived, as the pollable counts it. */
    long[] arrived = new long[CAPACITY];

    /** How many there are. */
    int count() {
        return count;
    }

    EpollWatch watch(int index) {
        return watches[index];
    }

    /**
     * Adds a watch; under the lock.
     *
     * @return its index
     */
    int add(EpollWatch watch, int interest) {
        if (count == watches.length) {
            int size = 2 * count;
            watches = Arrays.copyOf(watches, size);
            interests = Arrays.copyOf(interests, size);
            wanted = Arrays.copyOf(wanted, size);
            stale = Arrays.copyOf(stale, size);
            readyOps = Arrays.copyOf(readyOps, size);
            known = Arrays.copyOf(known, size);
            holding = Arrays.copyOf(holding, size);
            arrived = Arrays.copyOf(arrived, size);
        }
        watches[count] = watch;
        interests[count] = interest;
        return count++;
    }

    /** Forgets the watches, so that none of a closed set is kept. */
    void clear() {
        Arrays.fill(watches, 0, count, null);
        count = 0;
    }
}
