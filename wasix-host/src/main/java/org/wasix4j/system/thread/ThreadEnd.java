package org.wasix4j.system.thread;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/** The end of a guest thread, as other threads wait for it. */
public final class ThreadEnd {

    /** The threads that wait for it; null when it has come. Guarded by this. */
    private @Nullable List<GuestThread> joiners = new ArrayList<>(1);

    ThreadEnd() {}

    /**
     * Waits until the thread has ended, pthread_join(3). It may have ended long ago.
     *
     * @param waiter the calling thread
     * @throws org.wasix4j.types.ErrnoException deadlk when a thread waits for itself, intr when a
     *     guest signal is to be delivered
     */
    public void await(GuestThread waiter) {
        if (waiter.end() == this) {
            throw Errno.DEADLK.exception();
        }
        waiter.beginWait();
        synchronized (this) {
            if (joiners == null) {
                return;
            }
            joiners.add(waiter);
        }
        try {
            while (!hasCome()) {
                waiter.resume(waiter.park(GuestThread.FOREVER));
            }
        } finally {
            synchronized (this) {
                if (joiners != null) {
                    joiners.remove(waiter);
                }
            }
        }
    }

    private synchronized boolean hasCome() {
        return joiners == null;
    }

    /** The thread has ended: wakes the threads that wait for it. */
    void announce() {
        List<GuestThread> waiting;
        synchronized (this) {
            waiting = joiners;
            joiners = null;
        }
        if (waiting != null) {
            // without an iterator or a lambda expression: the heap may be full
            for (int i = 0; i < waiting.size(); i++) {
                waiting.get(i).wake();
            }
        }
    }
}
