package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * What is left of a listener that takes no more connections: those that had been queued. To the
 * guest it is a listener to which no one else connects.
 *
 * <p>In the kernel's queue a connection costs no descriptor, here it does, and how many there are
 * is up to the guest's backlog and to its peers. So the budget of the process bounds them; the
 * others are reset when the listener is closed, as all are on Linux.
 */
final class ClosedAcceptor implements Acceptor {

    private final SocketAddr local;
    private final ReadAheadBudget budget;
    private final Queue<StreamEndpoint> queued = new ArrayDeque<>();
    private boolean closed;

    ClosedAcceptor(SocketAddr local, ReadAheadBudget budget) {
        this.local = local;
        this.budget = budget;
    }

    /** Takes over what waits at a listener, the first first, as far as the budget goes. */
    void take(Acceptor listener) throws IOException {
        while (budget.takeLeft()) {
            StreamEndpoint next;
            boolean kept;
            try {
                next = listener.accept();
                kept = next != null && keep(next);
            } catch (Throwable e) {
                budget.giveLeft(1);
                throw e;
            }
            if (!kept) {
                budget.giveLeft(1);
            }
            if (next == null) {
                return;
            }
            if (!kept) {
                next.close(true);
            }
        }
    }

    /** False when the guest has closed the listener meanwhile. */
    private synchronized boolean keep(StreamEndpoint endpoint) {
        return !closed && queued.add(endpoint);
    }

    @Override
    public @Nullable SelectableChannel channel() {
        return null;
    }

    @Override
    public void onReadiness(Runnable listener) {
        // no more connections come
    }

    @Override
    public synchronized boolean isReady() {
        return !queued.isEmpty();
    }

    @Override
    public synchronized StreamEndpoint accept() {
        StreamEndpoint first = queued.poll();
        if (first != null) {
            budget.giveLeft(1);
        }
        return first;
    }

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
        }
        for (StreamEndpoint next = accept(); next != null; next = accept()) {
            next.close(true);
        }
    }
}
