package org.wasix4j.system.net;

import java.util.concurrent.atomic.AtomicBoolean;
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

    /** Written at each receive and send; {@code lazySet} spares a fence. */
    private final AtomicBoolean unanswered = new AtomicBoolean();

    StreamTraffic(Counters counters) {
        this.counters = counters;
    }

    /** The guest has received something. */
    void countReceived(long bytes) {
        received += bytes;
        if (!unanswered.get()) {
            unanswered.lazySet(true);
        }
        counters.received(bytes);
    }

    /** The guest has sent something. */
    void countSent(long bytes) {
        sent += bytes;
        if (unanswered.get()) {
            unanswered.lazySet(false);
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
        return unanswered.get();
    }
}
