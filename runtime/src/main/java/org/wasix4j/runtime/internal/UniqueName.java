package org.wasix4j.runtime.internal;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Names of files that nobody else chooses. Who uses one creates the file exclusively, so they need
 * not be hard to guess; a number of the process or a {@code SecureRandom} would say no more, and
 * the JVM takes ten milliseconds at a start for either.
 */
final class UniqueName {

    private UniqueName() {}

    static String next() {
        return Long.toHexString(System.nanoTime())
                + "-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }
}
