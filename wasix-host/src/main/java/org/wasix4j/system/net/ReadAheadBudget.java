package org.wasix4j.system.net;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much all sockets of a process may take from the kernel before the guest has received it:
 * bytes that are looked at ({@link ReadAhead}) and connections ({@link AcceptQueue}). Both are the
 * host's, and no descriptor of the guest's stands for them; so a guest with many sockets must not
 * multiply them. A socket that gets no more leaves the rest in the kernel, and the guest hears of
 * it when it has received what was reported.
 */
public final class ReadAheadBudget {

    /** What each socket may hold without asking. */
    static final int FREE_BYTES = 4096;

    /** Bytes of all sockets beyond that. */
    static final int MAX_BYTES = 16 << 20;

    /** Connections of all listeners. */
    static final int MAX_CONNECTIONS = 128;

    /** Connections that outlive their listeners, when the process is stopped. */
    static final int MAX_LEFT = 512;

    private final AtomicInteger bytes = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    /** Nothing is taken yet. */
    public ReadAheadBudget() {}

    private static boolean take(AtomicInteger taken, int count, int most) {
        for (; ; ) {
            int now = taken.get();
            if (now > most - count) {
                return false;
            }
            if (taken.compareAndSet(now, now + count)) {
                return true;
            }
        }
    }

    boolean takeBytes(int count) {
        return take(bytes, count, MAX_BYTES);
    }

    void giveBytes(int count) {
        bytes.addAndGet(-count);
    }

    /** Whether so much is taken that an empty buffer is better given back than kept. */
    boolean isTight() {
        return bytes.get() > MAX_BYTES / 2;
    }

    boolean takeConnection() {
        return take(connections, 1, MAX_CONNECTIONS);
    }

    void giveConnections(int count) {
        connections.addAndGet(-count);
    }

    boolean takeLeft() {
        return take(left, 1, MAX_LEFT);
    }

    void giveLeft(int count) {
        left.addAndGet(-count);
    }

    /** Bytes that are taken now, beyond those that are free. */
    public int bytes() {
        return bytes.get();
    }

    /** Connections that are taken now. */
    public int connections() {
        return connections.get();
    }

    /** Connections of stopped listeners that the guest has not accepted yet. */
    public int left() {
        return left.get();
    }
}
