package org.wasix4j.system.thread;

import java.util.concurrent.atomic.AtomicLong;
import org.wasix4j.types.Nullable;

/**
 * Guest signals: which are pending, and whether the guest wants them now. Numbers are those of
 * Linux.
 *
 * <p>A guest names the export that handles signals ({@code callback_signal}). A name that it does
 * not export means that the calling thread holds signals back, which is how wasix-libc blocks them.
 * A guest that has never named one gets the default action of each signal: most end the process, as
 * signal(7) lists them. A process that is stopped goes on computing until its next host call.
 *
 * <p>A signal for the process belongs to the thread that takes it first, at a host call or while it
 * waits; only that thread's call answers {@code intr}.
 */
public final class Signals {

    /** SIGKILL, which no guest can handle. */
    public static final int KILL = 9;

    /** SIGTERM. */
    public static final int TERM = 15;

    /** The highest number, SIGRTMAX of wasix-libc. Its bit is bit 0, as no signal has number 0. */
    public static final int MAX = 64;

    /**
     * What musl keeps for itself, a bit each. They run no handler and end no process: the call that
     * waits is ended, which is all that pthread_cancel of wasix-libc asks for (33).
     */
    private static final long INTERNAL = 1L << 32 | 1L << 33 | 1L << 34;

    /** SIGPIPE: what is written has no reader any more. */
    public static final int PIPE = 13;

    private static final int ABRT = 6;

    /** SIGCHLD: a child has ended or stopped. */
    public static final int CHLD = 17;

    private static final int CONT = 18;
    private static final int STOP = 19;
    private static final int TSTP = 20;
    private static final int TTIN = 21;
    private static final int TTOU = 22;
    private static final int URG = 23;
    private static final int WINCH = 28;

    /** Signals without a default action here. */
    private static final long IGNORED =
            1L << CHLD
                    | 1L << CONT
                    | 1L << STOP
                    | 1L << TSTP
                    | 1L << TTIN
                    | 1L << TTOU
                    | 1L << URG
                    | 1L << WINCH;

    /** Signals that stop a process by default. */
    private static final long STOPS = 1L << STOP | 1L << TSTP | 1L << TTIN | 1L << TTOU;

    /** A disposition that says that a signal is ignored. */
    private static final int IGNORE = 1;

