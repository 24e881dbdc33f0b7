package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * Bytes of a stream that were read from the endpoint and not yet received by the guest, in the
 * order in which they came. What is beyond a few kilobytes is taken from the process's budget.
 *
 * <p>Guarded by the lock of its {@link ReadHalf}, but for {@link #size}.
 */
final class ReadAhead {

    private static final int SMALLEST = 16;
    private static final int LARGEST = 1 << 20;

    private final ConnectionFlags condition;
    private final ReadAheadBudget budget;

    /** What is ahead stands between position and limit; null while there is no room. */
    private @Nullable ByteBuffer bytes;

    /** Whether they are in one of the process's small buffers. */
    private boolean small;

    /** One buffer as a list, as endpoints want it. */
    private final ByteBuffer[] one = new ByteBuffer[1];

    /** Only grows; read without the lock by those that compare it before and after a look. */
    private long total;

    /** Whether the last read found less than there was room for. */
    private boolean whole;

    ReadAhead(ConnectionFlags condition, ReadAheadBudget budget) {
        this.condition = condition;
        this.budget = budget;
    }

    /** How many bytes are ahead. */
    int size() {
        return condition.ahead();
    }

    /** How many bytes were ever read ahead. */
    long total() {
        return total;
    }

    /** Whether all that the endpoint had was read. */
    boolean isWhole() {
        return whole;
    }

    /**
     * Makes room for a first look, in a small buffer of the process's.
     *
     * @return false when the process has too many in use
     */
    boolean makeSmallRoom() {
        if (bytes == null) {
            bytes = budget.takeSmall();
            small = bytes != null;
        }
        return bytes != null;
    }

    /**
     * Makes room for so many bytes, or for as many as may be.
     *
     * @return false when the budget has no more
     */
    boolean makeRoom(long wanted) {
        int capacity = (int) Math.min(Math.max(roundUp(wanted), SMALLEST), LARGEST);
        int now = bytes == null ? 0 : bytes.capacity();
        int more = capacity - Math.max(now, ReadAheadBudget.FREE_BYTES);
        boolean granted = more <= 0 || budget.takeBytes(more);
        int given = granted ? capacity : Math.max(now, ReadAheadBudget.FREE_BYTES);
        if (now < given) {
            ByteBuffer larger = ByteBuffer.allocate(given);
            if (bytes != null) {
                larger.put(bytes);
            }
            giveSmallBack();
            bytes = larger.flip();
        }
        return granted;
    }

    /** The next power of two, so that what comes in small pieces is seldom copied. */
    private static long roundUp(long wanted) {
        return wanted > LARGEST ? LARGEST : Long.highestOneBit(2 * wanted - 1);
    }

    /**
     * Reads what is there into the room that was made.
     *
     * @return whether the stream goes on: false at its end
     */
    boolean fill(StreamEndpoint endpoint) throws IOException {
        ByteBuffer room = Objects.requireNonNull(bytes);
        room.compact();
        try {
            one[0] = room;
            long read = endpoint.read(one, 1);
            total += Math.max(0, read);
            whole = room.hasRemaining();
            return read >= 0;
        } finally {
            room.flip();
            condition.ahead(room.remaining());
            freeIfEmpty();
        }
    }

    /**
     * Copies what is ahead, as far as it goes.
     *
     * @param peek whether it stays
     * @return bytes
     */
    long copyTo(ByteBuffer[] buffers, int count, boolean peek) {
        ByteBuffer kept = Objects.requireNonNull(bytes);
        ByteBuffer from = peek ? kept.duplicate() : kept;
        long done = 0;
        for (int i = 0; i < count && from.hasRemaining(); i++) {
            int length = Math.min(from.remaining(), buffers[i].remaining());
            int limit = from.limit();
            from.limit(from.position() + length);
            buffers[i].put(from);
            from.limit(limit);
            done += length;
        }
        condition.ahead(kept.remaining());
        freeIfEmpty();
        return done;
    }

    /** Keeps nothing any more. */
    void forget() {
        condition.ahead(0);
        giveBack();
    }

    /** Buffers are kept for the next bytes, unless the process has many. */
    private void freeIfEmpty() {
        ByteBuffer kept = bytes;
        if (kept != null
                && !kept.hasRemaining()
                && (small ? budget.isSmallTight() : budget.isTight())) {
            giveBack();
        }
    }

    private void giveBack() {
        giveSmallBack();
        if (bytes != null && bytes.capacity() > ReadAheadBudget.FREE_BYTES) {
            budget.giveBytes(bytes.capacity() - ReadAheadBudget.FREE_BYTES);
            bytes = null;
        }
    }

    private void giveSmallBack() {
        ByteBuffer kept = bytes;
        if (kept != null && small) {
            small = false;
            budget.giveSmall(kept);
            bytes = null;
        }
    }
}
