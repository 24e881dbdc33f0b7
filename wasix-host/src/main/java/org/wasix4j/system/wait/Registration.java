package org.wasix4j.system.wait;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.wasix4j.types.Nullable;

/**
 * The link between a {@link Pollable} and one {@link Poller}. What a signal means is the business
 * of the subclass: a guest thread wakes up, an epoll set notes an edge.
 */
public abstract class Registration {

    private final Pollable pollable;
    private final Poller poller;

    /** The selection key and what it was made for; touched under the poller's arming rules only. */
    @Nullable SelectionKey key;

    @Nullable SelectableChannel keyChannel;
    int armedOps;

    /** What of {@link #armedOps} reports arrivals only, see {@link Pollable#takeIn}. */
    int arrivalOps;

    protected Registration(Pollable pollable, Poller poller) {
        this.pollable = pollable;
        this.poller = poller;
    }

    /** What is watched. */
    public final Pollable pollable() {
        return pollable;
    }

    /** The poller that watches. */
    public final Poller poller() {
        return poller;
    }

    /** Whether the kernel watches now. */
    public final boolean isArmed() {
        return armedOps != 0;
    }

    /**
     * Whether the kernel watches less than was asked for, because some of it was known to be ready
     * when the key was armed. Who uses that up has to be heard, see {@link #exhausted} and {@link
     * #consumed}: nothing else tells that the key has to be armed anew.
     */
    public final boolean leavesOut(int interest) {
        int asked = interest & Readiness.ASKED;
        return Integer.bitCount(armedOps) < Integer.bitCount(asked) && pollable.channel() != null;
    }

    /** Whether arming the key for the same once more would change it. */
    public final boolean isOutdated(int interest) {
        return armedOps != (pollable.selectOps(interest) | arrivalOps);
    }

    /**
     * Whether the key is as {@link Poller#arm} would leave it. A thread that does not arm it may
     * ask while another does: that one sees itself what has changed meanwhile.
     */
    public final boolean isArmedFor(int interest) {
        SelectableChannel channel = pollable.channel();
        int ops = channel == null ? 0 : pollable.selectOps(interest) | arrivalOps;
        SelectionKey present = key;
        return armedOps == ops
                && (ops == 0 || keyChannel == channel && present != null && present.isValid());
    }

    /** With which operations the kernel reports arrivals, whatever is ready already. */
    public final int arrivalOps() {
        return arrivalOps;
    }

    /** A change of state that the kernel does not see; any thread, no lock held. */
    protected abstract void signalled(int conditions);

    /** The selector reported operations; only on the thread that selects. */
    protected abstract void selected(int readyOps);

    /** An operation came up short: see {@link Pollable#exhausted}. */
    protected void exhausted(int condition) {}

    /** Something was received: see {@link Pollable#consumed}. */
    protected void consumed() {}

    /** The pollable is closed and this registration is out of its list. */
    protected void pollableClosed() {}
}
