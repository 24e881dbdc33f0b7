package org.wasix4j.runtime;

import java.io.IOException;
import javax.net.SocketFactory;
import org.wasix4j.runtime.internal.InProcessClients;
import org.wasix4j.runtime.internal.InProcessSocketFactory;

/**
 * A network that exists only inside this JVM. Guests that are started with the same object can
 * connect to each other by TCP and UDP, and the embedding program connects to their listeners by
 * {@link #connect}. No port of the machine is opened, and nothing outside is reachable or can
 * connect; there are no names except {@code localhost}. Each network has its own ports: two
 * networks can both have a guest on port 80.
 *
 * <p>It contains every address: a guest that listens on the wildcard is reached at whatever address
 * another guest connects to. The network policy of each guest applies as it does to the machine's
 * network. Unix sockets are files in granted directories and are not part of it. Thread-safe.
 */
public final class InProcessNetwork {

    private final InProcessClients clients = new InProcessClients();

    /** An empty network. */
    public InProcessNetwork() {}

    /**
     * Connects to the guest that listens on a port, as a client from the loopback address. Waits
     * while the guest's queue of connections is full.
     *
     * @param port the port in this network
     * @return the client's end
     * @throws java.net.ConnectException when nothing listens there
     * @throws java.nio.channels.ClosedByInterruptException when the thread is interrupted
     */
    public InProcessConnection connect(int port) throws IOException {
        return clients.connect(port);
    }

    /**
     * {@return sockets that lead to the guests of this network, for clients that take a factory:
     * drivers of databases, clients of HTTP such as OkHttp and Apache's} The host of an address is
     * not looked at, only the port. Timeouts for connecting and reading work; options that are
     * about a real network are kept and do nothing. {@code java.net.http.HttpClient} takes no
     * factory: see {@link #expose}.
     */
    public SocketFactory socketFactory() {
        return new InProcessSocketFactory(clients);
    }

    /**
     * Opens a port of the machine, on 127.0.0.1, that leads to a port of this network, for clients
     * that open sockets themselves, such as {@code java.net.http.HttpClient}. Every program of the
     * machine reaches it. A connection has two threads.
     *
     * @param port of this network; a listener is needed there only when a client connects
     * @return is to be closed, which ends its connections
     * @throws java.io.IOException when the port cannot be opened
     */
    public ExposedPort expose(int port) throws IOException {
        return new ExposedPort(this, port);
    }

    InProcessClients clients() {
        return clients;
    }
}
