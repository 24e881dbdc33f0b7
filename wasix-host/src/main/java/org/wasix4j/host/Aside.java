package org.wasix4j.host;

import java.util.function.Supplier;

/**
 * Does something on a thread of its own, with a whole stack, while the guest's thread waits. For
 * what initialises classes of the JVM: a guest decides how deep its stack is when it calls us, and
 * a class whose initialiser ran out of it is of no use any more, to any guest.
 */
final class Aside {

    private Aside() {}

    /** The result of something short that throws nothing but errors. */
    static <T> T call(Supplier<T> work) {
        Worker<T> worker = new Worker<>(work);
        worker.start();
        boolean interrupted = false;
        while (true) {
            try {
                worker.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (worker.error != null) {
            throw worker.error;
        }
        return worker.result;
    }

    /** Nothing of the library that runs tasks: its classes may not be initialised either. */
    private static final class Worker<T> extends Thread {

        private final Supplier<T> work;
        private T result;
        private Error error;

        Worker(Supplier<T> work) {
            super(null, null, "wasix-aside", 0, false);
            setDaemon(true);
            this.work = work;
        }

        @Override
        public void run() {
            try {
                result = work.get();
            } catch (RuntimeException e) {
                error = new AssertionError(e);
            } catch (Error e) {
                error = e;
            }
        }
    }
}
