package org.wasix4j.runtime.internal.lowering;

/**
 * Writes a section of imports in which each has the name of its module, out of one in which imports
 * of one module share it (the proposal "compact import section", which {@code wasm-opt} writes).
 */
final class CompactImports {

    private final byte[] wasm;
    private final BinaryWriter out = new BinaryWriter();
    private int count;

    private CompactImports(byte[] wasm) {
        this.wasm = wasm;
    }

    /** The module with a section of imports as it was before. */
    static byte[] expand(ModuleIndex module) {
        BinaryWriter out = new BinaryWriter(module.wasm().length + 4096);
        out.raw(module.wasm(), 0, Section.HEADER);
        for (Section section : module.sections()) {
            if (section.id() == Section.IMPORT) {
                CompactImports imports = new CompactImports(module.wasm());
                imports.read(section.reader(module.wasm()));
                BinaryWriter contents = new BinaryWriter(imports.out.size() + 5);
                out.section(section.id(), contents.u32(imports.count).raw(imports.out));
            } else {
                out.u8(section.id()).u32(section.end() - section.start());
                out.raw(module.wasm(), section.start(), section.end());
            }
        }
        return out.toByteArray();
    }

    private void read(BinaryReader in) {
        for (int left = in.count("imports", 4); left > 0; left--) {
            int start = in.position();
            in.skipName();
            int moduleEnd = in.position();
            in.skipName();
            int kind = in.peek();
            if (kind == ModuleIndex.COMPACT) {
                in.u8();
                for (int inner = in.count("imports", 3); inner > 0; inner--) {
                    int name = in.position();
                    in.skipName();
                    ModuleIndex.skipExternalType(in);
                    write(start, moduleEnd).raw(wasm, name, in.position());
                }
            } else if (kind == ModuleIndex.COMPACT_SAME_TYPE) {
                in.u8();
                int type = in.position();
                ModuleIndex.skipExternalType(in);
                int typeEnd = in.position();
                for (int inner = in.count("imports", 1); inner > 0; inner--) {
                    int name = in.position();
                    in.skipName();
                    write(start, moduleEnd).raw(wasm, name, in.position()).raw(wasm, type, typeEnd);
                }
            } else {
                ModuleIndex.skipExternalType(in);
                write(start, in.position());
            }
        }
    }

    private BinaryWriter write(int from, int to) {
        if (out.size() > MOST_BYTES) {
            throw new UnsupportedException("the names in its section of imports are too long");
        }
        count++;
        return out.raw(wasm, from, to);
    }

    /** One long module name in front of many short names could grow without bound. */
    private static final int MOST_BYTES = 64 << 20;
}
