package org.wasix4j.runtime.internal;

import static com.dylibso.chicory.wasm.Encoding.readName;
import static com.dylibso.chicory.wasm.Encoding.readVarUInt32;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.CustomSection;
import com.dylibso.chicory.wasm.types.DataCountSection;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import com.dylibso.chicory.wasm.types.PassiveElement;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.Section;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.StartSection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.runtime.internal.link.InstanceStart;
import org.wasix4j.runtime.internal.link.ModuleShape;
import org.wasix4j.runtime.internal.lowering.BinaryReader;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.DataRuns;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.types.Nullable;

/**
 * What of a module is still needed when its functions are compiled: everything but their bodies and
 * the custom sections (only {@code dylink.0} stays), which take most of the time to parse. In the
 * place of the bodies there is one for all functions, and behind it those of the functions that are
 * interpreted, in order. Many small data segments become few ({@link DataRuns}).
 */
final class StrippedModule {

    private static final String NAMES = "name";
    private static final String DYLINK = "dylink.0";
    private static final int FUNCTION_NAMES = 1;

    /** How long what is before the first section is. */
    private static final int HEADER = 8;

    /** No locals, unreachable, end. */
    private static final byte[] TRAP = {0, 0, 0x0b};

    private static final byte[] NONE = {};

    private StrippedModule() {}

    /**
     * Strips a binary.
     *
     * @param wasm the binary
     * @param survey its functions
     * @param kept the functions whose bodies stay
     */
    static byte[] of(byte[] wasm, FunctionSurvey survey, Set<Integer> kept) {
        int imported = survey.imported();
        WasmWriter writer = new WasmWriter();
        Parser.parseWithoutDecoding(
                wasm,
                section -> {
                    RawSection raw = (RawSection) section;
                    switch (raw.sectionId()) {
                        case SectionId.CODE ->
                                writer.writeSection(
                                        SectionId.CODE, code(raw.contents(), imported, kept));
                        case SectionId.DATA ->
                                writer.writeSection(SectionId.DATA, DataRuns.of(wasm));
                        case SectionId.CUSTOM -> {
                            // names are kept apart
                            if (isDylink(raw)) {
                                writer.writeSection(raw);
                            }
                        }
                        default -> writer.writeSection(raw);
                    }
                });
        return writer.bytes();
    }

    /** Whether a section says what a shared library needs. */
    private static boolean isDylink(RawSection section) {
        return readName(ByteBuffer.wrap(section.contents()), false).equals(DYLINK);
    }

    private static byte[] code(byte[] contents, int imported, Set<Integer> kept) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        int count = (int) readVarUInt32(in);
        int written = 1;
        WasmWriter.writeVarUInt32(bodies, TRAP.length);
        bodies.writeBytes(TRAP);
        for (int i = 0; i < count; i++) {
            int length = (int) readVarUInt32(in);
            if (kept.contains(imported + i)) {
                WasmWriter.writeVarUInt32(bodies, length);
                bodies.write(contents, in.position(), length);
                written++;
            }
            in.position(in.position() + length);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasmWriter.writeVarUInt32(out, written);
        out.writeBytes(bodies.toByteArray());
        return out.toByteArray();
    }

