package org.wasix4j.system.poll;

import java.util.LinkedHashSet;
import java.util.Set;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Poller;
import org.wasix4j.system.wait.Readiness;
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
 * knows comes back with the next select, because its key stays armed.
 *
 * <p>NIO's selectors know no edges. After an edge for writing was reported the key is disarmed
 * until the guest's own writes have come to the end of the room ({@link Pollable#exhausted}); only
 * then does Linux tell of room again. After one for reading the key of a guest that receives to the
 * end stays as it is, so that a busy connection costs no system calls for arming. When the guest
 * waits again with something left unread, what the kernel holds is taken in ({@link
 * Pollable#takeIn}), so that the key can stay armed and tells of what comes next; and that it is
 * more than was there before is told by a count ({@link Pollable#arrivals}).
 */
public final class Epoll extends OpenDescription {
    private final Poller poller = new Poller();
    private final EpollQueue queue = new EpollQueue(poller, () -> signal(Readiness.READ));

    /** Pollables with an entry; guarded by the queue's lock. */
    private final Set<EpollWatch> watches = new LinkedHashSet<>();

    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    protected long possibleRights() {
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
        synchronized (queue.lock) {
            EpollWatch watch = (EpollWatch) poller.find(description);
            EpollEntry entry = watch == null ? null : watch.entry(fd);
            if (entry != null && change == Change.ADD) {
                throw Errno.EXIST.exception();
            }
            if (entry == null) {
                if (change == Change.MODIFY) {
                    throw Errno.NOENT.exception();
                }
                if (watch == null) {
                    watch = new EpollWatch(description, poller, queue, watches::remove);
                    if (isClosed() || !poller.add(watch)) {
                        throw Errno.BADF.exception();
                    }
                }
                entry = new EpollEntry(fd);
                watch.add(entry);
                watches.add(watch);
            }
            entry.set(events, data0, data1, data2);
            queue.refresh(watch);
        }
        queue.changed();
    }

    /**
     * Removes a descriptor, EPOLL_CTL_DEL.
     *
     * @throws org.wasix4j.types.ErrnoException noent
     */
    public void remove(int fd, OpenDescription description) {
        synchronized (queue.lock) {
            EpollWatch watch = (EpollWatch) poller.find(description);
            EpollEntry entry = watch == null ? null : watch.entry(fd);
            if (entry == null) {
                throw Errno.NOENT.exception();
            }
            watch.remove(entry);
            if (watch.size() == 0) {
                watches.remove(watch);
            }
            queue.markStale(watch);
        }
    }

    /** How many descriptors there are. */
    public int size() {
        synchronized (queue.lock) {
            return watches.stream().mapToInt(EpollWatch::size).sum();
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
                thread.beginWait();
                ParkResult result = queue.park(thread, deadline);
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
            queue.handOn();
        }
    }

    /** Takes what is in the queue out, looks at each once and reports what holds. */
    private void collect(EpollReport report) {
        int left;
        synchronized (queue.lock) {
            left = queue.size();
        }
        while (left-- > 0 && !report.isFull()) {
            EpollWatch watch;
            int interest;
            int ops;
            synchronized (queue.lock) {
                watch = queue.next();
                if (watch == null) {
                    return;
                }
                interest = watch.interest();
                ops = watch.takeReadyOps();
            }
            Pollable pollable = watch.pollable();
            int holding = 0;
            int known = 0;
            if (interest != 0 && !pollable.isClosed()) {
                holding = ops == 0 ? 0 : pollable.settle(ops, interest);
                known = pollable.readiness(interest);
            }
            long arrived = pollable.arrivals();
            synchronized (queue.lock) {
                if (watch.report(holding | known, known, arrived, report)) {
                    queue.enqueue(watch);
                }
                queue.markStale(watch);
            }
        }
    }

    // ---- being polled itself

    private EpollWatch[] snapshot() {
        synchronized (queue.lock) {
            return watches.toArray(new EpollWatch[0]);
        }
    }

    private boolean isReportable(EpollWatch watch, int holding) {
        long arrived = watch.pollable().arrivals();
        synchronized (queue.lock) {
            return watch.isReportable(holding, arrived);
        }
    }

    private int interest(EpollWatch watch) {
        synchronized (queue.lock) {
            return watch.interest();
        }
    }

    /** Readable when a wait would report something, as far as is known without the kernel. */
    @Override
    public int readiness(int interest) {
        if ((interest & Readiness.READ) == 0) {
            return 0;
        }
        for (EpollWatch watch : snapshot()) {
            if (isReportable(watch, watch.pollable().readiness(interest(watch)))) {
                return Readiness.READ;
            }
        }
        return 0;
    }

    /** Adds the descriptors of the set to the present wait of a thread. */
    void wantInner(GuestThread thread) {
        for (EpollWatch watch : snapshot()) {
            int wanted;
            boolean awaitsArrivals;
            synchronized (queue.lock) {
                wanted = watch.wanted();
                awaitsArrivals = watch.awaitsArrivals();
            }
            if (awaitsArrivals) {
                int arrivalOps = watch.pollable().takeIn();
                thread.want(watch.pollable(), wanted | Readiness.READ, arrivalOps);
            } else if (wanted != 0) {
                thread.want(watch.pollable(), wanted);
            }
        }
    }

    /** The conditions of the set that hold because of what {@link #wantInner} added. */
    int innerReadiness(GuestThread thread) {
        for (EpollWatch watch : snapshot()) {
            GuestThread.WaitEntry entry = thread.wanted(watch.pollable());
            if (entry != null && isReportable(watch, entry.settle(interest(watch)))) {
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
        synchronized (queue.lock) {
            queue.close();
            watches.clear();
        }
        poller.close();
    }
}
