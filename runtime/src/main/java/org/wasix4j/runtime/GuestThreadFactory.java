package org.wasix4j.runtime;

/** Creates the Java threads that run guest threads. */
@FunctionalInterface
public interface GuestThreadFactory {

    /** Daemon threads: a guest does not keep the JVM running. */
    GuestThreadFactory DAEMON =
            (body, name, stackSize) -> {
                Thread thread = new Thread(null, body, name, stackSize);
                thread.setDaemon(true);
                return thread;
            };

    /**
     * A new thread, not started.
     *
     * @param body the code that it runs
     * @param name the suggested name of the thread
     * @param stackSize the required stack size in bytes; guests recurse deeply
     * @return the thread
     */
    Thread newThread(Runnable body, String name, long stackSize);
}
