package org.wasix4j.system.poll;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/**
 * A set of descriptors to wait for, epoll(7): level-triggered unless EPOLLET is asked for, with
 * EPOLLONESHOT as Linux means it. A wait costs what is ready, not what is registered.
 *
 * <p>What may be ready stands in a queue: the selector puts channels there, and everything that the
 * kernel does not see signals. A wait takes each out once and looks whether its condition holds. A
 * level-triggered one whose condition is known here stays in the queue; one that only the kernel
 * knows comes back with the next select, because its key stays armed. An edge that was reported
 * disarms its key until the guest's own operations have come to the end of it ({@link
 * Pollable#exhausted}), so that a busy connection costs no system calls for arming: the key is as
 * it was when the set is waited on again.
 *
 * <p>Of several threads that wait, one leads: only it arms keys and selects. The others are parked;
 * a leader that leaves wakes one, which leads then.
 *
 * <p>Lock rule: the lock guards the registrations and the queue. It is held for a moment; no method
 * of a pollable and no select is called under it.
 */
public final class Epoll extends OpenDescription {

    private static final EpollEntry[] NONE = {};

    private final Poller poller = new Poller();
    private final Object lock = new Object();

    /** Pollables with an entry. Guarded by the lock, as all that follows. */
    private final Set<Watch> watches = new LinkedHashSet<>();

    private final ArrayDeque<Watch> queue = new ArrayDeque<>();

    /** Watches whose keys may have to be armed anew. */
    private final ArrayDeque<Watch> stale = new ArrayDeque<>();

    private final ArrayDeque<GuestThread> followers = new ArrayDeque<>();
    private GuestThread leader;

    /** A pollable in this set, with an entry for each descriptor of it. */
    private final class Watch extends Registration {
        private EpollEntry[] entries = NONE;
        private int readyOps;
        private boolean queued;
        private boolean isStale;

        /** Conditions that any entry was told; read without the lock. */
        private volatile int told;

        Watch(Pollable pollable) {
            super(pollable, poller);
        }

        private EpollEntry entry(int fd) {
            for (EpollEntry entry : entries) {
                if (entry.fd == fd) {
                    return entry;
                }
            }
            return null;
        }

        private int interest() {
            int interest = 0;
            for (EpollEntry entry : entries) {
                interest |= entry.interest();
            }
            return interest;
        }

        /** What the kernel is to be asked. */
        private int wanted() {
            int wanted = 0;
            for (EpollEntry entry : entries) {
                wanted |= entry.interest() & ~entry.told();
            }
            return wanted;
        }

        private void rearm(int conditions) {
            int union = 0;
            for (EpollEntry entry : entries) {
                entry.rearm(conditions);
                union |= entry.told();
            }
            told = union;
        }

        @Override
        protected void signalled(int conditions) {
            synchronized (lock) {
                rearm(conditions);
                refresh(this);
            }
            tellPollers();
        }

        @Override
        protected void selected(int ops) {
            synchronized (lock) {
                readyOps |= ops;
                enqueue(this);
            }
        }

        @Override
        protected void exhausted(int condition) {
            if ((told & condition) != 0) {
                synchronized (lock) {
                    rearm(condition);
                    markStale(this);
                    wakeLeader();
                }
                tellPollers();
            }
        }

        @Override
        protected void pollableClosed() {
            synchronized (lock) {
                entries = NONE;
                watches.remove(this);
            }
        }
    }

    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    public long rights() {
        return Rights.POLL_FD_READWRITE | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET;
    }

    // ---- the set

    /** How a descriptor comes into the set. */
    public enum Change {
        /** It must not be there: EPOLL_CTL_ADD. */
        ADD,
        /** It must be there: EPOLL_CTL_MOD. */
        MODIFY,
        /** Either. */
        PUT
    }

