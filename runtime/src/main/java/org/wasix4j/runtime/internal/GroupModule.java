package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.PassiveElement;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.wasix4j.types.Nullable;

/**
 * Makes modules of which the engine compiles one group of functions, those that share a class, and
 * nothing else. The engine compiles the groups of a module in order, and looks at each function of
 * a module, so the module has just the functions of the group and behind them those that they call.
 * {@link FunctionNumbers} gives the class that results its right names. For the validation the
 * called functions are imports.
 */
final class GroupModule {

    private final ModuleParts parts;
    private final WasmModule skeleton;
    private final int functions;
    private final int perClass;

    /** The number of the type of each function, the imported ones first. */
    private final int[] typeNumbers;

    private final List<Import> importsBesides = new ArrayList<>();

    /** The segments of elements, of which the code only sees the types. */
    private final ElementSection elements;

    /** Whether globals or tables begin with references to functions. */
    private boolean references;

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
        ElementSection.Builder segments = ElementSection.builder();
        for (Element each : skeleton.elementSection().elements()) {
            segments.addElement(new PassiveElement(each.type(), List.of()));
        }
        elements = segments.build();
        for (int i = 0; i < skeleton.globalSection().globalCount(); i++) {
            references |= namesFunctions(skeleton.globalSection().getGlobal(i).initInstructions());
        }
        for (int i = 0; i < skeleton.tableSection().tableCount(); i++) {
            references |= namesFunctions(skeleton.tableSection().getTable(i).initialize());
        }
        for (int i = imported; i < functions; i++) {
            typeNumbers[i] = skeleton.functionSection().getFunctionType(i - imported);
        }
    }

    private static boolean namesFunctions(List<Instruction> expression) {
        return expression.stream().anyMatch(each -> each.opcode() == OpCode.REF_FUNC);
    }

    /**
     * What the engine compiles of a group.
     *
     * @param module has the functions of the group first
     * @param functions the numbers of its functions in the whole module
     * @param own how many of them are those of the group
     */
    record Made(WasmModule module, int[] functions, int own) {}

    /**
     * Makes the module of a group.
     *
     * @param group a group without imported functions
     * @param wanted the functions of the group that get their bodies; the others trap
     * @return null when a body, a global or a table names a function otherwise than in a call
     * @throws ChicoryException when one of the functions is not valid
     */
    @Nullable
    Made module(int group, List<Integer> wanted) {
        if (references) {
            return null;
        }
        CodeSection parsed = parts.bodies(wanted);
        int from = group * perClass;
        int to = Math.min(functions, from + perClass);
        List<FunctionBody> bodies = new ArrayList<>();
        for (int i = from, next = 0; i < to; i++) {
            boolean own = next < wanted.size() && wanted.get(next) == i;
            bodies.add(parsed.getFunctionBody(own ? ++next : 0));
        }
        BitSet called = new BitSet();
        for (FunctionBody body : bodies) {
            if (!noteCalls(body, called)) {
                return null;
            }
        }
        called.clear(from, to);
        int own = to - from;
        int[] others = called.stream().toArray();
        int count = others.length;
        // one that does not exist still does not
        renumber(
                bodies,
                f ->
                        f >= from && f < to
                                ? count + f - from
                                : f >= 0 && f < functions
                                        ? Arrays.binarySearch(others, f)
                                        : Integer.MAX_VALUE);
        boolean counts = parsed.isRequiresDataCount();
        validate(bodies, from, others, counts);
        renumber(bodies, f -> f < count ? own + f : f - count);
        int[] numbers = new int[own + count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i < own ? from + i : others[i - own];
        }
        return new Made(withBodies(bodies, numbers, counts), numbers, own);
    }

    /** Notes which functions a body calls; answers false when it names one otherwise. */
    private boolean noteCalls(FunctionBody body, BitSet called) {
        for (AnnotatedInstruction each : body.instructions()) {
            if (each.opcode() == OpCode.REF_FUNC) {
                return false;
            }
            if (isCall(each)) {
                int function = (int) each.operand(0);
                if (function >= 0 && function < functions) {
                    called.set(function);
                }
            }
        }
        return true;
    }

    private static boolean isCall(AnnotatedInstruction instruction) {
        return instruction.opcode() == OpCode.CALL || instruction.opcode() == OpCode.RETURN_CALL;
    }

    private static void renumber(List<FunctionBody> bodies, IntUnaryOperator number) {
        for (FunctionBody body : bodies) {
            for (AnnotatedInstruction each : body.instructions()) {
                if (isCall(each)) {
                    each.setOperand(0, number.applyAsInt((int) each.operand(0)));
                }
            }
        }
    }

    /** Has the engine validate the bodies; the functions that they call are imported. */
    private void validate(List<FunctionBody> bodies, int from, int[] called, boolean counts) {
        ImportSection.Builder imports = ImportSection.builder();
        for (int function : called) {
            imports.addImport(new FunctionImport("", "", typeNumbers[function]));
        }
        FunctionSection.Builder own = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder().setRequiresDataCount(counts);
        for (int i = 0; i < bodies.size(); i++) {
            own.addFunctionType(typeNumbers[from + i]);
            code.addFunctionBody(bodies.get(i));
        }
        build(imports, own, code, true);
    }

    private WasmModule withBodies(List<FunctionBody> bodies, int[] numbers, boolean counts) {
        FunctionSection.Builder all = FunctionSection.builder();
        CodeSection.Builder code = CodeSection.builder().setRequiresDataCount(counts);
        for (int i = 0; i < numbers.length; i++) {
            all.addFunctionType(typeNumbers[numbers[i]]);
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
                        .setElementSection(elements)
                        .setDataSection(skeleton.dataSection())
                        .setCodeSection(code.build());
        skeleton.memorySection().ifPresent(module::setMemorySection);
        skeleton.tagSection().ifPresent(module::setTagSection);
        skeleton.dataCountSection().ifPresent(module::setDataCountSection);
        return module.build();
    }
}
