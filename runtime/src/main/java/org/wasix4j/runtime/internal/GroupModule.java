package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.wasix4j.types.Nullable;

/**
 * Makes modules of which the engine compiles one group of functions, those that share a class, and
 * nothing else. The engine compiles the groups of a module in order, so the group has to be the
 * first one: it changes places with group 0. {@link GroupNames} gives the class that results its
 * right names.
 *
 * <p>The engine looks at the body of each function of a module, also at those that are replaced by
 * a trap. For a group of 32 functions out of 3,000 this would take longer than all the rest. So for
 * its validation the other functions are imports.
 */
final class GroupModule {

    private final ModuleParts parts;
    private final WasmModule skeleton;
    private final int functions;
    private final int perClass;

    /** The number of the type of each function, the imported ones first. */
    private final int[] typeNumbers;

    private final List<Import> importsBesides = new ArrayList<>();

    /** For a module that needs no more than types of functions. */
    GroupModule(ModuleParts parts, int functions, int perClass) {
        this.parts = parts;
        this.skeleton = parts.skeleton();
        this.functions = functions;
        this.perClass = perClass;
        this.typeNumbers = new int[functions];
        int imported = 0;
        for (int i = 0; i < skeleton.importSection().importCount(); i++) {
            Import each = skeleton.importSection().getImport(i);
            if (each instanceof FunctionImport function) {
                typeNumbers[imported++] = function.typeIndex();
            } else {
                importsBesides.add(each);
            }
        }
        for (int i = imported; i < functions; i++) {
            typeNumbers[i] = skeleton.functionSection().getFunctionType(i - imported);
        }
    }

    /**
     * A module whose group 0 is a group of this one.
     *
     * @param group a group without imported functions
     * @param wanted the functions of the group that get their bodies; the others trap
     * @return null when a body names a function otherwise than in a call
     * @throws ChicoryException when one of the functions is not valid
     */
    @Nullable
    WasmModule module(int group, List<Integer> wanted) {
        CodeSection parsed = parts.bodies(wanted);
        int from = group * perClass;
        int to = Math.min(functions, from + perClass);
        List<FunctionBody> bodies = new ArrayList<>();
        for (int i = from, next = 0; i < to; i++) {
            boolean own = next < wanted.size() && wanted.get(next) == i;
            bodies.add(parsed.getFunctionBody(own ? ++next : 0));
        }
        for (FunctionBody body : bodies) {
            if (namesFunctions(body)) {
                return null;
            }
        }
        int own = to - from;
        renumber(bodies, f -> f < from ? f : f < to ? functions - to + f : f - own);
        boolean counts = parsed.isRequiresDataCount();
        validated(bodies, from, counts);
        renumber(bodies, f -> f < from ? f : f < functions - own ? f + own : f - functions + to);
        renumber(bodies, f -> exchanged(f, group, perClass));
        return exchanged(bodies, group, counts);
    }

    private static boolean namesFunctions(FunctionBody body) {
        return body.instructions().stream().anyMatch(each -> each.opcode() == OpCode.REF_FUNC);
    }

    private static void renumber(List<FunctionBody> bodies, IntUnaryOperator number) {
        for (FunctionBody body : bodies) {
            for (AnnotatedInstruction each : body.instructions()) {
                if (each.opcode() == OpCode.CALL || each.opcode() == OpCode.RETURN_CALL) {
                    each.setOperand(0, number.applyAsInt((int) each.operand(0)));
                }
            }
        }
    }

    /** The number of a function when a group and group 0 change places. */
    static int exchanged(int function, int group, int perClass) {
        int its = function / perClass;
        if (its == group) {
            return function - group * perClass;
        }
        return its == 0 ? function + group * perClass : function;
    }

    /** Has the engine validate the bodies; all other functions are imported. */
    private void validated(List<FunctionBody> bodies, int from, boolean counts) {
        int to = from + bodies.size();
        ImportSection.Builder imports = ImportSection.builder();
        for (int i = 0; i < functions; i++) {
            if (i < from || i >= to) {
                imports.addImport(new FunctionImport("", "", typeNumbers[i]));
            }
        }
        FunctionSection.Builder own = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder().setRequiresDataCount(counts);
        for (int i = from; i < to; i++) {
            own.addFunctionType(typeNumbers[i]);
            code.addFunctionBody(bodies.get(i - from));
        }
        build(imports, own, code, true);
    }

    private WasmModule exchanged(List<FunctionBody> bodies, int group, boolean counts) {
        FunctionSection.Builder all = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder().setRequiresDataCount(counts);
        // a last group with fewer functions is filled up, for the one that goes there
        int count = Math.max(functions, (group + 1) * perClass);
        for (int i = 0; i < count; i++) {
            int function = exchanged(i, group, perClass);
            all.addFunctionType(typeNumbers[function < functions ? function : functions - 1]);
            code.addFunctionBody(i < bodies.size() ? bodies.get(i) : parts.trap());
        }
        return build(ImportSection.builder(), all, code, false);
    }

    private WasmModule build(
            ImportSection.Builder imports,
            FunctionSection.Builder own,
            CodeSection.Builder code,
            boolean validate) {
        importsBesides.forEach(imports::addImport);
        TypeSection types = parts.types();
        WasmModule.Builder module =
                WasmModule.builder()
                        .withValidation(validate)
                        .setTypeSection(types)
                        .setImportSection(imports.build())
                        .setFunctionSection(own.build())
                        .setTableSection(skeleton.tableSection())
                        .setGlobalSection(skeleton.globalSection())
                        .setElementSection(skeleton.elementSection())
                        .setDataSection(skeleton.dataSection())
                        .setCodeSection(code.build());
        skeleton.memorySection().ifPresent(module::setMemorySection);
        skeleton.tagSection().ifPresent(module::setTagSection);
        skeleton.dataCountSection().ifPresent(module::setDataCountSection);
        return module.build();
    }
}
