package org.wasix4j.system.thread;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Threads that wait for an address of the guest's memory, first come first woken: the machine under
 * {@code futex_wait}/{@code futex_wake} and under the engine's {@code memory.atomic.wait}/{@code
 * notify}, which so meet in one queue. Compare futex(2), whose other operations are missing.
 *
 * <p>The comparison and the entry into the queue are one step against every wake: both are done
 * under the lock of the address's bucket. A wake takes its threads out of the queue itself, so a
 * thread that comes later can not steal it, and a thread that times out at the same moment finds
 * out that it was woken.
 */
public final class WaitQueue {

    /** How a wait ended, by the numbers of {@code memory.atomic.wait}. */
    public enum Outcome {
        /** Woken, 0. */
        WOKEN,
        /** The value was another one, 1. */
        NOT_EQUAL,
        /** The time was up, 2. */
        TIMED_OUT,
        /** A guest signal interrupted the wait. */
        INTERRUPTED,
        /** The process ends. */
        ENDING
    }

    private static final int BUCKETS = 64;

    private final Bucket[] buckets = new Bucket[BUCKETS];

    /** Creates an empty queue. */
    public WaitQueue() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Bucket();
        }
    }

    private static final class Bucket {
        private final Map<Integer, Queue<Waiter>> waiters = new HashMap<>();
    }

    private static final class Waiter {
        private final GuestThread thread;
        private volatile boolean woken;

        private Waiter(GuestThread thread) {
            this.thread = thread;
        }
    }

    private Bucket bucket(int address) {
        return buckets[(address >>> 2) * 0x9E3779B9 >>> 26];
    }

    /**
     * Waits until the address is woken.
     *
     * @param thread the calling thread
     * @param address where; 8-byte and 4-byte waits on one address share the queue
     * @param unchanged compares the memory with the expected value
     * @param deadline {@link System#nanoTime} to wait until, or {@link GuestThread#FOREVER}
     * @param interruptible whether a guest signal ends the wait
     */
    public Outcome await(
            GuestThread thread,
            int address,
            BooleanSupplier unchanged,
            long deadline,
            boolean interruptible) {
        Bucket bucket = bucket(address);
        Waiter waiter = new Waiter(thread);
        synchronized (bucket) {
            if (!unchanged.getAsBoolean()) {
                return Outcome.NOT_EQUAL;
            }
            bucket.waiters.computeIfAbsent(address, a -> new ArrayDeque<>()).add(waiter);
        }
        thread.beginWait();
        for (; ; ) {
            if (waiter.woken) {
                return Outcome.WOKEN;
            }
            ParkResult result = thread.park(deadline, interruptible);
            if (waiter.woken) {
                return Outcome.WOKEN;
            }
            if (result == ParkResult.READY) {
                continue;
            }
            if (!leave(bucket, address, waiter)) {
                return Outcome.WOKEN;
            }
            return switch (result) {
                case TIMEOUT -> Outcome.TIMED_OUT;
                case SIGNAL -> Outcome.INTERRUPTED;
                default -> Outcome.ENDING;
            };
        }
    }

    /** Takes a waiter out; false when a wake was faster. */
    private static boolean leave(Bucket bucket, int address, Waiter waiter) {
        synchronized (bucket) {
            Queue<Waiter> queue = bucket.waiters.get(address);
            if (queue == null || !queue.remove(waiter)) {
                return false;
            }
            if (queue.isEmpty()) {
                bucket.waiters.remove(address);
            }
            return true;
        }
    }

    /**
     * Wakes the threads that have waited longest.
     *
     * @param count how many at most, unsigned
     * @return how many were woken
     */
    public int wake(int address, int count) {
        Bucket bucket = bucket(address);
        int left = count;
        int woken = 0;
        synchronized (bucket) {
            Queue<Waiter> queue = bucket.waiters.get(address);
            if (queue == null) {
                return 0;
            }
            for (Iterator<Waiter> i = queue.iterator(); i.hasNext() && left != 0; left--) {
                Waiter waiter = i.next();
                i.remove();
                waiter.woken = true;
                waiter.thread.wake();
                woken++;
            }
            if (queue.isEmpty()) {
                bucket.waiters.remove(address);
            }
        }
        return woken;
    }

    /** How many threads wait for an address. */
    public int waiting(int address) {
        Bucket bucket = bucket(address);
        synchronized (bucket) {
            Queue<Waiter> queue = bucket.waiters.get(address);
            return queue == null ? 0 : queue.size();
        }
    }
}
