package org.wasix4j.runtime.internal.lowering;

import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/**
 * Instructions on lanes of 8 and 16 bits: all lanes of an i64 at once. A carry from one lane to the
 * next is avoided by computing the highest bit of each lane apart.
 */
final class SmallLanes {

    private SmallLanes() {}

    /** A value in each lane. */
    static long repeat(long value, int width) {
        long all = 0;
        for (int at = 0; at < 64; at += width) {
            all |= value << at;
        }
        return all;
    }

    /** The highest bit of each lane. */
    private static long high(int width) {
        return repeat(1L << width - 1, width);
    }

    /** What an instruction becomes, or null. */
    static @Nullable Operation of(int width, String operation) {
        Operation shift = LaneShifts.small(width, operation);
        if (shift != null) {
            return shift;
        }
        String name = operation + width;
        return switch (operation) {
            case "add" -> sum(width);
            case "sub" -> difference(width);
            case "add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "mul" ->
                    helper2(name, (scope, a, b) -> arithmetic(operation, width, scope, a, b));
            case "min_s", "min_u", "max_s", "max_u", "avgr_u" ->
                    helper2(name, (scope, a, b) -> order(operation, width, scope, a, b));
            case "q15mulr_sat_s", "relaxed_q15mulr_s" ->
                    helper2("q15mulr_sat_s16", (scope, a, b) -> multiplyRounding(scope, a, b));
            case "eq" -> comparison(name, width, (scope, a, b) -> equal(scope, a, b, width));
            case "ne" -> comparison(name, width, (scope, a, b) -> unequal(scope, a, b, width));
            case "lt_s", "lt_u" -> less(width, operation.endsWith("_s"), false);
            case "ge_s", "ge_u" -> less(width, operation.endsWith("_s"), true);
            case "gt_s", "gt_u" -> greater(width, operation.endsWith("_s"), false);
            case "le_s", "le_u" -> greater(width, operation.endsWith("_s"), true);
            case "abs" -> helper1(name, (scope, a) -> absolute(scope, a, width));
            case "neg" -> helper1(name, (scope, a) -> subtract(Value.i64(0), a, width));
            case "popcnt" -> helper1(name, SmallLanes::countBits);
            case "all_true" -> allTrue(width);
            case "bitmask" -> bitmask(width);
            case "swizzle", "relaxed_swizzle" -> Swizzle.OPERATION;
            case "relaxed_laneselect" -> VectorMoves.BITSELECT;
            default -> LaneWidths.ofSmall(width, operation);
        };
    }

    private interface One {
        Value of(Helpers.Scope scope, Value a);
    }

    private interface Two {
        Value of(Helpers.Scope scope, Value a, Value b);
    }

    private static Operation helper1(String name, One body) {
        return VectorOperations.unary(
                Shape.LONGS, name, "J:J", scope -> body.of(scope, scope.parameter(0)));
    }

    private static Operation helper2(String name, Two body) {
        return VectorOperations.binary(
                Shape.LONGS,
                name,
                "JJ:J",
                scope -> body.of(scope, scope.parameter(0), scope.parameter(1)));
    }

    /**
     * A comparison, of which only the highest bit of each lane is computed where the whole lanes
     * are not put in a local.
     *
     * @param bits the highest bit of each lane for which it holds
     */
    private static Operation comparison(String name, int width, Two bits) {
        Operation whole =
                helper2(name, (scope, a, b) -> spread(scope.let(bits.of(scope, a, b)), width));
        return function -> {
            if (function.isAssigned()) {
                whole.lower(function);
                return;
            }
            int helper =
                    function.helpers()
                            .function(
                                    name + "_bits",
                                    "JJ:J",
                                    scope ->
                                            bits.of(scope, scope.parameter(0), scope.parameter(1)));
            Vector b = function.pop(Shape.LONGS);
            Vector a = function.pop(Shape.LONGS);
            function.pushMask(
                    width, part -> Value.call(helper, a.longPart(part), b.longPart(part)), a, b);
        };
    }

    /** A sum; a plain one where what is known of the operands says that no lane carries. */
    private static Operation sum(int width) {
        Operation any = helper2("add" + width, (scope, a, b) -> add(a, b, width));
        Operation plain = VectorOperations.binary(Shape.LONGS, Value::add);
        return function -> {
            Vector b = function.stack().popVector();
            Vector a = function.stack().popVector();
            int height = function.stack().size();
            long first = a.possible();
            long second = b.possible();
            function.stack().push(a);
            function.stack().push(b);
            if (isCarrying(first, second, width)) {
                any.lower(function);
            } else {
                plain.lower(function);
                function.stack().know(height, sumBits(first, second, width));
            }
        };
    }

