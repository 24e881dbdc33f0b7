package org.wasix4j.runtime.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.types.Nullable;

/**
 * Calls of the functions that the rewriter appended to a module. They are small and call nothing,
 * so no question whether the guest is to end is asked in front of them: HotSpot inlines what is
 * left. Where Java has something better, that is called.
 *
 * <p>In front of each call the engine's code asks that question, and then pushes two variables, the
 * memory and the instance. These are held back until it is known what is called.
 */
final class HelperCalls extends HoldingVisitor {

    private static final String CHECK = "checkInterruption";
    private static final String GUEST_CODE = GuestCode.class.getName().replace('.', '/');

    /** What {@link GuestCode} does better than a function of the guest could. */
    private static final Set<String> IN_JAVA = Set.of("mulHighSigned", "mulHighUnsigned");

    private final Map<String, String> helpers;

    /** The class whose question is held back, or null. */
    private @Nullable String owner;

    private @Nullable String descriptor;
    private int variables;
    private final int[] held = new int[2];

    private HelperCalls(MethodVisitor out, Map<String, String> helpers) {
        super(out);
        this.helpers = helpers;
    }

    /**
     * Wraps a visitor of a method of compiled code.
     *
     * @param helpers the methods of the functions, as {@link #methods} has them
     */
    static MethodVisitor around(MethodVisitor out, Map<String, String> helpers) {
        return helpers.isEmpty() ? out : new HelperCalls(out, helpers);
    }

    /** The names of the engine's methods for such functions, and what each of them does. */
    static Map<String, String> methods(Map<Integer, String> helpers) {
        Map<String, String> methods = new HashMap<>();
        helpers.forEach((function, name) -> methods.put("func_" + function, name));
        return methods;
    }

    @Override
    public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean ofInterface) {
        if (opcode == Opcodes.INVOKESTATIC && name.equals(CHECK)) {
            release();
            this.owner = owner;
            this.descriptor = descriptor;
            return;
        }
        String helper = opcode == Opcodes.INVOKESTATIC ? helpers.get(name) : null;
        if (this.owner == null || variables < held.length || helper == null) {
            super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            return;
        }
        this.owner = null;
        if (IN_JAVA.contains(helper)) {
            variables = 0;
            String own =
                    descriptor.substring(0, descriptor.indexOf('L'))
                            + descriptor.substring(descriptor.indexOf(')'));
            mv.visitMethodInsn(Opcodes.INVOKESTATIC, GUEST_CODE, helper, own, false);
        } else {
            super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
        }
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        if (owner != null && opcode == Opcodes.ALOAD && variables < held.length) {
            held[variables++] = variable;
            return;
        }
        super.visitVarInsn(opcode, variable);
    }

    @Override
    protected void release() {
        if (owner != null) {
            mv.visitMethodInsn(Opcodes.INVOKESTATIC, owner, CHECK, descriptor, false);
            owner = null;
        }
        for (int i = 0; i < variables; i++) {
            mv.visitVarInsn(Opcodes.ALOAD, held[i]);
        }
        variables = 0;
    }
}
