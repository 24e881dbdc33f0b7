package org.wasix4j.cli;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Has a class put strings together by methods of its own. Compilers leave that to the JVM ({@code
 * StringConcatFactory}), which makes a class for each kind of concatenation at each start; for the
 * two that a start of a guest needs Java 17 takes 8 ms.
 */
final class ConcatMethods extends ClassVisitor {

    private static final String FACTORY = "java/lang/invoke/StringConcatFactory";
    private static final String METHOD = "makeConcatWithConstants";
    private static final String BUILDER = "java/lang/StringBuilder";

    /** Stands for an argument in a recipe, and for a constant. */
    private static final char ARGUMENT = 1;

    private static final char CONSTANT = 2;

    private String owner = "";
    private boolean inInterface;
    private int made;

    ConcatMethods(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    /** Whether a class has such concatenations. */
    static boolean isNeededIn(byte[] code) {
        boolean[] found = new boolean[1];
        new ClassReader(code)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access,
                                    String name,
                                    String type,
                                    @Nullable String signature,
                                    @Nullable String[] exceptions) {
                                return new MethodVisitor(Opcodes.ASM9) {
                                    @Override
                                    public void visitInvokeDynamicInsn(
                                            String name,
                                            String type,
                                            Handle factory,
                                            Object... arguments) {
                                        found[0] |= isConcat(factory);
                                    }
                                };
                            }
                        },
                        ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return found[0];
    }

    private static boolean isConcat(Handle factory) {
        return factory.getOwner().equals(FACTORY) && factory.getName().equals(METHOD);
    }

    @Override
    public void visit(
            int version,
            int access,
            String name,
            @Nullable String signature,
            @Nullable String superName,
            @Nullable String[] interfaces) {
        owner = name;
        inInterface = (access & Opcodes.ACC_INTERFACE) != 0;
        super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(
            int access,
            String name,
            String type,
            @Nullable String signature,
            @Nullable String[] exceptions) {
        return new MethodVisitor(
                Opcodes.ASM9, super.visitMethod(access, name, type, signature, exceptions)) {
            @Override
            public void visitInvokeDynamicInsn(
                    String name, String type, Handle factory, Object... arguments) {
                if (isConcat(factory)) {
                    String method = "concat$wasix4j$" + made++;
                    concatenate(method, type, arguments);
                    visitMethodInsn(Opcodes.INVOKESTATIC, owner, method, type, inInterface);
                } else {
                    super.visitInvokeDynamicInsn(name, type, factory, arguments);
                }
            }
        };
    }

    /**
     * Makes a method that puts together what a recipe says.
     *
     * @param arguments the recipe, and its constants
     */
    private void concatenate(String name, String type, Object... arguments) {
        int access = Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC;
        MethodVisitor method = cv.visitMethod(access, name, type, null, null);
        Type[] parameters = Type.getArgumentTypes(type);
        int parameter = 0;
        int local = 0;
        int constant = 1;
        method.visitCode();
        method.visitTypeInsn(Opcodes.NEW, BUILDER);
        method.visitInsn(Opcodes.DUP);
        method.visitMethodInsn(Opcodes.INVOKESPECIAL, BUILDER, "<init>", "()V", false);
        for (char each : ((String) arguments[0]).toCharArray()) {
            if (each == ARGUMENT) {
                Type next = parameters[parameter++];
                method.visitVarInsn(next.getOpcode(Opcodes.ILOAD), local);
                local += next.getSize();
                append(method, appended(next));
            } else if (each == CONSTANT) {
                method.visitLdcInsn(String.valueOf(arguments[constant++]));
                append(method, "Ljava/lang/String;");
            } else {
                method.visitIntInsn(Opcodes.SIPUSH, (short) each);
                method.visitInsn(Opcodes.I2C);
                append(method, "C");
            }
        }
        method.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL, BUILDER, "toString", "()Ljava/lang/String;", false);
        method.visitInsn(Opcodes.ARETURN);
        method.visitMaxs(0, 0);
        method.visitEnd();
    }

    private static void append(MethodVisitor method, String type) {
        method.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL,
                BUILDER,
                "append",
                "(" + type + ")Ljava/lang/StringBuilder;",
                false);
    }

    /** The parameter of the append for a value. */
    private static String appended(Type type) {
        return switch (type.getSort()) {
            case Type.BYTE, Type.SHORT, Type.INT -> "I";
            case Type.OBJECT, Type.ARRAY ->
                    type.getDescriptor().equals("Ljava/lang/String;")
                            ? type.getDescriptor()
                            : "Ljava/lang/Object;";
            default -> type.getDescriptor();
        };
    }
}