    /** A difference; of a mask the sum with ones. */
    private static Operation difference(int width) {
        Operation any = helper2("sub" + width, (scope, a, b) -> subtract(a, b, width));
        return function -> {
            Vector b = function.stack().popVector();
            if (!b.isMask(width)) {
                function.stack().push(b);
                any.lower(function);
                return;
            }
            int helper =
                    function.helpers()
                            .function(
                                    "count" + width,
                                    "JJ:J",
                                    scope ->
                                            increased(
                                                    scope.parameter(0), scope.parameter(1), width));
            Vector a = function.pop(Shape.LONGS);
            function.map(
                    Shape.LONGS,
                    part -> Value.call(helper, a.longPart(part), b.maskBits(part)),
                    a,
                    b);
        };
    }

    /** Lanes that are greater by one each where a highest bit is set. */
    private static Value increased(Value a, Value bits, int width) {
        long high = high(width);
        return a.and(~high).add(bits.shru(width - 1)).xor(a.and(high));
    }

    /** Whether a lane of a sum can carry into the next one. */
    static boolean isCarrying(long a, long b, int width) {
        long lane = (1L << width) - 1;
        for (int at = 0; at < 64; at += width) {
            if ((a >>> at & lane) + (b >>> at & lane) > lane) {
                return true;
            }
        }
        return false;
    }

    /** The bits that a sum may have, none of whose lanes carries. */
    static long sumBits(long a, long b, int width) {
        long lane = (1L << width) - 1;
        long all = 0;
        for (int at = 0; at < 64; at += width) {
            long most = (a >>> at & lane) + (b >>> at & lane);
            all |= (most == 0 ? 0 : Long.highestOneBit(most) * 2 - 1) << at;
        }
        return all;
    }

    private static Operation less(int width, boolean signed, boolean negated) {
        Operation any =
                comparison(
                        (negated ? "ge" : "lt") + (signed ? "_s" : "_u") + width,
                        width,
                        (scope, a, b) -> {
                            Value below = below(scope, a, b, width, signed);
                            return negated ? below.xor(high(width)) : below;
                        });
        Operation small = lessThanConstant(width, signed, negated, true);
        Operation great = lessThanConstant(width, signed, negated, false);
        return function -> {
            long sides = sides(function.stack().topConstant(), width, signed);
            Operation chosen = sides == 0 ? small : sides == high(width) ? great : any;
            chosen.lower(function);
        };
    }

    private static Operation greater(int width, boolean signed, boolean negated) {
        Operation any = VectorOperations.swapped(less(width, signed, negated));
        Operation notLess = less(width, signed, !negated);
        return function -> {
            Vector constant = function.stack().topConstant();
            if (constant == null
                    || hasGreatest(constant.constantLong(0), width, signed)
                    || hasGreatest(constant.constantLong(1), width, signed)) {
                any.lower(function);
            } else {
                // greater than a constant is not less than the next number
                function.stack().popVector();
                function.stack()
                        .push(
                                Vector.constant(
                                        next(constant.constantLong(0), width),
                                        next(constant.constantLong(1), width)));
                notLess.lower(function);
            }
        };
    }

    /** Lanes that are greater by one each. */
    private static long next(long lanes, int width) {
        long high = high(width);
        return (lanes & ~high) + repeat(1, width) ^ lanes & high;
    }

    private static boolean hasGreatest(long lanes, int width, boolean signed) {
        long greatest = (1L << width) - 1;
        for (int at = 0; at < 64; at += width) {
            if ((lanes >>> at & greatest) == (signed ? greatest >>> 1 : greatest)) {
                return true;
            }
        }
        return false;
    }

    /** The highest bits of a constant's lanes when they are the same in both halves, else -1. */
    private static long sides(@Nullable Vector constant, int width, boolean signed) {
        if (constant == null) {
            return -1;
        }
        long high = high(width);
        long low = (constant.constantLong(0) ^ (signed ? high : 0)) & high;
        return low == ((constant.constantLong(1) ^ (signed ? high : 0)) & high) ? low : -1;
    }

