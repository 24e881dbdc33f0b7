package org.wasix4j.runtime.internal.lowering;

import org.wasix4j.runtime.internal.lowering.VectorOperations.Operation;
import org.wasix4j.types.Nullable;

/**
 * Loads and stores of vectors. A store writes its last part first: it is the one that lies outside
 * of the memory when any does, and then nothing is written.
 */
final class VectorMemory {

    private static final int[] LOADS = {
        Op.code("i64.load8_u"),
        Op.code("i64.load16_u"),
        Op.code("i64.load32_u"),
        Op.code("i64.load")
    };

    private static final int[] STORES = {
        Op.code("i32.store8"), Op.code("i32.store16"), Op.code("i32.store"), Op.code("i64.store")
    };

    private static final int LONGS_LOAD32_S = Op.code("i64.load32_s");

    private VectorMemory() {}

    /** What an instruction becomes, or null when it is neither a load nor a store. */
    static @Nullable Operation of(String operation) {
        return switch (operation) {
            case "load" -> VectorMemory::load;
            case "store" -> VectorMemory::store;
            case "load8x8_s", "load8x8_u", "load16x4_s", "load16x4_u", "load32x2_s", "load32x2_u" ->
                    loadAndExtend(
                            Integer.parseInt(operation.substring(4, operation.indexOf('x'))),
                            operation.endsWith("_s"));
            case "load8_splat", "load16_splat", "load32_splat", "load64_splat" ->
                    splat(exponent(operation));
            case "load32_zero", "load64_zero" -> zero(exponent(operation));
            case "load8_lane", "load16_lane", "load32_lane", "load64_lane" ->
                    loadLane(exponent(operation));
            case "store8_lane", "store16_lane", "store32_lane", "store64_lane" ->
                    storeLane(exponent(operation));
            default -> null;
        };
    }

    /** How many bytes are moved, as a power of two. */
    private static int exponent(String operation) {
        if (operation.contains("8")) {
            return 0;
        }
        return operation.contains("16") ? 1 : operation.contains("32") ? 2 : 3;
    }

    private static int loadOf(Shape shape) {
        return switch (shape) {
            case LONGS -> Op.code("i64.load");
            case INTS -> Op.code("i32.load");
            case FLOATS -> Op.code("f32.load");
            case DOUBLES -> Op.code("f64.load");
        };
    }

    private static int storeOf(Shape shape) {
        return switch (shape) {
            case LONGS -> Op.code("i64.store");
            case INTS -> Op.code("i32.store");
            case FLOATS -> Op.code("f32.store");
            case DOUBLES -> Op.code("f64.store");
        };
    }

    private static int exponent(Shape shape) {
        return shape.bytes() == 8 ? 3 : 2;
    }

    private static void load(LoweredValues function) {
        MemoryArgument argument = MemoryArgument.read(function.in(), 4);
        int variable = function.shapes().nextLoad();
        Shape shape = function.assignedShape(function.shapes().of(variable));
        int address = function.popToLocal();
        Parts parts =
                part ->
                        access(
                                loadOf(shape),
                                address,
                                argument,
                                exponent(shape),
                                part * shape.bytes());
        function.load(shape, parts::of, variable);
        function.locals().release(address);
    }

    private interface Parts {
        Value of(int part);
    }

    private static Value access(
            int code, int address, MemoryArgument argument, int most, int further) {
        return out -> out.get(address).memory(code, argument, most, further);
    }

    private static void store(LoweredValues function) {
        MemoryArgument argument = MemoryArgument.read(function.in(), 4);
        Vector a = function.stack().popVector();
        Shape shape = a.isConstant() ? Shape.LONGS : a.shape();
        int address = function.popToLocal();
        for (int i = 0; i < shape.parts(); i++) {
            int part = (i + shape.parts() - 1) % shape.parts();
            function.code()
                    .get(address)
                    .value(a.part(shape, part))
                    .memory(storeOf(shape), argument, exponent(shape), part * shape.bytes());
        }
        function.release(a);
        function.locals().release(address);
    }

