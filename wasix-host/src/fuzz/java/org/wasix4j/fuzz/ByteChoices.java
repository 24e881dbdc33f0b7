package org.wasix4j.fuzz;

import org.wasix4j.hostile.Choices;

/**
 * The decisions of a fuzzer, from its first byte to its last, so that a change of a byte leaves the
 * calls before it what they were. When there are no bytes left everything is decided as the first
 * of its kind.
 */
final class ByteChoices implements Choices {

    private final byte[] bytes;
    private int at;

    ByteChoices(byte[] bytes) {
        this.bytes = bytes;
    }

    private long take(int count) {
        long value = 0;
        for (int i = 0; i < count && at < bytes.length; i++) {
            value = value << 8 | bytes[at++] & 0xff;
        }
        return value;
    }

    @Override
    public int below(int bound) {
        int width = bound <= 1 ? 0 : bound <= 1 << 8 ? 1 : bound <= 1 << 16 ? 2 : 4;
        return (int) Long.remainderUnsigned(take(width), bound);
    }

    @Override
    public long any() {
        return take(Long.BYTES);
    }

    @Override
    public boolean more() {
        return at < bytes.length;
    }
}
