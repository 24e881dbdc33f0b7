package org.wasix4j.hostile;

import java.util.List;
import java.util.SplittableRandom;

/** Where a hostile guest takes its decisions from: a seed, or the bytes of a fuzzer. */
public interface Choices {

    /** A number from 0 to {@code bound - 1}. */
    int below(int bound);

    /** Any 64 bits. */
    long any();

    /** Whether there is something left to decide; a seed never ends. */
    default boolean more() {
        return true;
    }

    /** True so many times out of a hundred. */
    default boolean percent(int chance) {
        return below(100) < chance;
    }

    /** One of several. */
    default <T> T of(List<T> several) {
        return several.get(below(several.size()));
    }

    /** One of several numbers. */
    default long of(long... several) {
        return several[below(several.length)];
    }

    /** The decisions of a seed: the same ones each time. */
    static Choices seeded(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Choices() {
            @Override
            public int below(int bound) {
                return random.nextInt(bound);
            }

            @Override
            public long any() {
                return random.nextLong();
            }
        };
    }
}
