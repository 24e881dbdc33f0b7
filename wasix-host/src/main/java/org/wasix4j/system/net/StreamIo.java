package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.poll.Readiness;
import org.wasix4j.types.Errno;

/**
 * The bytes of a connected stream socket: one try to read or write, never a wait. It adds to the
 * endpoint what the JVM does not have: a look ahead (for MSG_PEEK, and because only a read tells
 * the end of a stream from a reset), an error that is reported once, and SHUT_RD as Linux has it.
 *
 * <p>Lock rule: reading and writing have a lock each, so that one thread can read while another
 * writes; neither is held while waiting, and neither is taken inside the other.
 */
final class StreamIo {

    private static final int PROBE_BYTES = 16;

    /**
     * How much is taken in that the guest does not receive, which is about what Linux lets the peer
     * of such a socket send; and how far is looked where the host does not tell how much there is.
     */
    private static final int MAX_TAKEN_IN = 65_536;

    private static final int MAX_LOOK_AHEAD = 1 << 20;

    private final StreamEndpoint endpoint;
    private final SocketDescription owner;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();

    /**
     * Bytes that were read and not yet received, between position and limit; guarded by reading.
     */
    private ByteBuffer ahead;

    /** One buffer as a list, for reads of our own; guarded by reading. */
    private final ByteBuffer[] one = new ByteBuffer[1];

    /** Bytes that the guest has received; guarded by reading. */
    private long received;

    /** Bytes that the guest has sent; guarded by writing. */
    private long sent;

    /** Bytes that have come in, as far as is known. */
    private volatile long arrived;

    private volatile int aheadBytes;

    /** What {@link #probe} has just learnt of the bytes in the kernel, or -1. */
    private volatile int probed = -1;

    /** Whether the last blocking receive had to wait, so that the next one will have to. */
    private volatile boolean waited;

    private volatile boolean endOfStream;
    private volatile boolean readShut;
    private volatile boolean writeShut;

    /** How many reads and writes have moved bytes; each guarded by its lock. */
    private int reads;

    private int writes;

    /** Whether the last bytes moved came from the peer, and nothing was answered since. */
    private boolean unanswered;

    /** Whether the last write came up short, and the rest is still to come; guarded by writing. */
    private boolean unsent;

    /** The connection was reset or is otherwise of no more use. */
    private volatile boolean broken;

    /** An error that the guest has not seen yet. */
    private volatile Errno pending;

    StreamIo(StreamEndpoint endpoint, SocketDescription owner) {
        this.endpoint = endpoint;
        this.owner = owner;
    }

    StreamEndpoint endpoint() {
        return endpoint;
    }

    /** The error that the guest has not seen yet, or null; it has seen it then. */
    Errno takePending() {
        Errno error = pending;
        pending = null;
        return error;
    }

    /**
     * Reads what is there.
     *
     * @return bytes, 0 at the end, {@link OpenDescription#WOULD_BLOCK} when nothing is there
     */
    long tryRead(ByteBuffer[] buffers, int count, boolean peek) {
        reading.lock();
        try {
            throwPending();
            probed = -1;
            if (peek) {
                lookAhead(remaining(buffers, count));
                if (aheadBytes > 0) {
                    return copyAhead(buffers, count, true);
                }
                return atEnd() ? 0 : OpenDescription.WOULD_BLOCK;
            }
            long done = aheadBytes > 0 ? copyAhead(buffers, count, false) : 0;
            if (endOfStream || remaining(buffers, count) == 0) {
                return done;
            }
            long read;
            try {
                read = endpoint.read(buffers, count);
            } catch (IOException | RuntimeException e) {
                Errno error = brokenBy("recv", e);
                if (done > 0) {
                    pending = error;
                    return done;
                }
                throw error.exception();
            }
            if (read > 0) {
                countReceived(read);
                noteArrived(0);
                return done + read;
            }
            if (read < 0) {
                endOfStream = true;
            }
            return done > 0 || atEnd() ? done : OpenDescription.WOULD_BLOCK;
        } finally {
            reading.unlock();
        }
    }

    private void countReceived(long bytes) {
        received += bytes;
        unanswered = true;
        owner.counters().received(bytes);
    }

    /** After a write; under the lock. */
    private long countSent(long bytes, boolean all) {
        unsent = !all;
        if (bytes > 0) {
            sent += bytes;
            unanswered = false;
            owner.counters().sent(bytes);
        }
        return bytes;
    }

    /** How many bytes the guest has received. */
    long received() {
        reading.lock();
        try {
            return received;
        } finally {
            reading.unlock();
        }
    }

