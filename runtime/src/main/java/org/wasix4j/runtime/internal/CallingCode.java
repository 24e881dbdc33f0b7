package org.wasix4j.runtime.internal;

import static java.util.Objects.requireNonNull;
import static org.wasix4j.runtime.internal.PassedValues.BEHIND;
import static org.wasix4j.runtime.internal.PassedValues.fromLong;
import static org.wasix4j.runtime.internal.PassedValues.isDirect;
import static org.wasix4j.runtime.internal.PassedValues.passed;
import static org.wasix4j.runtime.internal.PassedValues.toLong;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.Arrays;
import java.util.List;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.ModuleTargets;
import org.wasix4j.runtime.internal.link.Target;
import org.wasix4j.runtime.internal.link.TypedMachine;
import org.wasix4j.types.Nullable;

/**
 * How a module calls others: an indirect call, and a function that is imported, call {@code callN}
 * of a {@link Target} when there is one, else they go the engine's way. The engine's method gets
 * another name, and a short one that HotSpot inlines gets its name: that of an indirect call has a
 * case for each function of the type.
 */
final class CallingCode extends ClassVisitor {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String TARGET = Type.getInternalName(Target.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String FUNCTION = "func_";
    private static final String INDIRECT = "call_indirect_";
    private static final String SLOW = "slow_";

    private final String owner;
    private final String helpers;

    /** The types of the functions that are imported. */
    private final List<FunctionType> imported;

    /** All types by number. */
    private final @Nullable FunctionType[] types;

    /**
     * Passes a class on to {@code out}.
     *
     * @param owner the internal name of the class
     * @param helpers that of the class with the engine's helpers
     */
    CallingCode(
            ClassVisitor out,
            String owner,
            String helpers,
            List<FunctionType> imported,
            @Nullable FunctionType[] types) {
        super(Opcodes.ASM9, out);
        this.owner = owner;
        this.helpers = helpers;
        this.imported = imported;
        this.types = types;
    }

    @Override
    public MethodVisitor visitMethod(
            int access, String name, String descriptor, String signature, String[] exceptions) {
        if (!isCall(name) || !descriptor.contains(BEHIND)) {
            return super.visitMethod(access, name, descriptor, signature, exceptions);
        }
        Type[] all = Type.getArgumentTypes(descriptor);
        boolean indirect = name.startsWith(INDIRECT);
        // behind the arguments: the index and the table, then the memory and the instance
        Type[] arguments = Arrays.copyOf(all, all.length - (indirect ? 4 : 2));
        Type result = Type.getReturnType(descriptor);
        if (!isDirect(arguments, result)) {
            return super.visitMethod(access, name, descriptor, signature, exceptions);
        }
        MethodVisitor fast = super.visitMethod(access, name, descriptor, signature, exceptions);
        fast.visitCode();
        int end = size(arguments);
        int instance = size(all) - 1;
        int target = instance + 1;
        if (indirect) {
            fast.visitMethodInsn(Opcodes.INVOKESTATIC, helpers, "checkInterruption", "()V", false);
            fast.visitVarInsn(Opcodes.ALOAD, instance);
            fast.visitVarInsn(Opcodes.ILOAD, end + 1);
            fast.visitVarInsn(Opcodes.ILOAD, end);
            fast.visitLdcInsn(ModuleTargets.name(requireNonNull(types)[number(name, INDIRECT)]));
            machine(fast, "indirect", "(" + INSTANCE + "IILjava/lang/String;)L" + TARGET + ";");
        } else {
            fast.visitVarInsn(Opcodes.ALOAD, instance);
            push(fast, number(name, FUNCTION));
            machine(fast, "imported", "(" + INSTANCE + "I)L" + TARGET + ";");
        }
        fast.visitVarInsn(Opcodes.ASTORE, target);
        Label slow = new Label();
        fast.visitVarInsn(Opcodes.ALOAD, target);
        fast.visitJumpInsn(Opcodes.IFNULL, slow);
        call(fast, arguments, instance, result);
        fast.visitLabel(slow);
        fast.visitFrame(Opcodes.F_APPEND, 1, new Object[] {TARGET}, 0, null);
        load(fast, all);
        fast.visitMethodInsn(Opcodes.INVOKESTATIC, owner, SLOW + name, descriptor, false);
        fast.visitInsn(result.getOpcode(Opcodes.IRETURN));
        fast.visitMaxs(Math.max(size(all), 2 * arguments.length + 4), target + 1);
        fast.visitEnd();
        return super.visitMethod(access, SLOW + name, descriptor, signature, exceptions);
    }

    private boolean isCall(String name) {
        return name.startsWith(INDIRECT)
                || name.startsWith(FUNCTION) && number(name, FUNCTION) < imported.size();
    }

    private static int number(String name, String prefix) {
        return Integer.parseInt(name.substring(prefix.length()));
    }

    private static int size(Type[] types) {
        return Arrays.stream(types).mapToInt(Type::getSize).sum();
    }

    private static void machine(MethodVisitor out, String name, String descriptor) {
        out.visitMethodInsn(Opcodes.INVOKESTATIC, MACHINE, name, descriptor, false);
    }

    private static void load(MethodVisitor out, Type[] types) {
        int variable = 0;
        for (Type type : types) {
            out.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
        }
    }

    /** Calls {@code callN} of the target, which is in the variable behind the instance's. */
    private static void call(MethodVisitor out, Type[] arguments, int instance, Type result) {
        out.visitVarInsn(Opcodes.ALOAD, instance + 1);
        int variable = 0;
        for (Type type : arguments) {
            out.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
            toLong(out, type);
        }
        out.visitVarInsn(Opcodes.ALOAD, instance - 1);
        out.visitVarInsn(Opcodes.ALOAD, instance + 1);
        out.visitVarInsn(Opcodes.ALOAD, instance);
        machine(out, "home", "(L" + TARGET + ";" + INSTANCE + ")" + INSTANCE);
        int count = arguments.length;
        out.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TARGET, "call" + count, passed(count), false);
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
}
