package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Lets compiled code read and write globals by methods of the main class. The engine pushes the
 * number of the global and its instance, and calls a method. These two are held back until it is
 * known what is called.
 */
final class GlobalAccesses extends HoldingVisitor {

    private static final String READ = "readGlobal";

    /** As {@link #READ}, with a reference as its result, which is an int. */
    private static final String READ_REFERENCE = "readGlobalRef";

    private static final String WRITE = "writeGlobal";
    private static final String INSTANCE = Type.getDescriptor(Instance.class);

    /** The type of a method that reads a global. */
    static final String READ_TYPE = "(" + INSTANCE + ")J";

    /** The type of a method that writes a global. */
    static final String WRITE_TYPE = "(J" + INSTANCE + ")V";

    private static final int NONE = -1;

    /** Which globals have such methods. */
    interface Accessors {

        /** The name of the methods that read and write a global, or null when it has none. */
        @Nullable
        String of(int global);
    }

    private final String machine;
    private final Accessors accessors;

    private int global = NONE;
    private int instance = NONE;

    /**
     * Passes code on to {@code out}.
     *
     * @param machine the internal name of the main class
     */
    GlobalAccesses(MethodVisitor out, String machine, Accessors accessors) {
        super(out);
        this.machine = machine;
        this.accessors = accessors;
    }

    @Override
    protected void release() {
        if (global == NONE) {
            return;
        }
        if (global <= Short.MAX_VALUE) {
            mv.visitIntInsn(global > Byte.MAX_VALUE ? Opcodes.SIPUSH : Opcodes.BIPUSH, global);
        } else {
            mv.visitLdcInsn(global);
        }
        if (instance != NONE) {
            mv.visitVarInsn(Opcodes.ALOAD, instance);
        }
        global = NONE;
        instance = NONE;
    }

    @Override
    public void visitInsn(int opcode) {
        int value = opcode - Opcodes.ICONST_0;
        if (value >= 0 && value <= 5 && accessors.of(value) != null) {
            hold(value);
        } else {
            super.visitInsn(opcode);
        }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
        if (opcode != Opcodes.NEWARRAY && accessors.of(operand) != null) {
            hold(operand);
        } else {
            super.visitIntInsn(opcode, operand);
        }
    }

    @Override
    public void visitLdcInsn(Object value) {
        if (value instanceof Integer number && accessors.of(number) != null) {
            hold(number);
        } else {
            super.visitLdcInsn(value);
        }
    }

    private void hold(int value) {
        release();
        global = value;
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        if (global != NONE && instance == NONE && opcode == Opcodes.ALOAD) {
            instance = variable;
        } else {
            super.visitVarInsn(opcode, variable);
        }
    }

    @Override
    public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean ofInterface) {
        boolean reference = name.equals(READ_REFERENCE);
        boolean reads = reference || name.equals(READ);
        if (instance == NONE
                || !reads && !name.equals(WRITE)
                || !owner.endsWith(EngineCalls.HELPERS)) {
            super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            return;
        }
        mv.visitVarInsn(Opcodes.ALOAD, instance);
        mv.visitMethodInsn(
                Opcodes.INVOKESTATIC,
                machine,
                accessors.of(global),
                reads ? READ_TYPE : WRITE_TYPE,
                false);
        if (reference) {
            mv.visitInsn(Opcodes.L2I);
        }
        global = NONE;
        instance = NONE;
    }
}
