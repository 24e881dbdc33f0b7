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
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.PassiveElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand.Divided;
import org.wasix4j.types.Nullable;

/**
 * Makes modules of which the engine compiles one group of functions, those that share a class, and
 * nothing else. The engine compiles the groups of a module in order, and looks at each function of
 * a module, so the module has just the functions of the group, the parts of those that are divided
 * ({@link DivisionOnDemand}), and behind them the functions that they call. {@link FunctionNumbers}
 * gives the class that results its right names. For the validation the called functions are
 * imports.
 */
final class GroupModule {

    private final ModuleParts parts;
    private final WasmModule skeleton;
    private final int functions;
    private final int imported;
    private final int perClass;

    /** Divides large functions, or null when there are none to be divided. */
    private final @Nullable DivisionOnDemand division;

    /** Is told of the parts of functions. */
    private final InterruptPoints interrupts;

    /** The number of the type of each function, the imported ones first. */
    private final int[] typeNumbers;

    private final List<Import> importedFunctions = new ArrayList<>();
    private final List<Import> importsBesides = new ArrayList<>();

    /** The segments of elements, of which the code only sees the types. */
    private final ElementSection elements;

    private final boolean references;

    /**
     * For a module that needs no more than types of functions.
     *
     * @param division divides large functions, or null when there are none to be divided
     * @param interrupts is told of the parts of functions
     */
    GroupModule(
            ModuleParts parts,
            int functions,
            int perClass,
            @Nullable DivisionOnDemand division,
            InterruptPoints interrupts) {
        this.parts = parts;
        this.division = division;
        this.interrupts = interrupts;
        this.skeleton = parts.skeleton();
        this.functions = functions;
        this.perClass = perClass;
        this.typeNumbers = new int[functions];
        int next = 0;
        for (int i = 0; i < skeleton.importSection().importCount(); i++) {
            Import each = skeleton.importSection().getImport(i);
            if (each instanceof FunctionImport function) {
                typeNumbers[next++] = function.typeIndex();
                importedFunctions.add(each);
            } else {
                importsBesides.add(each);
            }
        }
        imported = next;
        ElementSection.Builder segments = ElementSection.builder();
        for (Element each : skeleton.elementSection().elements()) {
            segments.addElement(new PassiveElement(each.type(), List.of()));
        }
        elements = segments.build();
        references = namesFunctions(skeleton);
        for (int i = imported; i < functions; i++) {
            typeNumbers[i] = skeleton.functionSection().getFunctionType(i - imported);
        }
    }

    /** Whether globals or tables of a module begin with references to functions. */
    static boolean namesFunctions(WasmModule skeleton) {
        boolean references = false;
        for (int i = 0; i < skeleton.globalSection().globalCount(); i++) {
            references |= namesFunctions(skeleton.globalSection().getGlobal(i).initInstructions());
        }
        for (int i = 0; i < skeleton.tableSection().tableCount(); i++) {
            references |= namesFunctions(skeleton.tableSection().getTable(i).initialize());
        }
        return references;
    }

    private static boolean namesFunctions(List<Instruction> expression) {
        return expression.stream().anyMatch(each -> each.opcode() == OpCode.REF_FUNC);
    }

    /**
     * What the engine compiles of a group.
     *
     * @param module has the functions of the group first, behind the imported ones when some of
     *     these are in the group
     * @param functions the numbers of its functions in the whole module, and those that parts go by
     * @param own how many of them share the class
     */
    record Made(WasmModule module, int[] functions, int own) {

        /** The place of a function in the module, or -1. */
        int place(int function) {
            for (int i = 0; i < own; i++) {
                if (functions[i] == function) {
                    return i;
                }
            }
            return -1;
        }
    }

