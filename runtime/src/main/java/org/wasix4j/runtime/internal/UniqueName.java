package org.wasix4j.runtime.internal;

import java.util.concurrent.ThreadLocalRandom;

/**
 * File names that no other program chooses. The file is created exclusively, so they need not be
 * hard to guess; a number of the process or a {@code SecureRandom} would say no more, and the JVM
 * takes ten milliseconds at a start for either.
 */
final class UniqueName {

    private UniqueName() {}

    static String next() {
        return Long.toHexString(System.nanoTime())
                + "-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }
}
