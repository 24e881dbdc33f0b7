package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * The globals in which a part of a divided function leaves the locals that it changes, as fields of
 * the machine. The engine reads a global by way of two arrays and five methods; in the loop of a
 * bytecode interpreter, whose cases are parts, that took half of the time. Nobody else sees these
 * globals, and what is in them is used up before anything else can run in the instance.
 *
 * <p>All functions that use them have to be compiled: the interpreter has no such fields.
 *
 * @param machine the internal name of the main class
 * @param first the number of the first such global
 * @param count how many there are
 */
record TransferCode(String machine, int first, int count) {

    private static final String READ = "readGlobal";

    /** As {@link #READ}, with a reference as its result, which is an int. */
    private static final String READ_REFERENCE = "readGlobalRef";

    private static final String WRITE = "writeGlobal";
    private static final String INSTANCE = Type.getInternalName(Instance.class);
    private static final String READ_TYPE = "(L" + INSTANCE + ";)J";
    private static final String WRITE_TYPE = "(JL" + INSTANCE + ";)V";
    private static final String GET_MACHINE = "()" + Type.getDescriptor(Machine.class);

    /** The main class with the fields, and with methods that read and write them. */
    ClassVisitor fields(ClassVisitor out) {
        return new ClassVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitEnd() {
                for (int i = 0; i < count; i++) {
                    super.visitField(Opcodes.ACC_PRIVATE, name(i), "J", null, null).visitEnd();
                    accessor(i, READ_TYPE);
                    accessor(i, WRITE_TYPE);
                }
                super.visitEnd();
            }

            /** A method costs less code at each use, and is as short as HotSpot always inlines. */
            private void accessor(int place, String descriptor) {
                boolean reads = descriptor.equals(READ_TYPE);
                int access = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC;
                MethodVisitor code = super.visitMethod(access, name(place), descriptor, null, null);
                code.visitCode();
                code.visitVarInsn(Opcodes.ALOAD, reads ? 0 : 2);
                code.visitMethodInsn(
                        Opcodes.INVOKEVIRTUAL, INSTANCE, "getMachine", GET_MACHINE, false);
                code.visitTypeInsn(Opcodes.CHECKCAST, machine);
                if (reads) {
                    code.visitFieldInsn(Opcodes.GETFIELD, machine, name(place), "J");
                    code.visitInsn(Opcodes.LRETURN);
                } else {
                    code.visitVarInsn(Opcodes.LLOAD, 0);
                    code.visitFieldInsn(Opcodes.PUTFIELD, machine, name(place), "J");
                    code.visitInsn(Opcodes.RETURN);
                }
                code.visitMaxs(3, 3);
                code.visitEnd();
            }
        };
    }

    /** The name of the methods that read and write the field of a global. */
    String accessor(int global) {
        return name(global - first);
    }

    private static String name(int place) {
        return "transfer" + place;
    }

    /** Whether a global is a field. */
    boolean contains(int global) {
        return global >= first && global < first + count;
    }

    /** Wraps a visitor of a method of compiled code. */
    MethodVisitor around(MethodVisitor out) {
        return count == 0 ? out : new Accesses(out);
    }

    /**
     * The engine pushes the number of the global and its instance, and calls a method. These two
     * are held back until it is known what is called.
     */
    private final class Accesses extends HoldingVisitor {

        private static final int NONE = -1;

        private int global = NONE;
        private int instance = NONE;

        Accesses(MethodVisitor out) {
            super(out);
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
            if (value >= 0 && value <= 5 && contains(value)) {
                hold(value);
            } else {
                super.visitInsn(opcode);
            }
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            if (opcode != Opcodes.NEWARRAY && contains(operand)) {
                hold(operand);
            } else {
                super.visitIntInsn(opcode, operand);
            }
        }

        @Override
        public void visitLdcInsn(Object value) {
            if (value instanceof Integer number && contains(number)) {
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
                    name(global - first),
                    reads ? READ_TYPE : WRITE_TYPE,
                    false);
            if (reference) {
                mv.visitInsn(Opcodes.L2I);
            }
            global = NONE;
            instance = NONE;
        }
    }
}
