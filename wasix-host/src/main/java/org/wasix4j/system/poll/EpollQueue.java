package org.wasix4j.system.poll;

import java.util.ArrayDeque;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Poller;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * What of an epoll set may be ready, which keys have to be brought up to date, and which of the
 * waiting threads leads: only the leader arms keys and selects, the others are parked; a leader
 * that leaves wakes one, which leads then.
 *
 * <p>Lock rule: {@link #lock} guards this and all watches of the set. It is held for a moment; no
 * method of a pollable and no select is called under it.
 */
final class EpollQueue {

    /** So many watches of closed pollables may stand in the queues at least. */
    private static final int MIN_GONE = 64;

    final Object lock = new Object();

    private final Poller poller;
    private final Runnable whenChanged;

    private final ArrayDeque<EpollWatch> ready = new ArrayDeque<>();

    /**
     * Watches that were reported, and are ready as long as the guest leaves what was taken from the
     * kernel for it; most guests do not, so that is looked at before the next wait.
     */
    private final ArrayDeque<EpollWatch> reported = new ArrayDeque<>();

    /** Watches whose keys may have to be armed anew. */
    private final ArrayDeque<EpollWatch> stale = new ArrayDeque<>();

    private final ArrayDeque<GuestThread> followers = new ArrayDeque<>();
    private @Nullable GuestThread leader;
    private boolean closed;

    /** How many watches have gone while they stood in a queue, since that was cleared of them. */
    private int gone;

    /**
     * A queue.
     *
     * @param whenChanged notifies threads that poll the set itself to look again
     */
    EpollQueue(Poller poller, Runnable whenChanged) {
        this.poller = poller;
        this.whenChanged = whenChanged;
    }

    // ---- what may be ready; under the lock

    void enqueue(EpollWatch watch) {
        if (!watch.queued) {
            watch.queued = true;
            ready.add(watch);
        }
    }

    /** How many watches may be ready. */
    int size() {
        return ready.size();
    }

    /** The next that may be ready, taken out; null when there is none. */
    EpollWatch next() {
        EpollWatch watch = ready.poll();
        if (watch != null) {
            watch.queued = false;
        }
        return watch;
    }

    /** Was reported as level-triggered and is ready: before the next wait it is looked at. */
    void report(EpollWatch watch) {
        if (!watch.reported) {
            watch.reported = true;
            reported.add(watch);
        }
    }

    /** How many were reported and are to be looked at. */
    int reported() {
        return reported.size();
    }

    /** The next that was reported, taken out; null when there is none. */
    EpollWatch nextReported() {
        EpollWatch watch = reported.poll();
        if (watch != null) {
            watch.reported = false;
        }
        return watch;
    }

    /** Its key is looked at before the next select. */
    void markStale(EpollWatch watch) {
        if (!watch.stale) {
            watch.stale = true;
            stale.add(watch);
        }
    }

    /** Its key is looked at before the next select, and the present one ends. */
    void armAnew(EpollWatch watch) {
        markStale(watch);
        wakeLeader();
    }

    /** Something about it has changed: it is looked at and armed anew. */
    void refresh(EpollWatch watch) {
        enqueue(watch);
        armAnew(watch);
    }

    /**
     * Its pollable is closed. A wait takes it out of the queues; but a set for which no thread
     * waits must not keep all that a guest adds and closes.
     */
    void forget(EpollWatch watch) {
        watch.gone = true;
        if (watch.queued || watch.stale || watch.reported) {
            gone++;
        }
        int longest = Math.max(Math.max(ready.size(), stale.size()), reported.size());
        if (gone > MIN_GONE && gone > longest / 2) {
            gone = 0;
            ready.removeIf(each -> each.gone);
            reported.removeIf(each -> each.gone);
            stale.removeIf(each -> each.gone);
        }
    }

    private void wakeLeader() {
        if (leader != null) {
            leader.wake();
        }
    }

    /** The set is closed: all leave. */
    void close() {
        closed = true;
        wakeLeader();
        followers.forEach(GuestThread::wake);
        ready.clear();
        reported.clear();
        stale.clear();
    }

    // ---- without the lock

    /** Has threads that poll the set itself look again. */
    void changed() {
        whenChanged.run();
    }

    /**
     * Leads, or follows until it is woken to lead; it is neither when this returns.
     *
     * @throws org.wasix4j.types.ErrnoException badf when the set is closed, mfile when the host has
     *     no descriptors for a selector
     */
    ParkResult park(GuestThread thread, long deadline) {
        boolean leads;
        boolean pending;
        synchronized (lock) {
            if (closed) {
                throw Errno.BADF.exception();
            }
            leads = leader == null;
            if (leads) {
                leader = thread;
            } else {
                followers.add(thread);
            }
            pending = !ready.isEmpty();
        }
        try {
            if (leads) {
                armStale();
                return thread.parkOn(poller, pending ? System.nanoTime() : deadline);
            }
            return pending ? ParkResult.READY : thread.park(deadline);
        } finally {
            synchronized (lock) {
                if (leads) {
                    leader = null;
                } else {
                    followers.remove(thread);
                }
            }
        }
    }

    /** A thread leaves: when none leads now, one that follows has to. */
    void handOn() {
        synchronized (lock) {
            if (leader == null && !followers.isEmpty()) {
                followers.poll().wake();
            }
        }
    }

    /** Brings the keys up to date; only the leader. */
    private void armStale() {
        for (; ; ) {
            EpollWatch watch;
            synchronized (lock) {
                watch = stale.poll();
                if (watch == null) {
                    return;
                }
                watch.stale = false;
            }
            try {
                arm(watch);
            } catch (Throwable e) {
                synchronized (lock) {
                    markStale(watch);
                }
                throw e;
            }
        }
    }

    private void arm(EpollWatch watch) {
        int wanted;
        boolean awaitsArrivals;
        synchronized (lock) {
            wanted = watch.wanted();
            awaitsArrivals = watch.awaitsArrivals();
        }
        Pollable pollable = watch.pollable();
        int arrivalOps = awaitsArrivals && !pollable.isClosed() ? pollable.takeIn() : 0;
        watch.full(awaitsArrivals && arrivalOps == 0);
        if (wanted == 0 && arrivalOps == 0) {
            poller.disarm(watch);
        } else {
            poller.arm(watch, wanted, arrivalOps);
        }
        if (awaitsArrivals) {
            long arrived = pollable.arrivals();
            synchronized (lock) {
                if (watch.noteArrivals(arrived)) {
                    refresh(watch);
                }
            }
        }
    }
}
