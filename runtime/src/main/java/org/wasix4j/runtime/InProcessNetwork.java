package org.wasix4j.runtime;

import java.io.IOException;
import org.wasix4j.runtime.internal.Switchboard;

/**
 * A network that is nowhere but in this JVM. Guests that are started with the same object reach
 * each other over it, by TCP and UDP, and the program around them reaches their listeners by {@link
 * #connect}. Nothing is opened on the machine, and nobody outside gets in or is reached; there are
 * no names but {@code localhost}. A network has ports of its own: each of two can have a guest on
 * port 80.
 *
 * <p>Every address is in it: a guest that listens on the wildcard is reached at whatever address
 * another guest connects to. The network policy of each guest applies as it does to the machine's
 * network. Unix sockets are files, and stay where the granted directories are. Thread-safe.
 */
public final class InProcessNetwork {

    private final Switchboard switchboard = new Switchboard();

    /** A network without anybody in it. */
    public InProcessNetwork() {}

    /**
     * Connects to the guest that listens on a port, as a client from the loopback address. Waits
     * while the guest's queue of connections is full.
     *
     * @throws java.net.ConnectException when nobody listens there
     * @throws java.nio.channels.ClosedByInterruptException when the thread is interrupted
     */
    public InProcessConnection connect(int port) throws IOException {
        return switchboard.connect(port);
    }

    Switchboard switchboard() {
        return switchboard;
    }
}
