package org.wasix4j.system.wait;

import java.nio.channels.SelectableChannel;
import java.util.Arrays;
import org.wasix4j.types.Nullable;

/**
 * Something whose readiness can be waited for. There are two kinds, and one object can change from
 * one to the other: those with a {@link #channel()} are watched by the kernel through a selector;
 * the others, and every change of state that the kernel does not see (a close by another thread, a
 * shutdown, an eventfd's counter), call {@link #signal(int)}.
 *
 * <p>Each waiter has a {@link Registration}. It is made once and kept until the pollable or the
 * waiting side goes, so that waiting again for the same thing costs nothing here nor in the kernel.
 *
 * <p>The methods that report a change ({@link #signal}, {@link #exhausted}, {@link #consumed}) and
 * those that free a channel ({@link #detach}, {@link #awaitRelease}, {@link #releaseSoon}) are for
 * the subclass and the objects it is made of.
 *
 * <p>Lock rule: the list of registrations is copied on write under this object's own small lock,
 * and no call leaves this class with it held.
 */
public abstract class Pollable {

    /** The answer of {@link #arrivals} where signals report every arrival. */
    public static final long UNCOUNTED = -1;

    private static final Registration[] NONE = {};

    private final Object registrationLock = new Object();
    private volatile Registration[] registrations = NONE;

    /** Whether {@link #leaveAll} was called; guarded by the lock. */
    private boolean left;

    /**
     * Which of the asked-for conditions hold, as far as this process knows without asking the
     * kernel ({@link Readiness} bits; hang-up and error unasked). A condition that only the kernel
     * knows is left out; it comes from {@link #settle}.
     */
    public abstract int readiness(int interest);

    /** The channel that a selector has to watch now, or null when the kernel has no part in it. */
    public @Nullable SelectableChannel channel() {
        return null;
    }

    /** The selection operations that stand for the asked-for conditions in the present state. */
    public int selectOps(int interest) {
        return 0;
    }

    /**
     * Called on the waiting thread when a selector has reported operations: takes note of what
     * happened (a connection that was established or failed, an end of stream) and answers the
     * conditions that hold now.
     */
    public int settle(int readyOps, int interest) {
        return readiness(interest);
    }

    /**
     * As {@link #settle}, when what follows is another try of the operation that waits: what the
     * try finds out by itself need not be found out here.
     */
    public void reported(int readyOps, int interest) {
        settle(readyOps, interest);
    }

    /**
     * Counts what has come in, as far as is known: bytes, datagrams, connections, the end. Another
     * number than before is a new edge for a reader that was notified and has not received. Only
     * those that the kernel watches count; the others {@link #signal} every arrival.
     */
    public long arrivals() {
        return UNCOUNTED;
    }

    /**
     * Takes in what the kernel holds, within bounds, so that what the kernel reports next is news:
     * its selector knows levels only, no edges. To be called on a thread that waits, no lock held.
     *
     * @return the selection operations that report more; 0 when nothing more comes, or when there
     *     is no room for more until something is received, see {@link #consumed}
     */
    public int takeIn() {
        return 0;
    }

    /** How many bytes a read would return now, or connections an accept; 0 when unknown. */
    public long readableBytes() {
        return 0;
    }

    /** How many bytes a write would take now, about; 0 when unknown. */
    public long writableBytes() {
        return 65536;
    }

    /** Whether the last descriptor is gone. */
    public abstract boolean isClosed();

    /** Wakes everything that waits for one of these conditions; a closed pollable wakes all. */
    public final void signal(int conditions) {
        for (Registration registration : registrations) {
            registration.signalled(conditions);
        }
    }

    /** Whether more than one waits for this, so that one can hide from another what it looks at. */
    public final boolean hasSeveralWatchers() {
        return registrations.length > 1;
    }

    /**
     * To be called after an operation that transferred less than was asked for, or would have
     * blocked: the condition is over, and its next beginning is a new edge.
     */
    public final void exhausted(int condition) {
        for (Registration registration : registrations) {
            registration.exhausted(condition);
        }
    }

    /**
     * To be called after an operation that received something and may have left more: what was too
     * much to be taken in may fit now.
     */
    public final void consumed() {
        for (Registration registration : registrations) {
            registration.consumed();
        }
    }

    /** Whether a thread waits for this, or has and may again. */
    public final boolean isWatched() {
        return registrations.length > 0;
    }

    /** The registration of a waiting side, or null. */
    final @Nullable Registration registrationOf(Poller poller) {
        for (Registration registration : registrations) {
            if (registration.poller() == poller) {
                return registration;
            }
        }
        return null;
    }

    /** Adds a registration; false when this is closed and every registration has left. */
    final boolean add(Registration registration) {
        synchronized (registrationLock) {
            if (left) {
                return false;
            }
            Registration[] old = registrations;
            Registration[] grown = Arrays.copyOf(old, old.length + 1);
            grown[old.length] = registration;
            registrations = grown;
            return true;
        }
    }

    final void remove(Registration registration) {
        synchronized (registrationLock) {
            Registration[] old = registrations;
            for (int i = 0; i < old.length; i++) {
                if (old[i] == registration) {
                    Registration[] shrunk = new Registration[old.length - 1];
                    System.arraycopy(old, 0, shrunk, 0, i);
                    System.arraycopy(old, i + 1, shrunk, i, shrunk.length - i);
                    registrations = shrunk.length == 0 ? NONE : shrunk;
                    return;
                }
            }
        }
    }

    /**
     * To be called before a channel of this pollable is closed: no selector watches it any more
     * when this returns. The JVM closes a channel that a selector still watches in two steps, a
     * half-close first: a peer would see the end where it has to see a reset, and a port would stay
     * taken. No lock may be held.
     */
    public final void detach(@Nullable SelectableChannel channel) {
        if (channel != null && channel.isRegistered()) {
            for (Registration registration : registrations) {
                registration.poller().release(channel);
            }
        }
    }

    /**
     * To be called after a channel of this pollable was closed: when it returns, the channel's host
     * descriptor and port are free. The JVM keeps a closed channel open until every selector that
     * watched it has looked once more; this makes them look. No lock may be held.
     */
    public final void awaitRelease() {
        for (Registration registration : registrations) {
            registration.poller().look();
        }
    }

    /**
     * As {@link #awaitRelease}, for a channel that holds nothing anyone waits for: its host
     * descriptor is free at the next select of those that watched it.
     */
    public final void releaseSoon() {
        for (Registration registration : registrations) {
            registration.poller().lookSoon();
        }
    }

    /** Takes this pollable out of every wait, after it was marked closed and they were notified. */
    protected final void leaveAll() {
        Registration[] leaving;
        synchronized (registrationLock) {
            left = true;
            leaving = registrations;
            registrations = NONE;
        }
        for (Registration registration : leaving) {
            registration.poller().drop(registration);
            registration.pollableClosed();
        }
    }
}
