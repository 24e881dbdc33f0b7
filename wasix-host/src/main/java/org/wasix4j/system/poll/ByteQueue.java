package org.wasix4j.system.poll;

import java.nio.ByteBuffer;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/**
 * One direction of an in-memory stream: a bounded ring of bytes, and whether it has ended. After
 * its end what is in it can still be read; nothing can be written. The ring is taken from the
 * memory of the guest that owns it, and given back when there is no reader any more.
 */
public final class ByteQueue {

    /** How many bytes fit, as in a pipe of Linux. */
    public static final int CAPACITY = 65536;

    /** A write of up to so many bytes is not torn apart, PIPE_BUF. */
    static final int ATOMIC = 4096;

    private static final byte[] EMPTY = {};

    private final MemoryBudget budget;
    private byte[] ring = EMPTY;

    /** Bytes that were taken from the budget besides the ring. */
    private int overhead;

    private int head;
    private int size;
    private boolean ended;

    /** A queue with nothing in it. */
    public ByteQueue(MemoryBudget budget) {
        this(budget, 0);
    }

    /**
     * A queue with nothing in it.
     *
     * @param overhead bytes to take from the memory besides what is written, until {@link #abandon}
     * @throws org.wasix4j.types.ErrnoException nomem when the guest has too little memory left
     */
    public ByteQueue(MemoryBudget budget, int overhead) {
        this.budget = budget;
        budget.takeHeap(overhead, Errno.NOMEM);
        this.overhead = overhead;
    }

    /** How many bytes can be read. */
    public synchronized int size() {
        return size;
    }

    /** How many bytes can be written. */
    public synchronized int room() {
        return CAPACITY - size;
    }

    /** Whether nothing more will come. */
    public synchronized boolean hasEnded() {
        return ended;
    }

    /** Whether a write has to wait no longer: there is room for one that must not be torn. */
    public synchronized boolean isWritable() {
        return ended || CAPACITY - size >= ATOMIC;
    }

    /** Ends the stream: what is in it can still be read. */
    public synchronized void end() {
        ended = true;
    }

    /** Ends the stream and throws away what is in it, as it will not be read. */
    public synchronized void abandon() {
        ended = true;
        size = 0;
        budget.giveBackHeap(ring.length + overhead);
        overhead = 0;
        ring = EMPTY;
    }

    /**
     * Takes bytes in.
     *
     * @param whole whether they are taken all or not at all
     * @return how many were taken
     * @throws org.wasix4j.types.ErrnoException pipe after the end, nomem when the guest has too
     *     little memory left
     */
    public synchronized int write(ByteBuffer[] buffers, int count, boolean whole) {
        if (ended) {
            throw Errno.PIPE.exception();
        }
        int wanted = (int) Math.min(remaining(buffers, count), CAPACITY);
        int room = CAPACITY - size;
        if (wanted > room && whole) {
            return 0;
        }
        int taken = Math.min(wanted, room);
        reserve(size + taken);
        int left = taken;
        for (int i = 0; left > 0; i++) {
            ByteBuffer buffer = buffers[i];
            int part = Math.min(left, buffer.remaining());
            int tail = (head + size) & (ring.length - 1);
            int first = Math.min(part, ring.length - tail);
            buffer.get(ring, tail, first);
            buffer.get(ring, 0, part - first);
            size += part;
            left -= part;
        }
        return taken;
    }

    /** The end that writes into a queue. */
    public interface Writer {

        /** The queue, which was full, has room again. No lock is held. */
        void roomMade();
    }

    /**
     * Gives bytes out.
     *
     * @param peek whether they stay
     * @param writer is notified when this makes room in a full queue
     */
    public int read(ByteBuffer[] buffers, int count, boolean peek, Writer writer) {
        int given;
        boolean madeRoom;
        synchronized (this) {
            // one step: else a writer could fill it and wait after the first look
            boolean full = !isWritable();
            given = read(buffers, count, peek);
            madeRoom = full && isWritable();
        }
        if (madeRoom) {
            writer.roomMade();
        }
        return given;
    }

    /** Gives bytes out; with {@code peek} they stay. */
    private int read(ByteBuffer[] buffers, int count, boolean peek) {
        int given = 0;
        for (int i = 0; i < count && given < size; i++) {
            ByteBuffer buffer = buffers[i];
            int part = Math.min(size - given, buffer.remaining());
            int from = (head + given) & (ring.length - 1);
            int first = Math.min(part, ring.length - from);
            buffer.put(ring, from, first);
            buffer.put(ring, 0, part - first);
            given += part;
        }
        if (!peek && given > 0) {
            head = (head + given) & (ring.length - 1);
            size -= given;
        }
        return given;
    }

    /** Makes the ring, whose length is a power of two, large enough. */
    private void reserve(int needed) {
        if (needed <= ring.length) {
            return;
        }
        int length = Math.max(ATOMIC, Integer.highestOneBit(needed - 1) << 1);
        byte[] grown = grown(length);
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, grown, 0, first);
        System.arraycopy(ring, 0, grown, first, size - first);
        ring = grown;
        head = 0;
    }

    private byte[] grown(int length) {
        int more = length - ring.length;
        budget.takeHeap(more, Errno.NOMEM);
        byte[] grown = null;
        try {
            grown = new byte[length];
            return grown;
        } finally {
            if (grown == null) {
                budget.giveBackHeap(more);
            }
        }
    }

    static long remaining(ByteBuffer[] buffers, int count) {
        long total = 0;
        for (int i = 0; i < count; i++) {
            total += buffers[i].remaining();
        }
        return total;
    }
}
