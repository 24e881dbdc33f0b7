package org.wasix4j.system.poll;

import java.util.ArrayDeque;
import java.util.ArrayList;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Poller;
import org.wasix4j.system.wait.Readiness;
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

    /** What of {@link #stale} the leader arms; only the leader uses it. */
    private final EpollBatch arming = new EpollBatch();

    /** Watches of which the selector has reported something; only the leader uses it. */
    private final ArrayList<EpollWatch> selected = new ArrayList<>();

    private final ArrayDeque<GuestThread> followers = new ArrayDeque<>();

    /** Whether there are followers; written under the lock. */
    private volatile boolean followed;

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

    /** Puts one back that was taken out: a thread that has begun to lead since has not seen it. */
    void requeue(EpollWatch watch) {
        enqueue(watch);
        wakeLeader();
    }

    /** How many watches may be ready. */
    int size() {
        return ready.size();
    }

    /** Takes so many out that may be ready, with what is known of them. */
    void take(EpollBatch batch, int most) {
        for (int i = 0; i < most; i++) {
            EpollWatch watch = ready.poll();
            if (watch == null) {
                return;
            }
            watch.queued = false;
            int index = batch.add(watch, watch.interest());
            batch.readyOps[index] = watch.takeReadyOps();
            batch.holding[index] = watch.held(0);
        }
    }

    /** Was reported as level-triggered and is ready: before the next wait it is looked at. */
    void report(EpollWatch watch) {
        if (!watch.reported) {
            watch.reported = true;
            reported.add(watch);
        }
    }

    /** Takes all out that were reported and are to be looked at. */
    void takeReported(EpollBatch batch) {
        for (EpollWatch watch = reported.poll(); watch != null; watch = reported.poll()) {
            watch.reported = false;
            batch.add(watch, watch.interest());
        }
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
                takeStale();
            } else {
                followers.add(thread);
                followed = true;
            }
            pending = !ready.isEmpty();
        }
        try {
            if (leads) {
                pending |= armStale();
                return thread.parkOn(poller, pending ? System.nanoTime() : deadline);
            }
            return pending ? ParkResult.READY : thread.park(deadline);
        } finally {
            synchronized (lock) {
                if (leads) {
                    enqueueSelected();
                    leader = null;
                } else {
                    followers.remove(thread);
                    followed = !followers.isEmpty();
                }
            }
        }
    }

    /**
     * The selector has reported something, to the leader. It is noted without the lock, and taken
     * into the queue when the select is over.
     */
    void selected(EpollWatch watch, int ops) {
        if (watch.selectedOps == 0) {
            selected.add(watch);
        }
        watch.selectedOps |= ops;
    }

    private void enqueueSelected() {
        for (int i = 0; i < selected.size() && !closed; i++) {
            EpollWatch watch = selected.get(i);
            watch.addReadyOps(watch.selectedOps);
            watch.selectedOps = 0;
            enqueue(watch);
        }
        selected.clear();
    }

    /**
     * A thread leaves: when none leads now, one that follows has to. Who follows has seen a leader;
     * so a thread that has led and leaves sees its followers here without the lock.
     */
    void handOn() {
        if (!followed) {
            return;
        }
        synchronized (lock) {
            if (leader == null && !followers.isEmpty()) {
                followers.poll().wake();
                followed = !followers.isEmpty();
            }
        }
    }

    /** What the leader has to arm; under the lock. */
    private void takeStale() {
        for (EpollWatch watch = stale.poll(); watch != null; watch = stale.poll()) {
            watch.stale = false;
            int index = arming.add(watch, watch.wanted());
            arming.known[index] = watch.awaitsArrivals() ? Readiness.READ : 0;
        }
    }

    /**
     * Brings the keys up to date; only the leader.
     *
     * @return whether something was found ready
     */
    private boolean armStale() {
        int done = 0;
        boolean ready = false;
        try {
            for (; done < arming.count(); done++) {
                ready |= arm(arming.watch(done), arming.interests[done], arming.known[done] != 0);
            }
        } finally {
            if (done < arming.count()) {
                markStaleFrom(done);
            }
            arming.clear();
        }
        return ready;
    }

    private void markStaleFrom(int first) {
        synchronized (lock) {
            for (int i = first; i < arming.count(); i++) {
                markStale(arming.watch(i));
            }
        }
    }

    /** Brings a key up to date; answers whether what it left out was found ready. */
    private boolean arm(EpollWatch watch, int wanted, boolean awaitsArrivals) {
        Pollable pollable = watch.pollable();
        int arrivalOps = awaitsArrivals && !pollable.isClosed() ? pollable.takeIn() : 0;
        boolean open = true;
        if (wanted == 0 && arrivalOps == 0) {
            poller.disarm(watch);
        } else {
            open = poller.arm(watch, wanted, arrivalOps);
        }
        boolean leavesOut = watch.leavesOut(wanted);
        boolean takesNoMore = awaitsArrivals && arrivalOps == 0;
        watch.blind(leavesOut || takesNoMore);
        boolean ready = false;
        if (open && (leavesOut || takesNoMore) && !pollable.isClosed()) {
            ready = lookAtLeftOut(watch, wanted, leavesOut, takesNoMore);
        }
        if (awaitsArrivals) {
            long arrived = pollable.arrivals();
            synchronized (lock) {
                if (watch.noteArrivals(arrived)) {
                    refresh(watch);
                }
            }
        }
        return ready;
    }

    /**
     * The kernel does not watch something that was known to be ready: another thread may have found
     * it out, which then nothing reports but this; or used it up since.
     *
     * @return whether it is ready
     */
    private boolean lookAtLeftOut(
            EpollWatch watch, int wanted, boolean leavesOut, boolean takesNoMore) {
        Pollable pollable = watch.pollable();
        boolean usedUp =
                leavesOut && watch.isOutdated(wanted) || takesNoMore && pollable.takeIn() != 0;
        int holding = leavesOut ? pollable.readiness(wanted) : 0;
        long arrived = pollable.arrivals();
        synchronized (lock) {
            if (usedUp) {
                armAnew(watch);
            }
            boolean ready = holding != 0 && watch.isMissed(holding, arrived);
            if (ready) {
                enqueue(watch);
            }
            return ready;
        }
    }
}
