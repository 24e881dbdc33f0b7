package org.wasix4j.runtime.internal.lowering;

import java.util.Objects;

/** Sums and products of 128 bits. */
final class WideArithmetic {

    private WideArithmetic() {}

    /** Writes what an instruction becomes. */
    static void lower(Instruction instruction, LoweredValues function) {
        int[] operands = new int[Objects.requireNonNull(instruction.operands()).length];
        for (int i = operands.length - 1; i >= 0; i--) {
            operands[i] = function.popToLocal();
        }
        Value[] x = new Value[operands.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = Value.local(operands[i]);
        }
        Code code = function.code();
        switch (instruction.name()) {
            case "i64.add128" -> {
                int low = function.locals().take(ValueTypes.I64);
                code.value(x[0].add(x[2])).tee(low);
                Value carry = Value.of(Op.I64_LT_U, Value.local(low), x[0]).unsigned();
                code.value(x[1].add(x[3]).add(carry));
                function.locals().release(low);
            }
            case "i64.sub128" -> {
                Value borrow = Value.of(Op.I64_LT_U, x[0], x[2]).unsigned();
                code.value(x[0].sub(x[2])).value(x[1].sub(x[3]).sub(borrow));
            }
            default -> {
                boolean signed = instruction.name().endsWith("_s");
                int high =
                        function.helpers()
                                .function(
                                        signed ? "mulHighSigned" : "mulHighUnsigned",
                                        "JJ:J",
                                        scope -> high(scope, signed));
                code.value(Value.of(Op.I64_MUL, x[0], x[1])).value(Value.call(high, x[0], x[1]));
            }
        }
        for (int operand : operands) {
            function.locals().release(operand);
        }
        for (int result : Objects.requireNonNull(instruction.results())) {
            function.stack().push(result);
        }
    }

    /** The upper half of a product, by halves of its factors. */
    private static Value high(Helpers.Scope scope, boolean signed) {
        Value a = scope.parameter(0);
        Value b = scope.parameter(1);
        Value lowA = scope.let(a.and(0xffffffffL));
        Value lowB = scope.let(b.and(0xffffffffL));
        Value highA = scope.let(a.shru(32));
        Value highB = scope.let(b.shru(32));
        Value first = Value.of(Op.I64_MUL, lowA, lowB).shru(32);
        Value middle = scope.let(Value.of(Op.I64_MUL, highA, lowB).add(first));
        Value other = scope.let(Value.of(Op.I64_MUL, lowA, highB).add(middle.and(0xffffffffL)));
        Value high = Value.of(Op.I64_MUL, highA, highB).add(middle.shru(32)).add(other.shru(32));
        if (!signed) {
            return high;
        }
        Value signA = Value.of(Op.I64_SHR_S, a, Value.i64(63));
        Value signB = Value.of(Op.I64_SHR_S, b, Value.i64(63));
        return high.sub(signA.and(b)).sub(signB.and(a));
    }
}
