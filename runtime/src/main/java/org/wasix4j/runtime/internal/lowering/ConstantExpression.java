package org.wasix4j.runtime.internal.lowering;

/** Expressions that say with what a global, a table or a segment begins. */
final class ConstantExpression {

    private ConstantExpression() {}

    /** Skips one, with its end. */
    static void skip(BinaryReader in) {
        Instruction instruction;
        do {
            instruction = Instructions.read(in);
            instruction.skipImmediates(in);
        } while (instruction.code() != Instruction.END);
    }
}
