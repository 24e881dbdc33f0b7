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

    /**
     * So many are looked at together: enough that the lock costs little, few enough that what they
     * refer to is in the processor's cache still when they are reported.
     */
    private static final int AT_ONCE = 32;

    final Object lock = new Object();

    private final Poller poller;
    private final Runnable whenChanged;

    private final ArrayDeque<EpollWatch> ready = new ArrayDeque<>();

    /**
     * Watches that were reported, and are ready as long as the guest leaves what was taken from the
     * kernel for it; most guests do not, so that is looked at before the next wait, and their keys
     * with it.
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

    /**
     * How many of {@link #ready} the last select has left there that no wait has taken since, for
     * want of room: there is no other select before.
     */
    private int untaken;

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

    /** Begins to take out what may be ready now: each once. */
    void takeFirst(EpollReport report) {
        report.batch().left = ready.size();
        take(report);
    }

    /** Takes some out that may be ready, with what is known of them, as far as there is room. */
    void take(EpollReport report) {
        EpollBatch batch = report.batch();
        int most = Math.min(Math.min(batch.left, AT_ONCE), report.room());
        for (int i = 0; i < most; i++) {
            EpollWatch watch = ready.poll();
            if (watch == null) {
                batch.left = 0;
                return;
            }
            batch.left--;
            untaken = Math.max(0, untaken - 1);
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
            int index = batch.add(watch, watch.interest());
            batch.wanted[index] = watch.wanted();
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
            untaken = Math.min(untaken, ready.size());
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
        untaken = 0;
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
     * A thread begins to wait: it leads, or follows until it is woken to lead, or has no need to
     * wait; under the lock. Unless {@link #park} is called next, it is stuck.
     *
     * @throws org.wasix4j.types.ErrnoException badf when the set is closed
     */
    EpollRole join(GuestThread thread) {
        if (closed) {
            throw Errno.BADF.exception();
        }
        if (untaken > 0 && !ready.isEmpty()) {
            return EpollRole.TAKES;
        }
        boolean pending = !ready.isEmpty();
        if (leader == null) {
            leader = thread;
            takeStale();
            return pending ? EpollRole.LOOKS : EpollRole.LEADS;
        }
        followers.add(thread);
        followed = true;
        return pending ? EpollRole.RETURNS : EpollRole.FOLLOWS;
    }

    /**
     * Waits in the role that {@link #join} gave, and then takes what may be ready; the thread
     * neither leads nor follows when this returns.
     *
     * @throws org.wasix4j.types.ErrnoException mfile when the host has no descriptors for a
     *     selector
     */
    ParkResult park(GuestThread thread, EpollRole role, EpollReport report, long deadline) {
        ParkResult result = null;
        try {
            result =
                    switch (role) {
                        case LEADS ->
                                thread.parkOn(poller, armStale() ? System.nanoTime() : deadline);
                        case LOOKS -> {
                            armStale();
                            yield thread.parkOn(poller, System.nanoTime());
                        }
                        case FOLLOWS -> thread.park(deadline);
                        case RETURNS, TAKES -> ParkResult.READY;
                    };
            return result;
        } finally {
            synchronized (lock) {
                leave(thread, role);
                if (result != null) {
                    takeFirst(report);
                }
            }
        }
    }

    private void leave(GuestThread thread, EpollRole role) {
        if (role == EpollRole.LEADS || role == EpollRole.LOOKS) {
            enqueueSelected();
            untaken = ready.size();
            leader = null;
        } else if (role != EpollRole.TAKES) {
            followers.remove(thread);
            followed = !followers.isEmpty();
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
