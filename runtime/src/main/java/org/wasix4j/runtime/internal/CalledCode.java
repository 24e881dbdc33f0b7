package org.wasix4j.runtime.internal;

import static org.wasix4j.runtime.internal.PassedValues.descriptor;
import static org.wasix4j.runtime.internal.PassedValues.fromLong;
import static org.wasix4j.runtime.internal.PassedValues.isDirect;
import static org.wasix4j.runtime.internal.PassedValues.passed;
import static org.wasix4j.runtime.internal.PassedValues.toLong;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Element;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * How others call a module. {@code callN} of its main class has a case for each function with N
 * parameters that others can reach: it is exported, or in a segment of elements. When there are
 * many, the cases are in classes of their own, in methods that are small enough for HotSpot.
 */
final class CalledCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String MEMORY = Type.getDescriptor(Memory.class);
    private static final String FUNCTION = "func_";
    private static final String GROUP = "FuncGroup_";
    private static final String CASE_CLASS = "Cases_";

    /** A class of cases has those of functions whose numbers are that close. */
    private static final int CASES = 128;

    /** Bytes that the cases of one method may have: HotSpot compiles none over 8,000. */
    private static final int MOST_BYTES = 7000;

    /** About how many bytes a case has, with its place in the switch, and more for a parameter. */
    private static final int CASE = 22;

    private static final int PARAMETER = 6;

    private final int functionsPerClass;
    private final List<FunctionType> types = new ArrayList<>();

    /** The functions that others can reach, by the number of their parameters. */
    private final SortedMap<Integer, TreeSet<Integer>> reachable = new TreeMap<>();

    /** For a valid module that needs a linker. */
    CalledCode(WasmModule module, int functionsPerClass) {
        this.functionsPerClass = functionsPerClass;
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                types.add(module.typeSection().getType(function.typeIndex()));
            }
        }
        for (int i = 0; i < module.functionSection().functionCount(); i++) {
            types.add(module.functionSection().getFunctionType(i, module.typeSection()));
        }
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.exportType() == ExternalType.FUNCTION) {
                reach(export.index());
            }
        }
        for (Element element : module.elementSection().elements()) {
            for (List<Instruction> value : element.initializers()) {
                for (Instruction each : value) {
                    if (each.opcode() == OpCode.REF_FUNC) {
                        reach((int) each.operand(0));
                    }
                }
            }
        }
    }

    /** The type of a function. */
    FunctionType type(int function) {
        return types.get(function);
    }

    private void reach(int function) {
        FunctionType type = types.get(function);
        if (isDirect(
                Type.getArgumentTypes(descriptor(type)), Type.getReturnType(descriptor(type)))) {
            reachable.computeIfAbsent(type.params().size(), n -> new TreeSet<>()).add(function);
        }
    }

    private static boolean isOneMethod(Set<Integer> functions, int parameters) {
        return functions.size() * (CASE + parameters * PARAMETER) <= MOST_BYTES;
    }

    /**
     * Adds what a main class is called by.
     *
     * @param own the internal name of the class
     */
    void dispatch(ClassVisitor out, String own) {
        reachable.forEach((count, functions) -> dispatcher(out, own, count, functions));
    }

    /**
     * The classes of cases, by internal name.
     *
     * @param own the internal name of the main class
     */
    Map<String, byte[]> classes(String own) {
        SortedMap<Integer, ClassWriter> writers = new TreeMap<>();
        reachable.forEach(
                (count, functions) -> {
                    if (isOneMethod(functions, count)) {
                        return;
                    }
                    SortedMap<Integer, List<Integer>> groups = new TreeMap<>();
                    for (int each : functions) {
                        groups.computeIfAbsent(each / CASES, n -> new ArrayList<>()).add(each);
                    }
                    groups.forEach(
                            (group, its) ->
                                    method(
                                            writers.computeIfAbsent(
                                                    group, n -> begin(own + CASE_CLASS + n)),
                                            own,
                                            count,
                                            its));
                });
        Map<String, byte[]> classes = new TreeMap<>();
        writers.forEach(
                (group, writer) -> {
                    writer.visitEnd();
                    classes.put(own + CASE_CLASS + group, writer.toByteArray());
                });
        return classes;
    }

    private static ClassWriter begin(String name) {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(
                Opcodes.V11,
                Opcodes.ACC_FINAL | Opcodes.ACC_SUPER,
                name,
                null,
                "java/lang/Object",
                null);
        return writer;
    }

    private void method(ClassVisitor out, String own, int count, List<Integer> functions) {
        MethodVisitor method =
                out.visitMethod(
                        Opcodes.ACC_STATIC,
                        "call" + count,
                        passed(count, MEMORY + INSTANCE),
                        null,
                        null);
        method.visitCode();
        cases(method, own, 0, count, functions, false);
        method.visitMaxs(2 * count + 8, 2 * count + 4);
        method.visitEnd();
    }

    /** {@code callN}: either all cases, or those that find the class with the case. */
    private void dispatcher(ClassVisitor out, String own, int count, Set<Integer> functions) {
        MethodVisitor method =
                out.visitMethod(Opcodes.ACC_PUBLIC, "call" + count, passed(count, ""), null, null);
        method.visitCode();
        if (isOneMethod(functions, count)) {
            cases(method, own, 1, count, functions, true);
        } else {
            groups(method, own, count, functions);
        }
        method.visitMaxs(2 * count + 8, 2 * count + 4);
        method.visitEnd();
    }

    private void groups(MethodVisitor method, String own, int count, Set<Integer> functions) {
        SortedMap<Integer, Label> groups = new TreeMap<>();
        functions.forEach(each -> groups.computeIfAbsent(each / CASES, group -> new Label()));
        Label other = new Label();
        method.visitVarInsn(Opcodes.ILOAD, 1);
        method.visitIntInsn(Opcodes.SIPUSH, CASES);
        method.visitInsn(Opcodes.IDIV);
        choose(method, groups, other);
        groups.forEach(
                (group, label) -> {
                    method.visitLabel(label);
                    method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
                    method.visitVarInsn(Opcodes.ILOAD, 1);
                    for (int i = 0; i < count; i++) {
                        method.visitVarInsn(Opcodes.LLOAD, 2 + 2 * i);
                    }
                    loadOwn(method);
                    method.visitMethodInsn(
                            Opcodes.INVOKESTATIC,
                            own + CASE_CLASS + group,
                            "call" + count,
                            passed(count, MEMORY + INSTANCE),
                            false);
                    method.visitInsn(Opcodes.LRETURN);
                });
        method.visitLabel(other);
        method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        boxed(method, 1, count, true);
    }

    /**
     * A case for each function.
     *
     * @param at the variable with the function's number; the arguments follow
     * @param virtual whether memory and instance are fields, and not the last variables
     */
    private void cases(
            MethodVisitor method,
            String own,
            int at,
            int count,
            Collection<Integer> functions,
            boolean virtual) {
        SortedMap<Integer, Label> labels = new TreeMap<>();
        functions.forEach(each -> labels.put(each, new Label()));
        Label other = new Label();
        method.visitVarInsn(Opcodes.ILOAD, at);
        choose(method, labels, other);
        for (Map.Entry<Integer, Label> entry : labels.entrySet()) {
            int function = entry.getKey();
            String descriptor = descriptor(types.get(function));
            method.visitLabel(entry.getValue());
            method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
            int variable = at + 1;
            for (Type type : Type.getArgumentTypes(descriptor)) {
                method.visitVarInsn(Opcodes.LLOAD, variable);
                variable += 2;
                fromLong(method, type);
            }
            if (virtual) {
                loadOwn(method);
            } else {
                method.visitVarInsn(Opcodes.ALOAD, variable);
                method.visitVarInsn(Opcodes.ALOAD, variable + 1);
            }
            method.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    own + GROUP + function / functionsPerClass,
                    FUNCTION + function,
                    descriptor.replace(")", MEMORY + INSTANCE + ")"),
                    false);
            toLong(method, Type.getReturnType(descriptor));
            method.visitInsn(Opcodes.LRETURN);
        }
        method.visitLabel(other);
        method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        boxed(method, at, count, virtual);
    }

    private static void loadOwn(MethodVisitor method) {
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitFieldInsn(Opcodes.GETFIELD, MACHINE, "memory", MEMORY);
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitFieldInsn(Opcodes.GETFIELD, MACHINE, "home", INSTANCE);
    }

    private static void choose(MethodVisitor method, SortedMap<Integer, Label> to, Label other) {
        int first = to.firstKey();
        int last = to.lastKey();
        if (last - first < 4 * to.size()) {
            Label[] table = new Label[last - first + 1];
            Arrays.fill(table, other);
            to.forEach((key, label) -> table[key - first] = label);
            method.visitTableSwitchInsn(first, last, other, table);
        } else {
            int[] keys = to.keySet().stream().mapToInt(key -> key).toArray();
            method.visitLookupSwitchInsn(other, keys, to.values().toArray(new Label[0]));
        }
    }

    /** The engine's way. */
    private static void boxed(MethodVisitor method, int at, int count, boolean virtual) {
        if (virtual) {
            method.visitVarInsn(Opcodes.ALOAD, 0);
            method.visitFieldInsn(Opcodes.GETFIELD, MACHINE, "home", INSTANCE);
        } else {
            method.visitVarInsn(Opcodes.ALOAD, at + 2 + 2 * count);
        }
        method.visitVarInsn(Opcodes.ILOAD, at);
        method.visitIntInsn(Opcodes.BIPUSH, count);
        method.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_LONG);
        for (int i = 0; i < count; i++) {
            method.visitInsn(Opcodes.DUP);
            method.visitIntInsn(Opcodes.BIPUSH, i);
            method.visitVarInsn(Opcodes.LLOAD, at + 1 + 2 * i);
            method.visitInsn(Opcodes.LASTORE);
        }
        method.visitMethodInsn(
                Opcodes.INVOKESTATIC, MACHINE, "boxed", "(" + INSTANCE + "I[J)J", false);
        method.visitInsn(Opcodes.LRETURN);
    }
}
