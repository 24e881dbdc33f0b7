package org.wasix4j.runtime.internal.lowering;

import java.util.List;
import org.wasix4j.types.Nullable;

/**
 * Writes a module to which types, functions and globals were appended. They come behind the
 * module's own, so that no number changes.
 */
final class GrownModule {

    private GrownModule() {}

    /**
     * The binary.
     *
     * @param types types as they stand in the section
     * @param functionTypes the types of the functions
     * @param globalTypes the types of the globals, each of which is variable and zero at first
     * @param bodies the whole section of code
     */
    static byte[] write(
            ModuleIndex module,
            List<byte[]> types,
            List<Integer> functionTypes,
            List<Integer> globalTypes,
            BinaryWriter bodies) {
        byte[] wasm = module.wasm();
        BinaryWriter out = new BinaryWriter(wasm.length + wasm.length / 4);
        out.raw(wasm, 0, Section.HEADER);
        boolean globalsWritten = globalTypes.isEmpty();
        for (Section section : module.sections()) {
            BinaryReader in = section.reader(wasm);
            if (!globalsWritten && section.id() != Section.TAG && section.id() > Section.MEMORY) {
                globalsWritten = true;
                boolean there = section.id() == Section.GLOBAL;
                out.section(Section.GLOBAL, globals(there ? in : null, globalTypes));
                if (there) {
                    continue;
                }
            }
            switch (section.id()) {
                case Section.TYPE -> {
                    BinaryWriter own = grown(in, "types", types.size());
                    types.forEach(type -> own.raw(type, 0, type.length));
                    out.section(section.id(), own);
                }
                case Section.FUNCTION -> {
                    BinaryWriter own = grown(in, "functions", functionTypes.size());
                    functionTypes.forEach(own::u32);
                    out.section(section.id(), own);
                }
                case Section.CODE -> out.section(section.id(), bodies);
                default -> {
                    out.u8(section.id()).u32(section.end() - section.start());
                    out.raw(wasm, section.start(), section.end());
                }
            }
        }
        return out.toByteArray();
    }

    /** The section of globals with more of them; null when there is none yet. */
    static BinaryWriter globals(@Nullable BinaryReader there, List<Integer> types) {
        BinaryWriter own =
                there == null
                        ? new BinaryWriter().u32(types.size())
                        : grown(there, "globals", types.size());
        for (int type : types) {
            ValueTypes.write(own, type);
            own.u8(1);
            new Code(own).zero(type).op(Instruction.END);
        }
        return own;
    }

    /** What a section has, with room for so many more behind it. */
    static BinaryWriter grown(BinaryReader in, String what, int more) {
        BinaryWriter own = new BinaryWriter(in.end() - in.position() + 256);
        own.u32(in.count(what, 1) + more);
        return own.raw(in.bytes(), in.position(), in.end());
    }
}
