package org.wasix4j.system.poll;

import java.util.Arrays;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.GuestThread.WaitEntry;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * One call's worth of things to wait for: descriptors and clocks, and what became of each. The
 * machine under {@code poll_oneoff}; compare poll(2).
 *
 * <p>A thread keeps one and fills it anew for every call, so a call allocates nothing. Most calls
 * ask for the same descriptors as the last one of the thread. Such a call goes on with the last
 * one's wait: it looks only at what was ready then, at what the kernel reports, and at what the
 * kernel has no part in. Everything else is watched already, and whatever changes it without the
 * kernel signals it, after which a call looks at all again.
 *
 * <p>Descriptors come before clocks: at the deadline they are looked at once more, and a clock is
 * never reported in place of a descriptor that is ready.
 */
public final class PollSet {

    private static final int CAPACITY = 16;

    /** What a subscription is: one of the two conditions of {@link Readiness}, or one of these. */
    private static final int CLOCK = 0;

    private static final int IGNORED = -1;
    private static final int FAILED = -2;

    private int count;
    private int failures;
    private long earliest;

    /** How many subscriptions the last call had, or 0 when the next one cannot go on with it. */
    private int kept;

    /** Whether the descriptors so far are those of the last call. */
    private boolean same;

    /** Whether there is something that every call has to look at anew. */
    private boolean unusual;

    /** The thread's number of the wait in which the entries are. */
    private long wait;

    private int[] kinds = new int[CAPACITY];
    private int[] tags = new int[CAPACITY];
    private long[] userData = new long[CAPACITY];
    private long[] deadlines = new long[CAPACITY];
    private Pollable[] pollables = new Pollable[CAPACITY];
    private WaitEntry[] entries = new WaitEntry[CAPACITY];
    private Errno[] errors = new Errno[CAPACITY];

    /** Event descriptors that are reported once a write. */
    private EventFd[] wakers = new EventFd[CAPACITY];

    private int[] conditions = new int[CAPACITY];
    private long[] bytes = new long[CAPACITY];

    /** The next subscription with the same entry, or -1; the first is the entry's tag. */
    private int[] next = new int[CAPACITY];

    /** The numbers of the clocks and of what can only fail. */
    private int[] others = new int[CAPACITY];

    private int otherCount;

    /** One bit a subscription: it is to be looked at; at the end of a call, it has an event. */
    private long[] marks = new long[CAPACITY / Long.SIZE + 1];

    /**
     * One bit a subscription: the kernel does not watch it, so every call looks at it. Bits, so
     * that a call need not touch the entries of ten thousand descriptors that nothing has happened
     * to.
     */
    private long[] unwatched = new long[CAPACITY / Long.SIZE + 1];

    /** Makes room for a number of subscriptions, none of which is there yet. */
    public void begin(int subscriptions) {
        same = kept == subscriptions;
        kept = 0;
        count = 0;
        otherCount = 0;
        failures = 0;
        unusual = false;
        earliest = GuestThread.FOREVER;
        if (!same) {
            Arrays.fill(marks, 0);
            Arrays.fill(unwatched, 0);
        }
        if (subscriptions > kinds.length) {
            int size = Math.max(subscriptions, kinds.length * 2);
            kinds = new int[size];
            tags = new int[size];
            userData = new long[size];
            deadlines = new long[size];
            pollables = new Pollable[size];
            entries = new WaitEntry[size];
            errors = new Errno[size];
            wakers = new EventFd[size];
            conditions = new int[size];
            bytes = new long[size];
            next = new int[size];
            others = new int[size];
            marks = new long[size / Long.SIZE + 1];
            unwatched = new long[size / Long.SIZE + 1];
        }
    }

    private int add(long data, int tag, int kind) {
        int index = count++;
        userData[index] = data;
        tags[index] = tag;
        kinds[index] = kind;
        errors[index] = Errno.SUCCESS;
        // what a call that was given up half-way has left here
        pollables[index] = null;
        wakers[index] = null;
        entries[index] = null;
        unmark(index);
        unwatched[index / Long.SIZE] &= ~(1L << index);
        return index;
    }

