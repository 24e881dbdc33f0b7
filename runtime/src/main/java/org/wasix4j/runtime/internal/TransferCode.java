package org.wasix4j.runtime.internal;

import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The globals in which a part of a divided function leaves the locals that it changes, as fields of
 * the machine. Nobody else sees these globals, and what is in them is used up before anything else
 * can run in the instance.
 *
 * <p>All functions that use them have to be compiled: the interpreter has no such fields.
 *
 * @param machine the main class
 * @param first the number of the first such global
 * @param count how many there are
 */
record TransferCode(GlobalCode.MainClass machine, int first, int count) {

    /** The main class with the fields, and with methods that read and write them. */
    ClassVisitor fields(ClassVisitor out) {
        return new ClassVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitEnd() {
                for (int i = 0; i < count; i++) {
                    super.visitField(Opcodes.ACC_PRIVATE, name(i), "J", null, null).visitEnd();
                    accessor(i, GlobalAccesses.READ_TYPE);
                    accessor(i, GlobalAccesses.WRITE_TYPE);
                }
                super.visitEnd();
            }

            /** A method costs less code at each use, and is as short as HotSpot always inlines. */
            private void accessor(int place, String descriptor) {
                boolean reads = descriptor.equals(GlobalAccesses.READ_TYPE);
                int access = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC;
                MethodVisitor code = super.visitMethod(access, name(place), descriptor, null, null);
                code.visitCode();
                machine.load(code, reads ? 0 : 2);
                if (reads) {
                    code.visitFieldInsn(Opcodes.GETFIELD, machine.name(), name(place), "J");
                    code.visitInsn(Opcodes.LRETURN);
                } else {
                    code.visitVarInsn(Opcodes.LLOAD, 0);
                    code.visitFieldInsn(Opcodes.PUTFIELD, machine.name(), name(place), "J");
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
}