    private static Operation loadAndExtend(int width, boolean signed) {
        return function -> {
            MemoryArgument argument = MemoryArgument.read(function.in(), 3);
            int address = function.popToLocal();
            if (width == 32) {
                int code = signed ? LONGS_LOAD32_S : LOADS[2];
                function.gather(Shape.LONGS, part -> access(code, address, argument, 2, 4 * part));
            } else {
                // as one i64 first: all of it is read, or nothing
                int whole = function.locals().take(ValueTypes.I64);
                function.code().value(access(LOADS[3], address, argument, 3, 0)).set(whole);
                Vector half = Vector.in(Shape.LONGS, new int[] {whole, whole}, Shapes.NONE);
                function.stack().push(half);
                function.locals().retain(whole);
                LaneWidths.extendLow(width, signed).lower(function);
            }
            function.locals().release(address);
        };
    }

    private static int loaded(LoweredValues function, int exponent) {
        MemoryArgument argument = MemoryArgument.read(function.in(), exponent);
        function.stack().pop();
        int local = function.locals().take(ValueTypes.I64);
        function.code().memory(LOADS[exponent], argument, exponent, 0).set(local);
        return local;
    }

    private static Operation splat(int exponent) {
        return function -> {
            if (exponent == 2) {
                MemoryArgument argument = MemoryArgument.read(function.in(), 2);
                Shape shape = function.assignedShape(Shape.INTS);
                boolean floats = shape == Shape.FLOATS;
                function.stack().pop();
                int local = function.locals().take(floats ? shape.type() : ValueTypes.I32);
                function.code()
                        .memory(loadOf(floats ? shape : Shape.INTS), argument, 2, 0)
                        .set(local);
                VectorMoves.fill(function, floats ? shape : Shape.INTS, local);
                return;
            }
            int local = loaded(function, exponent);
            if (exponent < 2) {
                function.code()
                        .get(local)
                        .i64(SmallLanes.repeat(1, 8 << exponent))
                        .op(Op.I64_MUL)
                        .set(local);
            }
            VectorMoves.fill(function, Shape.LONGS, local);
        };
    }

    private static Operation zero(int exponent) {
        return function -> {
            int local = loaded(function, exponent);
            Vector zero = Vector.constant(0, 0);
            Vector low = Vector.in(Shape.LONGS, new int[] {local, local}, Shapes.NONE);
            function.rearrange(Shape.LONGS, new Vector[] {low, zero}, new int[] {0, 0});
            function.locals().release(local);
        };
    }

    private static Operation loadLane(int exponent) {
        return function -> {
            int width = 8 << exponent;
            MemoryArgument argument = MemoryArgument.read(function.in(), exponent);
            int lane = VectorMoves.lane(function, width);
            Vector a = function.stack().popVector();
            int address = function.popToLocal();
            Value value = access(LOADS[exponent], address, argument, exponent, 0);
            int local = function.locals().take(width == 64 ? ValueTypes.I64 : ValueTypes.I32);
            function.code().value(width == 64 ? value : value.wrap()).set(local);
            function.locals().release(address);
            function.stack().push(a);
            Shape shape = width == 32 ? Shape.INTS : Shape.LONGS;
            VectorMoves.replace(function, shape, width, lane, local);
        };
    }

    private static Operation storeLane(int exponent) {
        return function -> {
            int width = 8 << exponent;
            MemoryArgument argument = MemoryArgument.read(function.in(), exponent);
            int lane = VectorMoves.lane(function, width);
            Vector a = function.stack().popVector();
            Value value =
                    switch (width) {
                        case 64 -> a.longPart(lane);
                        case 32 -> a.intPart(lane);
                        default -> VectorMoves.small(a, width, lane, false);
                    };
            function.stack().pop();
            function.code().value(value).memory(STORES[exponent], argument, exponent, 0);
            function.release(a);
        };
    }
}
