package org.wasix4j.system.poll;

import java.util.Arrays;
import java.util.function.Consumer;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Poller;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.system.wait.Registration;
import org.wasix4j.types.Nullable;

/**
 * A pollable in an epoll set, with an entry for each descriptor of it. Guarded by the lock of its
 * {@link EpollQueue}, but for {@link #delivered}.
 */
final class EpollWatch extends Registration {

    private static final EpollEntry[] NONE = {};

    /** What may have begun anew when something has arrived: data, or an error of a datagram. */
    private static final int ARRIVED = Readiness.READ | Readiness.ERROR;

    private final EpollQueue queue;
    private final Consumer<EpollWatch> whenGone;

    private EpollEntry[] entries = NONE;
    private int readyOps;

    /** What the selector has reported in the present select; only the thread that leads uses it. */
    int selectedOps;

    /** Conditions that the kernel has reported to a thread, which has not passed them on yet. */
    private int held;

    /** {@link Pollable#arrivals} when this was looked at last: what differs is a new edge. */
    private long arrivals = Pollable.UNCOUNTED;

    /** Conditions delivered to any entry; read without the lock. */
    private volatile int delivered;

    /**
     * Whether the kernel does not report what comes: the pollable could not take in all that the
     * kernel holds, or was known to be ready when the key was armed. Written by the thread that
     * leads, read without the lock. The thread that receives writes first that nothing is ready and
     * reads this then, the leader the other way round; both are volatile, so one sees the other.
     */
    private volatile boolean blind;

    /** Whether it stands in the queue of what may be ready; the queue's business. */
    boolean queued;

    /** Whether it stands in the queue of what was reported; the queue's business. */
    boolean reported;

    /** Whether it stands in the queue of keys to be armed; the queue's business. */
    boolean stale;

    /** Whether the pollable is closed, so that it stands in a queue for nothing. */
    boolean gone;

    /** Bytes that were taken from the guest's memory for it; the set's business. */
    int cost;

    EpollWatch(Pollable pollable, Poller poller, EpollQueue queue, Consumer<EpollWatch> whenGone) {
        super(pollable, poller);
        this.queue = queue;
        this.whenGone = whenGone;
    }

    // ---- the entries

    int size() {
        return entries.length;
    }

    @Nullable
    EpollEntry entry(int fd) {
        for (EpollEntry entry : entries) {
            if (entry.fd == fd) {
                return entry;
            }
        }
        return null;
    }

    void add(EpollEntry entry) {
        entries = Arrays.copyOf(entries, entries.length + 1);
        entries[entries.length - 1] = entry;
    }

    void remove(EpollEntry entry) {
        EpollEntry[] rest = new EpollEntry[entries.length - 1];
        int count = 0;
        for (EpollEntry other : entries) {
            if (other != entry) {
                rest[count++] = other;
            }
        }
        entries = rest;
    }

    int interest() {
        int interest = 0;
        for (EpollEntry entry : entries) {
            interest |= entry.interest();
        }
        return interest;
    }

    /** The conditions to ask the kernel for: those that were not delivered. */
    int wanted() {
        int wanted = 0;
        for (EpollEntry entry : entries) {
            wanted |= entry.interest() & ~entry.delivered();
        }
        return wanted;
    }

    /** Whether readability was delivered, and more is waited for. */
    boolean awaitsArrivals() {
        for (EpollEntry entry : entries) {
            if ((entry.interest() & entry.delivered() & Readiness.READ) != 0) {
                return true;
            }
        }
        return false;
    }

    // ---- delivery

    /** The selector has reported operations. */
    void addReadyOps(int ops) {
        readyOps |= ops;
    }

    /** What the selector has reported since the last call of {@link #takeReadyOps}. */
    int takeReadyOps() {
        int ops = readyOps;
        readyOps = 0;
        return ops;
    }

    /** What was delivered to a thread that waits for several sets; see {@link #held(int)}. */
    int held() {
        return held;
    }

    /** Notes what was delivered to such a thread; answers what was noted before. */
    int held(int conditions) {
        int before = held;
        held = conditions;
        return before;
    }

    /** Whether anything would be reported. */
    boolean isReportable(int holding, long arrived) {
        int news = arrived == arrivals ? 0 : ARRIVED;
        for (EpollEntry entry : entries) {
            if (entry.reportable(holding, news) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reports what is to be reported.
     *
     * @return whether there was room for all of it
     */
    boolean report(int holding, long arrived, EpollReport report) {
        noteArrivals(arrived);
        boolean room = true;
        int union = 0;
        for (EpollEntry entry : entries) {
            room &= entry.report(holding, report);
            union |= entry.delivered();
        }
        delivered(union);
        return room;
    }

    private void delivered(int conditions) {
        if (delivered != conditions) {
            delivered = conditions;
        }
    }

    /** Whether it would be reported again, as level-triggered, while what is given holds. */
    boolean staysReady(int holding) {
        for (EpollEntry entry : entries) {
            if (entry.staysReady(holding)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether something holds that nothing has reported: as {@link #isReportable}, but what has
     * come and was looked at is no edge again, although its edge was taken back since.
     */
    boolean isMissed(int holding, long arrived) {
        boolean seen = arrived == arrivals && arrived != Pollable.UNCOUNTED;
        return staysReady(holding)
                || isReportable(seen ? holding & ~Readiness.READ : holding, arrived);
    }

    /** What has arrived since the last look makes a new edge; whether anything has. */
    boolean noteArrivals(long arrived) {
        if (arrived == arrivals) {
            return false;
        }
        arrivals = arrived;
        rearm(ARRIVED);
        return true;
    }

    /** Whether its key has to be brought up to date before the next select. */
    boolean needsArming(int wanted) {
        return blind || !isArmedFor(wanted);
    }

    /** Notes whether the kernel does not report what comes; only the thread that leads. */
    void blind(boolean on) {
        if (blind != on) {
            blind = on;
        }
    }

    private void rearm(int conditions) {
        int union = 0;
        for (EpollEntry entry : entries) {
            entry.rearm(conditions);
            union |= entry.delivered();
        }
        delivered(union);
    }

    @Override
    protected void signalled(int conditions) {
        long arrived = pollable().arrivals();
        synchronized (queue.lock) {
            // where arrivals are counted a signal to readers is an edge only with a new count
            if (conditions != Readiness.READ || arrived == Pollable.UNCOUNTED) {
                rearm(conditions);
            } else {
                noteArrivals(arrived);
            }
            queue.refresh(this);
        }
        queue.changed();
    }

    @Override
    protected void selected(int ops) {
        queue.selected(this, ops);
    }

    @Override
    protected void exhausted(int condition) {
        // the event may have been taken back already by a thread that came to the end before it
        // was reported, and the key armed in between, when there was something to receive
        if ((delivered & condition) != 0 || blind) {
            synchronized (queue.lock) {
                rearm(condition);
                queue.armAnew(this);
            }
            queue.changed();
        }
    }

    @Override
    protected void consumed() {
        if (blind) {
            synchronized (queue.lock) {
                queue.armAnew(this);
            }
            queue.changed();
        }
    }

    @Override
    protected void pollableClosed() {
        synchronized (queue.lock) {
            entries = NONE;
            whenGone.accept(this);
            queue.forget(this);
        }
    }
}