    /**
     * Adds or changes a descriptor, epoll_ctl(2).
     *
     * @param fd its number, which with the description identifies it
     * @param description what it stands for
     * @param events {@link org.wasix4j.types.EpollFlags}
     * @throws org.wasix4j.types.ErrnoException exist, noent; inval for an epoll set, perm for a
     *     regular file or directory, badf when one of both is closed meanwhile, mfile when the host
     *     has no descriptors for a selector
     */
    public void put(
            Change change,
            int fd,
            OpenDescription description,
            int events,
            long data0,
            long data1,
            long data2) {
        if (description instanceof Epoll) {
            throw Errno.INVAL.exception();
        }
        if (description.type() == FileType.REGULAR_FILE
                || description.type() == FileType.DIRECTORY) {
            throw Errno.PERM.exception();
        }
        if (description.channel() != null) {
            poller.open();
        }
        synchronized (lock) {
            Watch watch = (Watch) poller.find(description);
            EpollEntry entry = watch == null ? null : watch.entry(fd);
            if (entry != null && change == Change.ADD) {
                throw Errno.EXIST.exception();
            }
            if (entry == null) {
                if (change == Change.MODIFY) {
                    throw Errno.NOENT.exception();
                }
                if (watch == null) {
                    watch = new Watch(description);
                    if (isClosed() || !poller.add(watch)) {
                        throw Errno.BADF.exception();
                    }
                }
                entry = new EpollEntry(fd);
                watch.entries = Arrays.copyOf(watch.entries, watch.entries.length + 1);
                watch.entries[watch.entries.length - 1] = entry;
                watches.add(watch);
            }
            entry.set(events, data0, data1, data2);
            refresh(watch);
        }
        tellPollers();
    }

    /**
     * Removes a descriptor, EPOLL_CTL_DEL.
     *
     * @throws org.wasix4j.types.ErrnoException noent
     */
    public void remove(int fd, OpenDescription description) {
        synchronized (lock) {
            Watch watch = (Watch) poller.find(description);
            EpollEntry entry = watch == null ? null : watch.entry(fd);
            if (entry == null) {
                throw Errno.NOENT.exception();
            }
            EpollEntry[] rest = new EpollEntry[watch.entries.length - 1];
            int count = 0;
            for (EpollEntry other : watch.entries) {
                if (other != entry) {
                    rest[count++] = other;
                }
            }
            watch.entries = rest;
            if (count == 0) {
                watches.remove(watch);
            }
            markStale(watch);
        }
    }

    /** How many descriptors there are. */
    public int size() {
        synchronized (lock) {
            return watches.stream().mapToInt(watch -> watch.entries.length).sum();
        }
    }

    private void enqueue(Watch watch) {
        if (!watch.queued) {
            watch.queued = true;
            queue.add(watch);
        }
    }

    private void markStale(Watch watch) {
        if (!watch.isStale) {
            watch.isStale = true;
            stale.add(watch);
        }
    }

    /** Something about it has changed: it is looked at and armed anew. */
    private void refresh(Watch watch) {
        enqueue(watch);
        markStale(watch);
        wakeLeader();
    }

    /** Those who poll this set itself look again. */
    private void tellPollers() {
        signal(Readiness.READ);
    }

    private void wakeLeader() {
        if (leader != null) {
            leader.wake();
        }
    }

    // ---- waiting

    /**
     * Waits until something is ready, epoll_wait(2).
     *
     * @param report takes what is ready; empty when the deadline came first
     * @param deadline {@link System#nanoTime} to wait until
     * @throws org.wasix4j.types.ErrnoException badf when the set is closed meanwhile, intr when a
     *     guest signal is to be delivered, mfile when the host has no descriptors for a selector
     */
    public void await(GuestThread thread, EpollReport report, long deadline) {
        try {
            for (; ; ) {
                ParkResult result = park(thread, deadline);
                collect(report);
                if (report.count() > 0) {
                    return;
                }
                if (result != ParkResult.TIMEOUT) {
                    thread.resume(result);
                }
                if (deadline != GuestThread.FOREVER && deadline - System.nanoTime() <= 0) {
                    return;
                }
            }
        } finally {
            handOn();
        }
    }