    /**
     * Makes the module of a group.
     *
     * @param wanted the functions of the group that get their bodies; the others trap
     * @param whole those of them that are not divided
     * @return null when a body, a global or a table names a function otherwise than in a call
     * @throws ChicoryException when one of the functions is not valid
     */
    @Nullable
    Made module(int group, List<Integer> wanted, Set<Integer> whole) {
        if (references) {
            return null;
        }
        Divided divided =
                division == null
                        ? Divided.NONE
                        : division.divide(
                                wanted.stream().filter(each -> !whole.contains(each)).toList());
        Group made = new Group(group, wanted, divided);
        return made.noteCalls() ? made.made() : null;
    }

    /**
     * The body of a function, validated, for the interpreter. Only for classes of one function.
     *
     * @throws ChicoryException when it is not valid
     */
    FunctionBody body(int function) {
        Group alone = new Group(function, List.of(function), Divided.NONE);
        if (!alone.noteCalls()) {
            throw new IllegalArgumentException("function " + function + " has references");
        }
        return alone.validated();
    }

    private static boolean isCall(AnnotatedInstruction instruction) {
        return instruction.opcode() == OpCode.CALL || instruction.opcode() == OpCode.RETURN_CALL;
    }

    /** A group whose module is made. */
    private final class Group {

        private final Divided divided;
        private final ModuleParts.Bodies parsed;

        /** The first of its own functions, and the one behind the last. */
        private final int from;

        private final int to;

        /** How many functions its module imports: all, when some of these share its class. */
        private final int before;

        /** The bodies of its own functions, and behind them those of parts. */
        private final List<FunctionBody> bodies = new ArrayList<>();

        /** Which of them are of a divided function. */
        private final BitSet ofDivided = new BitSet();

        private final BitSet called = new BitSet();

        Group(int group, List<Integer> wanted, Divided divided) {
            this.divided = divided;
            from = Math.max(group * perClass, imported);
            to = Math.max(from, Math.min(functions, (group + 1) * perClass));
            before = group * perClass < imported ? imported : 0;
            parsed = parts.bodies(wanted, divided);
            int next = 0;
            for (int i = from; i < to; i++) {
                boolean own = next < wanted.size() && wanted.get(next) == i;
                bodies.add(parsed.code().getFunctionBody(own ? ++next : 0));
                ofDivided.set(i - from, own && divided.left().containsKey(i));
            }
            for (int i = 0; i < divided.parts().size(); i++) {
                ofDivided.set(bodies.size());
                bodies.add(parsed.code().getFunctionBody(wanted.size() + 1 + i));
            }
        }

        /** Notes what is called; answers false when a function is named otherwise. */
        boolean noteCalls() {
            for (int i = 0; i < bodies.size(); i++) {
                List<Integer> callees = new ArrayList<>();
                for (AnnotatedInstruction each : bodies.get(i).instructions()) {
                    if (each.opcode() == OpCode.REF_FUNC) {
                        return false;
                    }
                    if (isCall(each)) {
                        int function = (int) each.operand(0);
                        if (function >= 0 && function < functions) {
                            called.set(function);
                            callees.add(function);
                        } else if (ofDivided.get(i)) {
                            callees.add(divided.parts().get(function - functions).number());
                        }
                    }
                }
                if (i >= to - from) {
                    // parts that a part has inside come before it
                    interrupts.addPart(
                            divided.parts().get(i - (to - from)).number(),
                            bodies.get(i).instructions().size(),
                            callees);
                }
            }
            called.clear(from, to);
            return true;
        }

        Made made() {
            int[] others = called.stream().toArray();
            int count = others.length;
            renumber(function -> numberForValidation(function, others));
            validate(others);
            int importedOthers = (int) Arrays.stream(others).filter(f -> f < before).count();
            int own = before + bodies.size();
            renumber(
                    function ->
                            function >= count
                                    ? before + function - count
                                    : function < importedOthers
                                            ? others[function]
                                            : own + function - importedOthers);
            int[] numbers = new int[own + count - importedOthers];
            for (int i = 0; i < numbers.length; i++) {
                int part = i - before - (to - from);
                if (i < before) {
                    numbers[i] = i;
                } else if (part < 0) {
                    numbers[i] = from + i - before;
                } else if (i < own) {
                    numbers[i] = divided.parts().get(part).number();
                } else {
                    numbers[i] = others[i - own + importedOthers];
                }
            }
            return new Made(withBodies(others, importedOthers), numbers, own);
        }

