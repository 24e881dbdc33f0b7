package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Changes in the class of a group of functions that is compiled by itself. */
final class LateCode {

    private static final String OURS = Type.getInternalName(LateFunctions.class);
    private static final String FUNCTION = "func_";
    private static final String CALL = "callIndirect";
    private static final String CALL_TYPE = "([JI" + Type.getDescriptor(Instance.class) + ")[J";

    private LateCode() {}

    /**
     * The same class, whose interpreted functions are called by {@link LateFunctions}: the main
     * class, by which the engine calls them, was made when it was not known that there are any.
     * They are called by the numbers that the names of their methods have.
     */
    static byte[] call(byte[] code) {
        return changed(
                code,
                (out, access, name, descriptor) ->
                        new MethodVisitor(Opcodes.ASM9, out) {
                            @Override
                            public void visitMethodInsn(
                                    int opcode,
                                    String owner,
                                    String called,
                                    String type,
                                    boolean ofInterface) {
                                if (!called.equals(CALL)
                                        || !type.equals(CALL_TYPE)
                                        || !owner.endsWith(EngineCalls.HELPERS)) {
                                    super.visitMethodInsn(opcode, owner, called, type, ofInterface);
                                    return;
                                }
                                // below the instance there is another number
                                super.visitInsn(Opcodes.SWAP);
                                super.visitInsn(Opcodes.POP);
                                push(this, number(name));
                                super.visitInsn(Opcodes.SWAP);
                                super.visitMethodInsn(opcode, OURS, "call", type, ofInterface);
                            }
                        });
    }

    /** The same class, in which some functions only trap, each with a message. */
    static byte[] trap(byte[] code, Map<Integer, String> messages) {
        return changed(
                code,
                (out, access, name, descriptor) -> {
                    String message = name.startsWith(FUNCTION) ? messages.get(number(name)) : null;
                    return message == null ? out : trap(out, message);
                });
    }

    private static void push(MethodVisitor out, int number) {
        if (number <= Short.MAX_VALUE) {
            out.visitIntInsn(Opcodes.SIPUSH, number);
        } else {
            out.visitLdcInsn(number);
        }
    }

    private static int number(String method) {
        return Integer.parseInt(method.substring(FUNCTION.length()));
    }

    private static MethodVisitor trap(MethodVisitor out, String message) {
        return new MethodVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitCode() {
                super.visitCode();
                super.visitLdcInsn(message);
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC, OURS, "trap", "(Ljava/lang/String;)V", false);
            }

            @Override
            public void visitMaxs(int stack, int locals) {
                super.visitMaxs(Math.max(1, stack), locals);
            }
        };
    }

    private static byte[] changed(byte[] code, ChangedMethods.Change change) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code).accept(new ChangedMethods(writer, change), 0);
        return writer.toByteArray();
    }
}
