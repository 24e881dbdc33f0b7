package org.wasix4j.system.process;

/**
 * What the processes of one family may have together.
 *
 * @param processes processes, those that have ended and were not waited for among them; at the
 *     limit a new one answers {@code again}
 * @param threads threads of all processes; at the limit a new one answers {@code again}
 */
public record FamilyLimits(int processes, int threads) {

    /** 64 processes, 4096 threads. */
    public static FamilyLimits defaults() {
        return new FamilyLimits(64, 4096);
    }
}
