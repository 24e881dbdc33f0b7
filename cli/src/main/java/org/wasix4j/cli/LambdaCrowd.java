package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Lambda expressions of one interface, without values of their own, that a class makes once, in its
 * static initialiser: the engine's compiler has a table of 201. They get one class, whose method
 * switches between them. To load a class takes longer than anything that is done with one of these.
 */
final class LambdaCrowd {

    static final String STATIC_INITIALISER = "<clinit>";

    /** So many that are alike are a crowd. */
    private static final int LEAST = 8;

    private static final String MAKE = "make";
    private static final String MAKE_TYPE = "(I)";
    private static final String WHICH = "which";

    private final int number;
    private final List<LambdaClasses.Lambda> members = new ArrayList<>();

    private LambdaCrowd(int number) {
        this.number = number;
    }

    /**
     * What is alike in the members of a crowd.
     *
     * @param name the method of the interface
     * @param type of the instruction that makes one
     * @param erased the type of that method
     */
    static String kind(String name, String type, Object erased) {
        return name + type + erased;
    }

    /** The crowds of a class, by their kind, without members yet. */
    static Map<String, LambdaCrowd> of(byte[] code) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        ClassVisitor counter =
                new ClassVisitor(Opcodes.ASM9) {
                    @Override
                    public @Nullable MethodVisitor visitMethod(
                            int access,
                            String name,
                            String type,
                            @Nullable String signature,
                            @Nullable String[] exceptions) {
                        return name.equals(STATIC_INITIALISER) ? counter(counts) : null;
                    }
                };
        new ClassReader(code).accept(counter, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        Map<String, LambdaCrowd> crowds = new LinkedHashMap<>();
        counts.forEach(
                (kind, count) -> {
                    if (count >= LEAST) {
                        crowds.put(kind, new LambdaCrowd(crowds.size()));
                    }
                });
        return crowds;
    }

    private static MethodVisitor counter(Map<String, Integer> counts) {
        return new MethodVisitor(Opcodes.ASM9) {
            @Override
            public void visitInvokeDynamicInsn(
                    String name, String type, Handle factory, Object... arguments) {
                if (type.startsWith("()") && arguments.length > 0) {
                    counts.merge(kind(name, type, arguments[0]), 1, Integer::sum);
                }
            }
        };
    }

    private String name(String owner) {
        return owner + "$$C" + number;
    }

    /** Adds a lambda expression, which becomes the last one. */
    LambdaCrowd add(LambdaClasses.Lambda lambda) {
        members.add(lambda);
        return this;
    }

    /** Writes the instructions that make the last one, in a class. */
    void visit(MethodVisitor code, String owner) {
        int which = members.size() - 1;
        code.visitIntInsn(Opcodes.SIPUSH, which);
        String type = MAKE_TYPE + members.get(which).factory().getReturnType().getDescriptor();
        code.visitMethodInsn(Opcodes.INVOKESTATIC, name(owner), MAKE, type, false);
    }

    /** Makes the class, if there are members. */
    void make(String owner, String nest, List<LambdaClasses.Made> made) {
        if (!members.isEmpty()) {
            made.add(new LambdaClasses.Made(name(owner), nest, code(name(owner), nest)));
        }
    }

    private byte[] code(String its, String nest) {
        ClassWriter out = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        int access = Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC;
        Type face = members.get(0).factory().getReturnType();
        String[] faces = {face.getInternalName()};
        out.visit(Opcodes.V11, access, its, null, "java/lang/Object", faces);
        out.visitNestHost(nest);
        out.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, WHICH, "I", null, null).visitEnd();

        MethodVisitor code = out.visitMethod(Opcodes.ACC_PRIVATE, "<init>", "(I)V", null, null);
        code.visitCode();
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitVarInsn(Opcodes.ILOAD, 1);
        code.visitFieldInsn(Opcodes.PUTFIELD, its, WHICH, "I");
        end(code, Opcodes.RETURN);

        String type = MAKE_TYPE + face.getDescriptor();
        code = out.visitMethod(Opcodes.ACC_STATIC, MAKE, type, null, null);
        code.visitCode();
        code.visitTypeInsn(Opcodes.NEW, its);
        code.visitInsn(Opcodes.DUP);
        code.visitVarInsn(Opcodes.ILOAD, 0);
        code.visitMethodInsn(Opcodes.INVOKESPECIAL, its, "<init>", "(I)V", false);
        end(code, Opcodes.ARETURN);

        method(out, its);
        out.visitEnd();
        return out.toByteArray();
    }

    /** The method of the interface, which calls that of a member. */
    private void method(ClassWriter out, String its) {
        LambdaClasses.Lambda first = members.get(0);
        MethodVisitor code =
                out.visitMethod(
                        Opcodes.ACC_PUBLIC,
                        first.name(),
                        first.erased().getDescriptor(),
                        null,
                        null);
        code.visitCode();
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitFieldInsn(Opcodes.GETFIELD, its, WHICH, "I");
        Label[] labels = new Label[members.size()];
        Arrays.setAll(labels, each -> new Label());
        code.visitTableSwitchInsn(0, labels.length - 1, labels[0], labels);
        for (int i = 0; i < labels.length; i++) {
            code.visitLabel(labels[i]);
            code.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
            members.get(i).body(code, its);
        }
        code.visitMaxs(0, 0);
        code.visitEnd();
    }

    private static void end(MethodVisitor code, int instruction) {
        code.visitInsn(instruction);
        code.visitMaxs(0, 0);
        code.visitEnd();
    }
}
