package org.wasix4j.system.poll;

import java.util.Arrays;

/** The events of one {@code epoll_wait}. A thread keeps one and uses it again. */
public final class EpollReport {

    /** The most events that one wait reports; the rest comes with the next. */
    public static final int MAX = 1024;

    private static final int CAPACITY = 64;
    private static final int DATA_WORDS = 3;

    private int[] events = new int[CAPACITY];
    private long[] data = new long[CAPACITY * DATA_WORDS];
    private final EpollBatch batch = new EpollBatch();
    private int count;
    private int limit;

    /** Forgets what was there; at most so many events are wanted. */
    public EpollReport begin(int maxEvents) {
        count = 0;
        limit = Math.min(maxEvents, MAX);
        return this;
    }

    /** Room for what the wait looks at. */
    EpollBatch batch() {
        return batch;
    }

    /** For how many more events there is room. */
    int room() {
        return limit - count;
    }

    boolean isFull() {
        return count == limit;
    }

    void add(int happened, long data0, long data1, long data2) {
        if (count == events.length) {
            events = Arrays.copyOf(events, count * 2);
            data = Arrays.copyOf(data, count * 2 * DATA_WORDS);
        }
        events[count] = happened;
        data[count * DATA_WORDS] = data0;
        data[count * DATA_WORDS + 1] = data1;
        data[count * DATA_WORDS + 2] = data2;
        count++;
    }

    /** How many events there are. */
    public int count() {
        return count;
    }

    /** What happened, {@link org.wasix4j.types.EpollFlags}. */
    public int events(int index) {
        return events[index];
    }

    /** A word, 0 to 2, of what the guest gave with the descriptor. */
    public long data(int index, int word) {
        return data[index * DATA_WORDS + word];
    }
}
