package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasix4j.types.Nullable;

/**
 * How much all sockets of a process may take from the kernel before the guest has received it:
 * bytes that are looked at ({@link ReadAhead}) and connections ({@link AcceptQueue}). Both are the
 * host's, and no descriptor of the guest's stands for them; so a guest with many sockets must not
 * multiply them. A socket that gets no more leaves the rest in the kernel, which reports it when
 * the guest has received what was reported before.
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

    /** What a small buffer holds: most requests. */
    private static final int SMALL_BYTES = 1024;

    /** Small buffers of a process, as many as one wait can report events. */
    private static final int MAX_SMALL = 1024;

    private static final int SMALL_AT_ONCE = 64;

    /** As long as no more are in use, sockets keep theirs. */
    static final int MAX_SMALL_KEPT = 256;

    /**
     * Small buffers that no socket uses; direct, so that a read needs no copy. Guarded by itself.
     */
    private final ArrayDeque<ByteBuffer> small = new ArrayDeque<>();

    /** How many there are; guarded by small. */
    private int smallMade;

    /** How many of them are in use; written under small, read without. */
    private final AtomicInteger smallUsed = new AtomicInteger();

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

    /**
     * An empty buffer for a first look at what has come. Once the guest has received that, it is
     * given back when {@link #isSmallTight}; so of many idle connections few have one.
     *
     * @return null when too many are in use
     */
    @Nullable
    ByteBuffer takeSmall() {
        synchronized (small) {
            if (small.isEmpty()) {
                if (smallMade == MAX_SMALL) {
                    return null;
                }
                ByteBuffer more = ByteBuffer.allocateDirect(SMALL_AT_ONCE * SMALL_BYTES);
                for (int i = 0; i < SMALL_AT_ONCE; i++) {
                    small.push(more.slice(i * SMALL_BYTES, SMALL_BYTES));
                }
                smallMade += SMALL_AT_ONCE;
            }
            smallUsed.lazySet(smallUsed.get() + 1);
            return small.pop().limit(0);
        }
    }

    /** Takes back what {@link #takeSmall} answered. */
    void giveSmall(ByteBuffer buffer) {
        synchronized (small) {
            smallUsed.lazySet(smallUsed.get() - 1);
            small.push(buffer.clear());
        }
    }

    /**
     * Whether so many small buffers are in use that an empty one is better given back than kept.
     */
    boolean isSmallTight() {
        return smallUsed.get() > MAX_SMALL_KEPT;
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
