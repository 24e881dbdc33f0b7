package org.wasix4j.runtime.internal.lowering;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * What each SIMD instruction becomes. The instructions of relaxed SIMD are those of which they are
 * relaxed forms; a fused multiplication is one that is not fused. So they answer the same
 * everywhere.
 */
final class VectorOperations {

    /** An instruction; its immediates are still to be read. */
    interface Operation {

        /** Writes what it becomes. */
        void lower(LoweredValues function);
    }

    private static final Operation[] OPERATIONS = new Operation[276];

    static {
        for (Instruction each : Instructions.all()) {
            if (each.prefix() == Instruction.SIMD) {
                OPERATIONS[each.number()] = of(each);
            }
        }
    }

    private VectorOperations() {}

    /** Writes what an instruction becomes. */
    static void lower(Instruction instruction, LoweredValues function) {
        OPERATIONS[instruction.number()].lower(function);
    }

    /** Whether there is something for each instruction; else the name of one without. */
    private static Operation of(Instruction instruction) {
        String name = instruction.name();
        int dot = name.indexOf('.');
        String lanes = name.substring(0, dot);
        String operation = name.substring(dot + 1);
        Operation found = VectorMoves.of(instruction, lanes, operation);
        if (found == null) {
            found =
                    switch (lanes) {
                        case "i8x16" -> SmallLanes.of(8, operation);
                        case "i16x8" -> SmallLanes.of(16, operation);
                        case "i32x4" -> LargeLanes.ofInts(operation);
                        case "i64x2" -> LargeLanes.ofLongs(operation);
                        case "f32x4" -> FloatLanes.ofFloats(operation);
                        case "f64x2" -> FloatLanes.ofDoubles(operation);
                        default -> null;
                    };
        }
        if (found == null) {
            throw new IllegalStateException("no way for " + name);
        }
        return found;
    }

    /** One operand, part by part. */
    static Operation unary(Shape shape, UnaryOperator<Value> each) {
        return unary(shape, shape, each);
    }

    /** One operand, part by part, with a result that is held in another way. */
    static Operation unary(Shape from, Shape to, UnaryOperator<Value> each) {
        return function -> {
            Vector a = function.pop(from);
            function.map(to, part -> each.apply(a.part(from, part)), a);
        };
    }

    /** Two operands, part by part. */
    static Operation binary(Shape shape, BinaryOperator<Value> each) {
        return binary(shape, shape, each);
    }

    /** Two operands, part by part, with a result that is held in another way. */
    static Operation binary(Shape from, Shape to, BinaryOperator<Value> each) {
        return function -> {
            Vector b = function.pop(from);
            Vector a = function.pop(from);
            function.map(to, part -> each.apply(a.part(from, part), b.part(from, part)), a, b);
        };
    }

    /** One operand, part by part through a function of one parameter. */
    static Operation unary(Shape shape, String helper, String signature, Helpers.Body body) {
        return function -> {
            int number = function.helpers().function(helper, signature, body);
            unary(shape, a -> Value.call(number, a)).lower(function);
        };
    }

    /** Two operands, part by part through a function of two parameters. */
    static Operation binary(Shape shape, String helper, String signature, Helpers.Body body) {
        return function -> {
            int number = function.helpers().function(helper, signature, body);
            binary(shape, (a, b) -> Value.call(number, a, b)).lower(function);
        };
    }

    /** The same with its operands the other way round. */
    static Operation swapped(Operation operation) {
        return function -> {
            Vector b = function.stack().popVector();
            Vector a = function.stack().popVector();
            function.stack().push(b);
            function.stack().push(a);
            operation.lower(function);
        };
    }

    /** Pushes a value that is no vector, and releases what it was made of. */
    static void pushScalar(LoweredValues function, int type, Value value, Vector... operands) {
        function.code().value(value);
        function.release(operands);
        function.stack().push(type);
    }

    /**
     * When the next instruction shifts by the constant that is about to be pushed, writes it.
     *
     * @return false when it is another instruction
     */
    static boolean lowerShift(int count, LoweredValues function) {
        BinaryReader in = function.in();
        if (!in.hasMore() || in.peek() != Instruction.SIMD) {
            return false;
        }
        int start = in.position();
        Instruction next = Instructions.read(in);
        if (LaneShifts.isShift(next)) {
            LaneShifts.lower(next, count, function);
            return true;
        }
        in.seek(start);
        return false;
    }
}