        /** The only function, whose code calls functions by their own numbers. */
        FunctionBody validated() {
            int[] others = called.stream().toArray();
            renumber(function -> numberForValidation(function, others));
            validate(others);
            renumber(function -> function < others.length ? others[function] : from);
            return bodies.get(0);
        }

        /** The called functions come first, then the group's own, then the parts. */
        private int numberForValidation(int function, int[] others) {
            if (function >= from && function < to) {
                return others.length + function - from;
            }
            return function < functions
                    ? Arrays.binarySearch(others, function)
                    : others.length + (to - from) + function - functions;
        }

        private void renumber(IntUnaryOperator number) {
            for (int i = 0; i < bodies.size(); i++) {
                for (AnnotatedInstruction each : bodies.get(i).instructions()) {
                    if (isCall(each)) {
                        int function = (int) each.operand(0);
                        boolean none = function < 0 || function >= functions && !ofDivided.get(i);
                        // one that does not exist still does not
                        each.setOperand(0, none ? Integer.MAX_VALUE : number.applyAsInt(function));
                    }
                }
            }
        }

        private int typeNumber(int body) {
            int part = body - (to - from);
            return part < 0 ? typeNumbers[from + body] : divided.parts().get(part).type();
        }

        /** Has the engine validate the bodies; the functions that they call are imported. */
        private void validate(int[] others) {
            ImportSection.Builder imports = ImportSection.builder();
            for (int function : others) {
                imports.addImport(new FunctionImport("", "", typeNumbers[function]));
            }
            FunctionSection.Builder own = FunctionSection.builder();
            CodeSection.Builder code = code();
            for (int i = 0; i < bodies.size(); i++) {
                own.addFunctionType(typeNumber(i));
                code.addFunctionBody(bodies.get(i));
            }
            build(imports, own, code, true);
        }

        private WasmModule withBodies(int[] others, int importedOthers) {
            ImportSection.Builder imports = ImportSection.builder();
            if (before > 0) {
                importedFunctions.forEach(imports::addImport);
            }
            FunctionSection.Builder all = FunctionSection.builder();
            CodeSection.Builder code = code();
            for (int i = 0; i < bodies.size(); i++) {
                all.addFunctionType(typeNumber(i));
                code.addFunctionBody(bodies.get(i));
            }
            for (int i = importedOthers; i < others.length; i++) {
                all.addFunctionType(typeNumbers[others[i]]);
                code.addFunctionBody(parts.trap());
            }
            return build(imports, all, code, false);
        }

        private CodeSection.Builder code() {
            return CodeSection.builder().setRequiresDataCount(parsed.code().isRequiresDataCount());
        }

        private WasmModule build(
                ImportSection.Builder imports,
                FunctionSection.Builder own,
                CodeSection.Builder code,
                boolean validate) {
            importsBesides.forEach(imports::addImport);
            WasmModule.Builder module =
                    WasmModule.builder()
                            .withValidation(validate)
                            .setTypeSection(parsed.types())
                            .setImportSection(imports.build())
                            .setFunctionSection(own.build())
                            .setTableSection(skeleton.tableSection())
                            .setGlobalSection(globals())
                            .setElementSection(elements)
                            .setDataSection(skeleton.dataSection())
                            .setCodeSection(code.build());
            skeleton.memorySection().ifPresent(module::setMemorySection);
            skeleton.tagSection().ifPresent(module::setTagSection);
            skeleton.dataCountSection().ifPresent(module::setDataCountSection);
            return module.build();
        }

        private GlobalSection globals() {
            if (parsed.transfers().isEmpty()) {
                return skeleton.globalSection();
            }
            GlobalSection.Builder all = GlobalSection.builder();
            for (Global each : skeleton.globalSection().globals()) {
                all.addGlobal(each);
            }
            parsed.transfers().forEach(all::addGlobal);
            return all.build();
        }
    }
}
