package org.wasix4j.runtime.internal.lowering;

import java.util.HexFormat;

/**
 * Looks up bytes in a table of 16 that is known: all bytes of an i64 at once, where {@link Swizzle}
 * takes one after the other. A table of a few steps, such as that of the hexadecimal digits, is
 * computed; any other one is a choice between neighbours for each bit of the place.
 */
final class ConstantTable implements Helpers.Body {

    private static final int SIZE = 16;

    /** With more steps than this it is shorter to choose. */
    private static final int MOST_STEPS = 6;

    private final int[] bytes = new int[SIZE];

    ConstantTable(Vector table) {
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (int) (table.constantLong(i / 8) >>> 8 * (i % 8)) & 0xff;
        }
    }

    /** The name of the helper for a table. */
    static String name(Vector table) {
        HexFormat hex = HexFormat.of();
        return "swizzle_"
                + hex.toHexDigits(table.constantLong(1))
                + hex.toHexDigits(table.constantLong(0));
    }

    @Override
    public Value write(Helpers.Scope scope) {
        Value places = scope.parameter(0);
        int[] rising = new int[SIZE];
        boolean canRise = true;
        for (int i = 0; i < SIZE; i++) {
            rising[i] = bytes[i] - i;
            canRise &= rising[i] >= 0;
        }
        Value found;
        if (canRise && steps(rising) <= MOST_STEPS && steps(rising) < steps(bytes)) {
            Value place = scope.let(places.and(SmallLanes.repeat(SIZE - 1, 8)));
            found = stepped(rising, place).add(place);
        } else if (steps(bytes) <= MOST_STEPS) {
            Value place = scope.let(places.and(SmallLanes.repeat(SIZE - 1, 8)));
            found = stepped(bytes, place);
        } else {
            Value[] bits = new Value[4];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = scope.let(Swizzle.bit(places, i));
            }
            found = chosen(scope, bits, bits.length - 1, 0);
        }
        return found.and(Swizzle.inside(places));
    }

    private static int steps(int[] values) {
        int steps = 0;
        for (int i = 1; i < SIZE; i++) {
            steps += values[i] == values[i - 1] ? 0 : 1;
        }
        return steps;
    }

    /** The values at places, each of which is less than 16. */
    private static Value stepped(int[] values, Value place) {
        Value all = Value.i64(SmallLanes.repeat(values[0], 8));
        for (int i = 1; i < SIZE; i++) {
            int change = values[i] ^ values[i - 1];
            if (change != 0) {
                // the highest bit says whether the place is i or more
                Value reached = place.add(SmallLanes.repeat(0x80 - i, 8)).shru(7);
                all = all.xor(reached.and(SmallLanes.repeat(1, 8)).mul(change));
            }
        }
        return all;
    }

    /**
     * What is chosen of a part of the table by some bits of the place.
     *
     * @param highest the highest of these bits
     * @param from where the part begins
     */
    private Value chosen(Helpers.Scope scope, Value[] bits, int highest, int from) {
        if (isUniform(from, 2 << highest)) {
            return Value.i64(SmallLanes.repeat(bytes[from], 8));
        }
        int half = 1 << highest;
        if (highest == 0) {
            return Value.i64(SmallLanes.repeat(bytes[from], 8))
                    .xor(bits[0].and(SmallLanes.repeat(bytes[from] ^ bytes[from + 1], 8)));
        }
        Value lower = scope.let(chosen(scope, bits, highest - 1, from));
        Value upper = chosen(scope, bits, highest - 1, from + half);
        return scope.let(lower.xor(lower.xor(upper).and(bits[highest])));
    }

    private boolean isUniform(int from, int count) {
        for (int i = 1; i < count; i++) {
            if (bytes[from + i] != bytes[from]) {
                return false;
            }
        }
        return true;
    }
}
