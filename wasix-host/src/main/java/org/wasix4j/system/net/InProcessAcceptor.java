package org.wasix4j.system.net;

import java.net.ConnectException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.InetAddr;

/**
 * A listener of a network inside the process: a bounded queue of connections that are established
 * and not accepted, and behind it those that wait for room, as they do on Linux.
 *
 * <p>Lock rule: the monitor guards both queues; listeners are called after it.
 */
final class InProcessAcceptor implements Acceptor {

    /** The kernel's own limit, net.core.somaxconn. */
    private static final int MOST = 4096;

    private final InProcessSwitch network;
    private final InProcessSwitch.Held held;
    private final Sharing sharing;
    private final int capacity;
    private final Queue<InProcessEndpoint> queue = new ArrayDeque<>();
    private final Queue<InProcessEndpoint> waiting = new ArrayDeque<>();
    private boolean closed;
    private volatile Runnable listener = () -> {};

    InProcessAcceptor(
            InProcessSwitch network, InProcessSwitch.Held held, Sharing sharing, int backlog) {
        this.network = network;
        this.held = held;
        this.sharing = sharing;
        this.capacity = Math.min(backlog, MOST) + 1;
    }

    @Override
    public InetAddr local() {
        return held.address();
    }

    Sharing sharing() {
        return sharing;
    }

    @Override
    public SelectableChannel channel() {
        return null;
    }

    @Override
    public void onReadiness(Runnable listener) {
        this.listener = listener;
    }

    @Override
    public synchronized boolean isReady() {
        return !queue.isEmpty();
    }

    /**
     * A connection from a client.
     *
     * @return whether it is established; else it waits for room, and is notified
     * @throws ConnectException when nobody listens any more
     */
    boolean offer(InProcessEndpoint client) throws ConnectException {
        synchronized (this) {
            if (closed) {
                throw new ConnectException("Connection refused");
            }
            if (queue.size() >= capacity) {
                waiting.add(client);
                return false;
            }
            queue.add(client.establish(held.address().family()));
        }
        listener.run();
        return true;
    }

    /** A client that waits does so no more. */
    synchronized void withdraw(InProcessEndpoint client) {
        waiting.remove(client);
    }

    @Override
    public StreamEndpoint accept() {
        InProcessEndpoint next;
        InProcessEndpoint admitted = null;
        synchronized (this) {
            next = queue.poll();
            if (next != null && !waiting.isEmpty()) {
                admitted = waiting.poll();
                queue.add(admitted.establish(held.address().family()));
            }
        }
        if (admitted != null) {
            admitted.tell(Readiness.READ | Readiness.WRITE);
            listener.run();
        }
        return next;
    }

    @Override
    public void close() {
        List<InProcessEndpoint> unaccepted;
        List<InProcessEndpoint> refused;
        synchronized (this) {
            closed = true;
            unaccepted = new ArrayList<>(queue);
            refused = new ArrayList<>(waiting);
            queue.clear();
            waiting.clear();
        }
        network.remove(this);
        held.release().run();
        unaccepted.forEach(endpoint -> endpoint.close(true));
        refused.forEach(InProcessEndpoint::refuse);
    }
}
