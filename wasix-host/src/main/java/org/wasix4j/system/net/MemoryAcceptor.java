package org.wasix4j.system.net;

import java.net.ConnectException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * A listener inside the process: a bounded queue of connections that are established and not
 * accepted, and behind it those that wait for room, as they do on Linux.
 *
 * <p>Lock rule: the monitor guards both queues; listeners are called after it.
 */
abstract class MemoryAcceptor implements Acceptor {

    /** The kernel's own limit, net.core.somaxconn. */
    private static final int MOST = 4096;

    private final SocketAddr local;
    private final int capacity;
    private final MemoryBudget memory;
    private final Queue<MemoryEndpoint> queue = new ArrayDeque<>();
    private final Queue<MemoryEndpoint> waiting = new ArrayDeque<>();
    private boolean closed;
    private volatile Runnable listener = () -> {};

    /**
     * Begins to listen.
     *
     * @param memory what the accepted ends write is taken from
     */
    MemoryAcceptor(SocketAddr local, int backlog, MemoryBudget memory) {
        this.local = local;
        this.memory = memory;
        this.capacity = Math.min(backlog, MOST) + 1;
    }

    /** What is done when it is closed. */
    abstract void release();

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public @Nullable SelectableChannel channel() {
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
     * @param waits whether the client waits here when there is no room
     * @return whether it is established; else it waits for room, and is notified
     * @throws ConnectException when the listener has been closed
     * @throws org.wasix4j.types.ErrnoException again when there is no room and it does not wait
     */
    boolean offer(MemoryEndpoint client, boolean waits) throws ConnectException {
        synchronized (this) {
            if (closed) {
                throw new ConnectException("Connection refused");
            }
            if (queue.size() >= capacity) {
                if (!waits) {
                    throw Errno.AGAIN.exception();
                }
                waiting.add(client);
                return false;
            }
            queue.add(client.establish(local, memory));
        }
        listener.run();
        return true;
    }

    /** A client that waits does so no more. */
    synchronized void withdraw(MemoryEndpoint client) {
        waiting.remove(client);
    }

    @Override
    public StreamEndpoint accept() {
        MemoryEndpoint next;
        MemoryEndpoint admitted = null;
        synchronized (this) {
            next = queue.poll();
            if (next != null && !waiting.isEmpty()) {
                admitted = waiting.poll();
                queue.add(admitted.establish(local, memory));
            }
        }
        if (admitted != null) {
            admitted.announce(Readiness.READ | Readiness.WRITE);
            listener.run();
        }
        return next;
    }

    @Override
    public void close() {
        List<MemoryEndpoint> unaccepted;
        List<MemoryEndpoint> refused;
        synchronized (this) {
            closed = true;
            unaccepted = new ArrayList<>(queue);
            refused = new ArrayList<>(waiting);
            queue.clear();
            waiting.clear();
        }
        release();
        unaccepted.forEach(endpoint -> endpoint.close(true));
        refused.forEach(MemoryEndpoint::refuse);
    }
}
