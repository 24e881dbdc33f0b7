package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * A listener with a few connections that were taken from the kernel's queue before the guest has
 * accepted them: only so does the kernel report the next one, see {@link
 * org.wasix4j.system.wait.Pollable#takeIn}. They cost host descriptors, so they are few.
 */
final class AcceptQueue implements Acceptor, Inflow {

    /** How many connections are taken in at most. */
    private static final int MAX_TAKEN_IN = 32;

    private final Acceptor listener;
    private final ReadAheadBudget budget;

    /** Guarded by this, as all that follows. */
    private final ArrayDeque<StreamEndpoint> ahead = new ArrayDeque<>();

    private boolean closed;

    /** Connections taken from the kernel's queue. */
    private long taken;

    /** Connections that have come, as far as is known: those taken, or one more. */
    private long come;

    AcceptQueue(Acceptor listener, ReadAheadBudget budget) {
        this.listener = listener;
        this.budget = budget;
    }

    @Override
    public @Nullable SelectableChannel channel() {
        return listener.channel();
    }

    @Override
    public void onReadiness(Runnable listener) {
        this.listener.onReadiness(listener);
    }

    @Override
    public boolean isReady() {
        return size() > 0 || listener.isReady();
    }

    @Override
    public boolean isReachable() {
        return listener.isReachable();
    }

    private synchronized int size() {
        return ahead.size();
    }

    /** How many connections have been taken from the kernel's queue, ever. */
    @Override
    public synchronized long taken() {
        return taken;
    }

    @Override
    public @Nullable StreamEndpoint accept() throws IOException {
        synchronized (this) {
            StreamEndpoint first = ahead.poll();
            if (first != null) {
                budget.giveConnections(1);
                return first;
            }
        }
        StreamEndpoint next = listener.accept();
        count(next != null);
        return next;
    }

    private synchronized void count(boolean one) {
        if (one) {
            taken++;
        }
        // when there was none, the kernel's queue is empty
        come = taken;
    }

    /** The kernel reports that a connection waits. */
    synchronized void connectionsWait() {
        come = taken + 1;
    }

    /** See {@link org.wasix4j.system.wait.Pollable#arrivals}. */
    synchronized long arrivals() {
        return come;
    }

    /**
     * Takes in what the kernel's queue holds.
     *
     * @return whether the kernel's next word is news
     */
    @Override
    public boolean takeIn() {
        while (size() < MAX_TAKEN_IN && budget.takeConnection()) {
            StreamEndpoint next;
            boolean kept;
            try {
                next = listener.accept();
                count(next != null);
                kept = next != null && keep(next);
            } catch (IOException | RuntimeException e) {
                // out of descriptors, or closed: the guest's accept reports it
                budget.giveConnections(1);
                return false;
            } catch (Error e) {
                budget.giveConnections(1);
                throw e;
            }
            if (!kept) {
                budget.giveConnections(1);
                return next == null;
            }
        }
        return false;
    }

    private boolean keep(StreamEndpoint endpoint) {
        synchronized (this) {
            if (!closed) {
                ahead.add(endpoint);
                return true;
            }
        }
        reset(endpoint);
        return false;
    }

    @Override
    public SocketAddr local() {
        return listener.local();
    }

    @Override
    public void close() throws IOException {
        List<StreamEndpoint> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(ahead);
            ahead.clear();
        }
        budget.giveConnections(left.size());
        left.forEach(AcceptQueue::reset);
        listener.close();
    }

    private static void reset(StreamEndpoint endpoint) {
        try {
            endpoint.close(true);
        } catch (IOException e) {
            // it is gone all the same
        }
    }
}
