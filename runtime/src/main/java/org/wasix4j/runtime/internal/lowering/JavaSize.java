package org.wasix4j.runtime.internal.lowering;

/** About how many bytes of bytecode the engine makes of WebAssembly. */
final class JavaSize {

    /** An entry of a switch. */
    static final int SWITCH_ENTRY = 4;

    /** A local is set to zero when a function begins. */
    static final int LOCAL = 3;

    /** No byte of WebAssembly makes more than this, but for prefixes and constants. */
    static final int MOST_FOR_A_BYTE = 8;

    private JavaSize() {}

    /** The size of an instruction, but for the entries of a {@code br_table}. */
    static int of(int code) {
        if (code > 0xff) {
            return 10;
        }
        if (code >= 0x28 && code <= 0x3e) {
            return 8;
        }
        return switch (code) {
            case Instruction.END, Instruction.BLOCK, Instruction.LOOP, Instruction.ELSE -> 1;
            case Instruction.CALL, Instruction.RETURN_CALL -> 11;
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> 16;
            case Instruction.GLOBAL_GET, Instruction.GLOBAL_SET -> 9;
            case Instruction.TRY_TABLE -> 30;
            case Instruction.SELECT, Instruction.SELECT_TYPED -> 12;
            case Instruction.BR, Instruction.BR_IF -> 5;
            default -> 3;
        };
    }
}
