package org.wasix4j.runtime.internal;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Mends the methods that dispatch indirect calls when more than a thousand functions have the type.
 * The engine counts parameters where it should count variables, of which a long and a double take
 * two; and it says that the function is unknown when it has another type.
 */
final class IndirectCalls extends MethodVisitor {

    private final String descriptor;
    private boolean dispatches;

    private IndirectCalls(MethodVisitor out, String descriptor) {
        super(Opcodes.ASM9, out);
        this.descriptor = descriptor;
    }

    /** Wraps the visitor of a method, if it is one of those. */
    static MethodVisitor around(MethodVisitor out, String owner, String name, String descriptor) {
        boolean one = name.equals("apply") && owner.contains("Indirect_");
        return one ? new IndirectCalls(out, descriptor) : out;
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        if (dispatches) {
            super.visitVarInsn(opcode, variable);
        }
    }

    @Override
    public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
        // the parameters, the memory and the instance for the function, and its number
        int variable = 0;
        for (Type type : Type.getArgumentTypes(descriptor)) {
            super.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
        }
        dispatches = true;
        super.visitLookupSwitchInsn(other, keys, labels);
    }

    @Override
    public void visitMethodInsn(
            int opcode, String owner, String name, String type, boolean ofInterface) {
        if (name.equals("throwUnknownFunction")) {
            super.visitInsn(Opcodes.POP);
            super.visitMethodInsn(
                    opcode,
                    owner,
                    "throwIndirectCallTypeMismatch",
                    "()Ljava/lang/RuntimeException;",
                    false);
        } else {
            super.visitMethodInsn(opcode, owner, name, type, ofInterface);
        }
    }
}
