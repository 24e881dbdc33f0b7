package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.types.Nullable;

/**
 * Makes a module of which the engine compiles the main class, and whatever is beside the classes
 * with functions. The main class has a case for each function in each method that calls a function
 * by its number. Most functions of a module are called by their names only, so the module has just
 * the others: those that are exported, in a table, or named by a reference. They get consecutive
 * numbers; {@link FunctionNumbers} gives them back their own.
 */
final class FrameModule {

    private final ModuleParts parts;

    /** The numbers of the functions in the whole module. */
    private final int[] functions;

    private FrameModule(ModuleParts parts, int[] functions) {
        this.parts = parts;
        this.functions = functions;
    }

    /**
     * The module for the main class of a module.
     *
     * @return null when the module names a function that does not exist
     */
    static @Nullable FrameModule of(ModuleParts parts, FunctionSurvey survey) {
        WasmModule skeleton = parts.skeleton();
        BitSet called = survey.references();
        called.set(0, survey.imported());
        for (int i = 0; i < skeleton.exportSection().exportCount(); i++) {
            Export export = skeleton.exportSection().getExport(i);
            if (export.exportType() == ExternalType.FUNCTION) {
                called.set(export.index());
            }
        }
        skeleton.startSection().ifPresent(start -> called.set((int) start.startIndex()));
        for (Element element : skeleton.elementSection().elements()) {
            element.initializers().forEach(each -> note(each, called));
        }
        for (int i = 0; i < skeleton.globalSection().globalCount(); i++) {
            note(skeleton.globalSection().getGlobal(i).initInstructions(), called);
        }
        for (int i = 0; i < skeleton.tableSection().tableCount(); i++) {
            note(skeleton.tableSection().getTable(i).initialize(), called);
        }
        // the main class has a method for each list of several results
        Set<List<ValType>> results = new HashSet<>();
        for (int i = survey.imported(); i < survey.functions(); i++) {
            List<ValType> its = type(parts, i - survey.imported()).returns();
            if (its.size() > 1 && results.add(its)) {
                called.set(i);
            }
        }
        return called.length() > survey.functions()
                ? null
                : new FrameModule(parts, called.stream().toArray());
    }

    private static FunctionType type(ModuleParts parts, int own) {
        return parts.types().getType(parts.skeleton().functionSection().getFunctionType(own));
    }

    private static void note(List<Instruction> expression, BitSet called) {
        for (Instruction each : expression) {
            if (each.opcode() == OpCode.REF_FUNC) {
                called.set((int) each.operand(0));
            }
        }
    }

    /** The module, not validated. */
    WasmModule module() {
        WasmModule skeleton = parts.skeleton();
        int imported = skeleton.importSection().count(ExternalType.FUNCTION);
        FunctionSection.Builder own = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder();
        for (int i = imported; i < functions.length; i++) {
            int number = functions[i] - imported;
            own.addFunctionType(skeleton.functionSection().getFunctionType(number));
            code.addFunctionBody(parts.trap());
        }
        WasmModule.Builder module =
                WasmModule.builder()
                        .withValidation(false)
                        .setTypeSection(parts.types())
                        .setImportSection(skeleton.importSection())
                        .setFunctionSection(own.build())
                        .setTableSection(skeleton.tableSection())
                        .setGlobalSection(skeleton.globalSection())
                        .setCodeSection(code.build());
        skeleton.memorySection().ifPresent(module::setMemorySection);
        skeleton.tagSection().ifPresent(module::setTagSection);
        return module.build();
    }

    /** How many functions it has. */
    int functions() {
        return functions.length;
    }

    /** A class that the engine made for it, with the numbers of the whole module. */
    byte[] restored(byte[] code, int perClass) {
        return FunctionNumbers.ofFrame(code, functions, perClass);
    }
}
