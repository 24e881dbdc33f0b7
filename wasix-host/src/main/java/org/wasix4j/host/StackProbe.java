package org.wasix4j.host;

/**
 * Makes a stack that is nearly exhausted overflow at once, before a host function has changed
 * anything: a guest decides how deep it calls us.
 */
final class StackProbe {

    private static final int DEPTH = 64;

    private StackProbe() {}

    /** Throws {@link StackOverflowError} when there are not some kilobytes of stack left. */
    static void require() {
        descend(DEPTH, 0, 0, 0, 0, 0, 0, 0);
    }

    private static long descend(int depth, long a, long b, long c, long d, long e, long f, long g) {
        if (depth == 0) {
            return a;
        }
        return descend(depth - 1, b, c, d, e, f, g, a) + depth;
    }
}
