package org.wasix4j.system.thread;

import java.util.function.Supplier;
import org.wasix4j.types.Nullable;

/**
 * Does something on a thread of its own, with a whole stack, while the calling thread waits. For
 * what is rare and initialises many classes of the JVM, and for code of the embedder's when the
 * guest has left too little stack ({@link StackRoom}).
 */
public final class FreshStack {

    private FreshStack() {}

    /** Does something there, and waits for it. What it throws is thrown here. */
    public static void run(Runnable work) {
        call(
                () -> {
                    work.run();
                    return null;
                });
    }

    /** The result of something that is done there. What it throws is thrown here. */
    @SuppressWarnings("NullAway") // null only if the work answers null
    public static <T> T call(Supplier<T> work) {
        Worker<T> worker = new Worker<>(work);
        worker.start();
        Uninterrupted.join(worker);
        if (worker.error != null) {
            throw worker.error;
        }
        if (worker.exception != null) {
            throw worker.exception;
        }
        return worker.result;
    }

    /** Nothing of the library that runs tasks: its classes may not be initialised either. */
    private static final class Worker<T> extends Thread {

        private final Supplier<T> work;

        @SuppressWarnings("NullAway.Init")
        private T result;

        private @Nullable Error error;
        private @Nullable RuntimeException exception;

        Worker(Supplier<T> work) {
            super(null, null, "wasix-fresh-stack", 0, false);
            setDaemon(true);
            this.work = work;
        }

        @Override
        public void run() {
            try {
                result = work.get();
            } catch (RuntimeException e) {
                exception = e;
            } catch (Error e) {
                error = e;
            }
        }
    }
}
