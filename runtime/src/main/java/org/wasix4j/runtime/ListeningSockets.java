package org.wasix4j.runtime;

import java.util.ArrayList;
import java.util.List;
import org.wasix4j.policy.Decision;
import org.wasix4j.types.SocketAddr;

/** Knows where a guest listens, and passes every event on to all listeners. */
final class ListeningSockets implements ProcessListener {

    private final List<ProcessListener> others;
    private final List<SocketAddr> addresses = new ArrayList<>();

    ListeningSockets(ProcessListener first, List<ProcessListener> others) {
        List<ProcessListener> all = new ArrayList<>(List.of(first));
        all.addAll(others);
        this.others = List.copyOf(all);
    }

    synchronized List<SocketAddr> addresses() {
        return List.copyOf(addresses);
    }

    /** Ends a wait, because the guest has ended. */
    synchronized void wake() {
        notifyAll();
    }

    /** Waits for a change; false when the {@link System#nanoTime} has come. */
    // the caller looks again
    @SuppressWarnings("WaitNotInLoop")
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
        others.forEach(to -> to.listening(local));
    }

    @Override
    public void stoppedListening(SocketAddr local) {
        synchronized (this) {
            addresses.remove(local);
        }
        others.forEach(to -> to.stoppedListening(local));
    }

    @Override
    public void closed(SocketAddr local) {
        others.forEach(to -> to.closed(local));
    }

    @Override
    public void accepted(SocketAddr local, SocketAddr peer) {
        others.forEach(to -> to.accepted(local, peer));
    }

    @Override
    public void connected(SocketAddr local, SocketAddr peer) {
        others.forEach(to -> to.connected(local, peer));
    }

    @Override
    public void denied(Decision decision) {
        others.forEach(to -> to.denied(decision));
    }

    @Override
    public void hostError(String operation, Throwable error) {
        others.forEach(to -> to.hostError(operation, error));
    }

    @Override
    public void notice(String sentence) {
        others.forEach(to -> to.notice(sentence));
    }
}
