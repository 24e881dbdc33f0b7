package org.wasix4j.system;

import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.net.Drainable;
import org.wasix4j.system.thread.GuestThread;

/**
 * Tells when the connections that peers have made to a guest are finished, after it has stopped
 * accepting. What a request is only the guest knows, so this goes by the bytes. A connection is in
 * flight when there is something to read, when what came last came from the peer, or when the guest
 * has sent only a part of what it wanted to send. Else it is at rest: nothing was asked yet, or the
 * last thing was an answer, as on one that is kept open between requests.
 *
 * <p>It is over when there is no connection left; or when all have been at rest for a while, with
 * nothing moved, and no thread of the guest was seen computing. So an answer whose parts come with
 * longer pauses than that is cut, and a peer to whom the guest never answers holds up the end.
 */
public final class Drain {

    /** How long everything has to be at rest, nanoseconds. */
    private static final long REST = 300_000_000;

    private final GuestProcess process;
    private long activity = -1;
    private int connections;
    private long restSince = System.nanoTime();

    /** A look at a process. */
    public Drain(GuestProcess process) {
        this.process = process;
    }

    /** Whether the connections are finished; to be asked again and again. */
    public boolean isOver() {
        boolean over = look();
        process.reporter().deliver();
        return over;
    }

    private boolean look() {
        int inbound = 0;
        long moved = 0;
        boolean inFlight = false;
        for (OpenDescription description : process.descriptors().descriptions()) {
            if (description instanceof Drainable socket && socket.isInbound()) {
                inbound++;
                moved += socket.activity();
                inFlight |= socket.isInFlight();
            }
        }
        boolean nobody = inbound == 0 && connections == 0 && activity == 0;
        boolean rests = !inFlight && moved == activity && inbound == connections;
        activity = moved;
        connections = inbound;
        if (nobody) {
            // twice in a row: one that is just being accepted is seen the second time
            return true;
        }
        long now = System.nanoTime();
        if (!rests || !allWait()) {
            restSince = now;
        }
        return now - restSince >= REST;
    }

    /**
     * Ends the connections that are at rest at this moment, each after its last answer: for the
     * last of the time, when clients go on asking on connections that they keep open.
     */
    public void retire() {
        for (OpenDescription description : process.descriptors().descriptions()) {
            if (description instanceof Drainable socket && socket.isInbound()) {
                socket.retire();
            }
        }
        process.reporter().deliver();
    }

    private boolean allWait() {
        for (GuestThread thread : process.threads()) {
            if (!thread.isWaiting()) {
                return false;
            }
        }
        return true;
    }
}
