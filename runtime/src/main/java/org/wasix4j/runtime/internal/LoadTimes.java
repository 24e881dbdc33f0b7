package org.wasix4j.runtime.internal;

import java.util.function.Supplier;

/**
 * Says on standard error how long a step of a load took, for benchmarks: when the system property
 * {@code wasix4j.times} is {@code true}.
 */
final class LoadTimes {

    private static final String PROPERTY = "wasix4j.times";

    private LoadTimes() {}

    /** Takes a step, and says how long it took. */
    static <T> T of(String step, Supplier<T> work) {
        if (!Boolean.getBoolean(PROPERTY)) {
            return work.get();
        }
        long begin = System.nanoTime();
        T result = work.get();
        System.err.println(step + " took " + (System.nanoTime() - begin) / 1_000 + " us");
        return result;
    }
}
