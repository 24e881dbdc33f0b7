package org.wasix4j.runtime.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.wasix4j.runtime.GuestThreadFactory;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.system.thread.Uninterrupted;

/**
 * The body of a guest's thread, which a factory of the embedder makes the thread of. It runs once,
 * and never after its start was reported to have failed: the guest's memory may be gone then.
 */
final class ThreadLaunch implements Runnable {

    /** How long a thread that was started may take until it runs the body. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    /** The time between two looks. */
    private static final long LOOK_NANOS = 10_000_000;

    private enum State {
        PROMISED,
        BEGUN,
        CANCELLED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.PROMISED);
    private final Runnable body;
    private final CountDownLatch begun = new CountDownLatch(1);

    ThreadLaunch(Runnable body) {
        this.body = body;
    }

    /**
     * Has a thread made and starts it. A factory that starts its threads itself will do, too.
     *
     * @throws IllegalStateException when the factory makes none, or one that was started already
     *     and does not run the body
     */
    void start(GuestThreadFactory factory, String name, long stack) {
        try {
            if (factory == GuestThreadFactory.DAEMON && AccessCopies.ALONE) {
                KeptThread.start(this, name, stack);
                return;
            }
            Thread thread = StackRoom.callForeign(() -> factory.newThread(this, name, stack));
            if (thread == null) {
                throw new IllegalStateException("the thread factory has made no thread");
            }
            start(thread);
        } catch (RuntimeException | Error e) {
            if (cancel()) {
                throw e;
            }
        }
    }

    /**
     * Keeps the body from running.
     *
     * @return false when it has begun already
     */
    boolean cancel() {
        return state.compareAndSet(State.PROMISED, State.CANCELLED)
                || state.get() == State.CANCELLED;
    }

    private void start(Thread thread) {
        try {
            thread.start();
        } catch (IllegalThreadStateException e) {
            if (begins(thread)) {
                return;
            }
            throw new IllegalStateException(
                    "the thread factory has made a thread that was started already", e);
        }
    }

    /** Whether a thread that was started elsewhere runs the body; waits for that. */
    private boolean begins(Thread thread) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try (Uninterrupted wait = new Uninterrupted()) {
            while (state.get() == State.PROMISED
                    && thread.isAlive()
                    && System.nanoTime() - deadline < 0) {
                wait.await(begun, LOOK_NANOS);
            }
        }
        return state.get() == State.BEGUN;
    }

    @Override
    public void run() {
        if (state.compareAndSet(State.PROMISED, State.BEGUN)) {
            begun.countDown();
            body.run();
        }
    }
}
