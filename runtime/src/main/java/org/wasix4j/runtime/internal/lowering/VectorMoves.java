package org.wasix4j.runtime.internal.lowering;

import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/** Instructions that move lanes, or treat a vector as bits: constants, lanes, bitwise ones. */
final class VectorMoves {

    /** {@code v128.bitselect}: the bits of the first operand where the third one has ones. */
    static final Operation BITSELECT =
            function -> {
                Vector c = function.stack().popVector();
                Vector b = function.stack().popVector();
                Vector a = function.stack().popVector();
                function.bitwise(
                        (shape, part) -> {
                            Value other = b.part(shape, part);
                            Value different = bits(shape, Kind.XOR, a.part(shape, part), other);
                            Value chosen = bits(shape, Kind.AND, different, c.part(shape, part));
                            return bits(shape, Kind.XOR, chosen, other);
                        },
                        a,
                        b,
                        c);
            };

    private enum Kind {
        AND(Op.I32_AND, Op.I64_AND),
        OR(Op.I32_OR, Op.I64_OR),
        XOR(Op.I32_XOR, Op.I64_XOR);

        private final int ints;
        private final int longs;

        Kind(int ints, int longs) {
            this.ints = ints;
            this.longs = longs;
        }
    }

    private VectorMoves() {}

    /** What an instruction becomes, or null when it is none of these. */
    static @Nullable Operation of(Instruction instruction, String lanes, String operation) {
        if (lanes.equals("v128")) {
            return ofBits(operation);
        }
        Shape shape = shape(lanes);
        int width = Integer.parseInt(lanes.substring(1, lanes.indexOf('x')));
        return switch (operation) {
            case "shuffle" -> Shuffle.OPERATION;
            case "splat" -> function -> splat(function, shape, width);
            case "extract_lane", "extract_lane_s", "extract_lane_u" ->
                    function -> extract(function, shape, width, operation.endsWith("_s"));
            case "replace_lane" ->
                    function -> {
                        int lane = lane(function, width);
                        replace(function, shape, width, lane, function.popToLocal());
                    };
            default -> null;
        };
    }

    private static Shape shape(String lanes) {
        return switch (lanes) {
            case "i32x4" -> Shape.INTS;
            case "f32x4" -> Shape.FLOATS;
            case "f64x2" -> Shape.DOUBLES;
            default -> Shape.LONGS;
        };
    }

    private static @Nullable Operation ofBits(String operation) {
        return switch (operation) {
            case "const" ->
                    function -> {
                        long low = function.in().i64();
                        function.stack().push(Vector.constant(low, function.in().i64()));
                    };
            case "not" ->
                    function -> {
                        Vector a = function.stack().popVector();
                        function.bitwise((shape, part) -> inverted(shape, a.part(shape, part)), a);
                    };
            case "and" -> bitwise(Kind.AND, false);
            case "andnot" -> bitwise(Kind.AND, true);
            case "or" -> bitwise(Kind.OR, false);
            case "xor" -> bitwise(Kind.XOR, false);
            case "bitselect" -> BITSELECT;
            case "any_true" -> VectorMoves::anyTrue;
            default -> VectorMemory.of(operation);
        };
    }

    private static Value bits(Shape shape, Kind kind, Value a, Value b) {
        return Value.of(shape == Shape.INTS ? kind.ints : kind.longs, a, b);
    }

    private static Value inverted(Shape shape, Value a) {
        return bits(shape, Kind.XOR, a, shape == Shape.INTS ? Value.i32(-1) : Value.i64(-1));
    }

    private static Operation bitwise(Kind kind, boolean inverted) {
        return function -> {
            Vector b = function.stack().popVector();
            Vector a = function.stack().popVector();
            int height = function.stack().size();
            long possible =
                    switch (kind) {
                        case AND -> inverted ? a.possible() : a.possible() & b.possible();
                        case OR, XOR -> a.possible() | b.possible();
                    };
            if (kind == Kind.AND && !inverted && (isOneBit(a, b) || isOneBit(b, a))) {
                chooseBit(function, a.isConstant() ? b : a, a.isConstant() ? a : b);
            } else {
                function.bitwise(
                        (shape, part) -> {
                            Value other = b.part(shape, part);
                            return bits(
                                    shape,
                                    kind,
                                    a.part(shape, part),
                                    inverted ? inverted(shape, other) : other);
                        },
                        a,
                        b);
            }
            function.stack().know(height, possible);
        };
    }

    /** Whether a constant has the same bit, and no other, in each lane of a mask. */
    private static boolean isOneBit(Vector mask, Vector constant) {
        if (mask.mask() == 0 || !constant.isConstant()) {
            return false;
        }
        long bits = constant.constantLong(0);
        long lane = bits & (1L << mask.mask()) - 1;
        return bits == constant.constantLong(1)
                && Long.bitCount(lane) == 1
                && bits == SmallLanes.repeat(lane, mask.mask());
    }

