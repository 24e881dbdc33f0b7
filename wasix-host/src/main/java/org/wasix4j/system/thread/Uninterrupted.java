package org.wasix4j.system.thread;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Waits that an interrupt does not shorten. The interrupt is remembered, and the thread is
 * interrupted again when this is closed. Nothing here initialises a class of the library for tasks,
 * so it can be used with little stack left.
 */
public final class Uninterrupted implements AutoCloseable {

    private boolean interrupted;

    /** Waits until a thread has ended. */
    public static void join(Thread thread) {
        try (Uninterrupted wait = new Uninterrupted()) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    wait.interrupted = true;
                }
            }
        }
    }

    /** Waits until a latch is open. */
    public static void await(CountDownLatch latch) {
        try (Uninterrupted wait = new Uninterrupted()) {
            while (!wait.await(latch, Long.MAX_VALUE)) {
                // it was interrupted
            }
        }
    }

    /**
     * Waits for a latch for some time, or less when it is interrupted.
     *
     * @param nanos how long
     * @return whether the latch is open
     */
    public boolean await(CountDownLatch latch, long nanos) {
        try {
            return latch.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
            return latch.getCount() == 0;
        }
    }

    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
