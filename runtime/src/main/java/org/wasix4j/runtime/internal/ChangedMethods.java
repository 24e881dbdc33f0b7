package org.wasix4j.runtime.internal;

import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Passes a class on with something else done to the code of its methods. */
class ChangedMethods extends ClassVisitor {

    /** What is done to the code of a method. */
    interface Change {

        /**
         * What is to visit the code.
         *
         * @param out receives the changed code; returned as it is for a method that stays as it is
         */
        MethodVisitor around(MethodVisitor out, int access, String name, String descriptor);
    }

    private final Change change;

    /** A class that is passed on to {@code out}. */
    ChangedMethods(ClassVisitor out, Change change) {
        super(Opcodes.ASM9, out);
        this.change = change;
    }

    @Override
    public final MethodVisitor visitMethod(
            int access, String name, String descriptor, String signature, String[] exceptions) {
        return change.around(
                super.visitMethod(access, name, descriptor, signature, exceptions),
                access,
                name,
                descriptor);
    }
}
