package org.wasix4j.system.poll;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.wasix4j.types.Errno;

/**
 * A selector that is opened when it is first needed (it costs two host descriptors), whose keys
 * stay between waits. A guest thread has one, an epoll set has one.
 *
 * <p>Three rules of the JVM shape it. A closed channel lives on until each selector has looked once
 * more: {@link #look} makes it look and waits for that, without being blocked by a thread that
 * selects again and again. A pending wake-up can be swallowed by another thread's look: so waking
 * is a flag of the owner first and {@link #wakeup()} second, and the owner reads its flag before
 * each select. A key is never cancelled to lose interest in it, only disarmed.
 */
public final class Poller {

    private static final long LOOK_NANOS = 20_000;

    private final Set<Registration> registrations =
            Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<SelectionKey> onKey = Poller::dispatch;

    /** Held by whoever is inside a select. */
    private final ReentrantLock selecting = new ReentrantLock();

    /** How many selects have been completed. */
    private volatile long looks;

    private volatile Selector selector;
    private boolean closed;

    private static void dispatch(SelectionKey key) {
        Registration registration = (Registration) key.attachment();
        try {
            registration.selected(key.readyOps());
        } catch (CancelledKeyException e) {
            // closed since; the closer has signalled
        }
    }

    /** Adds a registration made by the owner. */
    public void add(Registration registration) {
        synchronized (registrations) {
            registrations.add(registration);
        }
        registration.pollable().add(registration);
    }

    /** The registration of a pollable here, or null. */
    public Registration find(Pollable pollable) {
        return pollable.registrationOf(this);
    }

    /** Removes a registration; its key is disarmed and goes with the channel or the selector. */
    public void remove(Registration registration) {
        disarm(registration);
        registration.pollable().remove(registration);
        drop(registration);
    }

    void drop(Registration registration) {
        synchronized (registrations) {
            registrations.remove(registration);
        }
    }

    /** Whether a selector is open, so that waiting has to be done there. */
    public boolean isOpen() {
        return selector != null;
    }

    /**
     * Makes the selector watch what the pollable asks for. Needs no system call when it already
     * does. Called by the owner of a thread's poller, or under the lock of an epoll set.
     *
     * @return false when the channel is closed
     * @throws org.wasix4j.types.ErrnoException mfile when no selector can be opened
     */
    public boolean arm(Registration registration, int interest) {
        Pollable pollable = registration.pollable();
        SelectableChannel channel = pollable.channel();
        int ops = channel == null ? 0 : pollable.selectOps(interest);
        if (ops == 0) {
            disarm(registration);
            return true;
        }
        try {
            if (registration.keyChannel != channel || !registration.key.isValid()) {
                registration.key = register(channel, ops, registration);
                registration.keyChannel = channel;
            } else if (registration.armedOps != ops) {
                registration.key.interestOps(ops);
            }
            registration.armedOps = ops;
            return true;
        } catch (ClosedChannelException | CancelledKeyException e) {
            registration.keyChannel = null;
            registration.armedOps = 0;
            return false;
        }
    }

    private SelectionKey register(SelectableChannel channel, int ops, Registration registration)
            throws ClosedChannelException {
        Selector open = open();
        for (; ; ) {
            try {
                return channel.register(open, ops, registration);
            } catch (CancelledKeyException e) {
                // an older key of this channel is cancelled and not yet gone
                look();
            }
        }
    }

    /** Stops watching without cancelling the key. */
    public void disarm(Registration registration) {
        if (registration.armedOps != 0) {
            registration.armedOps = 0;
            try {
                registration.key.interestOps(0);
            } catch (CancelledKeyException e) {
                registration.keyChannel = null;
            }
        }
    }

    private Selector open() {
        Selector open = selector;
        if (open == null) {
            synchronized (registrations) {
                if (closed) {
                    throw Errno.BADF.exception();
                }
                try {
                    open = Selector.open();
                } catch (IOException e) {
                    throw Errno.MFILE.exception();
                }
                selector = open;
            }
        }
        return open;
    }

    /**
     * Selects and hands each ready key to its registration. The owner reads its wake-up flag
     * immediately before.
     *
     * @param nanos how long to wait at most: 0 does not wait, {@link Long#MAX_VALUE} has no limit;
     *     rounded up to milliseconds
     * @return how many keys were ready
     */
    public int select(long nanos) {
        Selector open = selector;
        if (open == null) {
            return 0;
        }
        selecting.lock();
        try {
            if (nanos <= 0) {
                return open.selectNow(onKey);
            }
            if (nanos == Long.MAX_VALUE) {
                return open.select(onKey);
            }
            return open.select(onKey, Math.max(1, (nanos + 999_999) / 1_000_000));
        } catch (ClosedSelectorException e) {
            return 0;
        } catch (IOException e) {
            throw Errno.IO.exception();
        } finally {
            looks++;
            selecting.unlock();
        }
    }

    /** Makes a select that is under way, or the next one, return at once. */
    public void wakeup() {
        Selector open = selector;
        if (open != null) {
            open.wakeup();
        }
    }

    /**
     * Returns when the selector has let go of the channels that were closed before the call. Any
     * thread, no lock held.
     */
    void look() {
        Selector open = selector;
        if (open == null) {
            return;
        }
        long seen = looks;
        while (looks == seen && open.isOpen()) {
            if (selecting.tryLock()) {
                try {
                    if (selecting.getHoldCount() == 1) {
                        open.selectNow(key -> {});
                    }
                } catch (IOException | ClosedSelectorException e) {
                    return;
                } finally {
                    selecting.unlock();
                }
                return;
            }
            open.wakeup();
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Ends all registrations and gives the selector's host descriptors back. */
    public void close() {
        Registration[] all;
        synchronized (registrations) {
            closed = true;
            all = registrations.toArray(new Registration[0]);
            registrations.clear();
        }
        for (Registration registration : all) {
            registration.pollable().remove(registration);
        }
        Selector open = selector;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // nothing is lost: the selector's descriptors are closed all the same
            }
        }
    }
}
