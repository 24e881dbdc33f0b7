package org.wasix4j.runtime.internal.lowering;

import java.util.BitSet;

/** Finds the blocks of a function in which an exception can be caught. */
final class Catchers {

    private Catchers() {}

    /**
     * The offsets of the instructions that open a {@code try_table}, or a block with one inside.
     *
     * @param code the function's code, which stays where it is
     */
    static BitSet of(BinaryReader code) {
        BitSet catching = new BitSet();
        BinaryReader in = new BinaryReader(code.bytes(), code.position(), code.end());
        int[] open = new int[16];
        int depth = 0;
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = Instructions.read(in);
            instruction.skipImmediates(in);
            if (instruction.opensBlock()) {
                if (depth == open.length) {
                    open = java.util.Arrays.copyOf(open, 2 * depth);
                }
                open[depth++] = start;
                if (instruction.code() == Instruction.TRY_TABLE) {
                    for (int i = depth - 1;
                            i >= 0 && !catching.get(open[i] - code.position());
                            i--) {
                        catching.set(open[i] - code.position());
                    }
                }
            } else if (instruction.code() == Instruction.END && depth > 0) {
                depth--;
            }
        }
        return catching;
    }
}
