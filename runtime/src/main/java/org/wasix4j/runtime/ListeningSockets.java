package org.wasix4j.runtime;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.policy.Decision;
import org.wasix4j.types.SocketAddr;

/** Knows where a guest listens, and hands everything on. */
final class ListeningSockets implements ProcessListener {

    private final ProcessListener next;
    private final List<SocketAddr> addresses = new ArrayList<>();

    ListeningSockets(ProcessListener next) {
        this.next = next;
    }

    synchronized List<SocketAddr> addresses() {
        return List.copyOf(addresses);
    }

    /** Ends a wait, because the guest has ended. */
    synchronized void wake() {
        notifyAll();
    }

    /** Waits for a change; false when the {@link System#nanoTime} has come. */
    synchronized boolean await(long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        if (addresses.isEmpty()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }

    @Override
    public void listening(SocketAddr local) {
        synchronized (this) {
            addresses.add(local);
            notifyAll();
        }
        next.listening(local);
    }

    @Override
    public void stoppedListening(SocketAddr local) {
        synchronized (this) {
            addresses.remove(local);
        }
        next.stoppedListening(local);
    }

    @Override
    public void closed(SocketAddr local) {
        next.closed(local);
    }

    @Override
    public void accepted(SocketAddr local, SocketAddr peer) {
        next.accepted(local, peer);
    }

    @Override
    public void connected(SocketAddr local, SocketAddr peer) {
        next.connected(local, peer);
    }

    @Override
    public void denied(Decision decision) {
        next.denied(decision);
    }

    @Override
    public void hostError(String operation, Throwable error) {
        next.hostError(operation, error);
    }

    @Override
    public void notice(String sentence) {
        next.notice(sentence);
    }
}