    /** That bit in the lanes of the mask that are set. */
    private static void chooseBit(LoweredValues function, Vector mask, Vector constant) {
        int bit = Long.numberOfTrailingZeros(constant.constantLong(0));
        function.map(Shape.LONGS, part -> mask.maskBits(part).shru(mask.mask() - 1 - bit), mask);
    }

    private static void anyTrue(LoweredValues function) {
        Vector a = function.stack().popVector();
        Value result;
        if (a.shape().parts() == Shape.INTS.parts()) {
            Value all = a.intPart(0);
            for (int part = 1; part < 4; part++) {
                all = Value.of(Op.I32_OR, all, a.intPart(part));
            }
            result = Value.of(Op.I32_NE, all, Value.i32(0));
        } else {
            boolean bits = a.mask() != 0;
            Value low = bits ? a.maskBits(0) : a.longPart(0);
            Value high = bits ? a.maskBits(1) : a.longPart(1);
            result = Value.of(Op.I64_NE, low.or(high), Value.i64(0));
        }
        VectorOperations.pushScalar(function, ValueTypes.I32, result, a);
    }

    // ---- lanes

    /** Reads the number of a lane. */
    static int lane(LoweredValues function, int width) {
        int lane = function.in().u8();
        if (lane >= 128 / width) {
            throw function.in().malformed("there is no lane " + lane);
        }
        return lane;
    }

    private static void splat(LoweredValues function, Shape shape, int width) {
        if (width >= 32) {
            fill(function, shape, function.popToLocal());
            return;
        }
        function.stack().pop();
        int whole = function.locals().take(ValueTypes.I64);
        // the number is on the real stack
        function.code()
                .op(Op.I64_EXTEND_I32_U)
                .i64((1L << width) - 1)
                .op(Op.I64_AND)
                .i64(SmallLanes.repeat(1, width))
                .op(Op.I64_MUL)
                .set(whole);
        fill(function, Shape.LONGS, whole);
    }

    /** Pushes a vector all of whose parts are in a temporary local, which it takes over. */
    static void fill(LoweredValues function, Shape shape, int local) {
        int[] places = new int[shape.parts()];
        java.util.Arrays.fill(places, local);
        function.stack().pushShared(Vector.in(shape, places, Shapes.NONE));
        function.locals().release(local);
    }

    private static void extract(LoweredValues function, Shape shape, int width, boolean signed) {
        int lane = lane(function, width);
        Vector a = function.pop(shape);
        if (width >= 32) {
            int type = shape.type();
            VectorOperations.pushScalar(function, type, a.part(shape, lane), a);
            return;
        }
        VectorOperations.pushScalar(function, ValueTypes.I32, small(a, width, lane, signed), a);
    }

    /** A lane of 8 or 16 bits as an i32. */
    static Value small(Vector a, int width, int lane, boolean signed) {
        int at = lane * width % 32;
        Value quarter = a.intPart(lane * width / 32);
        Value shifted = at == 0 ? quarter : Value.of(Op.I32_SHR_U, quarter, Value.i32(at));
        if (signed) {
            return Value.of(width == 8 ? Op.I32_EXTEND8_S : Op.I32_EXTEND16_S, shifted);
        }
        return at + width == 32
                ? shifted
                : Value.of(Op.I32_AND, shifted, Value.i32((1 << width) - 1));
    }

    /**
     * Replaces a lane of the vector at the top by what is in a temporary local, which is taken
     * over.
     */
    static void replace(LoweredValues function, Shape shape, int width, int lane, int local) {
        Vector a = function.pop(shape);
        if (width >= 32) {
            if (a.is(shape)) {
                Vector replacement = filled(shape, local);
                Vector[] from = new Vector[shape.parts()];
                int[] part = new int[shape.parts()];
                for (int i = 0; i < part.length; i++) {
                    from[i] = i == lane ? replacement : a;
                    part[i] = i;
                }
                function.rearrange(shape, from, part, a);
            } else {
                function.gather(
                        shape, part -> part == lane ? Value.local(local) : a.part(shape, part), a);
            }
        } else {
            int at = lane * width % 64;
            long mask = (1L << width) - 1;
            function.map(
                    Shape.LONGS,
                    part -> {
                        Value half = a.longPart(part);
                        return part != lane * width / 64
                                ? half
                                : half.and(~(mask << at))
                                        .or(Value.local(local).unsigned().and(mask).shl(at));
                    },
                    a);
        }
        function.locals().release(local);
    }

    private static Vector filled(Shape shape, int local) {
        int[] places = new int[shape.parts()];
        java.util.Arrays.fill(places, local);
        return Vector.in(shape, places, Shapes.NONE);
    }
}
