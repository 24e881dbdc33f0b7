package org.wasix4j.system.clock;

import java.util.function.IntConsumer;
import org.wasix4j.system.thread.Signals;

/**
 * The timers of a process that raise a signal after a time or again and again, one for each signal:
 * the cousins of alarm(2) and setitimer(2). One daemon thread serves them all; it exists only when
 * a timer was set.
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
    private Thread thread;
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
    public synchronized void set(int signal, long nanos, boolean repeat) {
        if (closed) {
            return;
        }
        if (nanos == 0) {
            periods[signal] = OFF;
            return;
        }
        long interval = nanos < 0 ? Long.MAX_VALUE / 2 : Math.max(nanos, MIN_NANOS);
        interval = Math.min(interval, Long.MAX_VALUE / 2);
        if (thread == null) {
            Thread made = new Thread(this::run, "wasix-timers");
            made.setDaemon(true);
            made.start();
            // not before: without memory for a thread no timer is set, and the next tries again
            thread = made;
        }
        deadlines[signal] = System.nanoTime() + interval;
        periods[signal] = repeat ? interval : 0;
        notifyAll();
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

    /** Raises a signal; false when the host has no memory left to do so now. */
    private boolean raised(int due) {
        try {
            raise.accept(due);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Waits a little; false when it is time to end. */
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