    /**
     * A comparison with a constant.
     *
     * @param small whether all of its lanes are in the lower half of all numbers; else they are in
     *     the upper half
     */
    private static Operation lessThanConstant(
            int width, boolean signed, boolean negated, boolean small) {
        String name = (negated ? "ge" : "lt") + (signed ? "_s" : "_u");
        return comparison(
                name + width + (small ? "_small" : "_great"),
                width,
                (scope, a, b) -> {
                    long high = high(width);
                    Value x = signed ? scope.let(a.xor(high)) : a;
                    Value y = signed ? b.xor(high) : b;
                    // its highest bits stay where the lower bits of x are not less
                    Value difference = x.or(high).sub(y.and(~high));
                    Value notLess = small ? difference.or(x) : difference.and(x);
                    Value which = negated ? notLess : notLess.not();
                    return which.and(high);
                });
    }

    private static Value arithmetic(
            String operation, int width, Helpers.Scope scope, Value a, Value b) {
        return switch (operation) {
            case "mul" -> multiply(a, b);
            case "add_sat_u" -> {
                Value sum = scope.let(add(a, b, width));
                // a carry: both highest bits, or one and not that of the sum
                Value carry = a.and(b).or(a.or(b).and(sum.not())).and(high(width));
                yield spread(scope.let(carry), width).or(sum);
            }
            case "sub_sat_u" -> {
                Value difference = scope.let(subtract(a, b, width));
                Value borrow = a.not().and(b).or(a.not().or(b).and(difference)).and(high(width));
                yield spread(scope.let(borrow), width).not().and(difference);
            }
            case "add_sat_s" -> {
                Value sum = scope.let(add(a, b, width));
                yield saturate(scope, a, sum, a.xor(sum).and(b.xor(sum)), width);
            }
            default -> {
                Value difference = scope.let(subtract(a, b, width));
                yield saturate(scope, a, difference, a.xor(b).and(a.xor(difference)), width);
            }
        };
    }

    /** The result, or where it overflowed the extreme on the side of the first operand. */
    private static Value saturate(
            Helpers.Scope scope, Value a, Value result, Value overflow, int width) {
        Value over = scope.let(spread(scope.let(overflow.and(high(width))), width));
        // the greatest number, and one more where the operand is negative
        Value extreme = a.shru(width - 1).and(repeat(1, width)).add(~high(width));
        return result.and(over.not()).or(extreme.and(over));
    }

    private static Value order(String operation, int width, Helpers.Scope scope, Value a, Value b) {
        if (operation.equals("avgr_u")) {
            // the mean rounded up, without the bit that would be lost
            return a.or(b).sub(a.xor(b).shru(1).and(~high(width)));
        }
        boolean signed = operation.endsWith("_s");
        boolean max = operation.startsWith("max");
        Value less = scope.let(spread(below(scope, a, b, width, signed), width));
        Value first = max ? less.not() : less;
        return a.xor(b).and(first).xor(b);
    }

    /** The lanes of a sum. */
    static Value add(Value a, Value b, int width) {
        long low = ~high(width);
        return a.and(low).add(b.and(low)).xor(a.xor(b).and(high(width)));
    }

    /** The lanes of a difference. */
    static Value subtract(Value a, Value b, int width) {
        long low = ~high(width);
        return a.or(high(width)).sub(b.and(low)).xor(a.xor(b.not()).and(high(width)));
    }

    /** The highest bit of each lane in which both are equal. */
    private static Value equal(Helpers.Scope scope, Value a, Value b, int width) {
        long low = ~high(width);
        Value difference = scope.let(a.xor(b));
        return scope.let(difference.and(low).add(low).or(difference).not().and(high(width)));
    }

    /** The highest bit of each lane in which they differ. */
    private static Value unequal(Helpers.Scope scope, Value a, Value b, int width) {
        long low = ~high(width);
        Value difference = scope.let(a.xor(b));
        return difference.and(low).add(low).or(difference).and(high(width));
    }

    /** The highest bit of each lane in which the first is less. */
    private static Value below(Helpers.Scope scope, Value a, Value b, int width, boolean signed) {
        long high = high(width);
        Value x = signed ? scope.let(a.xor(high)) : a;
        Value y = signed ? scope.let(b.xor(high)) : b;
        // the borrow of x - y
        Value difference = x.or(high).sub(y.and(~high)).xor(x.xor(y.not()).and(high));
        Value borrow = x.not().and(y).or(x.not().or(y).and(difference));
        return scope.let(borrow.and(high));
    }

