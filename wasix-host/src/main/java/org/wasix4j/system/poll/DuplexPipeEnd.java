package org.wasix4j.system.poll;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.SockFlags;

/**
 * One end of an in-memory connection of bytes: what a {@link Pipe} and a socket pair are made of.
 * Both ends can be read and written; each direction holds 64 KiB. A direction ends when either side
 * shuts it down or is closed: what is in it can then still be read, and writes fail with pipe.
 */
public final class DuplexPipeEnd implements ByteQueue.Writer {

    /** How many bytes a direction holds. */
    public static final int CAPACITY = ByteQueue.CAPACITY;

    private final ByteQueue in;
    private final ByteQueue out;

    @SuppressWarnings("NullAway.Init") // set by pair
    private DuplexPipeEnd peer;

    @SuppressWarnings("NullAway.Init") // set by attach
    private OpenDescription owner;

    /** Whether the peer was closed with something unread, which was not reported yet. */
    private final AtomicBoolean reset = new AtomicBoolean();

    private DuplexPipeEnd(ByteQueue in, ByteQueue out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Two ends of a new connection; each has to be attached to its description before use.
     *
     * @param budget what the bytes in it are taken from
     */
    public static DuplexPipeEnd[] pair(MemoryBudget budget) {
        ByteQueue forth = new ByteQueue(budget);
        ByteQueue back = new ByteQueue(budget);
        DuplexPipeEnd first = new DuplexPipeEnd(back, forth);
        DuplexPipeEnd second = new DuplexPipeEnd(forth, back);
        first.peer = second;
        second.peer = first;
        return new DuplexPipeEnd[] {first, second};
    }

    /** Names the description that this is the inside of, whose waiters it wakes. */
    public void attach(OpenDescription description) {
        owner = description;
    }

    @Override
    public void roomMade() {
        owner.signal(Readiness.WRITE);
    }

    /**
     * Reads what there is; waits for the first byte.
     *
     * @param wait whether it may wait at all
     * @param flags {@link SockFlags} RECV_PEEK and RECV_WAITALL, or 0
     * @param deadline {@link System#nanoTime} to wait until
     * @return bytes, 0 at the end, or {@link OpenDescription#WOULD_BLOCK}
     * @throws org.wasix4j.types.ErrnoException connreset, once, after a {@link #reset} of the
     *     peer's
     */
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            boolean wait,
            int flags,
            long deadline) {
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        boolean all = (flags & SockFlags.RECV_WAITALL) != 0;
        long wanted = ByteQueue.remaining(buffers, count);
        long done = 0;
        for (; ; ) {
            // first the end, then the bytes: those written before the end are seen
            boolean ended = in.hasEnded();
            done += in.read(buffers, count, peek, peer);
            if (done == wanted || ended || done > 0 && (peek || !all)) {
                if (done < wanted) {
                    owner.exhausted(Readiness.READ);
                }
                if (done == 0 && wanted > 0 && takeReset()) {
                    throw Errno.CONNRESET.exception();
                }
                return done;
            }
            owner.exhausted(Readiness.READ);
            if (!wait) {
                return done > 0 ? done : OpenDescription.WOULD_BLOCK;
            }
            if (!await(thread, Readiness.READ, deadline, done > 0)) {
                return done > 0 ? done : OpenDescription.WOULD_BLOCK;
            }
        }
    }

    /**
     * Writes everything when it may wait, else as much as there is room for.
     *
     * @param atomic whether up to 4,096 bytes are written all or not at all
     * @return bytes, or {@link OpenDescription#WOULD_BLOCK}
     * @throws org.wasix4j.types.ErrnoException pipe when this direction has ended
     */
    public long send(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            boolean wait,
            boolean atomic,
            long deadline) {
        long wanted = ByteQueue.remaining(buffers, count);
        boolean whole = atomic && wanted <= ByteQueue.ATOMIC;
        long done = 0;
        for (; ; ) {
            int part;
            try {
                part = out.write(buffers, count, whole);
            } catch (ErrnoException e) {
                if (done > 0) {
                    // the next call fails
                    return done;
                }
                throw e;
            }
            if (part > 0) {
                peer.owner.signal(Readiness.READ);
            }
            done += part;
            if (done == wanted) {
                return done;
            }
            owner.exhausted(Readiness.WRITE);
            if (!wait || !await(thread, Readiness.WRITE, deadline, done > 0)) {
                return done > 0 ? done : OpenDescription.WOULD_BLOCK;
            }
        }
    }

    /** Waits; false when the call has to return with what it has. */
    private boolean await(GuestThread thread, int condition, long deadline, boolean anyDone) {
        ParkResult result = thread.await(owner, condition, deadline);
        if (anyDone && (result == ParkResult.SIGNAL || result == ParkResult.CLOSED)) {
            return false;
        }
        return thread.resume(result);
    }

    /** See {@link Pollable#readiness}. */
    public int readiness(int interest) {
        boolean inEnded = in.hasEnded();
        boolean outEnded = out.hasEnded();
        int holding = 0;
        if ((interest & Readiness.READ) != 0 && (inEnded || in.size() > 0)) {
            holding |= Readiness.READ;
        }
        if ((interest & Readiness.WRITE) != 0 && out.isWritable()) {
            holding |= Readiness.WRITE;
        }
        if (inEnded) {
            holding |= outEnded ? Readiness.READ_HANGUP | Readiness.HANGUP : Readiness.READ_HANGUP;
        }
        if (reset.get()) {
            holding |= Readiness.ERROR;
        }
        return holding;
    }

    /** How many bytes can be read. */
    public int readableBytes() {
        return in.size();
    }

    /** How many bytes can be written. */
    public int writableBytes() {
        return out.hasEnded() ? 0 : out.room();
    }

    /** Whether both directions have ended. */
    public boolean isOver() {
        return in.hasEnded() && out.hasEnded();
    }

    /** Whether nothing more comes in behind what is there to read. */
    public boolean isReadEnded() {
        return in.hasEnded();
    }

    /** Whether what is written here is never read. */
    public boolean isWriteEnded() {
        return out.hasEnded();
    }

    /** Ends one or both directions, for both sides; shutdown(2) of a unix socket. */
    public void shutdown(boolean reading, boolean writing) {
        if (reading) {
            in.end();
        }
        if (writing) {
            out.end();
        }
        owner.signal(-1);
        peer.owner.signal(-1);
    }

    /** Whether the peer was reset, which is reported to the caller now, once. */
    public boolean takeReset() {
        return reset.get() && reset.getAndSet(false);
    }

    /**
     * As {@link #close}, for a socket: with something unread the peer finds that the connection was
     * reset.
     */
    public void reset() {
        if (in.size() > 0) {
            peer.reset.set(true);
        }
        close();
    }

    /** The description is closed: both directions end, and what was sent to it is discarded. */
    public void close() {
        in.abandon();
        out.end();
        peer.owner.signal(-1);
    }
}
