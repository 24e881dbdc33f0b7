package org.wasix4j.runtime.internal.lowering;

/** The codes of the instructions that passes write. */
final class Op {

    static final int I32_EQZ = code("i32.eqz");
    static final int I32_NE = code("i32.ne");
    static final int I32_LT_S = code("i32.lt_s");
    static final int I32_LT_U = code("i32.lt_u");
    static final int I32_GT_S = code("i32.gt_s");
    static final int I32_GT_U = code("i32.gt_u");
    static final int I32_ADD = code("i32.add");
    static final int I32_SUB = code("i32.sub");
    static final int I32_MUL = code("i32.mul");
    static final int I32_AND = code("i32.and");
    static final int I32_OR = code("i32.or");
    static final int I32_XOR = code("i32.xor");
    static final int I32_SHL = code("i32.shl");
    static final int I32_SHR_S = code("i32.shr_s");
    static final int I32_SHR_U = code("i32.shr_u");
    static final int I32_ROTL = code("i32.rotl");
    static final int I32_EXTEND8_S = code("i32.extend8_s");
    static final int I32_EXTEND16_S = code("i32.extend16_s");
    static final int I32_WRAP = code("i32.wrap_i64");
    static final int I64_EQZ = code("i64.eqz");
    static final int I64_EQ = code("i64.eq");
    static final int I64_NE = code("i64.ne");
    static final int I64_LT_U = code("i64.lt_u");
    static final int I64_ADD = code("i64.add");
    static final int I64_SUB = code("i64.sub");
    static final int I64_MUL = code("i64.mul");
    static final int I64_AND = code("i64.and");
    static final int I64_OR = code("i64.or");
    static final int I64_XOR = code("i64.xor");
    static final int I64_SHL = code("i64.shl");
    static final int I64_SHR_S = code("i64.shr_s");
    static final int I64_SHR_U = code("i64.shr_u");
    static final int I64_ROTL = code("i64.rotl");
    static final int I64_EXTEND_I32_S = code("i64.extend_i32_s");
    static final int I64_EXTEND_I32_U = code("i64.extend_i32_u");
    static final int F32_MUL = code("f32.mul");
    static final int F32_ADD = code("f32.add");
    static final int F32_NEG = code("f32.neg");
    static final int F32_REINTERPRET = code("f32.reinterpret_i32");
    static final int F64_MUL = code("f64.mul");
    static final int F64_ADD = code("f64.add");
    static final int F64_NEG = code("f64.neg");
    static final int F64_REINTERPRET = code("f64.reinterpret_i64");
    static final int I32_REINTERPRET = code("i32.reinterpret_f32");
    static final int I64_REINTERPRET = code("i64.reinterpret_f64");
    static final int F32_CONST = code("f32.const");
    static final int F64_CONST = code("f64.const");

    private Op() {}

    /** The code of the instruction of a name. */
    static int code(String name) {
        return Instructions.named(name).code();
    }
}
