package org.wasix4j.runtime.internal;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.wasix4j.runtime.ModuleException;

/**
 * Threads that compile. They have a deep stack, because the engine and the library with which it
 * writes classes recurse as deeply as a function is nested.
 */
final class Workers {

    private static final long STACK = 256L << 20;
    private static final int MOST = 16;

    private Workers() {}

    /**
     * Does pieces of work on all processors and waits for them. When one fails no other is begun.
     *
     * @throws ModuleException when the load ended meanwhile
     */
    static void run(List<Runnable> pieces, Loading loading) {
        int count =
                Math.min(Math.min(MOST, Runtime.getRuntime().availableProcessors()), pieces.size());
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch running = new CountDownLatch(count);
        Runnable work =
                () -> {
                    try {
                        while (failure.get() == null) {
                            int i = next.getAndIncrement();
                            if (i >= pieces.size()) {
                                return;
                            }
                            pieces.get(i).run();
                        }
                    } catch (RuntimeException | Error e) {
                        failure.compareAndSet(null, e);
                    } finally {
                        running.countDown();
                    }
                };
        for (int i = 0; i < count; i++) {
            try {
                start("wasix4j-compiler-" + i, work);
            } catch (OutOfMemoryError e) {
                // the host has no thread for one more: those that run do the work
                if (i == 0) {
                    throw e;
                }
                running.countDown();
            }
        }
        await(running, loading);
        Throwable thrown = failure.get();
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    /** Starts a thread with a deep stack. */
    static void start(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, STACK);
        thread.setDaemon(true);
        thread.start();
    }

    private static void await(CountDownLatch running, Loading loading) {
        try {
            long patience = loading.patience();
            if (patience == 0) {
                running.await();
            } else {
                while (!running.await(patience, TimeUnit.MILLISECONDS)) {
                    loading.check();
                    patience = loading.patience();
                }
            }
        } catch (InterruptedException e) {
            // what runs ends at its next look
            loading.cancel();
            Thread.currentThread().interrupt();
            throw new ModuleException("loading was interrupted", e);
        }
    }
}
