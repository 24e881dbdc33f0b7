package org.wasix4j.runtime.internal.lowering;

import org.wasix4j.types.Nullable;

/**
 * Keeps the end of a function apart from that of a block in front of it. The engine takes one for
 * the other, and then fails at a branch to the end of the function that stands outside of that
 * block. LLVM returns instead; {@code wasm-opt} writes such branches.
 */
final class FunctionEnds {

    private FunctionEnds() {}

    /** The module with an instruction that does nothing where it is needed, or the same one. */
    static ModuleIndex separate(ModuleIndex module, Features features) {
        if (features.branchesOut().isEmpty()) {
            return module;
        }
        return FunctionBodies.rewrite(
                module,
                (function, body) -> features.branchesOut().get(function) ? separate(body) : null);
    }

    private static @Nullable BinaryWriter separate(BinaryReader body) {
        int start = body.position();
        int last = body.end() - 1;
        if (last <= start || body.bytes()[last - 1] != Instruction.END) {
            return null;
        }
        BinaryWriter out = new BinaryWriter(body.end() - start + 1);
        return out.raw(body.bytes(), start, last).u8(Instruction.NOP).u8(Instruction.END);
    }

    /** The same for a function that is being written, and that ends with the next instruction. */
    static void separate(BinaryWriter out) {
        out.u8(Instruction.NOP);
    }
}
