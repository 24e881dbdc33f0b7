package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The receiving half of a connected stream: one try to read, never a wait; and what the JVM does
 * not have: a look ahead (for MSG_PEEK, and because only a read distinguishes the end of a stream
 * from a reset), and SHUT_RD as Linux has it.
 *
 * <p>Lock rule: {@code reading} guards what is ahead. It is not held while waiting, and neither it
 * nor the lock of the {@link WriteHalf} is taken inside the other.
 */
final class ReadHalf implements Inflow {

    /**
     * How much is taken in that the guest does not receive: about as much as Linux reports by edges
     * before its receive buffer is full.
     */
    private static final int MAX_TAKEN_IN = 1 << 20;

    /** How far is looked where the host does not report how much there is. */
    private static final int LOOK = 65_536;

    /** How often is looked for a reset at most, nanoseconds. */
    private static final long LOOK_INTERVAL = 1_000_000;

    private final StreamEndpoint endpoint;
    private final ConnectionFlags condition;
    private final StreamTraffic traffic;
    private final @Nullable AnswerFraming answer;
    private final ReadAhead ahead;
    private final ReentrantLock reading = new ReentrantLock();

    /** Bytes that have come in, as far as is known; written under reading. */
    private final AtomicLong arrived = new AtomicLong();

    /** What {@link #probe} has just learnt of the bytes in the kernel, or -1. */
    private volatile int probed = -1;

    /**
     * Whether the last {@link #probe} has read all that there was, so that what is ahead is enough
     * for a receive. Written under reading; a number of bytes, which nobody relies on, is told by
     * it without the lock.
     */
    private boolean drained;

    /** Whether the last blocking receive had to wait, so that the next one will have to. */
    private volatile boolean waited;

    /** Whether the socket is closed; guarded by reading. */
    private boolean over;

    /** When was looked for a reset last; guarded by reading. */
    private long lookedForReset = System.nanoTime() - LOOK_INTERVAL;

    ReadHalf(
            StreamEndpoint endpoint,
            ConnectionFlags condition,
            StreamTraffic traffic,
            @Nullable AnswerFraming answer,
            ReadAheadBudget budget) {
        this.answer = answer;
        this.endpoint = endpoint;
        this.condition = condition;
        this.traffic = traffic;
        this.ahead = new ReadAhead(condition, budget);
    }

    // ---- receive

    /** See {@link StreamTransfer}. */
    long tryRead(ByteBuffer[] buffers, int count, boolean peek) {
        reading.lock();
        try {
            if (!condition.cameToItsEnd() && (ahead.size() == 0 || !condition.isBroken())) {
                // as on Linux: what has come before a reset is received before it is reported, and
                // after the end of the stream a receive reports nothing but that
                condition.throwPending();
            }
            boolean enough = drained;
            forgetProbed();
            drained = false;
            if (peek) {
                lookAhead(worthLookingAt(Buffers.remaining(buffers, count)));
                if (ahead.size() > 0) {
                    return ahead.copyTo(buffers, count, true);
                }
                return atEnd() ? 0 : OpenDescription.WOULD_BLOCK;
            }
            long done = ahead.size() > 0 ? receiveAhead(buffers, count) : 0;
            if (done > 0 && enough || hasEnded() || Buffers.remaining(buffers, count) == 0) {
                return done;
            }
            return receive(buffers, count, done);
        } finally {
            reading.unlock();
        }
    }

    private long receiveAhead(ByteBuffer[] buffers, int count) {
        int from = buffers[0].position();
        long done = ahead.copyTo(buffers, count, false);
        if (done > 0) {
            noteRequest(buffers[0], from);
            traffic.countReceived(done);
        }
        return done;
    }

    /** Receives from the endpoint, after so many bytes that were ahead; under the lock. */
    private long receive(ByteBuffer[] buffers, int count, long done) {
        long read;
        int from = buffers[0].position();
        try {
            read = endpoint.read(buffers, count);
        } catch (IOException | RuntimeException e) {
            Errno error = condition.brokenBy("recv", e);
            if (done > 0) {
                condition.defer(error);
                return done;
            }
            throw error.exception();
        }
        if (read > 0) {
            noteRequest(buffers[0], from);
            traffic.countReceived(read);
            noteArrived(0);
            return done + read;
        }
        if (read < 0) {
            end();
        }
        return done > 0 || atEnd() ? done : OpenDescription.WOULD_BLOCK;
    }

