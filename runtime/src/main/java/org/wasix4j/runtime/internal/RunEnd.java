package org.wasix4j.runtime.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Nullable;

/**
 * The end of a process that runs, and the count of its threads, the last of which finishes it.
 *
 * <p>Whoever is first calls {@link GuestProcess#end}: an exit, the return of {@code _start}, a trap
 * in any thread, a signal, the host. Every thread is then woken, interrupted if it computes, and
 * leaves the guest by itself. The last one out closes the descriptors, gives the memory back and
 * reports. A thread that does not leave in time, because the host does not let it go, is abandoned:
 * descriptors are closed and the end is reported without it, and the memory waits until it leaves
 * after all.
 */
final class RunEnd {

    private final GuestRun family;
    private final GuestProcess process;
    private final Runnable freeMemory;
    private final Runnable report;

    /** Threads that are in the guest, or have been promised to be. */
    private final AtomicInteger inside = new AtomicInteger();

    private final AtomicBoolean reaping = new AtomicBoolean();
    private final AtomicBoolean finishing = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int abandoned;
    private volatile @Nullable Runnable successor;

    /** How many other processes have ended with this one. */
    private int othersEnded;

    // made beforehand, for an end with no room on the heap

    private final Runnable reaper = this::finishInTime;
    private final Runnable finish = this::finishProcess;

    /**
     * The end of a process that has no thread yet.
     *
     * @param freeMemory gives its memory back, when no thread is inside any more
     * @param report tells the family that the process has ended, once
     */
    RunEnd(GuestRun family, GuestProcess process, Runnable freeMemory, Runnable report) {
        this.family = family;
        this.process = process;
        this.freeMemory = freeMemory;
        this.report = report;
        process.onEnd(this::begin);
        // the JVM links the first use of it, which takes room on the heap
        finishing.compareAndSet(true, true);
    }

    /** Sets what starts the program that takes over when the process has ended. */
    void then(Runnable start) {
        successor = start;
    }

    /** A thread is about to be started. */
    void threadBegins() {
        inside.incrementAndGet();
    }

    /** A thread that was announced could not be started. */
    void threadFailed() {
        inside.decrementAndGet();
    }

    /** The process has no thread and will have none: it could not be started. */
    void over() {
        try {
            finish();
        } finally {
            freeMemory.run();
        }
    }

    /** A thread leaves the guest. When it is the last the process is over. */
    void threadLeaves() {
        if (inside.decrementAndGet() == 0) {
            try {
                process.end(ExitReason.exited(0));
            } finally {
                over();
            }
        }
    }

    /**
     * Wakes the others once more when a thread leaves: the thread that ended the process may have
     * had no stack left to do it.
     */
    void wakeOthers() {
        if (process.isEnding() && inside.get() > 1) {
            begin(process.exitReason());
        }
    }

    /** The process begins to end: gets the threads out of computations, and bounds the wait. */
    private void begin(@Nullable ExitReason reason) {
        int others = 0;
        for (GuestThread thread : process.threads()) {
            Thread host = thread.javaThread();
            if (host != Thread.currentThread()) {
                others++;
                thread.wake();
                if (host != null) {
                    host.interrupt();
                }
            }
        }
        if (others > 0 && reaping.compareAndSet(false, true)) {
            try {
                family.daemon("end", this::reap);
            } catch (OutOfMemoryError e) {
                reaping.set(false);
                // without it the end waits for threads that do not leave; the observer is notified
                family.hostError("starting the thread that bounds the end", e);
            }
        }
    }

    /** Reports the end without the threads that are still inside when the time is over. */
    private void reap() {
        Insistence.on(reaper);
    }

    private void finishInTime() {
        try {
            if (!finished.await(GuestRun.GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                abandoned = inside.get();
                finish();
            }
        } catch (InterruptedException e) {
            // this thread is never interrupted
        }
    }

    /**
     * Closes what is open and reports, once. A second caller waits for the first; but not for ever,
     * because that one calls the embedder's listener, and must not hold a lock.
     */
    private void finish() {
        if (finishing.compareAndSet(false, true)) {
            try {
                Insistence.on(finish);
                if (othersEnded > 0) {
                    family.notice(
                            "the first process has ended: %d other%s with it"
                                    .formatted(
                                            othersEnded,
                                            othersEnded == 1 ? " is ended" : "s are ended"));
                }
                Runnable next = successor;
                if (next != null) {
                    next.run();
                }
            } finally {
                finished.countDown();
                report.run();
            }
            return;
        }
        try {
            finished.await(GuestRun.GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // the end is reported all the same
        }
    }

    private void finishProcess() {
        othersEnded = process.finish();
    }

    /** How many threads were still inside when the end was reported, and still are. */
    int abandonedThreads() {
        return Math.min(abandoned, inside.get());
    }
}
