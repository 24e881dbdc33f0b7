package org.wasix4j.runtime.internal.lowering;

import java.util.function.IntFunction;
import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/** Instructions whose lanes are wider, or narrower, than those of their operands. */
final class LaneWidths {

    private static final int SIGNED = 1;
    private static final int HIGH = 2;

    private LaneWidths() {}

    // ---- results of 8 and 16 bits

    /** What an instruction with lanes of 8 or 16 bits becomes, or null. */
    static @Nullable Operation ofSmall(int width, String operation) {
        return switch (operation) {
            case "narrow_i16x8_s", "narrow_i16x8_u" -> narrow16(operation.endsWith("_s"));
            case "narrow_i32x4_s", "narrow_i32x4_u" -> narrow32(operation.endsWith("_s"));
            case "extend_low_i8x16_s" -> extend8(SIGNED);
            case "extend_low_i8x16_u" -> extend8(0);
            case "extend_high_i8x16_s" -> extend8(HIGH | SIGNED);
            case "extend_high_i8x16_u" -> extend8(HIGH);
            case "extmul_low_i8x16_s" -> multiply8(SIGNED);
            case "extmul_low_i8x16_u" -> multiply8(0);
            case "extmul_high_i8x16_s" -> multiply8(HIGH | SIGNED);
            case "extmul_high_i8x16_u" -> multiply8(HIGH);
            case "extadd_pairwise_i8x16_s" -> addPairs8(true);
            case "extadd_pairwise_i8x16_u" -> addPairs8(false);
            case "relaxed_dot_i8x16_i7x16_s" -> dot8();
            default -> null;
        };
    }

    private static Operation narrow16(boolean signed) {
        return function -> {
            int helper =
                    function.helpers()
                            .function(
                                    "narrow16" + (signed ? "_s" : "_u"),
                                    "JJ:J",
                                    scope -> {
                                        Value low = narrow16(scope, scope.parameter(0), signed);
                                        Value high = narrow16(scope, scope.parameter(1), signed);
                                        return scope.let(low).or(scope.let(high).shl(32));
                                    });
            Vector b = function.pop(Shape.LONGS);
            Vector a = function.pop(Shape.LONGS);
            function.gather(
                    Shape.LONGS,
                    part -> {
                        Vector from = part == 0 ? a : b;
                        return Value.call(helper, from.longPart(0), from.longPart(1));
                    },
                    a,
                    b);
        };
    }

    /** Four lanes of 16 bits as four of 8, in the lower half. */
    private static Value narrow16(Helpers.Scope scope, Value a, boolean signed) {
        return scope.gather(
                4,
                lane -> {
                    Value x = scope.letInt(Value.of(Op.I32_EXTEND16_S, a.shru(16 * lane).wrap()));
                    Value fitting = clamp(scope, x, signed ? -0x80 : 0, signed ? 0x7f : 0xff);
                    return fitting.unsigned().and(0xff).shl(8 * lane);
                });
    }

    private static Value clamp(Helpers.Scope scope, Value x, int least, int most) {
        Value atLeast =
                scope.letInt(
                        Value.select(
                                x, Value.i32(least), Value.of(Op.I32_GT_S, x, Value.i32(least))));
        return Value.select(
                atLeast, Value.i32(most), Value.of(Op.I32_LT_S, atLeast, Value.i32(most)));
    }

    private static Operation narrow32(boolean signed) {
        return function -> {
            int helper =
                    function.helpers()
                            .function(
                                    "narrow32" + (signed ? "_s" : "_u"),
                                    "IIII:J",
                                    scope -> narrow32(scope, signed));
            Vector b = function.pop(Shape.INTS);
            Vector a = function.pop(Shape.INTS);
            function.gather(
                    Shape.LONGS,
                    part -> {
                        Vector from = part == 0 ? a : b;
                        return Value.call(
                                helper,
                                from.intPart(0),
                                from.intPart(1),
                                from.intPart(2),
                                from.intPart(3));
                    },
                    a,
                    b);
        };
    }

    private static Value narrow32(Helpers.Scope scope, boolean signed) {
        int least = signed ? -0x8000 : 0;
        int most = signed ? 0x7fff : 0xffff;
        return scope.gather(
                4,
                lane ->
                        clamp(scope, scope.parameter(lane), least, most)
                                .unsigned()
                                .and(0xffff)
                                .shl(16 * lane));
    }

    /** The function that makes four lanes of 16 bits of four of 8, which it takes as an i32. */
    private static int extend8(LoweredValues function, int how) {
        boolean signed = (how & SIGNED) != 0;
        return function.helpers()
                .function(
                        "extend8" + (signed ? "_s" : "_u"),
                        "I:J",
                        scope -> {
                            Value x = scope.let(scope.parameter(0).unsigned());
                            Value pairs = scope.let(x.or(x.shl(16)).and(0x0000ffff0000ffffL));
                            Value all = pairs.or(pairs.shl(8)).and(SmallLanes.repeat(0xff, 16));
                            if (!signed) {
                                return all;
                            }
                            Value unsigned = scope.let(all);
                            // 0xff above each lane whose sign is set
                            return unsigned.or(
                                    unsigned.and(SmallLanes.repeat(0x80, 16)).mul(0x1fe));
                        });
    }

