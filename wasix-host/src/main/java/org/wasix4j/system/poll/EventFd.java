package org.wasix4j.system.poll;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/**
 * A counter to wait for, eventfd(2): a write adds 8 little-endian bytes to it, a read takes it all
 * or, with the semaphore flag, 1.
 *
 * <p>Each write is a new event for an edge-triggered watcher, also when the counter was not 0:
 * mio's waker never reads.
 */
public final class EventFd extends OpenDescription {

    private static final int SIZE = 8;

    /** The counter never reaches 2^64-1. */
    private static final long FULL = -2;

    private final boolean semaphore;
    private long counter;

    /** Whether there was a write since the last {@link #takeEdge}. */
    private boolean edge;

    /** A counter with a first value, as a u64. */
    public EventFd(long initial, boolean semaphore) {
        this.counter = initial;
        this.semaphore = semaphore;
    }

    @Override
    public FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    protected long possibleRights() {
        return Rights.FD_READ
                | Rights.FD_WRITE
                | Rights.FD_FDSTAT_SET_FLAGS
                | Rights.FD_FILESTAT_GET
                | Rights.POLL_FD_READWRITE;
    }

    /** Waits until the counter is not 0. Errors: inval for less than 8 bytes. */
    @Override
    public long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        requireSize(buffers, count);
        for (; ; ) {
            long taken = take();
            if (taken != 0) {
                signal(Readiness.WRITE);
                put(taken, buffers);
                return SIZE;
            }
            exhausted(Readiness.READ);
            if (isNonBlocking()) {
                return WOULD_BLOCK;
            }
            thread.awaitOrThrow(this, Readiness.READ, GuestThread.FOREVER);
        }
    }

    /**
     * Waits until the counter can take the number. Errors: inval for less than 8 bytes and for
     * 2^64-1.
     */
    @Override
    public long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        requireSize(buffers, count);
        long added = get(buffers);
        if (added == -1) {
            throw Errno.INVAL.exception();
        }
        while (!add(added)) {
            exhausted(Readiness.WRITE);
            if (isNonBlocking()) {
                return WOULD_BLOCK;
            }
            // woken by a read, which may have made too little room: the condition is not polled
            thread.beginWait();
            thread.want(this, 0);
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            if (!fits(added)) {
                thread.resume(thread.park(GuestThread.FOREVER));
            }
        }
        signal(Readiness.READ);
        return SIZE;
    }

    private static void requireSize(ByteBuffer[] buffers, int count) {
        long total = 0;
        for (int i = 0; i < count; i++) {
            total += buffers[i].remaining();
        }
        if (total < SIZE) {
            throw Errno.INVAL.exception();
        }
    }

    private synchronized long take() {
        long taken = semaphore && counter != 0 ? 1 : counter;
        counter -= taken;
        return taken;
    }

    private synchronized boolean add(long added) {
        if (!fits(added)) {
            return false;
        }
        counter += added;
        edge = true;
        return true;
    }

    /** Whether {@link #takeEdge} would say yes. */
    synchronized boolean hasEdge() {
        return edge;
    }

    /** Whether there was a write since the last call of this. */
    synchronized boolean takeEdge() {
        boolean was = edge;
        edge = false;
        return was;
    }

    private synchronized boolean fits(long added) {
        return Long.compareUnsigned(added, FULL - counter) <= 0;
    }

    private static void put(long value, ByteBuffer[] buffers) {
        for (int i = 0, at = 0; i < SIZE; i++) {
            while (!buffers[at].hasRemaining()) {
                at++;
            }
            buffers[at].put((byte) (value >>> 8 * i));
        }
    }

    private static long get(ByteBuffer[] buffers) {
        long value = 0;
        for (int i = 0, at = 0; i < SIZE; i++) {
            while (!buffers[at].hasRemaining()) {
                at++;
            }
            value |= (buffers[at].get() & 0xffL) << 8 * i;
        }
        return value;
    }

    @Override
    public synchronized int readiness(int interest) {
        int holding = 0;
        if (counter != 0) {
            holding |= Readiness.READ;
        }
        if (counter != FULL) {
            holding |= Readiness.WRITE;
        }
        return holding & interest;
    }

    @Override
    public long readableBytes() {
        return readiness(Readiness.READ) != 0 ? SIZE : 0;
    }

    @Override
    public long writableBytes() {
        return SIZE;
    }

    @Override
    protected void onClose() {}
}
