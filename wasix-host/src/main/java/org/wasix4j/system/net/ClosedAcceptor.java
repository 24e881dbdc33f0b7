package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.wasix4j.types.SocketAddr;

/**
 * What is left of a listener that takes no more connections: those that had been queued. To the
 * guest it is a listener to whom nobody else comes.
 */
final class ClosedAcceptor implements Acceptor {

    private final SocketAddr local;
    private final Queue<StreamEndpoint> queued = new ArrayDeque<>();

    ClosedAcceptor(SocketAddr local) {
        this.local = local;
    }

    /** Takes over what waits at a listener. */
    void take(Acceptor listener) throws IOException {
        for (StreamEndpoint next = listener.accept(); next != null; next = listener.accept()) {
            synchronized (this) {
                queued.add(next);
            }
        }
    }

    @Override
    public SelectableChannel channel() {
        return null;
    }

    @Override
    public void onReadiness(Runnable listener) {
        // nobody comes
    }

    @Override
    public synchronized boolean isReady() {
        return !queued.isEmpty();
    }

    @Override
    public synchronized StreamEndpoint accept() {
        return queued.poll();
    }

    @Override
    public SocketAddr local() {
        return local;
    }

    @Override
    public synchronized void close() throws IOException {
        for (StreamEndpoint next = queued.poll(); next != null; next = queued.poll()) {
            next.close(true);
        }
    }
}
