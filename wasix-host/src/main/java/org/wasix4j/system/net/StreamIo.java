package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.types.Errno;

/**
 * The bytes of a connected stream socket: its two halves, and what is known of both together. One
 * thread can read while another writes.
 */
final class StreamIo {

    private final StreamEndpoint endpoint;
    private final StreamCondition condition;
    private final ReadHalf reads;
    private final WriteHalf writes;

    StreamIo(StreamEndpoint endpoint, SocketDescription owner) {
        this.endpoint = endpoint;
        this.condition = new StreamCondition(owner);
        StreamTraffic traffic = new StreamTraffic(owner.counters());
        this.reads = new ReadHalf(endpoint, condition, traffic, owner.net().aheadBudget());
        this.writes = new WriteHalf(endpoint, condition, traffic);
    }

    static long remaining(ByteBuffer[] buffers, int count) {
        long remaining = 0;
        for (int i = 0; i < count; i++) {
            remaining += buffers[i].remaining();
        }
        return remaining;
    }

    StreamEndpoint endpoint() {
        return endpoint;
    }

    // ---- one try

    /**
     * Reads what is there.
     *
     * @return bytes, 0 at the end, {@link OpenDescription#WOULD_BLOCK} when nothing is there
     */
    long tryRead(ByteBuffer[] buffers, int count, boolean peek) {
        return reads.tryRead(buffers, count, peek);
    }

    /**
     * Writes what there is room for.
     *
     * @return bytes; 0 when there is no room
     */
    long tryWrite(ByteBuffer[] buffers, int count) {
        return writes.tryWrite(buffers, count);
    }

    /** As {@link #tryWrite}, from a file. */
    long tryTransfer(FileChannel file, long position, long count) {
        return writes.tryTransfer(file, position, count);
    }

    /** Whether a blocking receive is likely to wait, so that a try before would be in vain. */
    boolean isLikelyToWait() {
        return reads.isLikelyToWait();
    }

    /** Remembers whether a blocking receive had to wait. */
    void waited(boolean hadTo) {
        reads.waited(hadTo);
    }

    /** Keeps an error for the next call, because this one has made progress. */
    void defer(Errno error) {
        condition.defer(error);
    }

    /** The error that the guest has not seen yet, or null; it has seen it then. */
    Errno takePending() {
        return condition.take();
    }

    // ---- what the kernel holds

    /**
     * After the kernel has told of something to read: finds out whether it is the end or a reset.
     *
     * @return false when another thread has read it meanwhile
     */
    boolean probe() {
        return reads.probe();
    }

    /**
     * Takes in what the kernel holds, see {@link org.wasix4j.system.wait.Pollable#takeIn}.
     *
     * @return whether the kernel's next word is news
     */
    boolean takeIn() {
        return reads.takeIn();
    }

    /** The socket is closed: nothing is kept of what was looked at, nor looked at any more. */
    void forgetAhead() {
        reads.forgetAhead();
    }

    // ---- ends

    /**
     * No more reading: what is queued can still be read, then comes the end. Linux tells the peer
     * nothing, and so nothing is told to the channel.
     */
    void shutdownRead() {
        reads.shutdown();
    }

    /** No more writing. */
    void shutdownWrite() throws IOException {
        writes.shutdown();
    }

    /** The connection was reset or is otherwise of no more use. */
    boolean isBroken() {
        return condition.isBroken();
    }

    /** Whether the end of the stream has come, which stays so. */
    boolean hasEnded() {
        return reads.hasEnded();
    }

    /** Whether the peer has closed, or both directions are shut here. */
    boolean isOver() {
        return condition.hasEnded() || condition.isReadShut() && condition.isWriteShut();
    }

    /** Whether closing sends a plain end: nothing is unread, which would make it a reset. */
    boolean endsPlainly() {
        return reads.isDrained();
    }

    // ---- how it stands

    /** Readiness that is known here; the kernel knows the rest. */
    int readiness() {
        return endpoint.readiness() | condition.readiness();
    }

    /** How many bytes can be received now. */
    long readableBytes() {
        return reads.readableBytes();
    }

    /** Whether there are bytes that were read and not yet received. */
    boolean hasAhead() {
        return reads.hasAhead();
    }

    /** How many bytes have been read ahead of the guest, ever. */
    long lookedAhead() {
        return reads.lookedAhead();
    }

    /** See {@link org.wasix4j.system.wait.Pollable#arrivals}; the end of the stream counts too. */
    long arrivals() {
        return reads.arrivals();
    }

    /** How many bytes the guest has received. */
    long received() {
        return reads.received();
    }

    /** How many bytes the guest has sent. */
    long sent() {
        return writes.sent();
    }

    /**
     * Whether an exchange is under way: there is something to read, or what was read last has not
     * been answered, or an answer has been sent in part.
     */
    boolean isInFlight() {
        return !condition.isBroken()
                && (reads.isUnfinished() || writes.isUnfinished() || reads.hasMore());
    }
}
