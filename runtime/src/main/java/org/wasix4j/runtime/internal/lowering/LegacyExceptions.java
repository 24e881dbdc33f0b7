package org.wasix4j.runtime.internal.lowering;

/**
 * The pass that writes legacy exceptions ({@code try}, {@code catch}, {@code catch_all}, {@code
 * delegate}, {@code rethrow}) with {@code try_table} and {@code exnref}. Types are appended,
 * nothing else of the module changes but code.
 */
final class LegacyExceptions {

    private final ModuleIndex module;
    private final Features features;
    private final Helpers helpers;

    private LegacyExceptions(ModuleIndex module, Features features) {
        this.module = module;
        this.features = features;
        this.helpers = new Helpers(module);
    }

    /** The module with exceptions of today. */
    static byte[] modernize(ModuleIndex module, Features features) {
        return new LegacyExceptions(module, features).write();
    }

    private byte[] write() {
        byte[] wasm = module.wasm();
        BinaryWriter code = code(module.section(Section.CODE).reader(wasm));
        BinaryWriter out = new BinaryWriter(wasm.length + wasm.length / 4);
        out.raw(wasm, 0, Section.HEADER);
        for (Section section : module.sections()) {
            switch (section.id()) {
                case Section.TYPE -> {
                    BinaryReader in = section.reader(wasm);
                    BinaryWriter types = new BinaryWriter();
                    types.u32(in.count("types", 2) + helpers.types().size());
                    types.raw(wasm, in.position(), in.end());
                    helpers.types().forEach(type -> types.raw(type, 0, type.length));
                    out.section(section.id(), types);
                }
                case Section.CODE -> out.section(section.id(), code);
                default -> {
                    out.u8(section.id()).u32(section.end() - section.start());
                    out.raw(wasm, section.start(), section.end());
                }
            }
        }
        return out.toByteArray();
    }

    private BinaryWriter code(BinaryReader in) {
        int count = in.count("functions", 2);
        BinaryWriter out = new BinaryWriter(in.end() - in.position());
        out.u32(count);
        for (int i = 0; i < count; i++) {
            int size = in.count("bytes of a function", 1);
            int start = in.position();
            int end = start + size;
            int function = module.importedFunctions() + i;
            if (features.hasLegacyExceptions(function)) {
                BinaryReader body = new BinaryReader(in.bytes(), start, end);
                out.sized(
                        new TryBlocks(module, helpers, module.functionType(function), body)
                                .write());
            } else {
                out.u32(size).raw(in.bytes(), start, end);
            }
            in.seek(end);
        }
        return out;
    }
}