    /** Whole lanes out of their highest bits, which are in a local. */
    static Value spread(Value bits, int width) {
        return bits.shl(1).sub(bits.shru(width - 1));
    }

    private static Value absolute(Helpers.Scope scope, Value a, int width) {
        Value negative = scope.let(a.and(high(width)));
        Value all = scope.let(spread(negative, width));
        // inverted and one more, where negative; the most negative one carries into no other
        return add(scope.let(a.xor(all)), scope.let(negative.shru(width - 1)), width);
    }

    /** Products of lanes of 16 bits. */
    static Value multiply(Value a, Value b) {
        Value all = Value.of(Op.I64_MUL, a, b).and(0xffff);
        for (int at = 16; at < 64; at += 16) {
            Value x = a.shru(at);
            Value y = b.shru(at);
            Value product = Value.of(Op.I64_MUL, x, y);
            all = all.or(at == 48 ? product.shl(at) : product.and(0xffff).shl(at));
        }
        return all;
    }

    private static Value multiplyRounding(Helpers.Scope scope, Value a, Value b) {
        Value all = Value.i64(0);
        for (int at = 0; at < 64; at += 16) {
            Value x = Value.of(Op.I32_EXTEND16_S, a.shru(at).wrap());
            Value y = Value.of(Op.I32_EXTEND16_S, b.shru(at).wrap());
            Value sum = Value.of(Op.I32_ADD, Value.of(Op.I32_MUL, x, y), Value.i32(0x4000));
            Value product = scope.letInt(Value.of(Op.I32_SHR_S, sum, Value.i32(15)));
            // only -1 * -1 is too much
            Value most = Value.i32(0x7fff);
            Value fitting =
                    Value.select(product, most, Value.of(Op.I32_LT_S, product, Value.i32(0x8000)));
            Value placed = scope.let(fitting.unsigned().and(0xffff).shl(at));
            all = at == 0 ? placed : all.or(placed);
        }
        return all;
    }

    private static Value countBits(Helpers.Scope scope, Value a) {
        Value pairs = scope.let(a.sub(a.shru(1).and(repeat(0x55, 8))));
        Value fours = scope.let(pairs.and(repeat(0x33, 8)).add(pairs.shru(2).and(repeat(0x33, 8))));
        return fours.add(fours.shru(4)).and(repeat(0x0f, 8));
    }

    private static Operation allTrue(int width) {
        long high = high(width);
        return function -> {
            int helper =
                    function.helpers()
                            .function(
                                    "all_true" + width,
                                    "JJ:I",
                                    scope -> {
                                        Value a = scope.parameter(0);
                                        Value b = scope.parameter(1);
                                        Value both =
                                                a.and(~high)
                                                        .add(~high)
                                                        .or(a)
                                                        .and(b.and(~high).add(~high).or(b));
                                        return Value.of(Op.I64_EQ, both.and(high), Value.i64(high));
                                    });
            Vector a = function.pop(Shape.LONGS);
            Value result = Value.call(helper, a.longPart(0), a.longPart(1));
            VectorOperations.pushScalar(function, ValueTypes.I32, result, a);
        };
    }

    private static Operation bitmask(int width) {
        int lanes = 64 / width;
        // gathers the bits in the uppermost lanes' places
        long factor = width == 8 ? 0x0102040810204080L : 1L << 48 | 1L << 33 | 1L << 18 | 1L << 3;
        return function -> {
            int helper =
                    function.helpers()
                            .function(
                                    "bitmask" + width,
                                    "J:I",
                                    scope ->
                                            scope.parameter(0)
                                                    .shru(width - 1)
                                                    .and(repeat(1, width))
                                                    .mul(factor)
                                                    .shru(64 - (width == 8 ? 8 : 16))
                                                    .and((1 << lanes) - 1)
                                                    .wrap());
            Vector a = function.pop(Shape.LONGS);
            boolean bits = a.isMask(width);
            Value low = bits ? a.maskBits(0) : a.longPart(0);
            Value high = bits ? a.maskBits(1) : a.longPart(1);
            Value upper = Value.of(Op.I32_SHL, Value.call(helper, high), Value.i32(lanes));
            Value result = Value.of(Op.I32_OR, Value.call(helper, low), upper);
            VectorOperations.pushScalar(function, ValueTypes.I32, result, a);
        };
    }
}
