package org.wasix4j.system.thread;

import java.security.SecureRandom;

/** Makes sources of unpredictable bytes. */
public final class RandomSource {

    private RandomSource() {}

    /**
     * A source that has been used once. It is made where there is stack: the JVM initialises many
     * classes for the first one, and one that overflows meanwhile could never be used again.
     */
    public static SecureRandom make() {
        return FreshStack.call(RandomSource::makeHere);
    }

    private static SecureRandom makeHere() {
        SecureRandom made = new SecureRandom();
        // all that it initialises, it initialises now
        made.nextBytes(new byte[1]);
        return made;
    }
}
