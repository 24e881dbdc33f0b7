package org.wasix4j.runtime.internal.lowering;

import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * An instruction of WebAssembly; {@link Instructions} has them all.
 *
 * @param code the byte that it begins with; for one with a prefix, the prefix times 65,536 plus its
 *     number
 * @param name as the text format calls it
 * @param immediates what follows the code
 * @param operands the types that it takes from the stack, the topmost last; null when that depends
 *     on its immediates or on the types of the module
 * @param results the types that it puts there; null in the same cases
 */
public record Instruction(
        int code,
        String name,
        List<Immediate> immediates,
        @Nullable int[] operands,
        @Nullable int[] results) {

    static final int UNREACHABLE = 0x00;
    static final int NOP = 0x01;
    static final int BLOCK = 0x02;
    static final int LOOP = 0x03;
    static final int IF = 0x04;
    static final int ELSE = 0x05;
    static final int TRY = 0x06;
    static final int CATCH = 0x07;
    static final int THROW = 0x08;
    static final int RETHROW = 0x09;
    static final int THROW_REF = 0x0a;
    static final int END = 0x0b;
    static final int BR = 0x0c;
    static final int BR_IF = 0x0d;
    static final int BR_TABLE = 0x0e;
    static final int RETURN = 0x0f;
    static final int CALL = 0x10;
    static final int CALL_INDIRECT = 0x11;
    static final int RETURN_CALL = 0x12;
    static final int RETURN_CALL_INDIRECT = 0x13;
    static final int CALL_REF = 0x14;
    static final int RETURN_CALL_REF = 0x15;
    static final int DELEGATE = 0x18;
    static final int CATCH_ALL = 0x19;
    static final int DROP = 0x1a;
    static final int SELECT = 0x1b;
    static final int SELECT_TYPED = 0x1c;
    static final int TRY_TABLE = 0x1f;
    static final int LOCAL_GET = 0x20;
    static final int LOCAL_SET = 0x21;
    static final int LOCAL_TEE = 0x22;
    static final int GLOBAL_GET = 0x23;
    static final int GLOBAL_SET = 0x24;
    static final int TABLE_GET = 0x25;
    static final int TABLE_SET = 0x26;
    static final int I32_CONST = 0x41;
    static final int I64_CONST = 0x42;
    static final int F32_CONST = 0x43;
    static final int F64_CONST = 0x44;
    static final int REF_NULL = 0xd0;
    static final int REF_IS_NULL = 0xd1;
    static final int REF_FUNC = 0xd2;
    static final int REF_EQ = 0xd3;
    static final int REF_AS_NON_NULL = 0xd4;
    static final int BR_ON_NULL = 0xd5;
    static final int BR_ON_NON_NULL = 0xd6;

    /** The prefix of structs and arrays. */
    static final int GC = 0xfb;

    /** The prefix of bulk memory, saturating conversions and wide arithmetic. */
    static final int MISC = 0xfc;

    /** The prefix of SIMD. */
    static final int SIMD = 0xfd;

    /** The prefix of atomics. */
    static final int ATOMIC = 0xfe;

    static final int V128_CONST = SIMD << 16 | 12;

    static final int FIRST_WIDE = MISC << 16 | 19;
    static final int LAST_WIDE = MISC << 16 | 22;

    static final int TABLE_GROW = MISC << 16 | 15;
    static final int TABLE_FILL = MISC << 16 | 17;

    /** The first byte. */
    public int prefix() {
        return code > 0xff ? code >> 16 : code;
    }

    /** The number behind the prefix; only for one that has a prefix. */
    public int number() {
        return code & 0xffff;
    }

    /** Whether it begins a block that {@code end} or {@code delegate} ends. */
    public boolean opensBlock() {
        return code >= BLOCK && code <= IF || code == TRY || code == TRY_TABLE;
    }

    /** Whether the instruction behind it is not reached from it. */
    public boolean endsPath() {
        return switch (code) {
            case UNREACHABLE,
                    THROW,
                    RETHROW,
                    THROW_REF,
                    BR,
                    BR_TABLE,
                    RETURN,
                    RETURN_CALL,
                    RETURN_CALL_INDIRECT,
                    RETURN_CALL_REF ->
                    true;
            default -> false;
        };
    }

    /** Skips what follows the code. */
    public void skipImmediates(BinaryReader in) {
        for (int i = 0; i < immediates.size(); i++) {
            immediates.get(i).skip(in);
        }
    }

    /** Writes the code. */
    public void write(BinaryWriter out) {
        write(out, code);
    }

    /** Writes a code. */
    static void write(BinaryWriter out, int code) {
        if (code <= 0xff) {
            out.u8(code);
        } else {
            out.u8(code >> 16).u32(code & 0xffff);
        }
    }
}