    /**
     * The names of a binary's functions, for the message of a trap, as the engine reads them from
     * the section of names; nothing when it has none.
     *
     * @param rewritten functions that the rewriter appended get names that tell where their code is
     *     from
     */
    static byte[] functionNames(byte[] wasm, RewrittenModule rewritten) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Parser.parseWithoutDecoding(
                wasm,
                section -> {
                    RawSection raw = (RawSection) section;
                    if (raw.sectionId() == SectionId.CUSTOM) {
                        writeFunctionNames(raw.contents(), out);
                    }
                });
        List<Integer> moved = rewritten.tails().origins();
        List<Integer> parts = rewritten.parts().origins();
        return moved.isEmpty() && parts.isEmpty()
                ? out.toByteArray()
                : named(out.toByteArray(), rewritten);
    }

    /** Puts the names of what was appended behind those that there are. */
    private static byte[] named(byte[] names, RewrittenModule rewritten) {
        List<Integer> moved = rewritten.tails().origins();
        List<Integer> parts = rewritten.parts().origins();
        BinaryReader in = new BinaryReader(names, 0, names.length);
        Map<Integer, String> known = new HashMap<>();
        int count = 0;
        int entries = 0;
        if (in.hasMore()) {
            in.u8();
            in.u32();
            count = in.count("names", 2);
            entries = in.position();
            for (int i = 0; i < count; i++) {
                known.put(in.u32(), in.name());
            }
        }
        BinaryWriter all = new BinaryWriter(names.length + 1024);
        all.u32(count + moved.size() + parts.size());
        all.raw(names, entries, in.position());
        for (int i = 0; i < moved.size(); i++) {
            int origin = moved.get(i);
            int number = rewritten.tails().first() + i;
            String name = known.getOrDefault(origin, "function " + origin);
            known.put(number, name);
            all.u32(number).name(name);
        }
        for (int i = 0; i < parts.size(); i++) {
            int origin = parts.get(i);
            all.u32(rewritten.parts().first() + i);
            all.name("part of " + known.getOrDefault(origin, "function " + origin));
        }
        return new BinaryWriter().section(FUNCTION_NAMES, all).toByteArray();
    }

    private static void writeFunctionNames(byte[] contents, ByteArrayOutputStream out) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        if (!readName(in, false).equals(NAMES)) {
            return;
        }
        while (in.hasRemaining()) {
            int start = in.position();
            int id = in.get();
            int length = (int) readVarUInt32(in);
            int end = in.position() + length;
            if (id == FUNCTION_NAMES) {
                // of several sections the last one counts
                out.reset();
                out.write(contents, start, end - start);
                return;
            }
            in.position(end);
        }
    }

    /**
     * The module of a stripped binary. It is not validated: the whole module was, before it was
     * compiled. The engine's parser is not asked for a module, because it would give each function
     * a body of its own and take a digest that is not needed.
     *
     * @param kept the functions whose bodies were kept
     */
    static WasmModule parse(byte[] stripped, Set<Integer> kept) {
        Sections sections = new Sections();
        read(
                stripped,
                sections,
                (id, in, end) -> {
                    switch (id) {
                        case SectionId.FUNCTION -> sections.add(functions(in));
                        case SectionId.EXPORT -> sections.add(exports(in));
                        case SectionId.DATA -> {
                            // the engine's copies of a Go program's data filled the heap at a start
                            DataSection data = data(in, null);
                            if (data == null) {
                                return false;
                            }
                            sections.add(data);
                        }
                        default -> {
                            return false;
                        }
                    }
                    return true;
                });
        return sections.module(kept);
    }

    /** Reads a section, which ends at a position, or leaves it to the engine's parser. */
    private interface SectionReader {

        /** Whether it was read; otherwise the position does not matter. */
        boolean read(int id, BinaryReader in, int end);
    }

    /** Reads all sections; those that a reader leaves are parsed by the engine. */
    private static void read(byte[] stripped, Sections sections, SectionReader reader) {
        BinaryReader in = new BinaryReader(stripped, HEADER, stripped.length);
        ByteArrayOutputStream others = new ByteArrayOutputStream();
        others.write(stripped, 0, HEADER);
        while (in.hasMore()) {
            int start = in.position();
            int id = in.u8();
            int length = in.u32();
            int end = in.position() + length;
            if (!reader.read(id, in, end)) {
                others.write(stripped, start, end - start);
                in.seek(end);
            }
            if (in.position() != end) {
                throw in.malformed("a section has another length than it says");
            }
        }
        Parser.builder()
                .withValidation(false)
                .build()
                .parse(new ByteArrayInputStream(others.toByteArray()), sections::add);
    }

    /**
     * The module of a stripped binary without what its {@link ModuleShape} has, and without what
     * its functions were compiled from.
     *
     * @param module has neither functions nor exports, no code and no start section, and its
     *     segments of elements and its active ones of data are empty
     * @param start what an instance of it begins with
     */
    record Lean(WasmModule module, InstanceStart start) {}

    /**
     * As {@link #parse}, for a module all functions of which were compiled.
     *
     * @return null when it has elements of another kind than compilers emit
     */
    static @Nullable Lean lean(byte[] stripped) {
        Sections sections = new Sections();
        LeanReader reader = new LeanReader(sections);
        read(stripped, sections, reader);
        if (!reader.possible) {
            return null;
        }
        WasmModule module = sections.module(Set.of());
        int imported = module.importSection().count(ExternalType.GLOBAL);
        for (InstanceStart.Entries each : reader.entries) {
            if (each.relative() && each.place() >= imported) {
                // a global of its own has no value yet
                return null;
            }
        }
        return new Lean(module, new InstanceStart(reader.start, reader.entries, reader.data));
    }

    /** Leaves out what a {@link ModuleShape} has, and keeps apart what an instance begins with. */
    private static final class LeanReader implements SectionReader {

        private final Sections sections;
        private List<InstanceStart.Entries> entries = List.of();
        private final List<InstanceStart.Data> data = new ArrayList<>();
        private int start = -1;

        /** Whether all elements and data are of the kinds that compilers emit. */
        private boolean possible = true;

        LeanReader(Sections sections) {
            this.sections = sections;
        }

        @Override
        public boolean read(int id, BinaryReader in, int end) {
            switch (id) {
                case SectionId.FUNCTION, SectionId.EXPORT, SectionId.CODE -> in.seek(end);
                case SectionId.START -> start = in.u32();
                case SectionId.ELEMENT -> {
                    List<InstanceStart.Entries> its = entries(in);
                    if (its == null) {
                        possible = false;
                        in.seek(end);
                        return true;
                    }
                    entries = its;
                    sections.add(emptySegments(its.size()));
                }
                case SectionId.DATA -> {
                    // most of the bytes: the engine would copy them four times
                    DataSection segments = data(in, data);
                    if (segments == null) {
                        possible = false;
                        in.seek(end);
                        return true;
                    }
                    sections.add(segments);
                }
                default -> {
                    return false;
                }
            }
            return true;
        }
    }

    /** The segments of elements, or null when one is not of functions for the first table. */
    private static @Nullable List<InstanceStart.Entries> entries(BinaryReader in) {
        List<InstanceStart.Entries> segments = new ArrayList<>();
        for (int left = in.u32(); left > 0; left--) {
            if (in.u32() != 0) {
                return null;
            }
            int kind = in.u8();
            if (kind != OpCode.I32_CONST.opcode() && kind != OpCode.GLOBAL_GET.opcode()) {
                return null;
            }
            boolean relative = kind == OpCode.GLOBAL_GET.opcode();
            int place = relative ? in.u32() : in.s32();
            if (in.u8() != OpCode.END.opcode()) {
                return null;
            }
            int[] functions = new int[in.u32()];
            for (int i = 0; i < functions.length; i++) {
                functions[i] = in.u32();
            }
            segments.add(new InstanceStart.Entries(relative, place, functions));
        }
        return segments;
    }

    /**
     * The data, or null when the place of a segment is computed in another way.
     *
     * @param apart gets what active segments write, and they are empty; or null
     */
    private static @Nullable DataSection data(
            BinaryReader in, @Nullable List<InstanceStart.Data> apart) {
        DataSection.Builder data = DataSection.builder();
        for (int left = in.u32(); left > 0; left--) {
            int mode = in.u32();
            int memory = mode == 2 ? in.u32() : 0;
            Instruction place = null;
            if (mode != 1) {
                OpCode kind = OpCode.byOpCode(in.u8());
                if (kind != OpCode.I32_CONST && kind != OpCode.GLOBAL_GET) {
                    return null;
                }
                int value = kind == OpCode.I32_CONST ? in.s32() : in.u32();
                place = new Instruction(0, kind, new long[] {value});
                if (in.u8() != OpCode.END.opcode()) {
                    return null;
                }
            }
            int length = in.u32();
            int from = in.position();
            in.skip(length);
            byte[] bytes;
            if (apart != null && place != null && memory == 0) {
                boolean relative = place.opcode() == OpCode.GLOBAL_GET;
                int value = (int) place.operand(0);
                apart.add(new InstanceStart.Data(relative, value, in.bytes(), from, length));
                bytes = NONE;
            } else {
                bytes = Arrays.copyOfRange(in.bytes(), from, from + length);
            }
            data.addDataSegment(
                    place == null
                            ? new PassiveDataSegment(bytes)
                            : new ActiveDataSegment(memory, List.of(place), bytes));
        }
        return data.build();
    }

    private static ElementSection emptySegments(int count) {
        ElementSection.Builder segments = ElementSection.builder();
        for (int i = 0; i < count; i++) {
            segments.addElement(new PassiveElement(ValType.FuncRef, List.of()));
        }
        return segments.build();
    }

    /** The engine takes three times as long, while nothing of it is machine code yet. */
    private static FunctionSection functions(BinaryReader in) {
        FunctionSection.Builder functions = FunctionSection.builder();
        for (int left = in.u32(); left > 0; left--) {
            functions.addFunctionType(in.u32());
        }
        return functions.build();
    }

    /** As {@link #functions}. */
    private static ExportSection exports(BinaryReader in) {
        ExportSection.Builder exports = ExportSection.builder();
        for (int left = in.u32(); left > 0; left--) {
            String name = in.name();
            ExternalType type = ExternalType.byId(in.u8());
            exports.addExport(new Export(name, in.u32(), type));
        }
        return exports.build();
    }

    /** Puts a module together. */
    private static final class Sections {

        private final WasmModule.Builder module = WasmModule.builder().withValidation(false);
        private int imported;
        private int functions;
        private @Nullable CodeSection code;

        void add(Section section) {
            switch (section.sectionId()) {
                case SectionId.TYPE -> module.setTypeSection((TypeSection) section);
                case SectionId.IMPORT -> {
                    ImportSection imports = (ImportSection) section;
                    imported = imports.count(ExternalType.FUNCTION);
                    module.setImportSection(imports);
                }
                case SectionId.FUNCTION -> {
                    FunctionSection own = (FunctionSection) section;
                    functions = own.functionCount();
                    module.setFunctionSection(own);
                }
                case SectionId.TABLE -> module.setTableSection((TableSection) section);
                case SectionId.MEMORY -> module.setMemorySection((MemorySection) section);
                case SectionId.GLOBAL -> module.setGlobalSection((GlobalSection) section);
                case SectionId.EXPORT -> module.setExportSection((ExportSection) section);
                case SectionId.START -> module.setStartSection((StartSection) section);
                case SectionId.ELEMENT -> module.setElementSection((ElementSection) section);
                case SectionId.CODE -> code = (CodeSection) section;
                case SectionId.DATA -> module.setDataSection((DataSection) section);
                case SectionId.DATA_COUNT -> module.setDataCountSection((DataCountSection) section);
                case SectionId.TAG -> module.setTagSection((TagSection) section);
                case SectionId.CUSTOM -> module.addCustomSection(DYLINK, (CustomSection) section);
                default ->
                        throw new IllegalArgumentException(
                                "no section of a stripped module: " + section.sectionId());
            }
        }

        WasmModule module(Set<Integer> kept) {
            if (code == null) {
                return module.build();
            }
            CodeSection.Builder bodies = CodeSection.builder();
            bodies.setRequiresDataCount(code.isRequiresDataCount());
            FunctionBody trap = code.getFunctionBody(0);
            int next = 1;
            for (int i = 0; i < functions; i++) {
                boolean own = !kept.isEmpty() && kept.contains(imported + i);
                bodies.addFunctionBody(own ? code.getFunctionBody(next++) : trap);
            }
            return module.setCodeSection(bodies.build()).build();
        }
    }
}