    /** {@code extend_low} of lanes of 8 or 16 bits. */
    static Operation extendLow(int width, boolean signed) {
        int how = signed ? SIGNED : 0;
        return width == 8 ? extend8(how) : extend16(how);
    }

    private static Operation extend8(int how) {
        return function -> {
            int helper = extend8(function, how);
            Vector a = function.pop(Shape.LONGS);
            int first = (how & HIGH) != 0 ? 2 : 0;
            function.gather(Shape.LONGS, part -> Value.call(helper, a.intPart(first + part)), a);
        };
    }

    private static int multiply16(LoweredValues function) {
        return function.helpers()
                .function(
                        "mul16",
                        "JJ:J",
                        scope -> SmallLanes.multiply(scope.parameter(0), scope.parameter(1)));
    }

    private static Operation multiply8(int how) {
        return function -> {
            int extend = extend8(function, how);
            int multiply = multiply16(function);
            Vector b = function.pop(Shape.LONGS);
            Vector a = function.pop(Shape.LONGS);
            int first = (how & HIGH) != 0 ? 2 : 0;
            function.gather(
                    Shape.LONGS,
                    part ->
                            Value.call(
                                    multiply,
                                    Value.call(extend, a.intPart(first + part)),
                                    Value.call(extend, b.intPart(first + part))),
                    a,
                    b);
        };
    }

    private static Operation addPairs8(boolean signed) {
        long lower = SmallLanes.repeat(0xff, 16);
        if (!signed) {
            return VectorOperations.unary(
                    Shape.LONGS,
                    "extadd8_u",
                    "J:J",
                    scope ->
                            scope.parameter(0)
                                    .and(lower)
                                    .add(scope.parameter(0).shru(8).and(lower)));
        }
        return VectorOperations.unary(
                Shape.LONGS,
                "extadd8_s",
                "J:J",
                scope -> {
                    // 128 more in each lane of 8, so 256 too much in each sum
                    Value x = scope.let(scope.parameter(0).xor(SmallLanes.repeat(0x80, 8)));
                    Value sums = scope.let(x.and(lower).add(x.shru(8).and(lower)));
                    return SmallLanes.subtract(sums, Value.i64(SmallLanes.repeat(0x100, 16)), 16);
                });
    }

    /** The function that multiplies lanes of 8 bits and adds neighbours. */
    private static int dot8(LoweredValues function) {
        return function.helpers()
                .function(
                        "dot8",
                        "JJ:J",
                        scope ->
                                scope.gather(
                                        4,
                                        lane ->
                                                Value.of(
                                                                Op.I32_ADD,
                                                                product8(scope, 16 * lane),
                                                                product8(scope, 16 * lane + 8))
                                                        .unsigned()
                                                        .and(0xffff)
                                                        .shl(16 * lane)));
    }

    private static Value product8(Helpers.Scope scope, int at) {
        return Value.of(
                Op.I32_MUL,
                Value.of(Op.I32_EXTEND8_S, scope.parameter(0).shru(at).wrap()),
                Value.of(Op.I32_EXTEND8_S, scope.parameter(1).shru(at).wrap()));
    }

    private static Operation dot8() {
        return function -> {
            int helper = dot8(function);
            VectorOperations.binary(Shape.LONGS, (a, b) -> Value.call(helper, a, b))
                    .lower(function);
        };
    }

    // ---- results of 32 and 64 bits

    /** What an instruction with lanes of 32 bits becomes, or null. */
    static @Nullable Operation ofInts(String operation) {
        return switch (operation) {
            case "extend_low_i16x8_s" -> extend16(SIGNED);
            case "extend_low_i16x8_u" -> extend16(0);
            case "extend_high_i16x8_s" -> extend16(HIGH | SIGNED);
            case "extend_high_i16x8_u" -> extend16(HIGH);
            case "extmul_low_i16x8_s" -> multiply16(SIGNED);
            case "extmul_low_i16x8_u" -> multiply16(0);
            case "extmul_high_i16x8_s" -> multiply16(HIGH | SIGNED);
            case "extmul_high_i16x8_u" -> multiply16(HIGH);
            case "extadd_pairwise_i16x8_s" -> addPairs16(SIGNED);
            case "extadd_pairwise_i16x8_u" -> addPairs16(0);
            case "dot_i16x8_s" -> dot16();
            case "relaxed_dot_i8x16_i7x16_add_s" -> dot8AndAdd();
            default -> null;
        };
    }

    /** A lane of 16 bits as an i32. */
    private static Value lane16(Vector from, int lane, int how) {
        Value pair = from.intPart(lane / 2);
        boolean signed = (how & SIGNED) != 0;
        if (lane % 2 == 1) {
            return Value.of(signed ? Op.I32_SHR_S : Op.I32_SHR_U, pair, Value.i32(16));
        }
        return signed
                ? Value.of(Op.I32_EXTEND16_S, pair)
                : Value.of(Op.I32_AND, pair, Value.i32(0xffff));
    }

