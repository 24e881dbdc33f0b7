package org.wasix4j.cli;

import java.time.Duration;
import org.wasix4j.types.Nullable;

/** The time of {@code --timeout}, which begins with the command. */
final class Deadline {

    private final @Nullable Duration timeout;
    private final long began;

    /**
     * A deadline.
     *
     * @param timeout null when there is none
     * @param began by {@link System#nanoTime}
     */
    Deadline(@Nullable Duration timeout, long began) {
        this.timeout = timeout;
        this.began = began;
    }

    /** What is left of the time, at least a moment; null when it has no end. */
    @Nullable
    Duration left() {
        if (timeout == null) {
            return null;
        }
        Duration left = timeout.minusNanos(System.nanoTime() - began);
        return left.isNegative() || left.isZero() ? Duration.ofNanos(1) : left;
    }
}
