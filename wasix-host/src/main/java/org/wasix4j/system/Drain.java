package org.wasix4j.system;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.net.Drainable;
import org.wasix4j.system.thread.GuestThread;

/**
 * Reports when the connections that peers have made to a guest are finished, after it has stopped
 * accepting. What a request is only the guest knows, so this goes by the bytes. A connection is in
 * flight when there is something to read, when what came last came from the peer, when the guest
 * has sent only a part of what it wanted to send or, over HTTP/1, of what it has announced, or when
 * the thread that sent last sleeps. Else it is at rest: nothing was asked yet, or the last thing
 * was an answer, as on one that is kept open between requests.
 *
 * <p>It is over when there is no connection left; or when all have been at rest for a while, with
 * nothing moved, and no thread of the guest was seen computing. Where the guest has sent something
 * in a protocol other than HTTP/1, what was sent last can be a part of an answer. So then it takes
 * longer: a quarter of the time, and until the timers have fired that the guest's threads had when
 * something moved last, unless they fire after the time. An answer with longer pauses than that is
 * cut, and a peer that the guest never answers holds up the end.
 */
public final class Drain {

    /** How long everything has to be at rest, nanoseconds. */
    private static final long REST = 300_000_000;

    /** How long at most where an answer can go on, but for timers; nanoseconds. */
    private static final long LONGEST_REST = 2_000_000_000;

    private final Supplier<? extends Collection<GuestProcess>> processes;
    private long activity = -1;
    private int connections;
    private long restSince = System.nanoTime();
    private final long longRest;
    private final long deadline;

    /** The first timer of each thread that was seen since something moved. */
    private final Map<GuestThread, Long> timers = new HashMap<>();

    /**
     * A look at the processes of a guest. The time begins now.
     *
     * @param processes those that there are at each moment
     * @param time how long the guest has for its end, nanoseconds
     */
    public Drain(Supplier<? extends Collection<GuestProcess>> processes, long time) {
        this.processes = processes;
        this.longRest = Math.max(REST, Math.min(time / 4, LONGEST_REST));
        this.deadline = Clocks.deadlineIn(time);
    }

    /** What is open in any of them, each once. */
    private Set<OpenDescription> descriptions() {
        Set<OpenDescription> open = new LinkedHashSet<>();
        for (GuestProcess process : processes.get()) {
            open.addAll(process.descriptors().descriptions());
        }
        return open;
    }

    private void deliver() {
        processes.get().forEach(process -> process.reporter().deliver());
    }

    /** Whether the connections are finished; to be asked again and again. */
    public boolean isOver() {
        boolean over = look();
        deliver();
        return over;
    }

    private boolean look() {
        int inbound = 0;
        long moved = 0;
        boolean inFlight = false;
        boolean openEnded = false;
        for (OpenDescription description : descriptions()) {
            if (description instanceof Drainable socket && socket.isInbound()) {
                inbound++;
                moved += socket.activity();
                inFlight |= socket.isInFlight();
                openEnded |= socket.isOpenEnded();
            }
        }
        boolean idle = inbound == 0 && connections == 0 && activity == 0;
        boolean rests = !inFlight && moved == activity && inbound == connections;
        activity = moved;
        connections = inbound;
        if (idle) {
            // twice in a row: one that is just being accepted is seen the second time
            return true;
        }
        long now = System.nanoTime();
        if (!rests) {
            timers.clear();
        }
        if (!rests || !allWait()) {
            restSince = now;
            return false;
        }
        if (!openEnded) {
            return now - restSince >= REST;
        }
        noteTimers(now);
        return now - restSince >= longRest
                && timers.values().stream().allMatch(timer -> now - timer >= REST);
    }

    /**
     * A thread that waits for a time can send the next part of an answer then. One that has sent
     * nothing after its first timer has others for other things.
     */
    private void noteTimers(long now) {
        for (GuestProcess process : processes.get()) {
            for (GuestThread thread : process.threads()) {
                long timer = thread.waitsUntil();
                if (timer != GuestThread.FOREVER
                        && timer - now > 0
                        && (deadline == GuestThread.FOREVER || timer - deadline < 0)) {
                    timers.putIfAbsent(thread, timer);
                }
            }
        }
    }

    /**
     * Ends the connections that are at rest at this moment, each after its last answer: for the
     * last of the time, when clients go on asking on connections that they keep open.
     */
    public void retire() {
        for (OpenDescription description : descriptions()) {
            if (description instanceof Drainable socket && socket.isInbound()) {
                socket.retire();
            }
        }
        deliver();
    }

    private boolean allWait() {
        for (GuestProcess process : processes.get()) {
            for (GuestThread thread : process.threads()) {
                if (!thread.isWaiting()) {
                    return false;
                }
            }
        }
        return true;
    }
}
