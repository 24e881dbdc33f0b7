package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasix4j.runtime.internal.lowering.BinaryReader;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand.Divided;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.Section;
import org.wasix4j.types.Nullable;

/** Makes modules that have the bodies of some functions of one; all others trap. */
final class ModuleParts {

    private static final int TYPE = 1;
    private static final int GLOBAL = 6;
    private static final int CODE = 10;
    private static final int HEADER = 8;
    private static final byte[] TRAP = {3, 0, 0, 0x0b};

    /**
     * The engine emits a method for each type of a function. If there are more types than this,
     * those that nothing has are given to it as something else.
     */
    private static final int MANY_TYPES = 5000;

    private static final int FUNCTION_TYPE = 0x60;
    private static final int STRUCT_TYPE = 0x5f;

    private final byte[] wasm;
    private final FunctionSurvey survey;

    /** The contents of the section of types, or null when there is none. */
    private final @Nullable byte[] types;

    /** The module with traps only, not validated. */
    private final WasmModule skeleton;

    /** Its types, as compilers see them. */
    private final TypeSection typeSection;

    private final byte[] stripped;

    private final FunctionBody trap;

    ModuleParts(byte[] wasm, FunctionSurvey survey) {
        this.wasm = wasm;
        this.survey = survey;
        this.types =
                Section.all(wasm).stream()
                        .filter(section -> section.id() == TYPE)
                        .findFirst()
                        .map(section -> types(section.reader(wasm), survey))
                        .orElse(null);
        this.stripped = StrippedModule.of(wasm, survey, Set.of());
        this.skeleton = StrippedModule.parse(stripped, Set.of());
        Parsed parsed = parse(List.of(), Divided.NONE);
        this.trap = parsed.code().getFunctionBody(0);
        this.typeSection = parsed.types == null ? skeleton.typeSection() : parsed.types;
    }

    /** What of the module is needed when all functions are compiled. */
    byte[] stripped() {
        return stripped;
    }

    /** The module with traps only, not validated. */
    WasmModule skeleton() {
        return skeleton;
    }

    /**
     * The module with the bodies of some functions, validated.
     *
     * @throws ChicoryException when it is not valid
     */
    WasmModule module(List<Integer> functions) {
        CodeSection parsed = parse(functions, Divided.NONE).code();
        Map<Integer, FunctionBody> own = new HashMap<>();
        for (int i = 0; i < functions.size(); i++) {
            own.put(functions.get(i), parsed.getFunctionBody(i + 1));
        }
        CodeSection.Builder code = CodeSection.builder();
        code.setRequiresDataCount(parsed.isRequiresDataCount());
        for (int i = survey.imported(); i < survey.functions(); i++) {
            code.addFunctionBody(own.getOrDefault(i, trap));
        }
        WasmModule.Builder module =
                WasmModule.builder()
                        .setTypeSection(typeSection)
                        .setImportSection(skeleton.importSection())
                        .setFunctionSection(skeleton.functionSection())
                        .setTableSection(skeleton.tableSection())
                        .setGlobalSection(skeleton.globalSection())
                        .setExportSection(skeleton.exportSection())
                        .setElementSection(skeleton.elementSection())
                        .setDataSection(skeleton.dataSection())
                        .setCodeSection(code.build());
        skeleton.memorySection().ifPresent(module::setMemorySection);
        skeleton.startSection().ifPresent(module::setStartSection);
        skeleton.tagSection().ifPresent(module::setTagSection);
        skeleton.dataCountSection().ifPresent(module::setDataCountSection);
        return module.build();
    }

    /**
     * Some functions, not validated: a body that traps, those of the functions in the given order,
     * and behind them those of the parts of these functions.
     *
     * @param divided some of these functions
     */
    Bodies bodies(List<Integer> functions, Divided divided) {
        Parsed parsed = parse(functions, divided);
        return new Bodies(
                parsed.code(),
                divided.types().isEmpty() || parsed.types == null ? typeSection : parsed.types,
                parsed.globals == null ? List.of() : List.of(parsed.globals.globals()));
    }

    /**
     * Bodies of functions.
     *
     * @param types the types of the module, and behind them those that parts have
     * @param transfers the globals through which values of parts pass
     */
    record Bodies(CodeSection code, TypeSection types, List<Global> transfers) {}

    /** A body that traps. */
    FunctionBody trap() {
        return trap;
    }

    /** The types, as compilers see them. */
    TypeSection types() {
        return typeSection;
    }

    private static byte[] types(BinaryReader in, FunctionSurvey survey) {
        int start = in.position();
        if (survey.types() <= MANY_TYPES) {
            return Arrays.copyOfRange(in.bytes(), start, in.end());
        }
        BitSet used = survey.usedTypes();
        BinaryWriter out = new BinaryWriter();
        int count = in.u32();
        out.u32(count);
        for (int i = 0; i < count; i++) {
            int from = in.position();
            if (in.peek() != FUNCTION_TYPE) {
                // recursive types and subtypes stay as they are
                return Arrays.copyOfRange(in.bytes(), start, in.end());
            }
            in.u8();
            for (int list = 0; list < 2; list++) {
                for (int left = in.count("types", 1); left > 0; left--) {
                    in.skipLeb();
                }
            }
            if (used.get(i)) {
                out.raw(in.bytes(), from, in.position());
            } else {
                out.u8(STRUCT_TYPE).u8(0);
            }
        }
        return out.toByteArray();
    }

    private static final class Parsed {
        private @Nullable CodeSection code;
        private @Nullable TypeSection types;
        private @Nullable GlobalSection globals;

        /** The bodies, of which there is at least the trap. */
        private CodeSection code() {
            CodeSection found = code;
            if (found == null) {
                throw new IllegalStateException("the module has lost its section of code");
            }
            return found;
        }
    }

    /** Parses the types, a trap, and the bodies of some functions and of their parts. */
    private Parsed parse(List<Integer> functions, Divided divided) {
        BinaryWriter code = new BinaryWriter();
        code.u32(functions.size() + divided.parts().size() + 1).raw(TRAP, 0, TRAP.length);
        for (int function : functions) {
            BinaryWriter left = divided.left().get(function);
            if (left == null) {
                int start = survey.start(function);
                int end = survey.end(function);
                code.u32(end - start).raw(wasm, start, end);
            } else {
                code.sized(left);
            }
        }
        divided.parts().forEach(part -> code.sized(part.body()));
        BinaryWriter module = new BinaryWriter();
        module.raw(wasm, 0, HEADER);
        if (types != null) {
            module.section(TYPE, types(types, divided.types()));
        }
        if (!divided.transfers().isEmpty()) {
            module.section(GLOBAL, divided.globals());
        }
        module.section(CODE, code);
        Parsed parsed = new Parsed();
        Parser.builder()
                .withValidation(false)
                .build()
                .parse(
                        new ByteArrayInputStream(module.toByteArray()),
                        section -> {
                            if (section instanceof CodeSection bodies) {
                                parsed.code = bodies;
                            } else if (section instanceof TypeSection own) {
                                parsed.types = own;
                            } else if (section instanceof GlobalSection own) {
                                parsed.globals = own;
                            }
                        });
        return parsed;
    }

    /** A section of types with more of them. */
    private static BinaryWriter types(byte[] types, List<byte[]> more) {
        BinaryReader in = new BinaryReader(types, 0, types.length);
        BinaryWriter out = new BinaryWriter(types.length + 256).u32(in.u32() + more.size());
        out.raw(types, in.position(), types.length);
        more.forEach(type -> out.raw(type, 0, type.length));
        return out;
    }
}
