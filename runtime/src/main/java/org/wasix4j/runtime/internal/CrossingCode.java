package org.wasix4j.runtime.internal;

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
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.Crossing;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * Makes calls between the modules of a process about as fast as those inside of one. The engine
 * puts the arguments of such a call into an array, looks the function up twice in switches over all
 * functions, and puts the result into another array. Here the main class of a module becomes a
 * {@link TypedMachine}, which other modules call with the arguments as they are.
 *
 * <ul>
 *   <li>{@code callN} of the main class has a case for each function with N parameters that others
 *       can reach: it is exported, or in a segment of elements. When there are many, the cases are
 *       in the classes that have the functions, so that HotSpot compiles them.
 *   <li>An indirect call that finds another instance calls its {@code callN}.
 *   <li>So does a function that is imported and turns out to be one of another module.
 * </ul>
 *
 * Only modules that need a linker have it.
 */
final class CrossingCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String CROSSING = Type.getInternalName(Crossing.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String MEMORY = Type.getDescriptor(Memory.class);
    private static final String OBJECT = "java/lang/Object";
    private static final String INDIRECT = "call_indirect_";
    private static final String FUNCTION = "func_";
    private static final String GROUP = "FuncGroup_";

    /** Bytes that the cases of one method may have: HotSpot compiles none over 8,000. */
    private static final int MOST_BYTES = 7000;

    /** About how many bytes a case has, with its place in the switch, and more for a parameter. */
    private static final int CASE = 22;

    private static final int PARAMETER = 6;

    private final int functionsPerClass;
    private final List<FunctionType> types = new ArrayList<>();
    private final int imported;

    /** The functions that others can reach, by the number of their parameters. */
    private final SortedMap<Integer, TreeSet<Integer>> reachable = new TreeMap<>();

    /** For a valid module that needs a linker. */
    CrossingCode(WasmModule module, int functionsPerClass) {
        this.functionsPerClass = functionsPerClass;
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                types.add(module.typeSection().getType(function.typeIndex()));
            }
        }
        imported = types.size();
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

    private void reach(int function) {
        FunctionType type = types.get(function);
        if (isDirect(
                Type.getArgumentTypes(descriptor(type)), Type.getReturnType(descriptor(type)))) {
            reachable.computeIfAbsent(type.params().size(), n -> new TreeSet<>()).add(function);
        }
    }

    /** Whether values of these types can be passed as longs, and there are few enough. */
    private static boolean isDirect(Type[] arguments, Type result) {
        return arguments.length <= TypedMachine.MOST_ARGUMENTS
                && result.getSort() != Type.ARRAY
                && Arrays.stream(arguments).noneMatch(type -> type.getSort() == Type.ARRAY);
    }

    /** The type as the engine's methods have it, without the memory and the instance. */
    private static String descriptor(FunctionType type) {
        StringBuilder descriptor = new StringBuilder("(");
        type.params().forEach(each -> descriptor.append(letter(each)));
        descriptor.append(')');
        return switch (type.returns().size()) {
            case 0 -> descriptor.append('V').toString();
            case 1 -> descriptor.append(letter(type.returns().get(0))).toString();
            default -> descriptor.append("[J").toString();
        };
    }

    private static char letter(ValType type) {
        if (type.equals(ValType.I64)) {
            return 'J';
        }
        if (type.equals(ValType.F32)) {
            return 'F';
        }
        return type.equals(ValType.F64) ? 'D' : 'I';
    }

    /** The main class, with what it calls others by, and others call it by. */
    byte[] main(byte[] code) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(0);
        String own = reader.getClassName();
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public void visit(
                            int version,
                            int access,
                            String name,
                            String signature,
                            String superName,
                            String[] interfaces) {
                        super.visit(version, access, name, signature, MACHINE, interfaces);
                    }

                    @Override
                    public MethodVisitor visitMethod(
                            int access,
                            String name,
                            String descriptor,
                            String signature,
                            String[] exceptions) {
                        MethodVisitor out =
                                super.visitMethod(access, name, descriptor, signature, exceptions);
                        return name.equals("<init>")
                                ? new ConstructorCode(out)
                                : indirect(out, name, descriptor);
                    }

                    @Override
                    public void visitEnd() {
                        reachable.forEach(
                                (count, functions) -> dispatcher(cv, own, count, functions));
                        super.visitEnd();
                    }
                },
                0);
        return writer.toByteArray();
    }

    /** A class besides: with functions, or with indirect calls when they are many. */
    byte[] other(byte[] code) {
        ClassReader reader = new ClassReader(code);
        String own = reader.getClassName();
        ClassWriter writer = new ClassWriter(0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access,
                            String name,
                            String descriptor,
                            String signature,
                            String[] exceptions) {
                        MethodVisitor out =
                                super.visitMethod(access, name, descriptor, signature, exceptions);
                        if (own.contains(GROUP) && name.startsWith(FUNCTION)) {
                            int function = Integer.parseInt(name.substring(FUNCTION.length()));
                            return function < imported ? imported(out, function) : out;
                        }
                        return indirect(out, name, descriptor);
                    }

                    @Override
                    public void visitEnd() {
                        int at = own.lastIndexOf(GROUP);
                        if (at >= 0) {
                            int group = Integer.parseInt(own.substring(at + GROUP.length()));
                            reachable.forEach(
                                    (count, functions) -> {
                                        List<Integer> its = ofGroup(functions, group);
                                        if (!isOneMethod(functions, count) && !its.isEmpty()) {
                                            cases(cv, own.substring(0, at), count, group, its);
                                        }
                                    });
                        }
                        super.visitEnd();
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static boolean isOneMethod(Set<Integer> functions, int parameters) {
        return functions.size() * (CASE + parameters * PARAMETER) <= MOST_BYTES;
    }

    private List<Integer> ofGroup(TreeSet<Integer> functions, int group) {
        int first = group * functionsPerClass;
        return List.copyOf(functions.subSet(first, first + functionsPerClass));
    }

    // ---- being called

    /** {@code callN}: either all cases, or those that find the class with the case. */
    private void dispatcher(ClassVisitor out, String own, int count, TreeSet<Integer> functions) {
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

    private void groups(MethodVisitor method, String own, int count, TreeSet<Integer> functions) {
        SortedMap<Integer, Label> groups = new TreeMap<>();
        functions.forEach(
                each -> groups.computeIfAbsent(each / functionsPerClass, group -> new Label()));
        Label other = new Label();
        method.visitVarInsn(Opcodes.ILOAD, 1);
        method.visitIntInsn(Opcodes.SIPUSH, functionsPerClass);
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
                            own + GROUP + group,
                            "cross" + count,
                            passed(count, MEMORY + INSTANCE),
                            false);
                    method.visitInsn(Opcodes.LRETURN);
                });
        method.visitLabel(other);
        method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        boxed(method, 1, count, true);
    }

    private void cases(
            ClassVisitor out, String own, int count, int group, List<Integer> functions) {
        MethodVisitor method =
                out.visitMethod(
                        Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC,
                        "cross" + count,
                        passed(count, MEMORY + INSTANCE),
                        null,
                        null);
        method.visitCode();
        cases(method, own, 0, count, functions, false);
        method.visitMaxs(2 * count + 8, 2 * count + 4);
        method.visitEnd();
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

    /** The type of a method that takes a function's number, longs, and more. */
    private static String passed(int count, String more) {
        return "(I" + "J".repeat(count) + more + ")J";
    }

    // ---- calling

    /** Wraps the visitor of a method that makes indirect calls, if it is one of those. */
    private static MethodVisitor indirect(MethodVisitor out, String name, String descriptor) {
        if (!name.startsWith(INDIRECT)) {
            return out;
        }
        // behind the arguments: the index, the table, the memory and the instance
        Type[] all = Type.getArgumentTypes(descriptor);
        Type[] arguments = Arrays.copyOf(all, all.length - 4);
        Type result = Type.getReturnType(descriptor);
        int type = Integer.parseInt(name.substring(INDIRECT.length()));
        return isDirect(arguments, result) ? new IndirectCode(out, type, arguments, result) : out;
    }

    private MethodVisitor imported(MethodVisitor out, int function) {
        String descriptor = descriptor(types.get(function));
        Type[] arguments = Type.getArgumentTypes(descriptor);
        Type result = Type.getReturnType(descriptor);
        return isDirect(arguments, result) ? new ImportCode(out, function, arguments, result) : out;
    }

    private static int size(Type[] types) {
        return Arrays.stream(types).mapToInt(Type::getSize).sum();
    }

    /** Calls {@code callN}: the machine and the function's number are on the stack. */
    private static void call(MethodVisitor out, Type[] arguments, Type result) {
        int variable = 0;
        for (Type type : arguments) {
            out.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
            toLong(out, type);
        }
        int count = arguments.length;
        out.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL, MACHINE, "call" + count, passed(count, ""), false);
        if (result.getSort() == Type.VOID) {
            out.visitInsn(Opcodes.POP2);
        } else {
            fromLong(out, result);
        }
        out.visitInsn(result.getOpcode(Opcodes.IRETURN));
    }

    private static void toLong(MethodVisitor out, Type type) {
        switch (type.getSort()) {
            case Type.VOID -> out.visitInsn(Opcodes.LCONST_0);
            case Type.INT -> out.visitInsn(Opcodes.I2L);
            case Type.FLOAT -> {
                convert(out, "java/lang/Float", "floatToRawIntBits", "(F)I");
                out.visitInsn(Opcodes.I2L);
            }
            case Type.DOUBLE -> convert(out, "java/lang/Double", "doubleToRawLongBits", "(D)J");
            default -> {}
        }
    }

    private static void fromLong(MethodVisitor out, Type type) {
        switch (type.getSort()) {
            case Type.INT -> out.visitInsn(Opcodes.L2I);
            case Type.FLOAT -> {
                out.visitInsn(Opcodes.L2I);
                convert(out, "java/lang/Float", "intBitsToFloat", "(I)F");
            }
            case Type.DOUBLE -> convert(out, "java/lang/Double", "longBitsToDouble", "(J)D");
            default -> {}
        }
    }

    private static void convert(MethodVisitor out, String owner, String name, String descriptor) {
        out.visitMethodInsn(Opcodes.INVOKESTATIC, owner, name, descriptor, false);
    }

    private static void push(MethodVisitor out, int value) {
        if (value <= Short.MAX_VALUE) {
            out.visitIntInsn(Opcodes.SIPUSH, value);
        } else {
            out.visitLdcInsn(value);
        }
    }

    /** Passes the instance to {@link TypedMachine}. */
    private static final class ConstructorCode extends MethodVisitor {

        ConstructorCode(MethodVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            if (opcode == Opcodes.INVOKESPECIAL && owner.equals(OBJECT)) {
                super.visitVarInsn(Opcodes.ALOAD, 1);
                super.visitMethodInsn(opcode, MACHINE, name, "(" + INSTANCE + ")V", false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            }
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(stack + 1, locals);
        }
    }

    /**
     * A method that makes indirect calls. The engine compares the instance that has the function
     * with the own one, and jumps to what calls another: in front of that comes our call.
     */
    private static final class IndirectCode extends MethodVisitor {

        private final int type;
        private final Type[] arguments;
        private final Type result;

        /** Where another instance is called, or null. */
        private Label other;

        private boolean reached;

        IndirectCode(MethodVisitor out, int type, Type[] arguments, Type result) {
            super(Opcodes.ASM9, out);
            this.type = type;
            this.arguments = arguments;
            this.result = result;
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            if (opcode == Opcodes.IF_ACMPNE && other == null) {
                other = label;
            }
            super.visitJumpInsn(opcode, label);
        }

        @Override
        public void visitLabel(Label label) {
            super.visitLabel(label);
            reached = label == other;
        }

        @Override
        public void visitFrame(int kind, int locals, Object[] local, int size, Object[] stack) {
            super.visitFrame(kind, locals, local, size, stack);
            if (!reached) {
                return;
            }
            reached = false;
            int end = size(arguments);
            int instance = end + 3;
            int function = end + 5;
            int callee = end + 6;
            super.visitVarInsn(Opcodes.ALOAD, callee);
            super.visitVarInsn(Opcodes.ALOAD, instance);
            push(mv, type);
            super.visitVarInsn(Opcodes.ILOAD, function);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    MACHINE,
                    "of",
                    "(" + INSTANCE + INSTANCE + "II)L" + MACHINE + ";",
                    false);
            Label slow = new Label();
            super.visitInsn(Opcodes.DUP);
            super.visitJumpInsn(Opcodes.IFNULL, slow);
            super.visitVarInsn(Opcodes.ILOAD, function);
            call(mv, arguments, result);
            super.visitLabel(slow);
            super.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {MACHINE});
            super.visitInsn(Opcodes.POP);
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(Math.max(stack, 4 + 2 * arguments.length), locals);
        }
    }

    /** A function that is imported, perhaps from another module. */
    private static final class ImportCode extends MethodVisitor {

        private final int function;
        private final Type[] arguments;
        private final Type result;

        ImportCode(MethodVisitor out, int function, Type[] arguments, Type result) {
            super(Opcodes.ASM9, out);
            this.function = function;
            this.arguments = arguments;
            this.result = result;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            super.visitVarInsn(Opcodes.ALOAD, size(arguments) + 1);
            push(mv, function);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    CROSSING,
                    "of",
                    "(" + INSTANCE + "I)L" + CROSSING + ";",
                    false);
            Label slow = new Label();
            super.visitInsn(Opcodes.DUP);
            super.visitJumpInsn(Opcodes.IFNULL, slow);
            super.visitInsn(Opcodes.DUP);
            super.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL, CROSSING, "machine", "()L" + MACHINE + ";", false);
            super.visitInsn(Opcodes.SWAP);
            super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, CROSSING, "function", "()I", false);
            call(mv, arguments, result);
            super.visitLabel(slow);
            super.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {CROSSING});
            super.visitInsn(Opcodes.POP);
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(Math.max(stack, 4 + 2 * arguments.length), locals);
        }
    }
}
