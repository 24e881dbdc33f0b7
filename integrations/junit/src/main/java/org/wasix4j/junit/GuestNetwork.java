package org.wasix4j.junit;

/** Where a guest of a test listens. */
public enum GuestNetwork {
    /**
     * In a network inside the JVM, which the guests of one test class share: no port of the machine
     * is taken, and {@code WasixProcess.connect} reaches it.
     */
    IN_PROCESS,
    /** On the loopback addresses of the machine; {@code WasixProcess.port} tells the port. */
    LOOPBACK
}
