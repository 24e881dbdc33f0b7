package org.wasix4j.system;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.jfr.FlightEvents;
import org.wasix4j.jfr.Guest;
import org.wasix4j.policy.Decision;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.SocketAddr;

/**
 * Makes what happens in a process known: counts it, tells the {@link SystemObserver}, and records
 * it when somebody records. To be called without locks.
 */
public final class Reporter {

    private static final AtomicLong IDS = new AtomicLong();

    private final GuestProcess process;
    private final SystemObserver observer;
    private final Counters counters = new Counters();
    private final Guest guest;

    Reporter(GuestProcess process, SystemObserver observer) {
        this.process = process;
        this.observer = observer;
        this.guest =
                new Guest(
                        IDS.incrementAndGet(),
                        process.pid(),
                        process.arguments().isEmpty() ? "" : process.arguments().get(0));
    }

    /** What was counted. */
    public Counters counters() {
        return counters;
    }

    /** Whose events these are. */
    public Guest guest() {
        return guest;
    }

    private int tid() {
        GuestThread thread = process.threadOrNull();
        return thread == null ? 0 : thread.tid();
    }

    private int fd() {
        GuestThread thread = process.threadOrNull();
        return thread == null ? FlightEvents.NO_FD : thread.callFd();
    }

    /** A connection was accepted. */
    public void accepted(SocketAddr local, SocketAddr peer) {
        counters.countAccepted();
        if (FlightEvents.recording()) {
            FlightEvents.accepted(guest, tid(), fd(), local, peer);
        }
        observer.accepted(local, peer);
    }

    /** A connection was established outward. */
    public void connected(SocketAddr local, SocketAddr peer) {
        counters.countOpened();
        if (FlightEvents.recording()) {
            FlightEvents.connected(guest, tid(), fd(), local, peer);
        }
        observer.connected(local, peer);
    }

    /**
     * A connection that was told of is over.
     *
     * @param peer null when nobody knows it any more
     * @param nanos how long it was open
     */
    public void closed(SocketAddr local, SocketAddr peer, long received, long sent, long nanos) {
        counters.countClosed();
        if (FlightEvents.recording()) {
            FlightEvents.closed(guest, tid(), fd(), local, peer, received, sent, nanos);
        }
        observer.closed(local);
    }

    /** The policy refused something. */
    public void denied(Decision decision) {
        counters.countDenial();
        if (FlightEvents.recording()) {
            FlightEvents.denied(
                    guest, tid(), decision.operation().words(), decision::target, decision::reason);
        }
        observer.denied(decision);
    }

    /** The process begins to end. */
    void ending(ExitReason reason) {
        if (FlightEvents.recording()) {
            FlightEvents.exited(
                    guest,
                    tid(),
                    reason.kind().name().toLowerCase(Locale.ROOT),
                    reason.code(),
                    reason.message());
        }
    }
}