    /** The first bytes after an answer are a request. */
    private void noteRequest(ByteBuffer first, int from) {
        if (answer != null && !traffic.isUnanswered() && first.position() > from) {
            answer.asked(first.get(from));
        }
    }

    /** The end of the stream has come; under the lock. */
    private void end() {
        if (endpoint.endIsHangup() && endpoint.isOver()) {
            condition.hangUp();
        }
        condition.end();
    }

    private boolean atEnd() {
        return condition.isReadShut() || hasEnded();
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

    // ---- look ahead

    /** How far to look for a guest that has so much room: large buffers are made if need be. */
    private long worthLookingAt(long room) {
        if (room <= ReadAheadBudget.FREE_BYTES || room <= ahead.size() || hasEnded()) {
            return room;
        }
        try {
            int available = endpoint.available();
            return available < 0 ? room : Math.min(room, ahead.size() + Math.max(1L, available));
        } catch (IOException e) {
            return ahead.size() + 1L; // the read finds out
        }
    }

    /**
     * Reads so that at least so many bytes are ahead, if they are there; under the lock.
     *
     * @return false when the process may look no further
     */
    private boolean lookAhead(long wanted) {
        if (ahead.size() >= wanted || hasEnded() || over) {
            return true;
        }
        boolean granted = ahead.makeRoom(wanted);
        try {
            if (!ahead.fill(endpoint)) {
                end();
            }
        } catch (IOException | RuntimeException e) {
            condition.defer(condition.brokenBy("recv", e));
        }
        noteArrived(0);
        return granted;
    }

    /**
     * After the kernel has reported something to read: finds out whether it is the end or a reset.
     *
     * @param alone whether no other thread waits for the connection, so that what has come may be
     *     taken from the kernel, which then has no more to report: a read here saves the guest's
     *     own
     * @return false when another thread has read it meanwhile
     */
    boolean probe(boolean alone) {
        reading.lock();
        try {
            if (hasEnded() || condition.isPending()) {
                return true;
            }
            if (ahead.size() > 0) {
                drained = false;
                lookFurther(true);
                return true;
            }
            if (alone && !over && !endpoint.endIsHangup() && ahead.makeSmallRoom()) {
                lookAhead(1);
                drained = ahead.isWhole();
                return ahead.size() > 0 || hasEnded() || condition.isPending();
            }
            int available = endpoint.available();
            if (available < 0) {
                // once more: only a read shows that the peer has hung up behind what it has sent
                lookAhead(LOOK);
                lookFurther(false);
            } else if (available == 0) {
                lookAhead(1);
            } else {
                noteArrived(available);
                probed = available;
            }
            return available > 0 || ahead.size() > 0 || hasEnded() || condition.isPending();
        } catch (IOException e) {
            condition.defer(condition.brokenBy("available", e));
            return true;
        } finally {
            reading.unlock();
        }
    }

    /**
     * Finds out whether the connection was reset while the guest did nothing with it, so that its
     * error can be reported. What has come is still to be received.
     */
    void probeForError() {
        reading.lock();
        try {
            if (hasEnded()) {
                lookForReset();
                return;
            }
            if (condition.isPending() || over) {
                return;
            }
            if (ahead.size() == 0 && endpoint.available() == 0) {
                lookAhead(1);
            } else if (endpoint.isOver()) {
                takeInAll();
            }
        } catch (IOException e) {
            condition.defer(condition.brokenBy("available", e));
        } finally {
            reading.unlock();
        }
    }

    /** Takes in what there is of a connection that is over, up to its error; under the lock. */
    private void takeInAll() {
        int before = -1;
        while (ahead.size() > before && !hasEnded()) {
            before = ahead.size();
            lookAhead(before + (long) LOOK);
        }
    }

    /**
     * After the end of the stream: finds out whether the peer has answered by a reset what was sent
     * then. A read does not show it, it answers the end for ever.
     */
    void lookForReset() {
        if (!reading.tryLock()) {
            return; // the next read or look finds out
        }
        try {
            long now = System.nanoTime();
            if (condition.isSuspect() && !over && now - lookedForReset >= LOOK_INTERVAL) {
                lookedForReset = now;
                if (endpoint.isOver()) {
                    condition.suspect(false);
                    condition.brokenBy(Errno.PIPE);
                }
            }
        } finally {
            reading.unlock();
        }
    }

    /** See {@link Connection#takeIn}. */
    @Override
    public boolean takeIn() {
        reading.lock();
        try {
            return lookFurther(false);
        } catch (IOException e) {
            condition.defer(condition.brokenBy("available", e));
            return false;
        } finally {
            reading.unlock();
        }
    }

    /**
     * Looks ahead of what is ahead already; under the lock.
     *
     * @param reported whether the kernel has reported something, which is the end when it is no
     *     bytes
     */
    private boolean lookFurther(boolean reported) throws IOException {
        boolean all = true;
        if (mayTakeIn()) {
            int available = endpoint.available();
            if (available == 0 && reported) {
                available = 1;
            }
            int room = MAX_TAKEN_IN - ahead.size();
            if (available != 0) {
                int more = Math.min(available < 0 ? LOOK : available, room);
                all = lookAhead(ahead.size() + more);
            }
        }
        return all && mayTakeIn();
    }

    private boolean mayTakeIn() {
        return !hasEnded() && !condition.isPending() && ahead.size() < MAX_TAKEN_IN;
    }

    /** Nothing is kept of what was looked at, nor looked at any more. */
    void forgetAhead() {
        reading.lock();
        try {
            over = true;
            ahead.forget();
        } finally {
            reading.unlock();
        }
    }

    // ---- what is known

    /** Counts what has come in; as much as given is known to wait in the kernel; under the lock. */
    private void noteArrived(int waiting) {
        long known = traffic.received() + ahead.size() + waiting;
        if (known > arrived.get()) {
            arrived.lazySet(known);
        }
    }

    /** See {@link org.wasix4j.system.wait.Pollable#arrivals}; the end of the stream counts too. */
    long arrivals() {
        return hasEnded() ? arrived.get() + 1 : arrived.get();
    }

    /** How many bytes the guest has received. */
    long received() {
        reading.lock();
        try {
            return traffic.received();
        } finally {
            reading.unlock();
        }
    }

    /** Whether something was looked at and not received, or was received and not answered. */
    boolean isUnfinished() {
        reading.lock();
        try {
            return traffic.isUnanswered() || ahead.size() > 0;
        } finally {
            reading.unlock();
        }
    }

    /** Whether there is something to read, as far as a check shows. */
    boolean hasMore() {
        try {
            int available = endpoint.available();
            return available > 0 || available < 0 && probe(false) && hasAhead();
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes what {@link #probe} has learnt; a write only where there was something. */
    private int forgetProbed() {
        int known = probed;
        if (known != -1) {
            probed = -1;
        }
        return known;
    }

    /** How many bytes can be received now. */
    long readableBytes() {
        int known = forgetProbed();
        if (known > 0 && ahead.size() == 0) {
            return known;
        }
        int looked = ahead.size();
        if (looked > 0 && drained) {
            return looked;
        }
        try {
            return (long) looked + (hasEnded() ? 0 : Math.max(0, endpoint.available()));
        } catch (IOException e) {
            return ahead.size();
        }
    }

    /** Whether nothing is unread, which would make closing a reset. */
    boolean isDrained() {
        try {
            return ahead.size() == 0 && (hasEnded() || endpoint.available() == 0);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the end of the stream has come, which stays so. */
    boolean hasEnded() {
        return condition.hasEnded();
    }

    /** Whether there are bytes that were read and not yet received. */
    boolean hasAhead() {
        return ahead.size() > 0;
    }

    /** How many bytes have been read ahead of the guest, ever. */
    @Override
    public long taken() {
        return ahead.total();
    }

    /** No more reading: what is queued can still be read, then comes the end. */
    void shutdown() {
        condition.shutRead();
    }
}