    /** Leads, or follows until it is woken to lead; it is neither when this returns. */
    private ParkResult park(GuestThread thread, long deadline) {
        boolean leads;
        boolean pending;
        thread.beginWait();
        synchronized (lock) {
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            leads = leader == null;
            if (leads) {
                leader = thread;
            } else {
                followers.add(thread);
            }
            pending = !queue.isEmpty();
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

    /** A thread goes: when nobody leads now, one that follows has to. */
    private void handOn() {
        synchronized (lock) {
            if (leader == null && !followers.isEmpty()) {
                followers.poll().wake();
            }
        }
    }

    /** Brings the keys up to date; only the leader. */
    private void armStale() {
        for (; ; ) {
            Watch watch;
            int wanted;
            synchronized (lock) {
                watch = stale.poll();
                if (watch == null) {
                    return;
                }
                watch.isStale = false;
                wanted = watch.wanted();
            }
            boolean armed = false;
            try {
                if (wanted == 0) {
                    poller.disarm(watch);
                } else {
                    poller.arm(watch, wanted);
                }
                armed = true;
            } finally {
                if (!armed) {
                    synchronized (lock) {
                        markStale(watch);
                    }
                }
            }
        }
    }

    /** Takes what is in the queue out, looks at each once and reports what holds. */
    private void collect(EpollReport report) {
        int left;
        synchronized (lock) {
            left = queue.size();
        }
        while (left-- > 0 && !report.isFull()) {
            Watch watch;
            int interest;
            int ops;
            synchronized (lock) {
                watch = queue.poll();
                if (watch == null) {
                    return;
                }
                watch.queued = false;
                interest = watch.interest();
                ops = watch.readyOps;
                watch.readyOps = 0;
            }
            Pollable pollable = watch.pollable();
            int holding = 0;
            int known = 0;
            if (interest != 0 && !pollable.isClosed()) {
                holding = ops == 0 ? 0 : pollable.settle(ops, interest);
                known = pollable.readiness(interest);
            }
            synchronized (lock) {
                report(watch, holding | known, known, report);
            }
        }
    }

    private void report(Watch watch, int holding, int known, EpollReport report) {
        boolean again = false;
        int told = 0;
        for (EpollEntry entry : watch.entries) {
            boolean room = entry.report(holding, report);
            again |= !room || entry.staysReady(known);
            told |= entry.told();
        }
        watch.told = told;
        if (again) {
            enqueue(watch);
        }
        markStale(watch);
    }

    // ---- being polled itself

    private Watch[] snapshot() {
        synchronized (lock) {
            return watches.toArray(new Watch[0]);
        }
    }

    private int wanted(Watch watch) {
        synchronized (lock) {
            return watch.wanted();
        }
    }

    private boolean isReportable(Watch watch, int holding) {
        synchronized (lock) {
            for (EpollEntry entry : watch.entries) {
                if (entry.reportable(holding) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Readable when a wait would report something, as far as is known without the kernel. */
    @Override
    public int readiness(int interest) {
        if ((interest & Readiness.READ) == 0) {
            return 0;
        }
        for (Watch watch : snapshot()) {
            int holding = watch.pollable().readiness(wanted(watch));
            if (isReportable(watch, holding)) {
                return Readiness.READ;
            }
        }
        return 0;
    }

    @Override
    void wantInner(GuestThread thread) {
        for (Watch watch : snapshot()) {
            int wanted = wanted(watch);
            if (wanted != 0) {
                thread.want(watch.pollable(), wanted);
            }
        }
    }

    @Override
    int innerReadiness(GuestThread thread) {
        for (Watch watch : snapshot()) {
            GuestThread.WaitEntry entry = thread.wanted(watch.pollable());
            if (entry != null && isReportable(watch, entry.settle(wanted(watch)))) {
                return Readiness.READ;
            }
        }
        return 0;
    }

    @Override
    public long readableBytes() {
        return 0;
    }

    @Override
    protected void onClose() {
        synchronized (lock) {
            wakeLeader();
            followers.forEach(GuestThread::wake);
            watches.clear();
            queue.clear();
            stale.clear();
        }
        poller.close();
    }
}
