package org.wasix4j.system.report;

import java.util.concurrent.atomic.LongAdder;

/**
 * What a process has done so far. Counting takes no lock and allocates nothing: sums that many
 * threads add to are {@link LongAdder}s, and host calls are counted by each thread for itself.
 */
public final class Counters {

    private final LongAdder accepted = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder denials = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();

    void countAccepted() {
        accepted.increment();
    }

    void countOpened() {
        opened.increment();
    }

    void countClosed() {
        closed.increment();
    }

    void countDenial() {
        denials.increment();
    }

    /** Bytes came in through a socket. */
    public void received(long bytes) {
        bytesReceived.add(bytes);
    }

    /** Bytes went out through a socket. */
    public void sent(long bytes) {
        bytesSent.add(bytes);
    }

    /** Connections that were accepted. */
    public long accepted() {
        return accepted.sum();
    }

    /** Connections that were established outward. */
    public long opened() {
        return opened.sum();
    }

    /** Connections that are open now. */
    public long open() {
        long over = closed.sum();
        // another thread may close a connection before its beginning is counted
        return Math.max(0, accepted.sum() + opened.sum() - over);
    }

    /** Refusals of the policy. */
    public long denials() {
        return denials.sum();
    }

    /** Bytes that came in through sockets. */
    public long bytesReceived() {
        return bytesReceived.sum();
    }

    /** Bytes that went out through sockets. */
    public long bytesSent() {
        return bytesSent.sum();
    }
}
