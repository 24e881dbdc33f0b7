package org.wasix4j.runtime.internal.lowering;

/**
 * What pushes one value: a formula over locals and constants, to be written as instructions. The
 * methods are the instructions of the same names.
 */
@FunctionalInterface
interface Value {

    /** Writes the instructions that push it. */
    void write(Code out);

    /** A local. */
    static Value local(int local) {
        return out -> out.get(local);
    }

    /** A constant of 32 bits. */
    static Value i32(int value) {
        return out -> out.i32(value);
    }

    /** A constant of 64 bits. */
    static Value i64(long value) {
        return out -> out.i64(value);
    }

    /** An instruction and its operands. */
    static Value of(int code, Value a) {
        return out -> out.value(a).op(code);
    }

    /** An instruction and its operands. */
    static Value of(int code, Value a, Value b) {
        return out -> out.value(a).value(b).op(code);
    }

    /** The first one when the condition is not 0, else the second. */
    static Value select(Value a, Value b, Value condition) {
        return out -> out.value(a).value(b).value(condition).op(Instruction.SELECT);
    }

    /** The result of a function. */
    static Value call(int function, Value... arguments) {
        return out -> {
            for (Value argument : arguments) {
                out.value(argument);
            }
            out.op(Instruction.CALL, function);
        };
    }

    /** {@code i64.and}. */
    default Value and(Value other) {
        return of(Op.I64_AND, this, other);
    }

    /** {@code i64.and} with a constant. */
    default Value and(long mask) {
        return mask == -1 ? this : and(i64(mask));
    }

    /** {@code i64.or}. */
    default Value or(Value other) {
        return of(Op.I64_OR, this, other);
    }

    /** {@code i64.or} with a constant. */
    default Value or(long mask) {
        return or(i64(mask));
    }

    /** {@code i64.xor}. */
    default Value xor(Value other) {
        return of(Op.I64_XOR, this, other);
    }

    /** {@code i64.xor} with a constant. */
    default Value xor(long mask) {
        return xor(i64(mask));
    }

    /** All 64 bits inverted. */
    default Value not() {
        return xor(-1);
    }

    /** {@code i64.add}. */
    default Value add(Value other) {
        return of(Op.I64_ADD, this, other);
    }

    /** {@code i64.add} with a constant. */
    default Value add(long value) {
        return add(i64(value));
    }

    /** {@code i64.sub}. */
    default Value sub(Value other) {
        return of(Op.I64_SUB, this, other);
    }

    /** {@code i64.mul} with a constant. */
    default Value mul(long factor) {
        return of(Op.I64_MUL, this, i64(factor));
    }

    /** {@code i64.shl} by a constant. */
    default Value shl(int count) {
        return count == 0 ? this : of(Op.I64_SHL, this, i64(count));
    }

    /** {@code i64.shr_u} by a constant. */
    default Value shru(int count) {
        return count == 0 ? this : of(Op.I64_SHR_U, this, i64(count));
    }

    /** {@code i32.wrap_i64}. */
    default Value wrap() {
        return of(Op.I32_WRAP, this);
    }

    /** {@code i64.extend_i32_u}. */
    default Value unsigned() {
        return of(Op.I64_EXTEND_I32_U, this);
    }
}
