package org.wasix4j.system.clock;

import java.util.function.IntConsumer;
import org.wasix4j.system.thread.Signals;
import org.wasix4j.types.Nullable;

/**
 * The timers of a process that raise a signal after a time or again and again, one for each signal:
 * alarm(2) and setitimer(2). One daemon thread serves them all; it exists only when a timer was
 * set.
 *
 * <p>No interval is shorter than {@link #MIN_NANOS}. A timer that comes late does not catch up on
 * what it has missed.
 */
public final class IntervalTimers {

    /** The shortest interval, 1 ms: what a guest may make this host do is bounded. */
    public static final long MIN_NANOS = 1_000_000;

    private static final long OFF = -1;

    /** When a signal is raised again for which there was no memory. */
    private static final long AGAIN_MILLIS = 10;

    private final IntConsumer raise;
    private final long[] deadlines = new long[Signals.MAX + 1];
    private final long[] periods = new long[Signals.MAX + 1];
    private @Nullable Thread thread;
    private boolean closed;

    /** Timers that raise signals by calling {@code raise} with the number. */
    public IntervalTimers(IntConsumer raise) {
        this.raise = raise;
        java.util.Arrays.fill(periods, OFF);
    }

    /**
     * Sets the timer of a signal anew.
     *
     * @param nanos unsigned; 0 takes the timer away
     */
    public void set(int signal, long nanos, boolean repeat) {
        set(signal, nanos, repeat ? nanos : 0);
    }

    /**
     * How a timer is set.
     *
     * @param left nanoseconds until it goes off next, 0 when it is off
     * @param period nanoseconds between the times after that, 0 when there are none
     */
    public record Setting(long left, long period) {}

    /**
     * Sets the timer of a signal anew.
     *
     * @param first nanoseconds, unsigned; 0 takes the timer away
     * @param period nanoseconds between the times after the first, unsigned; 0 for no more
     * @return how it was set before
     */
    public synchronized Setting set(int signal, long first, long period) {
        Setting before = setting(signal);
        if (closed) {
            return before;
        }
        if (first == 0) {
            periods[signal] = OFF;
            return before;
        }
        if (thread == null) {
            Thread made = new Thread(this::run, "wasix-timers");
            made.setDaemon(true);
            made.start();
            // not before: without memory for a thread no timer is set, and the next tries again
            thread = made;
        }
        deadlines[signal] = System.nanoTime() + bounded(first);
        periods[signal] = period == 0 ? 0 : bounded(period);
        notifyAll();
        return before;
    }

    private Setting setting(int signal) {
        if (periods[signal] == OFF) {
            return new Setting(0, 0);
        }
        return new Setting(Math.max(1, deadlines[signal] - System.nanoTime()), periods[signal]);
    }

    private static long bounded(long nanos) {
        return nanos < 0
                ? Long.MAX_VALUE / 2
                : Math.min(Math.max(nanos, MIN_NANOS), Long.MAX_VALUE / 2);
    }

    /** Takes all timers away and lets the thread end; nothing can be set any more. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        for (int due = next(); due != 0; due = next()) {
            while (!raised(due)) {
                if (!pause()) {
                    return;
                }
            }
        }
    }

    /** Raises a signal; false when the host could not, as one without memory: it is done again. */
    private boolean raised(int due) {
        try {
            raise.accept(due);
            return true;
        } catch (RuntimeException | Error e) {
            return false;
        }
    }

    /** Waits a little; false when it is time to end. */
    // an early return is harmless: the caller tries again
    @SuppressWarnings("WaitNotInLoop")
    private synchronized boolean pause() {
        try {
            if (!closed) {
                wait(AGAIN_MILLIS);
            }
        } catch (InterruptedException e) {
            return false;
        }
        return !closed;
    }

    /** Waits for the next signal that is due; 0 when it is time to end. */
    private synchronized int next() {
        while (!closed) {
            long now = System.nanoTime();
            int first = 0;
            for (int signal = 1; signal < periods.length; signal++) {
                if (periods[signal] != OFF
                        && (first == 0 || deadlines[signal] - deadlines[first] < 0)) {
                    first = signal;
                }
            }
            long left = first == 0 ? Long.MAX_VALUE : deadlines[first] - now;
            if (left <= 0) {
                advance(first, now);
                return first;
            }
            try {
                wait(first == 0 ? 0 : left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                return 0;
            }
        }
        return 0;
    }

    private void advance(int signal, long now) {
        long period = periods[signal];
        if (period == 0) {
            periods[signal] = OFF;
        } else {
            deadlines[signal] += period * ((now - deadlines[signal]) / period + 1);
        }
    }
}