    /** How many bytes the guest has sent. */
    long sent() {
        writing.lock();
        try {
            return sent;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Whether an exchange is under way: there is something to read, or what was read last has not
     * been answered, or an answer has been sent in part.
     */
    boolean isInFlight() {
        if (broken) {
            return false;
        }
        reading.lock();
        try {
            if (unanswered || aheadBytes > 0) {
                return true;
            }
        } finally {
            reading.unlock();
        }
        writing.lock();
        try {
            if (unsent) {
                return true;
            }
        } finally {
            writing.unlock();
        }
        try {
            int available = endpoint.available();
            return available > 0 || available < 0 && probe() && hasAhead();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean atEnd() {
        return endOfStream || readShut;
    }

    private void throwPending() {
        Errno error = takePending();
        if (error != null) {
            throw error.exception();
        }
    }

    static long remaining(ByteBuffer[] buffers, int count) {
        long remaining = 0;
        for (int i = 0; i < count; i++) {
            remaining += buffers[i].remaining();
        }
        return remaining;
    }

    /** Reads so that at least so many bytes are ahead, if they are there. */
    private void lookAhead(long wanted) {
        if (aheadBytes >= wanted || endOfStream) {
            return;
        }
        int capacity = (int) Math.min(Math.max(roundUp(wanted), PROBE_BYTES), MAX_LOOK_AHEAD);
        if (ahead == null) {
            ahead = ByteBuffer.allocate(capacity).limit(0);
        } else if (ahead.capacity() < capacity) {
            ahead = ByteBuffer.allocate(capacity).put(ahead).flip();
        }
        ahead.compact();
        try {
            one[0] = ahead;
            if (endpoint.read(one, 1) < 0) {
                endOfStream = true;
            }
        } catch (IOException | RuntimeException e) {
            pending = brokenBy("recv", e);
        } finally {
            ahead.flip();
            aheadBytes = ahead.remaining();
            noteArrived(0);
        }
    }

    private long copyAhead(ByteBuffer[] buffers, int count, boolean peek) {
        ByteBuffer from = peek ? ahead.duplicate() : ahead;
        long done = 0;
        for (int i = 0; i < count && from.hasRemaining(); i++) {
            int length = Math.min(from.remaining(), buffers[i].remaining());
            int limit = from.limit();
            from.limit(from.position() + length);
            buffers[i].put(from);
            from.limit(limit);
            done += length;
        }
        aheadBytes = ahead.remaining();
        if (!peek && done > 0) {
            countReceived(done);
        }
        return done;
    }

    /** Counts what has come in; as much as told is known to wait in the kernel. */
    private void noteArrived(int waiting) {
        long known = received + aheadBytes + waiting;
        if (known > arrived) {
            arrived = known;
        }
    }

    /** See {@link org.wasix4j.system.poll.Pollable#arrivals}; the end of the stream counts too. */
    long arrivals() {
        return endOfStream ? arrived + 1 : arrived;
    }

    /**
     * Writes what there is room for.
     *
     * @return bytes; 0 when there is no room
     */
    long tryWrite(ByteBuffer[] buffers, int count) {
        writing.lock();
        try {
            requireWritable();
            long written = endpoint.write(buffers, count);
            return countSent(written, remaining(buffers, count) == 0);
        } catch (IOException e) {
            throw brokenBy("send", e).exception();
        } finally {
            writing.unlock();
        }
    }

    /** As {@link #tryWrite}, from a file. */
    long tryTransfer(FileChannel file, long position, long count) {
        writing.lock();
        try {
            requireWritable();
            long written = endpoint.transfer(file, position, count);
            return countSent(written, written == count);
        } catch (IOException e) {
            throw brokenBy("sendfile", e).exception();
        } finally {
            writing.unlock();
        }
    }

    private void requireWritable() {
        throwPending();
        if (broken || writeShut) {
            throw Errno.PIPE.exception();
        }
    }

    private Errno brokenBy(String operation, Exception thrown) {
        Errno error = owner.errnoOf(operation, thrown);
        if (error != Errno.BADF) {
            broken = true;
            endOfStream = true;
        }
        return error;
    }

    /** Keeps an error for the next call, because this one has made progress. */
    void defer(Errno error) {
        pending = error;
    }

    /** The next power of two, so that what comes in small pieces is seldom copied. */
    private static long roundUp(long bytes) {
        return bytes > MAX_LOOK_AHEAD ? MAX_LOOK_AHEAD : Long.highestOneBit(2 * bytes - 1);
    }

    /**
     * After the kernel has told of something to read: finds out whether it is the end or a reset.
     *
     * @return false when another thread has read it meanwhile
     */
    boolean probe() {
        reading.lock();
        try {
            if (endOfStream || pending != null) {
                return true;
            }
            if (aheadBytes > 0) {
                lookFurther(true);
                return true;
            }
            int available = endpoint.available();
            if (available <= 0) {
                lookAhead(available < 0 ? MAX_TAKEN_IN : 1);
            } else {
                noteArrived(available);
                probed = available;
            }
            return available > 0 || aheadBytes > 0 || endOfStream || pending != null;
        } catch (IOException e) {
            pending = brokenBy("available", e);
            return true;
        } finally {
            reading.unlock();
        }
    }

    /**
     * Takes in what the kernel holds, see {@link org.wasix4j.system.poll.Pollable#takeIn}.
     *
     * @return whether the kernel's next word is news
     */
    boolean takeIn() {
        reading.lock();
        try {
            return lookFurther(false);
        } catch (IOException e) {
            pending = brokenBy("available", e);
            return false;
        } finally {
            reading.unlock();
        }
    }

    /**
     * Looks ahead of what is ahead already; under the lock.
     *
     * @param told whether the kernel has told of something, which is the end when it is no bytes
     */
    private boolean lookFurther(boolean told) throws IOException {
        if (!endOfStream && pending == null && aheadBytes < MAX_TAKEN_IN) {
            int available = endpoint.available();
            if (available == 0 && told) {
                available = 1;
            }
            int room = MAX_TAKEN_IN - aheadBytes;
            if (available != 0) {
                lookAhead(aheadBytes + (available < 0 ? room : Math.min(available, room)));
            }
        }
        return !endOfStream && pending == null && aheadBytes < MAX_TAKEN_IN;
    }

    /** Whether a blocking receive is likely to wait, so that a try before would be in vain. */
    boolean isLikelyToWait() {
        return waited;
    }

    /** Remembers whether a blocking receive had to wait. */
    void waited(boolean hadTo) {
        if (waited != hadTo) {
            waited = hadTo;
        }
    }

    /** Whether the end of the stream has come, which stays so. */
    boolean hasEnded() {
        return endOfStream;
    }

    /** Whether there are bytes that were read and not yet received. */
    boolean hasAhead() {
        return aheadBytes > 0;
    }

    /** How many bytes were read and not yet received. */
    int aheadBytes() {
        return aheadBytes;
    }

    /** Readiness that is known here; the kernel knows the rest. */
    int readiness() {
        int ready = endpoint.readiness();
        if (aheadBytes > 0) {
            ready |= Readiness.READ;
        }
        if (endOfStream || readShut) {
            ready |= Readiness.READ | Readiness.READ_HANGUP;
        }
        if (writeShut) {
            ready |= Readiness.WRITE;
        }
        if ((endOfStream || readShut) && writeShut) {
            ready |= Readiness.HANGUP;
        }
        if (pending != null) {
            ready |= Readiness.ERROR;
        }
        if (broken) {
            ready |= Readiness.READ | Readiness.WRITE | Readiness.HANGUP | Readiness.READ_HANGUP;
        }
        return ready;
    }

    /** How many bytes can be received now. */
    long readableBytes() {
        int known = probed;
        probed = -1;
        if (known > 0 && aheadBytes == 0) {
            return known;
        }
        try {
            return aheadBytes + (endOfStream ? 0 : Math.max(0, endpoint.available()));
        } catch (IOException e) {
            return aheadBytes;
        }
    }

    /** Whether closing sends a plain end: nothing is unread, which would make it a reset. */
    boolean endsPlainly() {
        try {
            return aheadBytes == 0 && (endOfStream || endpoint.available() == 0);
        } catch (IOException e) {
            return false;
        }
    }

    boolean isBroken() {
        return broken;
    }

    /** Whether the peer has closed, or both directions are shut here. */
    boolean isOver() {
        return endOfStream || readShut && writeShut;
    }

    /**
     * No more reading: what is queued can still be read, then comes the end. Linux tells the peer
     * nothing, and so nothing is told to the channel.
     */
    void shutdownRead() {
        readShut = true;
    }

    /** No more writing. */
    void shutdownWrite() throws IOException {
        writing.lock();
        try {
            if (!writeShut) {
                writeShut = true;
                endpoint.shutdownOutput();
            }
        } finally {
            writing.unlock();
        }
    }
}
