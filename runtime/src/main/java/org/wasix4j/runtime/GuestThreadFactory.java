package org.wasix4j.runtime;

/** Makes the Java threads that run guest threads. */
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
     * @param body what it runs
     * @param name what it should be called
     * @param stackSize the bytes of stack it needs; guests recurse deeply
     */
    Thread newThread(Runnable body, String name, long stackSize);
}