    /** Calls the guest's handler; implemented by the engine side. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Calls the named export on the calling thread.
         *
         * @return false when the module has no such export
         */
        boolean call(GuestThread thread, @Nullable String export, int signal);
    }

    /** What signals do to a process. */
    public interface Subject {

        /** The threads that there are now. */
        Iterable<GuestThread> threads();

        /** Ends the process, also when it has just become another program. */
        void kill(ExitReason reason);

        /** Stops the process: its threads do not go on when they return from a host call. */
        void stop(int signal);

        /** Lets the process go on, when it was stopped. */
        void resume();

        /** Whether it is stopped. */
        boolean isStopped();
    }

    private final Subject subject;
    private final AtomicLong processPending = new AtomicLong();
    private volatile @Nullable String export;

    /** Signals that a parent had ignored for this program, until it has a handler; a bit each. */
    private final AtomicLong ignored = new AtomicLong();

    /** Signals that the host asked the guest to end by, a bit each. */
    private final AtomicLong requests = new AtomicLong();

    /** Those of them that the guest left to their default action, a bit each. */
    private final AtomicLong refused = new AtomicLong();

    /** Signals that end a stopped process as soon as it goes on, a bit each. */
    private final AtomicLong ends = new AtomicLong();

    private volatile byte[] dispositions = {};

    /** The signals of a process. */
    public Signals(Subject subject) {
        this.subject = subject;
    }

    /** A forked process has the handlers of its parent, and no pending signals. */
    public void inherit(Signals parent) {
        export = parent.export;
    }

    /** Another program takes over: what is pending for the process is pending for that one. */
    public void handOver(Signals next) {
        for (int signal = takeLowest(processPending, 0);
                signal != 0;
                signal = takeLowest(processPending, 0)) {
            next.raise(signal);
        }
        for (int signal = takeLowest(ends, 0); signal != 0; signal = takeLowest(ends, 0)) {
            next.raise(signal);
        }
    }

    /**
     * Sets the export that handles signals.
     *
     * @param thread the calling thread, on which they are held back or not
     * @param exists whether the module has it; when not, signals are held back
     */
    public void handler(GuestThread thread, String name, boolean exists) {
        if (exists) {
            export = name;
        }
        thread.signals().hold(!exists);
    }

    /** Has a signal ignored, or not, as long as there is no handler. */
    public void ignore(int signal, boolean on) {
        if (signal > 0 && signal <= MAX) {
            ignored.getAndUpdate(bits -> on ? bits | 1L << signal : bits & ~(1L << signal));
        }
    }

    /** What a parent has laid down for signals: pairs of a number and 0 for default, 1 ignored. */
    public byte[] dispositions() {
        return dispositions.clone();
    }

    /** Sets {@link #dispositions()}. */
    public void dispositions(byte[] pairs) {
        dispositions = pairs.clone();
        for (int i = 0; i + 1 < pairs.length; i += 2) {
            ignore(pairs[i], pairs[i + 1] == IGNORE);
        }
    }

    /** Whether the guest has named a handler that exists. */
    public boolean handled() {
        return export != null;
    }

    /** The export that handles signals, or null. */
    public @Nullable String export() {
        return export;
    }

    /**
     * Asks the guest to end, by a signal.
     *
     * @return whether it has a handler for signals; else nothing was done
     */
    public boolean request(int signal) {
        if (export == null) {
            return false;
        }
        requests.getAndUpdate(bits -> bits | 1L << signal);
        raise(signal);
        return true;
    }

    /** Whether a request came to nothing: the guest has no handler for this very signal. */
    public boolean isRefused(int signal) {
        return (refused.get() & 1L << signal) != 0;
    }

    /**
     * The guest's handler trapped. wasix-libc handles every signal, and aborts (or calls a null
     * pointer) for those that the program does not handle; when the host has asked, that is the
     * answer no, and the guest goes on until the host ends it.
     *
     * @return whether the trap was such an answer
     */
    public boolean refuse(GuestThread thread, int signal) {
        if ((requests.get() & 1L << signal) == 0) {
            return false;
        }
        refused.getAndUpdate(bits -> bits | 1L << signal);
        // abort raises this one first
        thread.signals().pending().getAndUpdate(bits -> bits & ~(1L << ABRT));
        return true;
    }

    /** Whether the host has asked the guest to end by this signal. */
    public boolean isRequested(int signal) {
        return (requests.get() & 1L << signal) != 0;
    }

    /**
     * The signal by which a thread is about to end its process in abort(3), or 0 when it is not in
     * there. wasix-libc raises SIGABRT for the thread while it holds signals back, and exits. It
     * does so too for each other signal whose default is to end the process, from the handler that
     * it has for all.
     */
    public static int aborting(GuestThread thread) {
        if (!thread.signals().areHeld() || (thread.signals().pending().get() & 1L << ABRT) == 0) {
            return 0;
        }
        long handling = thread.signals().handling();
        boolean other = handling > 1 && (handling & 1L << ABRT) == 0;
        return other ? Long.numberOfTrailingZeros(handling & ~1L) : ABRT;
    }

    /** Raises a signal for the process: the first thread that can takes it. */
    public void raise(int signal) {
        if (byDefault(signal)) {
            return;
        }
        processPending.getAndUpdate(bits -> bits | 1L << signal);
        for (GuestThread thread : subject.threads()) {
            thread.wake();
        }
    }

    /** Raises a signal for one thread, and wakes it. */
    public void raise(GuestThread thread, int signal) {
        if ((INTERNAL & 1L << signal) == 0 && byDefault(signal)) {
            return;
        }
        thread.signals().pending().getAndUpdate(bits -> bits | 1L << signal);
        thread.wake();
    }

    /** Does what happens to a signal without the guest's handler; false when the guest has one. */
    private boolean byDefault(int signal) {
        if (signal == CONT) {
            subject.resume();
        }
        if (signal != KILL && signal != STOP && export != null) {
            return false;
        }
        if ((ignored.get() & 1L << signal) != 0 && signal != KILL && signal != STOP) {
            return true;
        }
        if (stopsByDefault(signal)) {
            subject.stop(signal);
        } else if ((INTERNAL & 1L << signal) == 0 && endsByDefault(signal)) {
            endBy(signal);
        }
        return true;
    }

    /** A process that is stopped is ended by SIGKILL only; other signals wait until it goes on. */
    private void endBy(int signal) {
        if (signal == KILL || !subject.isStopped()) {
            subject.kill(ExitReason.killed(signal));
            return;
        }
        ends.getAndUpdate(bits -> bits | 1L << signal);
        if (!subject.isStopped()) {
            continued();
        }
    }

    /** The process goes on: ends it when a signal has come for that while it was stopped. */
    public void continued() {
        int signal = takeLowest(ends, 0);
        if (signal != 0) {
            subject.kill(ExitReason.killed(signal));
        }
    }

    /** Whether the default action of a signal is to stop the process. */
    public static boolean stopsByDefault(int signal) {
        return (STOPS & 1L << signal) != 0;
    }

    /** Whether the default action of a signal is to do nothing. */
    public static boolean ignoredByDefault(int signal) {
        return (IGNORED & ~STOPS & 1L << signal) != 0;
    }

    /**
     * Whether what is to be delivered on this thread now are only signals whose default is to do
     * nothing. Most programs that get one have no handler for it, and expect that a call that waits
     * goes on; those that have one see it run all the same.
     */
    public boolean onlyIgnorable(GuestThread thread) {
        long pending = thread.signals().pending().get() & ~thread.signals().handling();
        return pending != 0 && (pending & ~(IGNORED & ~STOPS)) == 0;
    }

    /** Whether the default action of a signal is to end the process. */
    public static boolean endsByDefault(int signal) {
        return (IGNORED & 1L << signal) == 0;
    }

    /**
     * Whether a signal is to be delivered on this thread now; one of the process becomes this
     * thread's. Only on the thread itself.
     */
    public boolean deliverable(GuestThread thread) {
        if (thread.signals().areHeld()) {
            return false;
        }
        if (export == null) {
            return (thread.signals().pending().get() & INTERNAL) != 0;
        }
        long blocked = thread.signals().handling();
        if ((thread.signals().pending().get() & ~blocked) != 0) {
            return true;
        }
        int signal = takeLowest(processPending, blocked);
        if (signal == 0) {
            return false;
        }
        thread.signals().pending().getAndUpdate(bits -> bits | 1L << signal);
        return true;
    }

    /** Takes the lowest signal off that is to be delivered on this thread now, or answers 0. */
    public int take(GuestThread thread) {
        if ((thread.signals().pending().get() | processPending.get()) == 0
                || !deliverable(thread)) {
            return 0;
        }
        return takeLowest(thread.signals().pending(), thread.signals().handling());
    }

    private static int takeLowest(AtomicLong pending, long blocked) {
        for (; ; ) {
            long bits = pending.get();
            long wanted = bits & ~blocked;
            if (wanted == 0) {
                return 0;
            }
            long lowest = Long.lowestOneBit(wanted);
            if (pending.compareAndSet(bits, bits & ~lowest)) {
                return lowest == 1 ? MAX : Long.numberOfTrailingZeros(lowest);
            }
        }
    }
}
