package org.wasix4j.runtime.internal.lowering;

import static org.wasix4j.runtime.internal.lowering.VectorOperations.binary;
import static org.wasix4j.runtime.internal.lowering.VectorOperations.unary;

import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/** Instructions on whole numbers of 32 and 64 bits: each lane is a value of its own. */
final class LargeLanes {

    private LargeLanes() {}

    // ---- i32x4

    /** What an instruction of {@code i32x4} becomes, or null. */
    static @Nullable Operation ofInts(String operation) {
        Operation shift = LaneShifts.large(Shape.INTS, operation);
        if (shift != null) {
            return shift;
        }
        return switch (operation) {
            case "add", "sub", "mul" -> {
                int code = Op.code("i32." + operation);
                yield binary(Shape.INTS, (a, b) -> Value.of(code, a, b));
            }
            case "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u" ->
                    binary(Shape.INTS, (a, b) -> intMask(Op.code("i32." + operation), a, b));
            case "min_s" -> choose("min_s32", Op.I32_LT_S);
            case "min_u" -> choose("min_u32", Op.I32_LT_U);
            case "max_s" -> choose("max_s32", Op.I32_GT_S);
            case "max_u" -> choose("max_u32", Op.I32_GT_U);
            case "neg" -> unary(Shape.INTS, a -> Value.of(Op.I32_SUB, Value.i32(0), a));
            case "abs" ->
                    unary(
                            Shape.INTS,
                            "abs32",
                            "I:I",
                            scope -> {
                                Value a = scope.parameter(0);
                                Value sign = scope.letInt(Value.of(Op.I32_SHR_S, a, Value.i32(31)));
                                return Value.of(Op.I32_SUB, Value.of(Op.I32_XOR, a, sign), sign);
                            });
            case "all_true" -> LargeLanes::allInts;
            case "bitmask" -> LargeLanes::intSigns;
            case "trunc_sat_f32x4_s", "relaxed_trunc_f32x4_s" -> truncate("i32.trunc_sat_f32_s");
            case "trunc_sat_f32x4_u", "relaxed_trunc_f32x4_u" -> truncate("i32.trunc_sat_f32_u");
            case "trunc_sat_f64x2_s_zero", "relaxed_trunc_f64x2_s_zero" ->
                    truncateTwo("i32.trunc_sat_f64_s");
            case "trunc_sat_f64x2_u_zero", "relaxed_trunc_f64x2_u_zero" ->
                    truncateTwo("i32.trunc_sat_f64_u");
            case "relaxed_laneselect" -> VectorMoves.BITSELECT;
            default -> LaneWidths.ofInts(operation);
        };
    }

    /** All bits of an i32, or none, after a comparison. */
    static Value intMask(int comparison, Value a, Value b) {
        return Value.of(Op.I32_SUB, Value.i32(0), Value.of(comparison, a, b));
    }

    private static Operation choose(String name, int comparison) {
        return binary(
                Shape.INTS,
                name,
                "II:I",
                scope -> {
                    Value a = scope.parameter(0);
                    Value b = scope.parameter(1);
                    return Value.select(a, b, Value.of(comparison, a, b));
                });
    }

    private static void allInts(LoweredValues function) {
        Vector a = function.pop(Shape.INTS);
        Value all = Value.i32(0);
        for (int part = 0; part < 4; part++) {
            Value each = Value.of(Op.I32_NE, a.intPart(part), Value.i32(0));
            all = part == 0 ? each : Value.of(Op.I32_AND, all, each);
        }
        VectorOperations.pushScalar(function, ValueTypes.I32, all, a);
    }

    private static void intSigns(LoweredValues function) {
        Vector a = function.pop(Shape.INTS);
        Value all = Value.i32(0);
        for (int part = 0; part < 4; part++) {
            Value bit = Value.of(Op.I32_SHR_U, a.intPart(part), Value.i32(31));
            Value placed = part == 0 ? bit : Value.of(Op.I32_SHL, bit, Value.i32(part));
            all = part == 0 ? placed : Value.of(Op.I32_OR, all, placed);
        }
        VectorOperations.pushScalar(function, ValueTypes.I32, all, a);
    }

    private static Operation truncate(String instruction) {
        int code = Op.code(instruction);
        return unary(Shape.FLOATS, Shape.INTS, a -> Value.of(code, a));
    }

    private static Operation truncateTwo(String instruction) {
        int code = Op.code(instruction);
        return function -> {
            Vector a = function.pop(Shape.DOUBLES);
            function.gather(
                    Shape.INTS,
                    part -> part < 2 ? Value.of(code, a.part(Shape.DOUBLES, part)) : Value.i32(0),
                    a);
        };
    }

    // ---- i64x2

    /** What an instruction of {@code i64x2} becomes, or null. */
    static @Nullable Operation ofLongs(String operation) {
        Operation shift = LaneShifts.large(Shape.LONGS, operation);
        if (shift != null) {
            return shift;
        }
        return switch (operation) {
            case "add", "sub", "mul" -> {
                int code = Op.code("i64." + operation);
                yield binary(Shape.LONGS, (a, b) -> Value.of(code, a, b));
            }
            case "eq", "ne", "lt_s", "gt_s", "le_s", "ge_s" ->
                    binary(Shape.LONGS, (a, b) -> longMask(Op.code("i64." + operation), a, b));
            case "neg" -> unary(Shape.LONGS, a -> Value.i64(0).sub(a));
            case "abs" ->
                    unary(
                            Shape.LONGS,
                            "abs64",
                            "J:J",
                            scope -> {
                                Value a = scope.parameter(0);
                                Value sign = scope.let(Value.of(Op.I64_SHR_S, a, Value.i64(63)));
                                return a.xor(sign).sub(sign);
                            });
            case "all_true" -> LargeLanes::allLongs;
            case "bitmask" -> LargeLanes::longSigns;
            case "relaxed_laneselect" -> VectorMoves.BITSELECT;
            default -> LaneWidths.ofLongs(operation);
        };
    }

    /** All bits of an i64, or none, after a comparison. */
    static Value longMask(int comparison, Value a, Value b) {
        return Value.i64(0).sub(Value.of(comparison, a, b).unsigned());
    }

    private static void allLongs(LoweredValues function) {
        Vector a = function.pop(Shape.LONGS);
        Value all =
                Value.of(
                        Op.I32_AND,
                        Value.of(Op.I64_NE, a.longPart(0), Value.i64(0)),
                        Value.of(Op.I64_NE, a.longPart(1), Value.i64(0)));
        VectorOperations.pushScalar(function, ValueTypes.I32, all, a);
    }

    private static void longSigns(LoweredValues function) {
        Vector a = function.pop(Shape.LONGS);
        Value signs = a.longPart(0).shru(63).or(a.longPart(1).shru(63).shl(1));
        VectorOperations.pushScalar(function, ValueTypes.I32, signs.wrap(), a);
    }
}
