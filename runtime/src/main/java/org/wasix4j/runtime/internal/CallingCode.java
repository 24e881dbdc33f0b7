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
import org.wasix4j.runtime.internal.link.Target;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * How a module calls others: an indirect call, and a function that is imported, call {@code callN}
 * of a {@link Target} when there is one, else they go the engine's way.
 */
final class CallingCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String TARGET = Type.getInternalName(Target.class);
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

    /** Calls {@code callN}: the target is on the stack. */
    private static void call(MethodVisitor out, Type[] arguments, Type result) {
        int variable = 0;
        for (Type type : arguments) {
            out.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
            toLong(out, type);
        }
        int count = arguments.length;
        out.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TARGET, "call" + count, passed(count), false);
        if (result.getSort() == Type.VOID) {
            out.visitInsn(Opcodes.POP2);
        } else {
            fromLong(out, result);
        }
        out.visitInsn(result.getOpcode(Opcodes.IRETURN));
    }

    /** Calls the target on the stack, if it is one and not null. */
    private static void callOrGoOn(MethodVisitor out, Type[] arguments, Type result) {
        Label slow = new Label();
        out.visitInsn(Opcodes.DUP);
        out.visitJumpInsn(Opcodes.IFNULL, slow);
        call(out, arguments, result);
        out.visitLabel(slow);
        out.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {TARGET});
        out.visitInsn(Opcodes.POP);
    }

    private static void push(MethodVisitor out, int value) {
        if (value <= Short.MAX_VALUE) {
            out.visitIntInsn(Opcodes.SIPUSH, value);
        } else {
            out.visitLdcInsn(value);
        }
    }

    /** A method that makes indirect calls: a target is looked for before anything else is. */
    private static final class IndirectCode extends MethodVisitor {

        private final int type;
        private final Type[] arguments;
        private final Type result;
        private boolean begun;

        IndirectCode(MethodVisitor out, int type, Type[] arguments, Type result) {
            super(Opcodes.ASM9, out);
            this.type = type;
            this.arguments = arguments;
            this.result = result;
        }

        @Override
        public void visitVarInsn(int opcode, int variable) {
            if (!begun) {
                // what came first asks whether the guest is to end
                begun = true;
                int end = size(arguments);
                super.visitVarInsn(Opcodes.ALOAD, end + 3);
                super.visitVarInsn(Opcodes.ILOAD, end + 1);
                super.visitVarInsn(Opcodes.ILOAD, end);
                push(mv, type);
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        MACHINE,
                        "indirect",
                        "(" + INSTANCE + "III)L" + TARGET + ";",
                        false);
                callOrGoOn(mv, arguments, result);
            }
            super.visitVarInsn(opcode, variable);
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
                    MACHINE,
                    "imported",
                    "(" + INSTANCE + "I)L" + TARGET + ";",
                    false);
            callOrGoOn(mv, arguments, result);
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(Math.max(stack, 4 + 2 * arguments.length), locals);
        }
    }
}
