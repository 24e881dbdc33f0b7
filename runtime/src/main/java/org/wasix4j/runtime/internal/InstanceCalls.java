package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import java.util.Map;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Calls to which the engine does not tell the instance that makes them, although they need it as
 * soon as several modules share a memory and a table: an indirect call that reaches another module
 * has to compare types of the one with types of the other, and data segments are the module's own.
 * Each compiled function has its instance as its last parameter.
 */
final class InstanceCalls extends MethodVisitor {

    private static final String OURS = Type.getInternalName(GuestTables.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);

    /** The engine's methods; {@link GuestTables} has each with the instance as a last parameter. */
    private static final Map<String, String> CALLS =
            Map.of(
                    "callIndirect",
                    "([JII" + INSTANCE + ")[J",
                    "memoryInit",
                    "(IIII" + Type.getDescriptor(Memory.class) + ")V");

    private final int variable;

    private InstanceCalls(MethodVisitor out, int variable) {
        super(Opcodes.ASM9, out);
        this.variable = variable;
    }

    /** Wraps the visitor of a method whose last parameter is the instance. */
    static MethodVisitor around(MethodVisitor out, String descriptor) {
        int last = 0;
        Type type = null;
        for (Type each : Type.getArgumentTypes(descriptor)) {
            last += type == null ? 0 : type.getSize();
            type = each;
        }
        boolean known = type != null && type.getDescriptor().equals(INSTANCE);
        return known ? new InstanceCalls(out, last) : out;
    }

    @Override
    public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean ofInterface) {
        if (owner.endsWith(EngineCalls.HELPERS) && descriptor.equals(CALLS.get(name))) {
            super.visitVarInsn(Opcodes.ALOAD, variable);
            String longer = descriptor.replace(")", INSTANCE + ")");
            super.visitMethodInsn(Opcodes.INVOKESTATIC, OURS, name, longer, false);
        } else {
            super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
        }
    }

    @Override
    public void visitMaxs(int stack, int locals) {
        super.visitMaxs(stack + 1, locals);
    }
}
