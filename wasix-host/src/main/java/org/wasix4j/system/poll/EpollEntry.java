package org.wasix4j.system.poll;

import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.EpollFlags;

/**
 * A descriptor in an epoll set: what is asked, what the guest wants back, and for edge-triggered
 * ones which edges have been delivered to it. Guarded by the lock of its set.
 */
final class EpollEntry {

    private static final int UNASKED = EpollFlags.ERR | EpollFlags.HUP;

    final int fd;
    private int asked;
    private long data0;
    private long data1;
    private long data2;

    /** Conditions that were reported and have not begun anew since. */
    private int delivered;

    /** Reported once, and not wanted until it is changed. */
    private boolean spent;

    EpollEntry(int fd) {
        this.fd = fd;
    }

    /** Sets what is asked; everything that holds now is news. */
    void set(int events, long word0, long word1, long word2) {
        asked = events;
        data0 = word0;
        data1 = word1;
        data2 = word2;
        delivered = 0;
        spent = false;
    }

    /** The conditions asked for, {@link Readiness#ASKED}; 0 while it is spent. */
    int interest() {
        if (spent) {
            return 0;
        }
        boolean writing = (asked & EpollFlags.OUT) != 0;
        boolean reading = (asked & (EpollFlags.IN | EpollFlags.RDHUP)) != 0;
        // errors and hang-ups are reported unasked, and show when reading
        return (writing ? Readiness.WRITE : 0) | (reading || !writing ? Readiness.READ : 0);
    }

    int delivered() {
        return delivered;
    }

    /** These conditions may begin anew. */
    void rearm(int conditions) {
        delivered &= ~conditions;
    }

    /**
     * What of the conditions would be reported.
     *
     * @param news conditions that have begun anew, although they were delivered
     */
    int reportable(int holding, int news) {
        if (spent) {
            return 0;
        }
        int watched = asked | UNASKED;
        boolean edge = (asked & EpollFlags.ET) != 0;
        if (edge && (flags(holding & (~delivered | news)) & watched) == 0) {
            return 0;
        }
        // room that was reported and not used up is reported again together with other conditions
        return flags(edge ? holding | delivered & Readiness.WRITE : holding) & watched;
    }

    /** Whether it is level-triggered and would be reported again. */
    boolean staysReady(int holding) {
        return (asked & EpollFlags.ET) == 0 && reportable(holding, 0) != 0;
    }

    /**
     * Reports the conditions if they are to be reported.
     *
     * @return false when there was no room left
     */
    boolean report(int holding, EpollReport report) {
        int events = reportable(holding, 0);
        if (events == 0) {
            if ((asked & EpollFlags.IN) == 0) {
                // data, for one that asks for their end only: not to be heard of again
                delivered |= holding & Readiness.READ;
            }
            return true;
        }
        if (report.isFull()) {
            return false;
        }
        report.add(events, data0, data1, data2);
        if ((asked & EpollFlags.ONESHOT) != 0) {
            spent = true;
        } else if ((asked & EpollFlags.ET) != 0) {
            delivered |= holding;
        }
        return true;
    }

    private static int flags(int conditions) {
        int flags = 0;
        if ((conditions & Readiness.READ) != 0) {
            flags |= EpollFlags.IN;
        }
        if ((conditions & Readiness.WRITE) != 0) {
            flags |= EpollFlags.OUT;
        }
        if ((conditions & Readiness.READ_HANGUP) != 0) {
            flags |= EpollFlags.RDHUP;
        }
        if ((conditions & Readiness.HANGUP) != 0) {
            flags |= EpollFlags.HUP;
        }
        if ((conditions & Readiness.ERROR) != 0) {
            flags |= EpollFlags.ERR;
        }
        return flags;
    }
}
