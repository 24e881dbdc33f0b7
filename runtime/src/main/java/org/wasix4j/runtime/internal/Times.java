package org.wasix4j.runtime.internal;

import java.time.Duration;

/** Times of an embedder's, however large, in nanoseconds. */
public final class Times {

    private Times() {}

    /** The nanoseconds of a time; none when it is negative, 2^63-1 when there are more. */
    public static long nanos(Duration time) {
        if (time.isNegative()) {
            return 0;
        }
        try {
            return time.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The {@link System#nanoTime} after a time; after 146 years when that is more. */
    public static long deadlineIn(Duration time) {
        return System.nanoTime() + Math.min(nanos(time), Long.MAX_VALUE / 2);
    }
}
