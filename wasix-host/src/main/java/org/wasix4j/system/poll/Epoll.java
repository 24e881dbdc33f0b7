package org.wasix4j.system.poll;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.process.HeapAccount;
import org.wasix4j.system.process.MemoryBudget;
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
 * level-triggered one whose condition is known here is looked at before the next wait; one that
 * only the kernel knows comes back with the next select, because its key stays armed.
 *
 * <p>NIO's selectors know no edges. After an edge for writing was reported the key is disarmed
 * until the guest's own writes have come to the end of the room ({@link Pollable#exhausted}); only
 * then does Linux report room again. After one for reading the key of a guest that receives to the
 * end stays as it is, so that a busy connection costs no system calls for arming. When the guest
 * waits again with something left unread, what the kernel holds is taken in ({@link
 * Pollable#takeIn}), so that the key can stay armed and reports what comes next; and that it is
 * more than was there before is shown by a count ({@link Pollable#arrivals}).
 *
 * <p>A set may hold sets. Their channels are in selectors of their own, for which no thread waits;
 * so a thread that waits for such a set waits for all that is in it and in those, in the selector
 * of its own thread.
 */
public final class Epoll extends OpenDescription {

    /** What an entry takes of the guest's memory. */
    private static final int ENTRY_COST = 64;

    /** What something that is watched takes besides, with its key; it stays after its entries. */
    private static final int WATCH_COST = 256;

    private final HeapAccount account;
    private final Poller poller = new Poller();
    private final EpollNest nest = new EpollNest();
    private final AtomicLong changes = new AtomicLong();
    private final EpollQueue queue = new EpollQueue(poller, this::changed);

    /** Pollables with an entry; guarded by the queue's lock. */
    private final Set<EpollWatch> watches = new LinkedHashSet<>();

    /**
     * An empty set.
     *
     * @param memory what its entries are taken from
     */
    public Epoll(MemoryBudget memory) {
        this.account = new HeapAccount(memory);
    }

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
     * @throws org.wasix4j.types.ErrnoException exist, noent; inval for this set, loop for a set
     *     that holds this one or makes a chain of more than five, perm for a regular file, a
     *     directory or a device that never waits, badf when one of both is closed meanwhile, mfile
     *     when the host has no descriptors for a selector, nospc when the guest has too little
     *     memory left
     */
    public void put(
            Change change,
            int fd,
            OpenDescription description,
            int events,
            long data0,
            long data1,
            long data2) {
        if (!description.canBeWatched()) {
            throw Errno.PERM.exception();
        }
        if (description.channel() != null) {
            poller.open();
        }
        Epoll nested = description instanceof Epoll set ? set : null;
        if (nested != null) {
            nest.add(nested.nest);
        }
        try {
            boolean fresh =
                    enter(change, fd, description, new long[] {events, data0, data1, data2});
            if (nested != null && !fresh) {
                nest.remove(nested.nest);
            }
        } catch (Throwable e) {
            if (nested != null) {
                nest.remove(nested.nest);
            }
            throw e;
        }
        queue.changed();
    }

    /** Whether it is a new entry. */
    private boolean enter(Change change, int fd, OpenDescription description, long[] asked) {
        synchronized (queue.lock) {
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            EpollWatch watch = (EpollWatch) poller.find(description);
            EpollEntry entry = watch == null ? null : watch.entry(fd);
            boolean fresh = entry == null;
            if (entry != null && change == Change.ADD) {
                throw Errno.EXIST.exception();
            }
            if (watch == null || entry == null) {
                if (change == Change.MODIFY) {
                    throw Errno.NOENT.exception();
                }
                if (watch == null) {
                    watch = watch(description);
                }
                charge(watch, ENTRY_COST);
                entry = new EpollEntry(fd);
                watch.add(entry);
                watches.add(watch);
            }
            entry.set((int) asked[0], asked[1], asked[2], asked[3]);
            queue.refresh(watch);
            return fresh;
        }
    }

    /** Begins to watch something; under the lock. */
    private EpollWatch watch(OpenDescription description) {
        EpollWatch watch = new EpollWatch(description, poller, queue, this::forget);
        charge(watch, WATCH_COST);
        if (!poller.add(watch)) {
            giveBack(watch, WATCH_COST);
            throw Errno.BADF.exception();
        }
        return watch;
    }

    /** What is watched is closed; under the lock. */
    private void forget(EpollWatch watch) {
        watches.remove(watch);
        giveBack(watch, watch.cost);
    }

    private void charge(EpollWatch watch, int bytes) {
        account.take(bytes, Errno.NOSPC);
        watch.cost += bytes;
    }

    private void giveBack(EpollWatch watch, int bytes) {
        watch.cost -= bytes;
        account.giveBack(bytes);
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
            if (watch == null || entry == null) {
                throw Errno.NOENT.exception();
            }
            watch.remove(entry);
            giveBack(watch, ENTRY_COST);
            if (watch.size() == 0) {
                watches.remove(watch);
            }
            queue.markStale(watch);
        }
        if (description instanceof Epoll nested) {
            nest.remove(nested.nest);
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
                EpollRole role = nest.holdsAny() ? null : join(thread, report);
                ParkResult result =
                        role == null
                                ? parkForAll(thread, report, deadline)
                                : queue.park(thread, role, report, deadline);
                collect(report);
                if (report.count() > 0) {
                    return;
                }
                if (role == EpollRole.TAKES) {
                    continue; // that was nothing: the kernel is asked before the time is over
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

    /** Looks again at what was reported, and gives the thread its role in this wait. */
    private EpollRole join(GuestThread thread, EpollReport report) {
        EpollBatch batch = report.batch();
        synchronized (queue.lock) {
            queue.takeReported(batch);
            if (batch.count() == 0) {
                return queue.join(thread);
            }
        }
        lookAgain(batch);
        synchronized (queue.lock) {
            keepReady(batch);
            return queue.join(thread);
        }
    }

    /**
     * Looks whether what was reported by the last wait is ready still, as far as is known here.
     * Only this shows whether the next wait may wait.
     */
    private void lookAgain(EpollBatch batch) {
        try {
            for (int i = 0; i < batch.count(); i++) {
                EpollWatch watch = batch.watch(i);
                int interest = batch.interests[i];
                Pollable pollable = watch.pollable();
                int known =
                        interest != 0 && !pollable.isClosed() ? pollable.readiness(interest) : 0;
                batch.known[i] = known;
                batch.stale[i] = known != 0 || watch.needsArming(batch.wanted[i]);
            }
        } catch (Throwable e) {
            putBack(batch);
            throw e;
        }
    }

    /** Puts what was looked at again into the queues where it belongs; under the lock. */
    private void keepReady(EpollBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            EpollWatch watch = batch.watch(i);
            if (batch.stale[i]) {
                queue.markStale(watch);
                if (watch.staysReady(batch.known[i])) {
                    queue.enqueue(watch);
                }
            }
        }
        batch.clear();
    }

    /** What was taken out and not looked at is looked at by the next wait. */
    private void putBack(EpollBatch batch) {
        synchronized (queue.lock) {
            for (int i = 0; i < batch.count(); i++) {
                queue.markStale(batch.watch(i));
                queue.requeue(batch.watch(i));
            }
        }
        batch.clear();
    }

    /** Waits for what is in this set and in the sets that it holds. */
    private ParkResult parkForAll(GuestThread thread, EpollReport report, long deadline) {
        EpollBatch batch = report.batch();
        synchronized (queue.lock) {
            queue.takeReported(batch);
        }
        lookAgain(batch);
        synchronized (queue.lock) {
            keepReady(batch);
        }
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        thread.want(this, Readiness.READ);
        wantInner(thread);
        boolean ready = readiness(Readiness.READ) != 0;
        ParkResult result = ready ? thread.look() : thread.park(deadline);
        settleInner(thread);
        synchronized (queue.lock) {
            queue.takeFirst(report);
        }
        return result;
    }

    /** Takes note of what the kernel has reported of what {@link #wantInner} added. */
    private void settleInner(GuestThread thread) {
        for (EpollWatch watch : snapshot()) {
            int interest = interest(watch);
            int holding = 0;
            if (watch.pollable() instanceof Epoll nested) {
                nested.settleInner(thread);
                holding = nested.readiness(interest);
            } else {
                GuestThread.WaitEntry entry = thread.wanted(watch.pollable());
                holding = entry == null ? 0 : entry.settle(interest);
            }
            synchronized (queue.lock) {
                watch.held(holding);
                if (holding != 0 && interest != 0) {
                    queue.enqueue(watch);
                }
            }
        }
    }

    /** Looks at what was taken out of the queue, reports what holds, and takes out the rest. */
    private void collect(EpollReport report) {
        EpollBatch batch = report.batch();
        while (batch.count() > 0) {
            try {
                look(batch);
                synchronized (queue.lock) {
                    report(batch, report);
                    batch.clear();
                    queue.take(report);
                }
            } catch (Throwable e) {
                putBack(batch);
                throw e;
            }
        }
    }

    private static void look(EpollBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            Pollable pollable = batch.watch(i).pollable();
            int interest = batch.interests[i];
            int known = 0;
            if (interest != 0 && !pollable.isClosed()) {
                int ops = batch.readyOps[i];
                batch.holding[i] |= ops == 0 ? 0 : pollable.settle(ops, interest);
                known = pollable.readiness(interest);
            } else {
                batch.holding[i] = 0;
            }
            batch.known[i] = known;
            batch.arrived[i] = pollable.arrivals();
        }
    }

    /** Reports what was looked at; under the lock. */
    private void report(EpollBatch batch, EpollReport report) {
        for (int i = 0; i < batch.count(); i++) {
            EpollWatch watch = batch.watch(i);
            int known = batch.known[i];
            if (!watch.report(batch.holding[i] | known, batch.arrived[i], report)) {
                queue.requeue(watch);
            } else if (watch.staysReady(known)) {
                queue.report(watch);
            }
            if (!watch.reported || watch.awaitsArrivals()) {
                // the key of another one is looked at when it is looked at again
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
            int held;
            synchronized (queue.lock) {
                held = watch.held();
            }
            if (isReportable(watch, held | watch.pollable().readiness(interest(watch)))) {
                return Readiness.READ;
            }
        }
        return 0;
    }

    /** Something has changed that the kernel does not report. */
    private void changed() {
        changes.incrementAndGet();
        signal(Readiness.READ);
    }

    /** What has come to all that is in the set: an edge for a set that holds this one. */
    @Override
    public long arrivals() {
        long come = changes.get();
        for (EpollWatch watch : snapshot()) {
            come += Math.max(0, watch.pollable().arrivals());
        }
        return come;
    }

    /** Adds the descriptors of the set to the present wait of a thread. */
    void wantInner(GuestThread thread) {
        for (EpollWatch watch : snapshot()) {
            int wanted;
            boolean awaitsArrivals;
            synchronized (queue.lock) {
                // what was reported before may hold no more
                watch.held(0);
                wanted = watch.wanted();
                awaitsArrivals = watch.awaitsArrivals();
            }
            if (awaitsArrivals) {
                int arrivalOps = watch.pollable().takeIn();
                thread.want(watch.pollable(), wanted | Readiness.READ, arrivalOps);
            } else if (wanted != 0) {
                thread.want(watch.pollable(), wanted);
            }
            if (watch.pollable() instanceof Epoll nested) {
                nested.wantInner(thread);
            }
        }
    }

    /** The conditions of the set that hold because of what {@link #wantInner} added. */
    int innerReadiness(GuestThread thread) {
        settleInner(thread);
        return readiness(Readiness.READ);
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
            account.close();
        }
        nest.close();
        poller.close();
    }
}
