package org.wasix4j.runtime.internal.lowering;

/**
 * Keeps the end of a function apart from that of a block in front of it. The engine takes one for
 * the other, and then fails at a branch to the end of the function that stands outside of that
 * block. LLVM returns instead; {@code wasm-opt} writes such branches.
 */
final class FunctionEnds {

    private FunctionEnds() {}

    /** The module with an instruction that does nothing where it is needed, or the same one. */
    static ModuleIndex separate(ModuleIndex module, Features features) {
        Section code = module.section(Section.CODE);
        if (features.branchesOut().isEmpty()) {
            return module;
        }
        byte[] wasm = module.wasm();
        BinaryReader in = code.reader(wasm);
        int count = in.count("functions", 2);
        BinaryWriter bodies = new BinaryWriter(code.end() - code.start() + 4096).u32(count);
        boolean changed = false;
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            int start = in.position();
            int last = start + size - 1;
            in.skip(size);
            boolean branches = features.branchesOut().get(module.importedFunctions() + i);
            if (branches && size > 1 && wasm[last - 1] == Instruction.END) {
                bodies.u32(size + 1).raw(wasm, start, last);
                bodies.u8(Instruction.NOP).u8(Instruction.END);
                changed = true;
            } else {
                bodies.u32(size).raw(wasm, start, start + size);
            }
        }
        return changed ? module.withCode(bodies) : module;
    }

    /** The same for a function that is being written, and that ends with the next instruction. */
    static void separate(BinaryWriter out) {
        out.u8(Instruction.NOP);
    }
}
