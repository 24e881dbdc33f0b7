package org.wasix4j.system.thread;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Poller;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.system.wait.Registration;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * A thread of the guest, and how it waits.
 *
 * <p>{@link #park} is the one primitive under every wait: sockets, pipes, futexes, sleeps, standard
 * input. A waker sets the flag first and then wakes the thread where it is; only the thread itself
 * clears the flag, and it looks at it after it has announced where it will park. So no wake-up is
 * lost, and a spurious one costs a look.
 */
public final class GuestThread {

    /** The largest thread number that wasix-libc's locks can hold. */
    public static final int MAX_TID = 0x1fffffff;

    /** A deadline that never comes. */
    public static final long FOREVER = Long.MAX_VALUE;

    /** The place of a thread that is parked without a selector. */
    private static final Object PARKED = new Object();

    /** The place of a thread that is not parked. */
    private static final Object RUNNING = new Object();

    private static final VarHandle SYSCALLS;

    static {
        try {
            SYSCALLS =
                    MethodHandles.lookup().findVarHandle(GuestThread.class, "syscalls", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Owner owner;

    /**
     * The process whose descriptors and signals the thread uses at the moment; null for its own.
     */
    private volatile @Nullable Owner acting;

    private final int tid;
    private final Poller poller = new Poller();
    private final ThreadSignals signals = new ThreadSignals();
    private final ThreadFrames frames = new ThreadFrames();
    private final ThreadEnd end = new ThreadEnd();

    private volatile @Nullable Thread javaThread;
    private volatile boolean asleep;
    private volatile boolean woken;
    private final BooleanSupplier isWoken = () -> woken;
    private final ToIntFunction<Registration> presentInterest = this::presentInterest;

    /**
     * Where to wake it: the poller it selects on, {@link #PARKED}, or {@link #RUNNING}. Who reads
     * it too late wakes in vain, so that the wait is over may be told without a fence.
     */
    private final AtomicReference<Object> place = new AtomicReference<>(RUNNING);

    /** When the present wait ends at the latest; written before {@link #place}. */
    private long waitsUntil = FOREVER;

    /**
     * Number of the present wait: a registration of an older wait does not wake this thread. Each
     * registration that is added to the wait is written after it, with the fence that this spares.
     */
    private final AtomicLong wait = new AtomicLong();

    /** Whether keys were armed anew in the present wait: what was armed for it may not be now. */
    private boolean rearmed;

    /** Whether the kernel has a part in the present wait. */
    private boolean kernelWanted;

    /** Set by the selecting thread itself, when a key of the present wait was ready. */
    private boolean anyWanted;

    /** Set when something of the present wait has signalled; read by the thread itself. */
    private volatile boolean signalled;

    /** What of the present wait the kernel has reported; only on the thread itself. */
    private WaitEntry[] reported = {};

    private int reportedCount;

    private @Nullable Scratch scratch;

    /** Written by the thread itself, read by others. */
    // read and written by SYSCALLS
    @SuppressWarnings("UnusedVariable")
    private long syscalls;

    /** What a thread has to know of the process that it is in. */
    public interface Owner {

        /** Whether the process has begun to end: no wait goes on then. */
        boolean isEnding();

        /** Whether a signal is to be delivered on a thread now; asked on that thread. */
        boolean deliverable(GuestThread thread);

        /** A thread is about to wait; no lock is held. */
        void beforePark();
    }

    /** Buffers that the layer above keeps for a thread, so that a call allocates none. */
    public interface Scratch {}

    /**
     * A thread that does not run yet.
     *
     * @param owner the process it belongs to
     * @param tid its number, unique in the process
     */
    public GuestThread(Owner owner, int tid) {
        this.owner = owner;
        this.tid = tid;
    }

    /** Its number, unique in the process; the first thread has the process's. */
    public int tid() {
        return tid;
    }

    /** Binds it to the Java thread that runs it; to be called on that thread. */
    public void bind() {
        javaThread = Thread.currentThread();
    }

    /** The Java thread that runs it, or null before {@link #bind}. */
    public @Nullable Thread javaThread() {
        return javaThread;
    }

    /** Buffers that the layer above keeps for this thread; null at first. */
    public @Nullable Scratch scratch() {
        return scratch;
    }

    /** Keeps buffers for this thread; only on the thread itself. */
    public void scratch(Scratch buffers) {
        scratch = buffers;
    }

    /** Counts a host call; only on the thread itself. */
    public void countSyscall() {
        SYSCALLS.setOpaque(this, syscalls() + 1);
    }

    /** How many host calls it has begun. */
    public long syscalls() {
        return (long) SYSCALLS.getOpaque(this);
    }

    /** Whether the process that it belongs to has begun to end. */
    public boolean ownerEnds() {
        return owner.isEnding();
    }

    /** The process for which it acts, as the child of a vfork does, or null. */
    public @Nullable Owner acting() {
        return acting;
    }

    /** Acts for another process, or with null for its own again; only on the thread itself. */
    public void acting(@Nullable Owner process) {
        acting = process;
    }

    /** Its pending signals, and those that it handles. */
    public ThreadSignals signals() {
        return signals;
    }

    /** What stands on its stack. */
    public ThreadFrames frames() {
        return frames;
    }

    /** Its end, to be waited for. */
    public ThreadEnd end() {
        return end;
    }

    /** Takes over what a forked process has of the thread that forked. */
    public void inherit(GuestThread parent) {
        signals.hold(parent.signals.areHeld());
        frames.inherit(parent.frames);
    }

    // ---- waiting

    /** Begins a wait for several things: forgets what the last one waited for. */
    public void beginWait() {
        // only the thread itself writes it
        wait.lazySet(wait.get() + 1);
        kernelWanted = false;
        anyWanted = false;
        rearmed = false;
        takeSignalled();
        reportedCount = 0;
    }

    /** The number of the wait that {@link #beginWait} has begun. */
    public long presentWait() {
        return wait.get();
    }

    /**
     * Goes on with a wait instead of a new one: what was added to it and is armed is waited for
     * once more.
     *
     * @return false when it is over, or when something has signalled since, so that a new one has
     *     to be begun
     */
    public boolean resumeWait(long number) {
        if (number != wait.get() || signalled || rearmed) {
            return false;
        }
        anyWanted = false;
        reportedCount = 0;
        return true;
    }

    /** Whether anything of the present wait has signalled since it began, or since this call. */
    public boolean takeSignalled() {
        boolean any = signalled;
        if (any) {
            signalled = false;
        }
        return any;
    }

    /** Of how many the kernel has reported something, in the present wait. */
    public int reported() {
        return reportedCount;
    }

    /** One of those of which the kernel has reported something. */
    public WaitEntry reported(int index) {
        return reported[index];
    }

    private void report(WaitEntry entry) {
        if (reportedCount == reported.length) {
            reported = Arrays.copyOf(reported, Math.max(16, reportedCount * 2));
        }
        reported[reportedCount++] = entry;
    }

    /**
     * Adds something to the present wait. From here on a signal of the pollable ends the next
     * {@link #park}; look at its {@link Pollable#readiness} after this call, not before.
     *
     * @return the registration, which holds after the park what the kernel reported
     */
    public WaitEntry want(Pollable pollable, int interest) {
        return want(pollable, interest, 0);
    }

    /**
     * As {@link #want(Pollable, int)}, for something that is ready as far as is known here.
     *
     * @param arrivalOps what {@link Pollable#takeIn} answered: the kernel reports more
     */
    public WaitEntry want(Pollable pollable, int interest, int arrivalOps) {
        WaitEntry entry = (WaitEntry) poller.find(pollable);
        if (entry == null) {
            entry = new WaitEntry(pollable, poller);
            if (!poller.add(entry)) {
                lookAgain();
                return entry;
            }
        }
        long number = wait.get();
        boolean again = entry.waitNumber == number;
        entry.interest = again ? entry.interest | interest : interest;
        int ops = again ? entry.arrivalOps() | arrivalOps : arrivalOps;
        entry.readyOps = 0;
        entry.settled = 0;
        if (!again) {
            entry.tag = -1;
        }
        if (!again) {
            entry.waitNumber = number;
        }
        if (!poller.arm(entry, entry.interest, ops)) {
            lookAgain();
        }
        entry.blind(entry.leavesOut(entry.interest));
        kernelWanted |= entry.isArmed();
        return entry;
    }

    /** Something of the present wait was closed meanwhile. */
    private void lookAgain() {
        signalled = true;
        woken = true;
    }

    /** What {@link #want} answered for a pollable in the present wait, or null. */
    public @Nullable WaitEntry wanted(Pollable pollable) {
        WaitEntry entry = (WaitEntry) poller.find(pollable);
        return entry == null || entry.waitNumber != wait.get() ? null : entry;
    }

    /**
     * Waits until the pollable may be ready, once; what the caller does next is to try.
     *
     * @param deadline {@link System#nanoTime} to wait until, or {@link #FOREVER}
     */
    public ParkResult await(Pollable pollable, int interest, long deadline) {
        beginWait();
        WaitEntry entry = want(pollable, interest);
        if (pollable.isClosed()) {
            return ParkResult.CLOSED;
        }
        int over = interest | Readiness.HANGUP | Readiness.ERROR;
        if ((pollable.readiness(interest) & over) != 0) {
            return ParkResult.READY;
        }
        ParkResult result = park(deadline);
        if (pollable.isClosed()) {
            return result == ParkResult.ENDING ? result : ParkResult.CLOSED;
        }
        if (entry.readyOps != 0) {
            pollable.reported(entry.readyOps, interest);
        }
        return result;
    }

    /**
     * Like {@link #await}, with the ends that every call treats alike: {@code intr}, {@code badf}
     * and unwinding are thrown.
     *
     * @return false when the deadline has passed
     */
    public boolean awaitOrThrow(Pollable pollable, int interest, long deadline) {
        return resume(await(pollable, interest, deadline));
    }

    /** Turns a result into what a call does with it: true to look again, false on timeout. */
    public boolean resume(ParkResult result) {
        return switch (result) {
            case READY -> true;
            case TIMEOUT -> false;
            case SIGNAL -> throw Errno.INTR.exception();
            case CLOSED -> throw Errno.BADF.exception();
            case ENDING -> throw Unwind.PROCESS;
        };
    }

    /**
     * Waits until something added by {@link #want} may be ready, {@link #wake} is called, a signal
     * is pending, the process ends, or the deadline has come. Holding a lock here is an error.
     */
    public ParkResult park(long deadline) {
        return park(deadline, true);
    }

    /**
     * {@link #park(long)} for a wait that a guest signal does not end, when {@code interruptible}
     * is false.
     */
    public ParkResult park(long deadline, boolean interruptible) {
        return park(deadline, interruptible, kernelWanted ? poller : null);
    }

    /** Has the kernel report, without waiting, what of the present wait is ready. */
    public ParkResult look() {
        return kernelWanted ? park(System.nanoTime()) : ParkResult.READY;
    }

    /**
     * {@link #park(long)} on the selector of an epoll set, for which the calling thread looks:
     * READY also when any of its keys is.
     */
    public ParkResult parkOn(Poller shared, long deadline) {
        return park(deadline, true, shared);
    }

    private ParkResult park(long deadline, boolean interruptible, @Nullable Poller on) {
        owner.beforePark();
        for (; ; ) {
            long left = deadline == FOREVER ? Long.MAX_VALUE : deadline - System.nanoTime();
            Poller selector = on != null && on.isOpen() ? on : null;
            waitsUntil = deadline;
            place.set(selector == null ? PARKED : selector);
            int ready = 0;
            try {
                if (owner.isEnding()) {
                    return ParkResult.ENDING;
                }
                if (interruptible && (acting == null ? owner : acting).deliverable(this)) {
                    return ParkResult.SIGNAL;
                }
                if (selector != null) {
                    ready = selector.select(isWoken, left);
                } else if (!woken && left > 0) {
                    if (left == Long.MAX_VALUE) {
                        LockSupport.park(this);
                    } else {
                        LockSupport.parkNanos(this, left);
                    }
                }
            } finally {
                place.lazySet(RUNNING);
            }
            if (Thread.currentThread().isInterrupted()) {
                return ParkResult.ENDING;
            }
            if (woken) {
                woken = false;
                return owner.isEnding() ? ParkResult.ENDING : ParkResult.READY;
            }
            if (ready > 0 && (anyWanted || on != poller)) {
                anyWanted = false;
                return ParkResult.READY;
            }
            if (left <= 0) {
                return ParkResult.TIMEOUT;
            }
            if (selector != null
                    && ready == 0
                    && on == poller
                    && deadline - System.nanoTime() > 0) {
                poller.rearm(presentInterest);
            }
        }
    }

    private int presentInterest(Registration registration) {
        rearmed = true;
        return registration instanceof WaitEntry entry && entry.waitNumber == wait.get()
                ? entry.interest
                : 0;
    }

    /** Ends the present or the next {@link #park}. Any thread. */
    public void wake() {
        woken = true;
        Object now = place.get();
        if (now == PARKED) {
            LockSupport.unpark(javaThread);
        } else if (now instanceof Poller selector) {
            selector.wakeup();
        }
    }

    /**
     * Waits until a time, nanosleep(2).
     *
     * @throws org.wasix4j.types.ErrnoException intr when a guest signal is to be delivered
     */
    public void sleepUntil(long deadline) {
        beginWait();
        while (resume(parkAsleep(deadline))) {
            // woken for something else
        }
    }

    /** {@link #park(long)} for a wait that nothing but the time ends. */
    public ParkResult parkAsleep(long deadline) {
        asleep = true;
        try {
            return park(deadline);
        } finally {
            asleep = false;
        }
    }

    /** Whether it waits at this moment for nothing but the time; for sight, as all such. */
    public boolean isAsleep() {
        return asleep;
    }

    /** Ends its registrations, closes its selector and wakes threads that wait for its end. */
    public void close() {
        poller.close();
        end.announce();
    }

    /** Whether it waits at this moment; for sight, it can be over at once. */
    public boolean isWaiting() {
        return place.get() != RUNNING;
    }

    /**
     * When the present wait ends at the latest, by {@link System#nanoTime}; {@link #FOREVER} when
     * it waits for no time, or does not wait. For sight.
     */
    public long waitsUntil() {
        return place.get() == RUNNING ? FOREVER : waitsUntil;
    }

    /** A thread's interest in one pollable. */
    public final class WaitEntry extends Registration {

        private volatile long waitNumber;

        /**
         * Whether something was ready when the key was armed, so that the kernel does not watch it.
         * The thread looks at it once more after this is written; who uses it up reads this then.
         */
        private volatile boolean blind;

        private int interest;
        private int readyOps;
        private int settled;
        private int tag = -1;

        private WaitEntry(Pollable pollable, Poller poller) {
            super(pollable, poller);
        }

        /**
         * The conditions that hold now, kernel's and ours: those asked for, hang-up and error. What
         * the kernel reported in the present wait is handed to the pollable once.
         */
        public int settle(int asked) {
            int ops = readyOps;
            if (ops != 0) {
                readyOps = 0;
                settled = pollable().settle(ops, interest);
            }
            return (settled & ~Readiness.ASKED | settled & asked) | pollable().readiness(asked);
        }

        /** What the owner of the wait has noted here; -1 at first. */
        public int tag() {
            return tag;
        }

        /** Notes something; answers what was noted before. */
        public int tag(int number) {
            int before = tag;
            tag = number;
            return before;
        }

        @Override
        protected void signalled(int conditions) {
            if (waitNumber == wait.get()) {
                signalled = true;
                wake();
            }
        }

        private void blind(boolean on) {
            if (blind != on) {
                blind = on;
            }
        }

        @Override
        protected void exhausted(int condition) {
            consumed();
        }

        @Override
        protected void consumed() {
            if (blind) {
                signalled(Readiness.ASKED);
            }
        }

        @Override
        protected void selected(int ops) {
            if (waitNumber == wait.get()) {
                if (readyOps == 0) {
                    report(this);
                }
                readyOps |= ops;
                anyWanted = true;
            } else {
                poller().disarm(this);
            }
        }
    }

    @Override
    public String toString() {
        return "thread " + tid;
    }
}
