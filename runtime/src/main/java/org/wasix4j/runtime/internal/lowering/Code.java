package org.wasix4j.runtime.internal.lowering;

/** Writes instructions. */
final class Code {

    private final BinaryWriter out;

    /** Writes where something is written already. */
    Code(BinaryWriter out) {
        this.out = out;
    }

    /** What it writes to. */
    BinaryWriter out() {
        return out;
    }

    /** An instruction without immediates. */
    Code op(int code) {
        Instruction.write(out, code);
        return this;
    }

    /** An instruction with a number behind it. */
    Code op(int code, int number) {
        op(code);
        out.u32(number);
        return this;
    }

    /** Pushes a local. */
    Code get(int local) {
        return op(Instruction.LOCAL_GET, local);
    }

    /** Pops into a local. */
    Code set(int local) {
        return op(Instruction.LOCAL_SET, local);
    }

    /** Copies into a local. */
    Code tee(int local) {
        return op(Instruction.LOCAL_TEE, local);
    }

    /** A constant of 32 bits. */
    Code i32(int value) {
        op(Instruction.I32_CONST);
        out.signed(value);
        return this;
    }

    /** A constant of 64 bits. */
    Code i64(long value) {
        op(Instruction.I64_CONST);
        out.signed(value);
        return this;
    }

    /** The value that a local of a type has at first. */
    Code zero(int type) {
        switch (type) {
            case ValueTypes.I32 -> i32(0);
            case ValueTypes.I64 -> i64(0);
            case ValueTypes.F32 -> op(Op.F32_CONST).out.raw(new byte[4], 0, 4);
            case ValueTypes.F64 -> op(Op.F64_CONST).out.raw(new byte[8], 0, 8);
            case ValueTypes.V128 -> op(Instruction.V128_CONST).out.raw(new byte[16], 0, 16);
            default -> {
                op(Instruction.REF_NULL);
                if ((type & 0xff) == ValueTypes.REF_NULL) {
                    out.signed(type >> 8);
                } else {
                    out.u8(type);
                }
            }
        }
        return this;
    }

    /** A load or store. */
    Code memory(int code, MemoryArgument argument, int most, int further) {
        op(code);
        argument.write(out, most, further);
        return this;
    }

    /** A value. */
    Code value(Value value) {
        value.write(this);
        return this;
    }
}
