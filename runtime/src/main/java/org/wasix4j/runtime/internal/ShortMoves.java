package org.wasix4j.runtime.internal;

import sun.misc.Unsafe;

/**
 * {@code memory.copy} and {@code memory.fill} of a few bytes. Compilers emit these instructions for
 * every copy whose length they do not know, and most of them are short: keys, names, numbers as
 * text. What the JVM has for copies and fills is made for long ones.
 *
 * <p>The words at the beginning and at the end may overlap, so that no length needs a loop. All is
 * read before anything is written, so the two ranges may overlap as well.
 */
final class ShortMoves {

    /** The longest. */
    static final int MOST = 64;

    private ShortMoves() {}

    /** Copies 1 to {@link #MOST} bytes between addresses of the process. */
    static void copy(long to, long from, int size) {
        Unsafe memory = RawAccess.UNSAFE;
        if (size > 32) {
            copyLonger(memory, to, from, size);
        } else if (size > 16) {
            long first = memory.getLong(from);
            long second = memory.getLong(from + 8);
            long third = memory.getLong(from + size - 16);
            long last = memory.getLong(from + size - 8);
            memory.putLong(to, first);
            memory.putLong(to + 8, second);
            memory.putLong(to + size - 16, third);
            memory.putLong(to + size - 8, last);
        } else if (size >= 8) {
            long first = memory.getLong(from);
            long last = memory.getLong(from + size - 8);
            memory.putLong(to, first);
            memory.putLong(to + size - 8, last);
        } else if (size >= 4) {
            int first = memory.getInt(from);
            int last = memory.getInt(from + size - 4);
            memory.putInt(to, first);
            memory.putInt(to + size - 4, last);
        } else {
            byte first = memory.getByte(from);
            byte middle = memory.getByte(from + (size >> 1));
            byte last = memory.getByte(from + size - 1);
            memory.putByte(to, first);
            memory.putByte(to + (size >> 1), middle);
            memory.putByte(to + size - 1, last);
        }
    }

    private static void copyLonger(Unsafe memory, long to, long from, int size) {
        long first = memory.getLong(from);
        long second = memory.getLong(from + 8);
        long third = memory.getLong(from + 16);
        long fourth = memory.getLong(from + 24);
        long fifth = memory.getLong(from + size - 32);
        long sixth = memory.getLong(from + size - 24);
        long seventh = memory.getLong(from + size - 16);
        long last = memory.getLong(from + size - 8);
        memory.putLong(to, first);
        memory.putLong(to + 8, second);
        memory.putLong(to + 16, third);
        memory.putLong(to + 24, fourth);
        memory.putLong(to + size - 32, fifth);
        memory.putLong(to + size - 24, sixth);
        memory.putLong(to + size - 16, seventh);
        memory.putLong(to + size - 8, last);
    }

    /** Fills 1 to {@link #MOST} bytes at an address of the process. */
    static void fill(long at, byte value, int size) {
        Unsafe memory = RawAccess.UNSAFE;
        long eight = (value & 0xff) * 0x0101010101010101L;
        if (size >= 8) {
            long last = at + size - 8;
            for (long next = at; next < last; next += 8) {
                memory.putLong(next, eight);
            }
            memory.putLong(last, eight);
        } else if (size >= 4) {
            memory.putInt(at, (int) eight);
            memory.putInt(at + size - 4, (int) eight);
        } else {
            memory.putByte(at, value);
            memory.putByte(at + (size >> 1), value);
            memory.putByte(at + size - 1, value);
        }
    }
}
