package org.wasix4j.runtime.internal.lowering;

/** About how many bytes of bytecode the engine makes of WebAssembly. */
final class JavaSize {

    /** An entry of a switch. */
    static final int SWITCH_ENTRY = 4;

    /** A local is set to zero when a function begins. */
    static final int LOCAL = 3;

    /** No byte of WebAssembly makes more than this, but for prefixes and constants. */
    static final int MOST_FOR_A_BYTE = 8;

    // what instructions become, but for the entries of a br_table

    /** What only marks a place. */
    static final int NOTHING = 1;

    /** Most instructions. */
    static final int SIMPLE = 3;

    static final int BRANCH = 5;
    static final int ACCESS = 8;
    static final int GLOBAL = 9;
    static final int PREFIXED = 10;
    static final int CALL = 11;
    static final int SELECT = 12;
    static final int CALL_INDIRECT = 16;
    private static final int TRY_TABLE = 30;

    private JavaSize() {}

    /** The size of an instruction, but for the entries of a {@code br_table}. */
    static int of(int code) {
        if (code > 0xff) {
            return PREFIXED;
        }
        if (code >= 0x28 && code <= 0x3e) {
            return ACCESS;
        }
        return switch (code) {
            case Instruction.END, Instruction.BLOCK, Instruction.LOOP, Instruction.ELSE -> NOTHING;
            case Instruction.CALL, Instruction.RETURN_CALL -> CALL;
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> CALL_INDIRECT;
            case Instruction.GLOBAL_GET, Instruction.GLOBAL_SET -> GLOBAL;
            case Instruction.TRY_TABLE -> TRY_TABLE;
            case Instruction.SELECT, Instruction.SELECT_TYPED -> SELECT;
            case Instruction.BR, Instruction.BR_IF -> BRANCH;
            default -> SIMPLE;
        };
    }
}