    private static Operation extend16(int how) {
        int first = (how & HIGH) != 0 ? 4 : 0;
        return one(Shape.INTS, a -> part -> lane16(a, first + part, how));
    }

    private static Operation multiply16(int how) {
        int first = (how & HIGH) != 0 ? 4 : 0;
        return two(
                Shape.INTS,
                Shape.LONGS,
                (a, b) ->
                        part ->
                                Value.of(
                                        Op.I32_MUL,
                                        lane16(a, first + part, how),
                                        lane16(b, first + part, how)));
    }

    private static Operation addPairs16(int how) {
        return one(
                Shape.INTS,
                a ->
                        part ->
                                Value.of(
                                        Op.I32_ADD,
                                        lane16(a, 2 * part, how),
                                        lane16(a, 2 * part + 1, how)));
    }

    private static Operation dot16() {
        return two(
                Shape.INTS,
                Shape.LONGS,
                (a, b) ->
                        part ->
                                Value.of(
                                        Op.I32_ADD,
                                        Value.of(
                                                Op.I32_MUL,
                                                lane16(a, 2 * part, SIGNED),
                                                lane16(b, 2 * part, SIGNED)),
                                        Value.of(
                                                Op.I32_MUL,
                                                lane16(a, 2 * part + 1, SIGNED),
                                                lane16(b, 2 * part + 1, SIGNED))));
    }

    private static Operation dot8AndAdd() {
        return function -> {
            int helper =
                    function.helpers()
                            .function(
                                    "dot8add",
                                    "III:I",
                                    scope ->
                                            Value.of(
                                                    Op.I32_ADD,
                                                    Value.of(Op.I32_ADD, pair8(0), pair8(16)),
                                                    scope.parameter(2)));
            Vector c = function.pop(Shape.INTS);
            Vector b = function.pop(Shape.LONGS);
            Vector a = function.pop(Shape.LONGS);
            function.gather(
                    Shape.INTS,
                    part -> Value.call(helper, a.intPart(part), b.intPart(part), c.intPart(part)),
                    a,
                    b,
                    c);
        };
    }

    /** The products of two bytes of both parameters, added as numbers of 16 bits. */
    private static Value pair8(int at) {
        Value sum = Value.of(Op.I32_ADD, byteProduct(at), byteProduct(at + 8));
        return Value.of(Op.I32_EXTEND16_S, sum);
    }

    private static Value byteProduct(int at) {
        return Value.of(Op.I32_MUL, signedByte(Value.local(0), at), signedByte(Value.local(1), at));
    }

    private static Value signedByte(Value from, int at) {
        return Value.of(Op.I32_EXTEND8_S, Value.of(Op.I32_SHR_U, from, Value.i32(at)));
    }

    /** What an instruction with lanes of 64 bits becomes, or null. */
    static @Nullable Operation ofLongs(String operation) {
        return switch (operation) {
            case "extend_low_i32x4_s" -> extend32(SIGNED);
            case "extend_low_i32x4_u" -> extend32(0);
            case "extend_high_i32x4_s" -> extend32(HIGH | SIGNED);
            case "extend_high_i32x4_u" -> extend32(HIGH);
            case "extmul_low_i32x4_s" -> multiply32(SIGNED);
            case "extmul_low_i32x4_u" -> multiply32(0);
            case "extmul_high_i32x4_s" -> multiply32(HIGH | SIGNED);
            case "extmul_high_i32x4_u" -> multiply32(HIGH);
            default -> null;
        };
    }

    private static Value lane32(Vector from, int lane, int how) {
        boolean signed = (how & SIGNED) != 0;
        return Value.of(signed ? Op.I64_EXTEND_I32_S : Op.I64_EXTEND_I32_U, from.intPart(lane));
    }

    private static Operation extend32(int how) {
        int first = (how & HIGH) != 0 ? 2 : 0;
        return function -> {
            Vector a = function.pop(Shape.INTS);
            function.gather(Shape.LONGS, part -> lane32(a, first + part, how), a);
        };
    }

    private static Operation multiply32(int how) {
        int first = (how & HIGH) != 0 ? 2 : 0;
        return two(
                Shape.LONGS,
                Shape.INTS,
                (a, b) ->
                        part ->
                                Value.of(
                                        Op.I64_MUL,
                                        lane32(a, first + part, how),
                                        lane32(b, first + part, how)));
    }

    /** A result whose parts are made of lanes of an operand of small lanes. */
    private static Operation one(
            Shape result, java.util.function.Function<Vector, IntFunction<Value>> parts) {
        return function -> {
            Vector a = function.pop(Shape.LONGS);
            function.gather(result, parts.apply(a)::apply, a);
        };
    }

    private interface Lanes {
        IntFunction<Value> of(Vector a, Vector b);
    }

    private static Operation two(Shape result, Shape operands, Lanes parts) {
        return function -> {
            Vector b = function.pop(operands);
            Vector a = function.pop(operands);
            function.gather(result, parts.of(a, b)::apply, a, b);
        };
    }
}