    /**
     * Adds a descriptor.
     *
     * @param data what the caller wants back with the event
     * @param tag likewise
     * @param pollable what it stands for, or null when it is not open: the event is then badf
     * @param interest {@link Readiness#READ} or {@link Readiness#WRITE}
     */
    public void addDescriptor(long data, int tag, @Nullable Pollable pollable, int interest) {
        if (pollable == null) {
            addFailure(data, tag, Errno.BADF);
        } else if (same && pollables[count] == pollable && kinds[count] == interest) {
            userData[count] = data;
            tags[count] = tag;
            count++;
        } else {
            same = false;
            pollables[add(data, tag, interest)] = pollable;
        }
    }

    /**
     * Adds an event descriptor that its owner never reads: it is ready for reading once for each
     * write, not for as long as its counter is not 0.
     */
    public void addWaker(long data, int tag, EventFd waker) {
        same = false;
        unusual = true;
        int index = add(data, tag, Readiness.READ);
        pollables[index] = waker;
        wakers[index] = waker;
    }

    /** Adds a clock that goes off at a {@link System#nanoTime}. */
    public void addClock(long data, int tag, long deadline) {
        addOther(data, tag, CLOCK);
        deadlines[count - 1] = deadline;
        if (deadline != GuestThread.FOREVER
                && (earliest == GuestThread.FOREVER || deadline - earliest < 0)) {
            earliest = deadline;
        }
    }

    /** Adds a subscription that can only fail. */
    public void addFailure(long data, int tag, Errno error) {
        addOther(data, tag, FAILED);
        errors[count - 1] = error;
        failures++;
    }

    /** Adds a subscription that never has an event, as poll(2) treats negative descriptors. */
    public void addIgnored() {
        addOther(0, 0, IGNORED);
    }

    /** Adds something that is no descriptor, where the last call had the same or not. */
    private void addOther(long data, int tag, int kind) {
        same &= pollables[count] == null;
        int index = add(data, tag, kind);
        if (kind != IGNORED) {
            others[otherCount++] = index;
        }
    }

    // ---- marks

    private void mark(int index) {
        marks[index / Long.SIZE] |= 1L << index;
    }

    private void unmark(int index) {
        marks[index / Long.SIZE] &= ~(1L << index);
    }

    /** Notes whether the kernel watches what the subscriptions of an entry are about. */
    private void noteWatched(WaitEntry entry) {
        boolean armed = entry.isArmed();
        for (int at = entry.tag(); at >= 0; at = next[at]) {
            long bit = 1L << at;
            if (armed) {
                unwatched[at / Long.SIZE] &= ~bit;
            } else {
                unwatched[at / Long.SIZE] |= bit;
            }
        }
    }

    /** The first subscription from a number on that has a mark, or -1. */
    private int marked(int from) {
        int word = from / Long.SIZE;
        if (word >= marks.length) {
            return -1;
        }
        long rest = marks[word] & -1L << from;
        while (rest == 0) {
            if (++word == marks.length) {
                return -1;
            }
            rest = marks[word];
        }
        return word * Long.SIZE + Long.numberOfTrailingZeros(rest);
    }

    // ---- waiting

    /**
     * Waits until something has an event.
     *
     * @return how many have one, at least 1
     * @throws org.wasix4j.types.ErrnoException intr when a guest signal is to be delivered, mfile
     *     when the host has no descriptors left to wait with
     */
    public int await(GuestThread thread) {
        boolean goOn = same && thread.resumeWait(wait);
        try {
            for (; ; ) {
                boolean found = (goOn ? wantSome(thread) : want(thread)) || failures > 0;
                goOn = false;
                ParkResult result =
                        found
                                ? thread.look()
                                : onlyClocks()
                                        ? thread.parkAsleep(earliest)
                                        : thread.park(earliest);
                int events = collect(thread);
                if (events > 0) {
                    kept = unusual ? 0 : count;
                    return events;
                }
                thread.resume(result);
                if (found) {
                    // another thread was quicker; the look may not have asked for signals or the
                    // end
                    thread.resume(thread.park(System.nanoTime()));
                }
            }
        } finally {
            if (kept == 0) {
                Arrays.fill(pollables, 0, count, null);
                Arrays.fill(wakers, 0, count, null);
                Arrays.fill(entries, 0, count, null);
            }
        }
    }

    private boolean onlyClocks() {
        for (int i = 0; i < count; i++) {
            if (pollables[i] != null) {
                return false;
            }
        }
        return earliest != GuestThread.FOREVER;
    }

