package org.wasix4j.runtime.internal.lowering;

import static org.wasix4j.runtime.internal.lowering.VectorOperations.binary;
import static org.wasix4j.runtime.internal.lowering.VectorOperations.unary;

import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/** Instructions on floating point numbers: each lane is a value of its own. */
final class FloatLanes {

    private FloatLanes() {}

    /** What an instruction of {@code f32x4} becomes, or null. */
    static @Nullable Operation ofFloats(String operation) {
        return switch (operation) {
            case "convert_i32x4_s" -> convert("f32.convert_i32_s");
            case "convert_i32x4_u" -> convert("f32.convert_i32_u");
            case "demote_f64x2_zero" -> FloatLanes::demote;
            case "relaxed_madd" ->
                    multiplyAndAdd(Shape.FLOATS, (a, b, c) -> sum32(product32(a, b), c));
            case "relaxed_nmadd" ->
                    multiplyAndAdd(
                            Shape.FLOATS,
                            (a, b, c) -> sum32(Value.of(Op.F32_NEG, product32(a, b)), c));
            case "eq", "ne", "lt", "gt", "le", "ge" ->
                    binary(
                            Shape.FLOATS,
                            Shape.INTS,
                            (a, b) -> LargeLanes.intMask(Op.code("f32." + operation), a, b));
            default -> common(Shape.FLOATS, "f32", operation);
        };
    }

    /** What an instruction of {@code f64x2} becomes, or null. */
    static @Nullable Operation ofDoubles(String operation) {
        return switch (operation) {
            case "convert_low_i32x4_s" -> widen(Shape.INTS, "f64.convert_i32_s");
            case "convert_low_i32x4_u" -> widen(Shape.INTS, "f64.convert_i32_u");
            case "promote_low_f32x4" -> widen(Shape.FLOATS, "f64.promote_f32");
            case "relaxed_madd" ->
                    multiplyAndAdd(Shape.DOUBLES, (a, b, c) -> sum64(product64(a, b), c));
            case "relaxed_nmadd" ->
                    multiplyAndAdd(
                            Shape.DOUBLES,
                            (a, b, c) -> sum64(Value.of(Op.F64_NEG, product64(a, b)), c));
            case "eq", "ne", "lt", "gt", "le", "ge" ->
                    binary(
                            Shape.DOUBLES,
                            Shape.LONGS,
                            (a, b) -> LargeLanes.longMask(Op.code("f64." + operation), a, b));
            default -> common(Shape.DOUBLES, "f64", operation);
        };
    }

    private static @Nullable Operation common(Shape shape, String lane, String operation) {
        return switch (operation) {
            case "abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest" -> {
                int code = Op.code(lane + "." + operation);
                yield unary(shape, a -> Value.of(code, a));
            }
            case "add", "sub", "mul", "div", "min", "max" -> {
                int code = Op.code(lane + "." + operation);
                yield binary(shape, (a, b) -> Value.of(code, a, b));
            }
            case "relaxed_min", "relaxed_max" ->
                    common(shape, lane, operation.substring("relaxed_".length()));
            // b < a ? b : a, and a < b ? b : a
            case "pmin" -> choose(shape, Op.code(lane + ".lt"), true);
            case "pmax" -> choose(shape, Op.code(lane + ".lt"), false);
            default -> null;
        };
    }

    private static Operation choose(Shape shape, int less, boolean swapped) {
        return binary(
                shape,
                (a, b) ->
                        Value.select(b, a, swapped ? Value.of(less, b, a) : Value.of(less, a, b)));
    }

    private static Operation convert(String instruction) {
        int code = Op.code(instruction);
        return unary(Shape.INTS, Shape.FLOATS, a -> Value.of(code, a));
    }

    private static Operation widen(Shape from, String instruction) {
        int code = Op.code(instruction);
        return function -> {
            Vector a = function.pop(from);
            function.gather(Shape.DOUBLES, part -> Value.of(code, a.part(from, part)), a);
        };
    }

    private static void demote(LoweredValues function) {
        int code = Op.code("f32.demote_f64");
        Vector a = function.pop(Shape.DOUBLES);
        Vector zero = Vector.constant(0, 0);
        function.gather(
                Shape.FLOATS,
                part ->
                        part < 2
                                ? Value.of(code, a.part(Shape.DOUBLES, part))
                                : zero.part(Shape.FLOATS, part),
                a);
    }

    private interface Three {
        Value of(Value a, Value b, Value c);
    }

    private static Operation multiplyAndAdd(Shape shape, Three each) {
        return function -> {
            Vector c = function.pop(shape);
            Vector b = function.pop(shape);
            Vector a = function.pop(shape);
            function.map(
                    shape,
                    part -> each.of(a.part(shape, part), b.part(shape, part), c.part(shape, part)),
                    a,
                    b,
                    c);
        };
    }

    private static Value product32(Value a, Value b) {
        return Value.of(Op.F32_MUL, a, b);
    }

    private static Value sum32(Value a, Value b) {
        return Value.of(Op.F32_ADD, a, b);
    }

    private static Value product64(Value a, Value b) {
        return Value.of(Op.F64_MUL, a, b);
    }

    private static Value sum64(Value a, Value b) {
        return Value.of(Op.F64_ADD, a, b);
    }
}
