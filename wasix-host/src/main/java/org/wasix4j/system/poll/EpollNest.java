package org.wasix4j.system.poll;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;

/**
 * Which epoll sets hold an epoll set, and which it holds. There is no circle, and a chain has five
 * sets at most, as on Linux; and the number of chains is bounded, because a look at a set follows
 * each of them.
 *
 * <p>Lock rule: one lock for all sets, held for a walk over those that are connected; leaf.
 */
final class EpollNest {

    private static final int LONGEST = 5;
    private static final long MOST_CHAINS = 1000;
    private static final Object LOCK = new Object();

    /** One for each entry; guarded by the lock. */
    private final List<EpollNest> inner = new ArrayList<>();

    private final List<EpollNest> outer = new ArrayList<>();
    private volatile boolean holdsAny;

    /** Whether the set holds another. */
    boolean holdsAny() {
        return holdsAny;
    }

    /**
     * A set comes into this one.
     *
     * @throws org.wasix4j.types.ErrnoException inval for itself and for too many chains, loop for a
     *     circle and for a chain of more than five
     */
    void add(EpollNest other) {
        synchronized (LOCK) {
            if (other == this) {
                throw Errno.INVAL.exception();
            }
            if (other.reaches(this) || length(true) + other.length(false) > LONGEST) {
                throw Errno.LOOP.exception();
            }
            if (chains(true) * other.chains(false) > MOST_CHAINS) {
                throw Errno.INVAL.exception();
            }
            inner.add(other);
            other.outer.add(this);
            holdsAny = true;
        }
    }

    /** An entry of a set leaves this one. */
    void remove(EpollNest other) {
        synchronized (LOCK) {
            if (inner.remove(other)) {
                other.outer.remove(this);
                holdsAny = !inner.isEmpty();
            }
        }
    }

    /** The set is closed. */
    void close() {
        synchronized (LOCK) {
            for (EpollNest other : inner) {
                other.outer.remove(this);
            }
            for (EpollNest other : outer) {
                other.inner.remove(this);
                other.holdsAny = !other.inner.isEmpty();
            }
            inner.clear();
            outer.clear();
            holdsAny = false;
        }
    }

    // the chains are few and short, so that each can be walked

    private boolean reaches(EpollNest target) {
        return this == target || inner.stream().anyMatch(each -> each.reaches(target));
    }

    private int length(boolean upwards) {
        int longest = 0;
        for (EpollNest each : upwards ? outer : inner) {
            longest = Math.max(longest, each.length(upwards));
        }
        return 1 + longest;
    }

    private long chains(boolean upwards) {
        long chains = 1;
        for (EpollNest each : upwards ? outer : inner) {
            chains += each.chains(upwards);
        }
        return chains;
    }
}
