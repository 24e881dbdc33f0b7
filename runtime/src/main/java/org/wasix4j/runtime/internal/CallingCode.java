package org.wasix4j.runtime.internal;

import static org.wasix4j.runtime.internal.PassedValues.fromLong;
import static org.wasix4j.runtime.internal.PassedValues.isDirect;
import static org.wasix4j.runtime.internal.PassedValues.passed;
import static org.wasix4j.runtime.internal.PassedValues.toLong;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.Arrays;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.Crossing;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * How a module calls others: an indirect call that finds another instance, and a function that is
 * imported and turns out to be one of another module, call {@code callN} of a {@link TypedMachine}.
 */
final class CallingCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String CROSSING = Type.getInternalName(Crossing.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String INDIRECT = "call_indirect_";

    private CallingCode() {}

    /** Wraps the visitor of a method that makes indirect calls, if it is one of those. */
    static MethodVisitor indirect(MethodVisitor out, String name, String descriptor) {
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

    /** Wraps the visitor of the method of an imported function. */
    static MethodVisitor imported(MethodVisitor out, int function, FunctionType type) {
        String descriptor = PassedValues.descriptor(type);
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

    private static void push(MethodVisitor out, int value) {
        if (value <= Short.MAX_VALUE) {
            out.visitIntInsn(Opcodes.SIPUSH, value);
        } else {
            out.visitLdcInsn(value);
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
