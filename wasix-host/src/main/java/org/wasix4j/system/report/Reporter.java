package org.wasix4j.system.report;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.wasix4j.jfr.FlightEvents;
import org.wasix4j.jfr.Guest;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.StackRoom;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.SocketAddr;

/**
 * Makes what happens in a process known: counts it, records it when a recording runs, and notifies
 * the {@link SystemObserver}. The last is code of the embedder's, which may call back, or wait for
 * another thread that does. So the code that reports an event, perhaps with a lock held, only notes
 * it here; {@link #deliver} passes it on, where no lock is: at the end of each host call, before a
 * wait, and when the process is stopped or released.
 */
public final class Reporter {

    private static final AtomicLong IDS = new AtomicLong();

    private final Supplier<GuestThread> caller;
    private final Consumer<ExitReason> end;
    private final SystemObserver observer;
    private final Counters counters = new Counters();
    private final Guest guest;

    /** What was not delivered to the observer yet. */
    private final Queue<Consumer<SystemObserver>> pending = new ConcurrentLinkedQueue<>();

    /** Whether there may be something in {@link #pending}. */
    private volatile boolean anyPending;

    /**
     * The reporter of a process.
     *
     * @param pid the number that the guest sees as its own
     * @param name the first word of its command line
     * @param caller the guest thread that the calling Java thread runs, or null when it runs none
     * @param end ends the process, when the observer throws
     * @param observer receives the events, or {@link SystemObserver#NONE}
     */
    public Reporter(
            int pid,
            String name,
            Supplier<GuestThread> caller,
            Consumer<ExitReason> end,
            SystemObserver observer) {
        this.caller = caller;
        this.end = end;
        this.observer = observer;
        this.guest = new Guest(IDS.incrementAndGet(), pid, name);
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
        GuestThread thread = caller.get();
        return thread == null ? 0 : thread.tid();
    }

    private void note(Consumer<SystemObserver> notice) {
        if (observer != SystemObserver.NONE) {
            pending.add(notice);
            anyPending = true;
        }
    }

    /**
     * Delivers what was noted to the observer. No lock may be held. What it throws ends the
     * process.
     */
    public void deliver() {
        if (!anyPending) {
            return;
        }
        anyPending = false;
        StackRoom.runForeign(this::deliverAll);
    }

    private void deliverAll() {
        for (Consumer<SystemObserver> next = pending.poll(); next != null; next = pending.poll()) {
            try {
                next.accept(observer);
            } catch (RuntimeException | Error e) {
                end.accept(ExitReason.hostFault("the observer", e));
            }
        }
    }

    /** A socket listens. */
    public void listening(SocketAddr local) {
        note(to -> to.listening(local));
    }

    /** A socket listens no more. */
    public void stoppedListening(SocketAddr local) {
        note(to -> to.stoppedListening(local));
    }

    /** The host refused something; see {@link SystemObserver#hostError}. */
    public void hostError(String operation, Throwable error) {
        note(to -> to.hostError(operation, error));
    }

    /** A connection was accepted. */
    public void accepted(SocketAddr local, SocketAddr peer) {
        counters.countAccepted();
        if (FlightEvents.recording()) {
            FlightEvents.accepted(guest, tid(), FlightEvents.callFd(), local, peer);
        }
        note(to -> to.accepted(local, peer));
    }

    /** A connection was established outward. */
    public void connected(SocketAddr local, SocketAddr peer) {
        counters.countOpened();
        if (FlightEvents.recording()) {
            FlightEvents.connected(guest, tid(), FlightEvents.callFd(), local, peer);
        }
        note(to -> to.connected(local, peer));
    }

    /**
     * A connection that was reported is over.
     *
     * @param peer null when it is not known any more
     * @param nanos how long it was open
     */
    public void closed(SocketAddr local, SocketAddr peer, long received, long sent, long nanos) {
        counters.countClosed();
        if (FlightEvents.recording()) {
            FlightEvents.closed(
                    guest, tid(), FlightEvents.callFd(), local, peer, received, sent, nanos);
        }
        note(to -> to.closed(local));
    }

    /** The policy refused something. */
    public void denied(Decision decision) {
        counters.countDenial();
        if (FlightEvents.recording()) {
            NetworkOperation operation = Objects.requireNonNull(decision.operation());
            FlightEvents.denied(
                    guest, tid(), operation.words(), decision::target, decision::reason);
        }
        note(to -> to.denied(decision));
    }

    /**
     * A process of the guest runs, which another one has started.
     *
     * @param command its command line
     */
    public void started(Guest process, int parent, List<String> command) {
        if (FlightEvents.recording()) {
            FlightEvents.started(process, process.pid(), parent, String.join(" ", command));
        }
    }

    /** A process begins to end. */
    public void ending(Guest process, ExitReason reason) {
        if (FlightEvents.recording()) {
            FlightEvents.exited(
                    process,
                    tid(),
                    reason.kind().name().toLowerCase(Locale.ROOT),
                    reason.code(),
                    reason.message());
        }
    }
}
