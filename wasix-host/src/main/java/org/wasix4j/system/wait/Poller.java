package org.wasix4j.system.wait;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A selector that is opened when it is first needed (it costs two host descriptors), whose keys
 * stay between waits. A guest thread has one, an epoll set has one.
 *
 * <p>Three rules of the JVM shape it. A closed channel lives on until each selector has looked once
 * more: {@link #look} makes it look and waits for that, without being blocked by a thread that
 * selects again and again. A pending wake-up can be swallowed by another thread's look: so waking
 * is a flag of the owner first and {@link #wakeup()} second, and the flag is read inside {@link
 * #select}, where no look can come between. A key is never cancelled to lose interest in it, only
 * disarmed.
 */
public final class Poller {

    private static final int MAX_UNRELEASED = 16;
    private static final long LOOK_NANOS = 20_000;
    private static final Consumer<SelectionKey> NOBODY = key -> {};

    private final Set<Registration> registrations =
            Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<SelectionKey> onKey = Poller::dispatch;

    /** Held during a select. */
    private final ReentrantLock selecting = new ReentrantLock();

    /**
     * How many selects have been completed; written under {@link #selecting}, whose unlocking is
     * the fence.
     */
    private final AtomicLong looks = new AtomicLong();

    /** Channels closed since the last select that are let go of by the next. */
    private final AtomicInteger unreleased = new AtomicInteger();

    private volatile @Nullable Selector selector;
    private boolean closed; // guarded by registrations

    private static void dispatch(SelectionKey key) {
        Registration registration = (Registration) key.attachment();
        try {
            registration.selected(key.readyOps());
        } catch (CancelledKeyException e) {
            // closed since; the closer has signalled
        }
    }

    /**
     * Adds a registration made by the owner.
     *
     * @return false when the pollable is closed and will never notify a thread
     */
    public boolean add(Registration registration) {
        synchronized (registrations) {
            if (closed) {
                return false;
            }
            registrations.add(registration);
        }
        if (registration.pollable().add(registration)) {
            return true;
        }
        drop(registration);
        return false;
    }

    /** The registration of a pollable here, or null. */
    public @Nullable Registration find(Pollable pollable) {
        return pollable.registrationOf(this);
    }

    /**
     * Ends the interest in a pollable. A registration that has a key stays: the key goes with the
     * channel or the selector, and closing the channel has to find the pollers that must look once
     * more.
     *
     * @return whether the registration is gone
     */
    public boolean remove(Registration registration) {
        disarm(registration);
        if (registration.keyChannel != null) {
            return false;
        }
        registration.pollable().remove(registration);
        drop(registration);
        return true;
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
     * does. Called by the owner of a thread's poller, or by the leader of an epoll set.
     *
     * @param arrivalOps what {@link Pollable#takeIn} answered, or 0
     * @return false when the channel, or this poller, is closed
     * @throws org.wasix4j.types.ErrnoException mfile when no selector can be opened
     */
    public boolean arm(Registration registration, int interest, int arrivalOps) {
        registration.arrivalOps = arrivalOps;
        Pollable pollable = registration.pollable();
        SelectableChannel channel = pollable.channel();
        int ops = channel == null ? 0 : pollable.selectOps(interest) | arrivalOps;
        if (channel == null || ops == 0) {
            disarm(registration);
            return true;
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                SelectionKey key = registration.key;
                if (key == null || registration.keyChannel != channel || !key.isValid()) {
                    registration.key = register(channel, ops, registration);
                    registration.keyChannel = channel;
                } else if (registration.armedOps != ops) {
                    key.interestOps(ops);
                }
                registration.armedOps = ops;
                return true;
            } catch (CancelledKeyException e) {
                // released by another thread, and the channel perhaps not closed
                registration.keyChannel = null;
                look();
            } catch (ClosedChannelException | ClosedSelectorException e) {
                break;
            }
        }
        registration.keyChannel = null;
        registration.armedOps = 0;
        return false;
    }

    /**
     * Registers a channel with the selector, never while that is closed: the JVM's close may find
     * the key of a registration that is just refused, and then fails half-way.
     */
    private SelectionKey register(SelectableChannel channel, int ops, Registration registration)
            throws ClosedChannelException {
        synchronized (registrations) {
            if (closed) {
                throw new ClosedSelectorException();
            }
            return channel.register(open(), ops, registration);
        }
    }

    /**
     * Brings the keys up to date; to be called by the owner of a thread's poller when a select has
     * come back before its time with nothing. A key that was armed for a connection which another
     * look has settled is reported by the kernel for ever, and never handed out by the JVM.
     *
     * @param interest what is wanted of a registration now, 0 for nothing
     */
    public void rearm(ToIntFunction<Registration> interest) {
        Registration[] all;
        synchronized (registrations) {
            all = registrations.toArray(new Registration[0]);
        }
        for (Registration registration : all) {
            if (registration.isArmed()) {
                int wanted = interest.applyAsInt(registration);
                arm(registration, wanted, wanted == 0 ? 0 : registration.arrivalOps);
            }
        }
    }

    /** Stops watching without cancelling the key. */
    public void disarm(Registration registration) {
        SelectionKey key = registration.key;
        if (key != null && registration.armedOps != 0) {
            registration.armedOps = 0;
            try {
                key.interestOps(0);
            } catch (CancelledKeyException e) {
                registration.keyChannel = null;
            }
        }
    }

    /**
     * Opens the selector if it is not open yet.
     *
     * @throws org.wasix4j.types.ErrnoException mfile when there are no host descriptors for it,
     *     badf when this poller is closed
     */
    public Selector open() {
        Selector open = selector;
        if (open == null) {
            synchronized (registrations) {
                if (closed) {
                    throw Errno.BADF.exception();
                }
                open = selector;
                if (open == null) {
                    try {
                        open = Selector.open();
                    } catch (IOException e) {
                        throw Errno.MFILE.exception();
                    }
                    selector = open;
                }
            }
        }
        return open;
    }

    /**
     * Selects and hands each ready key to its registration.
     *
     * @param woken the owner's wake-up flag: when it is set, this does not wait
     * @param nanos how long to wait at most: 0 does not wait, {@link Long#MAX_VALUE} has no limit;
     *     rounded up to milliseconds
     * @return how many keys were ready
     */
    public int select(BooleanSupplier woken, long nanos) {
        Selector open = selector;
        if (open == null) {
            return 0;
        }
        selecting.lock();
        if (unreleased.get() != 0) {
            unreleased.set(0);
        }
        try {
            if (nanos <= 0 || woken.getAsBoolean()) {
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
            looks.lazySet(looks.get() + 1);
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
     * As {@link #look}, for a channel whose closing need not be waited for: the next select lets go
     * of it. Looking costs a collection of all that is ready, so a thread that closes many looks
     * once for some of them.
     */
    void lookSoon() {
        if (selecting.isLocked() && !selecting.isHeldByCurrentThread()) {
            wakeup();
        } else if (unreleased.incrementAndGet() >= MAX_UNRELEASED) {
            look();
        }
    }

    /** Stops watching a channel for good; as {@link #look}. */
    void release(SelectableChannel channel) {
        Selector open = selector;
        SelectionKey key = open == null ? null : channel.keyFor(open);
        if (key != null) {
            key.cancel();
            look();
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
        // the select that is under way may have passed the point where it lets go: so the one after
        long enough = looks.get() + 2;
        while (looks.get() < enough && open.isOpen()) {
            if (selecting.tryLock()) {
                try {
                    if (selecting.getHoldCount() == 1) {
                        unreleased.set(0);
                        open.selectNow(NOBODY);
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
        Selector open = selector;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // nothing is lost: the selector's descriptors are closed all the same
            }
        }
        for (Registration registration : all) {
            registration.pollable().remove(registration);
        }
    }
}
