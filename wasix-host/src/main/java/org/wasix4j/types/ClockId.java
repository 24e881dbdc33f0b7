package org.wasix4j.types;

/**
 * Clocks, CLOCK_*.
 *
 * <p>Source: wasi-witx {@code clockid}.
 */
public enum ClockId {
    /** Wall-clock time since 1970-01-01T00:00:00Z, CLOCK_REALTIME. */
    REALTIME,
    /** Time that never goes back, from an arbitrary start, CLOCK_MONOTONIC. */
    MONOTONIC,
    /** CPU time of the process, CLOCK_PROCESS_CPUTIME_ID. */
    PROCESS_CPUTIME,
    /** CPU time of the calling thread, CLOCK_THREAD_CPUTIME_ID. */
    THREAD_CPUTIME;

    private static final ClockId[] BY_CODE = values();

    /** {@return the number on the wire} */
    public int code() {
        return ordinal();
    }

    /**
     * {@return the clock of a number, or null when there is none}
     *
     * @param code the number
     */
    @Nullable
    public static ClockId of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
