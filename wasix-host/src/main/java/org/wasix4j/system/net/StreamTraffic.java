package org.wasix4j.system.net;

import org.wasix4j.system.report.Counters;

/**
 * What has moved over a connection: how much each way, and which side was the last. What was
 * received is guarded by the lock of the {@link ReadHalf}, what was sent by that of the {@link
 * WriteHalf}.
 */
final class StreamTraffic {

    private final Counters counters;
    private long received;
    private long sent;
    private volatile boolean unanswered;

    StreamTraffic(Counters counters) {
        this.counters = counters;
    }

    /** The guest has received something. */
    void countReceived(long bytes) {
        received += bytes;
        if (!unanswered) {
            unanswered = true;
        }
        counters.received(bytes);
    }

    /** The guest has sent something. */
    void countSent(long bytes) {
        sent += bytes;
        if (unanswered) {
            unanswered = false;
        }
        counters.sent(bytes);
    }

    /** Bytes that the guest has received. */
    long received() {
        return received;
    }

    /** Bytes that the guest has sent. */
    long sent() {
        return sent;
    }

    /** Whether the last bytes came from the peer, and nothing was answered since; any thread. */
    boolean isUnanswered() {
        return unanswered;
    }
}
