package org.wasix4j.runtime.internal.lowering;

/** Expressions that say with what a global, a table or a segment begins. */
final class ConstantExpression {

    private ConstantExpression() {}

    /** Skips one, with its end. */
    static void skip(BinaryReader in) {
        while (true) {
            // what nearly all of them consist of, without the table of instructions
            switch (in.peek()) {
                case Instruction.END -> {
                    in.skip(1);
                    return;
                }
                case Instruction.I32_CONST,
                        Instruction.I64_CONST,
                        Instruction.GLOBAL_GET,
                        Instruction.REF_FUNC -> {
                    in.skip(1);
                    in.skipLeb();
                }
                default -> Instructions.read(in).skipImmediates(in);
            }
        }
    }
}