    /** Begins a wait for all descriptors; whether one is ready as far as is known here. */
    private boolean want(GuestThread thread) {
        thread.beginWait();
        wait = thread.presentWait();
        boolean found = false;
        for (int i = 0; i < count; i++) {
            Pollable pollable = pollables[i];
            if (pollable != null) {
                entries[i] = thread.want(pollable, kinds[i]);
                next[i] = entries[i].tag(i);
                noteWatched(entries[i]);
                if (pollable instanceof Epoll set) {
                    set.wantInner(thread);
                    unusual = true;
                }
                found |= lookAt(i, pollable);
            }
        }
        return found;
    }

    /** As {@link #want}, when all but some are in the present wait already. */
    private boolean wantSome(GuestThread thread) {
        boolean found = false;
        for (int first = 0; first < count; first += Long.SIZE) {
            int word = first / Long.SIZE;
            for (long bits = marks[word] | unwatched[word]; bits != 0; bits &= bits - 1) {
                int i = first + Long.numberOfTrailingZeros(bits);
                Pollable pollable = pollables[i];
                if (pollable != null) {
                    noteWatched(thread.want(pollable, kinds[i]));
                    found |= lookAt(i, pollable);
                }
            }
        }
        return found;
    }

    /** Marks a descriptor that has an event as far as is known here. */
    private boolean lookAt(int i, Pollable pollable) {
        boolean found = pollable.isClosed() || mayBeEvent(i, pollable.readiness(kinds[i]));
        if (found || pollable instanceof Epoll) {
            mark(i);
        } else {
            unmark(i);
        }
        return found;
    }

    private int collect(GuestThread thread) {
        if (thread.takeSignalled()) {
            for (int i = 0; i < count; i++) {
                if (pollables[i] != null) {
                    mark(i);
                }
            }
        } else {
            for (int i = 0; i < thread.reported(); i++) {
                int at = thread.reported(i).tag();
                while (at >= 0) {
                    mark(at);
                    at = next[at];
                }
            }
        }
        for (int i = 0; i < otherCount; i++) {
            mark(others[i]);
        }
        int events = 0;
        long now = earliest == GuestThread.FOREVER ? 0 : System.nanoTime();
        for (int i = marked(0); i >= 0; i = marked(i + 1)) {
            boolean ready =
                    switch (kinds[i]) {
                        case CLOCK ->
                                deadlines[i] != GuestThread.FOREVER && deadlines[i] - now <= 0;
                        case FAILED -> true;
                        default -> settle(thread, i);
                    };
            if (ready) {
                events++;
            } else {
                unmark(i);
            }
        }
        return events;
    }

    private boolean settle(GuestThread thread, int i) {
        Pollable pollable = pollables[i];
        int interest = kinds[i];
        int holding = entries[i].settle(interest);
        if (pollable instanceof Epoll set) {
            holding |= set.innerReadiness(thread);
        }
        if (pollable.isClosed()) {
            errors[i] = Errno.BADF;
            conditions[i] = 0;
            bytes[i] = 0;
            unusual = true;
            return true;
        }
        conditions[i] = holding;
        if (!isEvent(i, holding) || wakers[i] != null && !wakers[i].takeEdge()) {
            return false;
        }
        bytes[i] = interest == Readiness.READ ? pollable.readableBytes() : pollable.writableBytes();
        return true;
    }

    /** Whether what holds is worth an event: what was asked for, and hang-up and error unasked. */
    private boolean isEvent(int index, int holding) {
        return (holding & (kinds[index] | Readiness.HANGUP | Readiness.ERROR)) != 0;
    }

    private boolean mayBeEvent(int index, int holding) {
        return isEvent(index, holding) && (wakers[index] == null || wakers[index].hasEdge());
    }

    // ---- what became of it

    /** The first subscription from a number on that has an event, or -1. */
    public int nextReady(int from) {
        return marked(from);
    }

    /** What the caller gave with a subscription. */
    public long userData(int index) {
        return userData[index];
    }

    /** As {@link #userData}. */
    public int tag(int index) {
        return tags[index];
    }

    /** What is wrong with a subscription; success for most. */
    public Errno error(int index) {
        return errors[index];
    }

    /** How many bytes can be read, or about how many can be written. */
    public long bytes(int index) {
        return kinds[index] > 0 ? bytes[index] : 0;
    }

    /** Whether both directions are gone. */
    public boolean isHangup(int index) {
        return kinds[index] > 0 && (conditions[index] & Readiness.HANGUP) != 0;
    }
}
