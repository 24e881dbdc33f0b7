package org.wasix4j.runtime.internal.lowering;

import java.util.Objects;
import org.wasix4j.types.Nullable;

/** Shifts of lanes. */
final class LaneShifts {

    /** The direction of a shift. */
    private enum Kind {
        SHL(Op.I32_SHL, Op.I64_SHL),
        SHR_S(Op.I32_SHR_S, Op.I64_SHR_S),
        SHR_U(Op.I32_SHR_U, Op.I64_SHR_U);

        private final int ints;
        private final int longs;

        Kind(int ints, int longs) {
            this.ints = ints;
            this.longs = longs;
        }
    }

    private LaneShifts() {}

    /** Whether an instruction shifts lanes. */
    static boolean isShift(Instruction instruction) {
        return kind(operation(instruction)) != null;
    }

    private static String operation(Instruction instruction) {
        return instruction.name().substring(instruction.name().indexOf('.') + 1);
    }

    private static @Nullable Kind kind(String operation) {
        return switch (operation) {
            case "shl" -> Kind.SHL;
            case "shr_s" -> Kind.SHR_S;
            case "shr_u" -> Kind.SHR_U;
            default -> null;
        };
    }

    private static int width(Instruction instruction) {
        String name = instruction.name();
        return Integer.parseInt(name.substring(1, name.indexOf('x')));
    }

    /** A shift by a number on the stack, for lanes of 8 or 16 bits; null for another operation. */
    static @Nullable VectorOperations.Operation small(int width, String operation) {
        Kind kind = kind(operation);
        if (kind == null) {
            return null;
        }
        return function -> {
            int count = function.popToLocal();
            int helper =
                    function.helpers()
                            .function(
                                    operation + width,
                                    "JI:J",
                                    scope ->
                                            variable(
                                                    scope,
                                                    width,
                                                    kind,
                                                    scope.parameter(0),
                                                    scope.parameter(1)));
            Vector a = function.pop(Shape.LONGS);
            function.map(
                    Shape.LONGS,
                    part -> Value.call(helper, a.longPart(part), Value.local(count)),
                    a);
            function.locals().release(count);
        };
    }

    /** A shift by a number on the stack, for lanes of 32 or 64 bits; null for another operation. */
    static @Nullable VectorOperations.Operation large(Shape shape, String operation) {
        Kind kind = kind(operation);
        if (kind == null) {
            return null;
        }
        return function -> {
            int count = function.popToLocal();
            Vector a = function.pop(shape);
            function.map(
                    shape, part -> large(shape, kind, a.part(shape, part), Value.local(count)), a);
            function.locals().release(count);
        };
    }

    private static Value large(Shape shape, Kind kind, Value value, Value count) {
        return shape == Shape.INTS
                ? Value.of(kind.ints, value, count)
                : Value.of(kind.longs, value, count.unsigned());
    }

    /** A shift by a constant. */
    static void lower(Instruction instruction, int count, LoweredValues function) {
        int width = width(instruction);
        Kind kind = Objects.requireNonNull(kind(operation(instruction)), instruction.name());
        int by = count & width - 1;
        Shape shape = width == 32 ? Shape.INTS : Shape.LONGS;
        Vector a = function.pop(shape);
        if (width >= 32) {
            Value constant = width == 32 ? Value.i32(by) : Value.i64(by);
            int code = width == 32 ? kind.ints : kind.longs;
            function.map(shape, part -> Value.of(code, a.part(shape, part), constant), a);
            return;
        }
        long lane = (1L << width) - 1;
        switch (kind) {
            case SHL -> {
                long mask = SmallLanes.repeat(lane << by & lane, width);
                function.map(shape, part -> a.longPart(part).shl(by).and(mask), a);
            }
            case SHR_U -> {
                long mask = SmallLanes.repeat(lane >>> by, width);
                function.map(shape, part -> a.longPart(part).shru(by).and(mask), a);
            }
            default -> {
                int helper =
                        function.helpers()
                                .function(
                                        "shr_s" + width + "by" + by,
                                        "J:J",
                                        scope ->
                                                signed(
                                                        scope.parameter(0).shru(by),
                                                        lane >>> by,
                                                        scope,
                                                        width));
                function.map(shape, part -> Value.call(helper, a.longPart(part)), a);
            }
        }
    }

    /** Lanes that were shifted to the right with zeros, with their signs put in front. */
    private static Value signed(Value shifted, long lane, Helpers.Scope scope, int width) {
        long mask = SmallLanes.repeat(lane, width);
        long sign = SmallLanes.repeat(lane + 1 >>> 1, width);
        Value x = scope.let(shifted.and(mask));
        // what is above the sign, where the sign is set: 2^width - 2 signs, in each lane
        Value set = scope.let(x.and(sign));
        long factor = (1L << width) / (lane + 1 >>> 1) - 2;
        return x.or(set.mul(factor));
    }

    private static Value variable(
            Helpers.Scope scope, int width, Kind kind, Value a, Value parameter) {
        long lane = (1L << width) - 1;
        Value count = scope.let(Value.of(Op.I32_AND, parameter, Value.i32(width - 1)).unsigned());
        if (kind == Kind.SHL) {
            Value mask = scope.let(Value.of(Op.I64_SHL, Value.i64(lane), count).and(lane));
            return Value.of(Op.I64_SHL, a, count).and(mask.mul(SmallLanes.repeat(1, width)));
        }
        Value mask =
                scope.let(
                        Value.of(Op.I64_SHR_U, Value.i64(lane), count)
                                .mul(SmallLanes.repeat(1, width)));
        Value shifted = Value.of(Op.I64_SHR_U, a, count).and(mask);
        if (kind == Kind.SHR_U) {
            return shifted;
        }
        Value negative = a.shru(width - 1).and(SmallLanes.repeat(1, width)).mul(lane);
        return shifted.or(negative.and(mask.not()));
    }
}
