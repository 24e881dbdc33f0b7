package org.wasix4j.runtime.internal.lowering;

/**
 * {@code i8x16.shuffle}. Whole parts are only renamed. Else each part of the result is put together
 * of rotated and masked parts of the operands, one for each that has bytes for it and each distance
 * over which these move.
 */
final class Shuffle {

    static final VectorOperations.Operation OPERATION = Shuffle::lower;

    private Shuffle() {}

    private static void lower(LoweredValues function) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (byte) function.in().u8();
            if (lanes[i] < 0 || lanes[i] >= 32) {
                throw function.in().malformed("there is no lane " + lanes[i]);
            }
        }
        Vector b = function.stack().popVector();
        Vector a = function.stack().popVector();
        int height = function.stack().size();
        long possible = a.possible() | b.possible();
        write(function, lanes, a, b);
        // each byte may have come to any place
        for (int bits = 32; bits >= 8; bits /= 2) {
            possible |= Long.rotateLeft(possible, bits);
        }
        function.stack().know(height, possible);
    }

    private static void write(LoweredValues function, byte[] lanes, Vector a, Vector b) {
        for (Shape shape : Shape.values()) {
            if (a.is(shape) && b.is(shape) && isWhole(lanes, shape.bytes())) {
                Vector[] from = new Vector[shape.parts()];
                int[] part = new int[shape.parts()];
                for (int i = 0; i < part.length; i++) {
                    int lane = lanes[i * shape.bytes()];
                    from[i] = lane < 16 ? a : b;
                    part[i] = lane % 16 / shape.bytes();
                }
                function.rearrange(shape, from, part, a, b);
                return;
            }
        }
        if (isWidening(lanes, a, b)) {
            function.vote(a.isConstant() ? b : a, Shape.INTS);
            function.gather(Shape.INTS, part -> ints(lanes, 4 * part, a, b), a, b);
            return;
        }
        boolean open = function.shapes().isOpen(a) || function.shapes().isOpen(b);
        if (!open && isInts(a) && isInts(b)) {
            function.gather(Shape.INTS, part -> ints(lanes, 4 * part, a, b), a, b);
        } else {
            function.gather(Shape.LONGS, part -> longs(lanes, 8 * part, a, b), a, b);
        }
    }

    private static boolean isInts(Vector vector) {
        return vector.isConstant() || vector.shape().parts() == Shape.INTS.parts();
    }

    private static boolean isWhole(byte[] lanes, int bytes) {
        for (int i = 0; i < lanes.length; i++) {
            int first = lanes[i - i % bytes];
            if (first % bytes != 0 || lanes[i] != first + i % bytes) {
                return false;
            }
        }
        return true;
    }

    /** Whether each lane of 32 bits gets one byte, and nothing else but constants. */
    private static boolean isWidening(byte[] lanes, Vector a, Vector b) {
        if (a.isConstant() == b.isConstant()) {
            return false;
        }
        int[] bytes = new int[4];
        for (int i = 0; i < lanes.length; i++) {
            boolean moved = !(lanes[i] < 16 ? a : b).isConstant();
            bytes[i / 4] += moved ? 1 : 0;
        }
        return bytes[0] == 1 && bytes[1] == 1 && bytes[2] == 1 && bytes[3] == 1;
    }

    /** Which bytes of a part come from a part of an operand over a distance; a bit each. */
    private static int[][] groups(byte[] lanes, int first, int bytes) {
        int[][] groups = new int[32 / bytes][bytes];
        for (int i = 0; i < bytes; i++) {
            int lane = lanes[first + i];
            groups[lane / bytes][(i - lane % bytes + bytes) % bytes] |= 1 << i;
        }
        return groups;
    }

    private static long mask(int group) {
        long mask = 0;
        for (int i = 0; i < 8; i++) {
            if ((group >> i & 1) != 0) {
                mask |= 0xffL << 8 * i;
            }
        }
        return mask;
    }

    private static Value longs(byte[] lanes, int first, Vector a, Vector b) {
        int[][] groups = groups(lanes, first, 8);
        long constant = 0;
        Value all = null;
        for (int source = 0; source < groups.length; source++) {
            Vector from = source < 2 ? a : b;
            for (int distance = 0; distance < 8; distance++) {
                long mask = mask(groups[source][distance]);
                if (mask == 0) {
                    continue;
                }
                if (from.isConstant()) {
                    long bits = from.constantLong(source % 2);
                    constant |= Long.rotateLeft(bits, 8 * distance) & mask;
                    continue;
                }
                Value moved = moved(from.longPart(source % 2), distance, mask);
                all = all == null ? moved : all.or(moved);
            }
        }
        if (all == null) {
            return Value.i64(constant);
        }
        return constant == 0 ? all : all.or(constant);
    }

    /** An i64 rotated to the left by so many bytes, of which only some are wanted. */
    private static Value moved(Value from, int distance, long mask) {
        int count = 8 * distance;
        if (distance == 0) {
            return from.and(mask);
        }
        // a shift does for bytes that do not come round
        if (mask >>> count << count == mask) {
            return mask == -1L << count ? from.shl(count) : from.shl(count).and(mask);
        }
        int right = 64 - count;
        if (mask << right >>> right == mask) {
            return mask == -1L >>> right ? from.shru(right) : from.shru(right).and(mask);
        }
        return Value.of(Op.I64_ROTL, from, Value.i64(count)).and(mask);
    }

    /** An i32 rotated to the left by so many bits, of which only some are wanted. */
    private static Value moved(Value from, int count, int mask) {
        Value moved = from;
        int there = -1;
        if (count != 0 && mask >>> count << count == mask) {
            moved = Value.of(Op.I32_SHL, from, Value.i32(count));
            there = -1 << count;
        } else if (count != 0 && mask << 32 - count >>> 32 - count == mask) {
            moved = Value.of(Op.I32_SHR_U, from, Value.i32(32 - count));
            there = -1 >>> 32 - count;
        } else if (count != 0) {
            moved = Value.of(Op.I32_ROTL, from, Value.i32(count));
        }
        return mask == there ? moved : Value.of(Op.I32_AND, moved, Value.i32(mask));
    }

    private static Value ints(byte[] lanes, int first, Vector a, Vector b) {
        int[][] groups = groups(lanes, first, 4);
        int constant = 0;
        Value all = null;
        for (int source = 0; source < groups.length; source++) {
            Vector from = source < 4 ? a : b;
            for (int distance = 0; distance < 4; distance++) {
                int mask = (int) mask(groups[source][distance]);
                if (mask == 0) {
                    continue;
                }
                if (from.isConstant()) {
                    int bits = from.constantInt(source % 4);
                    constant |= Integer.rotateLeft(bits, 8 * distance) & mask;
                    continue;
                }
                Value moved = moved(from.intPart(source % 4), 8 * distance, mask);
                all = all == null ? moved : Value.of(Op.I32_OR, all, moved);
            }
        }
        if (all == null) {
            return Value.i32(constant);
        }
        return constant == 0 ? all : Value.of(Op.I32_OR, all, Value.i32(constant));
    }
}
