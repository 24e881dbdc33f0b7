package org.wasix4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Gives a class ordinary classes for its lambda expressions and method references. Compilers leave
 * them to the JVM ({@code LambdaMetafactory}), which has to link each one at each start, by method
 * handles. On Java 17 that takes 0.15 ms each even when the class is in the archive, and a start
 * links 150 of them.
 *
 * <p>What is made is a member of the same nest, so that it can call private methods. It is the
 * caller's work to enter it there ({@link Made#nest}). What cannot be said in Java without a method
 * handle stays as it is. Very many that are alike have a class together ({@link LambdaCrowd}).
 */
final class LambdaClasses extends ClassVisitor {

    private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";
    private static final String METHOD = "metafactory";
    private static final String MAKE = "make";
    private static final String INSTANCE = "instance";

    private final List<Made> made = new ArrayList<>();

    /** The crowds of the class, by what they are. */
    private final Map<String, LambdaCrowd> crowds;

    private String owner = "";
    private String nest = "";
    private int version;

    /**
     * A visitor of a class.
     *
     * @param code the class
     */
    LambdaClasses(ClassVisitor next, byte[] code) {
        super(Opcodes.ASM9, next);
        this.crowds = LambdaCrowd.of(code);
    }

    /**
     * A class that was made.
     *
     * @param name its name, with slashes
     * @param nest the class whose nest it belongs to
     */
    record Made(String name, String nest, byte[] code) {}

    /** Those that were made. */
    List<Made> made() {
        return made;
    }

    @Override
    public void visit(
            int version,
            int access,
            String name,
            @Nullable String signature,
            @Nullable String superName,
            @Nullable String[] interfaces) {
        this.version = version & 0xffff;
        this.owner = name;
        this.nest = name;
        super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public void visitNestHost(String host) {
        nest = host;
        super.visitNestHost(host);
    }

    @Override
    public MethodVisitor visitMethod(
            int access,
            String name,
            String type,
            @Nullable String signature,
            @Nullable String[] exceptions) {
        boolean once = name.equals(LambdaCrowd.STATIC_INITIALISER);
        return new MethodVisitor(
                Opcodes.ASM9, super.visitMethod(access, name, type, signature, exceptions)) {
            @Override
            public void visitInvokeDynamicInsn(
                    String name, String type, Handle factory, Object... arguments) {
                Lambda lambda = lambda(name, type, factory, arguments);
                if (lambda == null) {
                    super.visitInvokeDynamicInsn(name, type, factory, arguments);
                    return;
                }
                String kind = LambdaCrowd.kind(name, type, arguments[0]);
                LambdaCrowd crowd = once ? crowds.get(kind) : null;
                if (crowd != null) {
                    crowd.add(lambda).visit(this, owner);
                    return;
                }
                String its = owner + "$$L" + made.size();
                made.add(new Made(its, nest, lambda.code(its, nest)));
                visitMethodInsn(Opcodes.INVOKESTATIC, its, MAKE, type, false);
            }
        };
    }

    @Override
    public void visitEnd() {
        for (LambdaCrowd crowd : crowds.values()) {
            crowd.make(owner, nest, made);
        }
        super.visitEnd();
    }

    /** The lambda expression of an instruction, or null when there is no class for it. */
    private @Nullable Lambda lambda(String name, String type, Handle factory, Object... arguments) {
        if (version < Opcodes.V11
                || !factory.getOwner().equals(FACTORY)
                || !factory.getName().equals(METHOD)) {
            return null;
        }
        Handle target = (Handle) arguments[1];
        boolean known =
                switch (target.getTag()) {
                    case Opcodes.H_INVOKESTATIC,
                            Opcodes.H_INVOKEVIRTUAL,
                            Opcodes.H_INVOKEINTERFACE,
                            Opcodes.H_NEWINVOKESPECIAL ->
                            true;
                    // a private method, as compilers use it; one of the superclass otherwise
                    case Opcodes.H_INVOKESPECIAL -> target.getOwner().equals(owner);
                    default -> false;
                };
        return known
                ? new Lambda(
                        name,
                        Type.getMethodType(type),
                        (Type) arguments[0],
                        target,
                        (Type) arguments[2])
                : null;
    }

    /**
     * A lambda expression.
     *
     * @param name of the method of the interface
     * @param factory takes the values that are kept, and returns the interface
     * @param erased the type of that method
     * @param target what it calls
     * @param actual the type of the method as it is used
     */
    record Lambda(String name, Type factory, Type erased, Handle target, Type actual) {

        byte[] code(String its, String nest) {
            ClassWriter out = new ClassWriter(ClassWriter.COMPUTE_MAXS);
            int access = Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC;
            String[] face = {factory.getReturnType().getInternalName()};
            out.visit(Opcodes.V11, access, its, null, "java/lang/Object", face);
            out.visitNestHost(nest);
            Type[] kept = factory.getArgumentTypes();
            for (int i = 0; i < kept.length; i++) {
                int field = Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL;
                out.visitField(field, field(i), kept[i].getDescriptor(), null, null).visitEnd();
            }
            constructor(out, its, kept);
            if (kept.length == 0) {
                single(out, its);
            } else {
                make(out, its, kept);
            }
            call(out, its, kept);
            out.visitEnd();
            return out.toByteArray();
        }

        private static String field(int number) {
            return "kept" + number;
        }

        private void constructor(ClassWriter out, String its, Type... kept) {
            MethodVisitor code =
                    out.visitMethod(
                            Opcodes.ACC_PRIVATE,
                            "<init>",
                            Type.getMethodDescriptor(Type.VOID_TYPE, kept),
                            null,
                            null);
            code.visitCode();
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
            int local = 1;
            for (int i = 0; i < kept.length; i++) {
                code.visitVarInsn(Opcodes.ALOAD, 0);
                code.visitVarInsn(kept[i].getOpcode(Opcodes.ILOAD), local);
                code.visitFieldInsn(Opcodes.PUTFIELD, its, field(i), kept[i].getDescriptor());
                local += kept[i].getSize();
            }
            end(code, Type.VOID_TYPE);
        }

        /** The method that makes one. */
        private void make(ClassWriter out, String its, Type... kept) {
            MethodVisitor code = maker(out);
            code.visitTypeInsn(Opcodes.NEW, its);
            code.visitInsn(Opcodes.DUP);
            int local = 0;
            for (Type each : kept) {
                code.visitVarInsn(each.getOpcode(Opcodes.ILOAD), local);
                local += each.getSize();
            }
            code.visitMethodInsn(
                    Opcodes.INVOKESPECIAL,
                    its,
                    "<init>",
                    Type.getMethodDescriptor(Type.VOID_TYPE, kept),
                    false);
            end(code, factory.getReturnType());
        }

        /**
         * The same for one without values, of which there is only one. It is made without a static
         * initialiser, which a stack overflow could hit.
         */
        private void single(ClassWriter out, String its) {
            String type = "L" + its + ";";
            out.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC, INSTANCE, type, null, null)
                    .visitEnd();
            MethodVisitor code = maker(out);
            Label known = new Label();
            code.visitFieldInsn(Opcodes.GETSTATIC, its, INSTANCE, type);
            code.visitInsn(Opcodes.DUP);
            code.visitJumpInsn(Opcodes.IFNONNULL, known);
            code.visitInsn(Opcodes.POP);
            code.visitTypeInsn(Opcodes.NEW, its);
            code.visitInsn(Opcodes.DUP);
            code.visitMethodInsn(Opcodes.INVOKESPECIAL, its, "<init>", "()V", false);
            code.visitInsn(Opcodes.DUP);
            code.visitFieldInsn(Opcodes.PUTSTATIC, its, INSTANCE, type);
            code.visitLabel(known);
            code.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {its});
            end(code, factory.getReturnType());
        }

        private MethodVisitor maker(ClassWriter out) {
            MethodVisitor code =
                    out.visitMethod(Opcodes.ACC_STATIC, MAKE, factory.getDescriptor(), null, null);
            code.visitCode();
            return code;
        }

        /** The method of the interface. */
        private void call(ClassWriter out, String its, Type... kept) {
            MethodVisitor code =
                    out.visitMethod(Opcodes.ACC_PUBLIC, name, erased.getDescriptor(), null, null);
            code.visitCode();
            body(code, its, kept);
            code.visitMaxs(0, 0);
            code.visitEnd();
        }

        /** The code of that method, with the instruction that returns. */
        void body(MethodVisitor code, String its, Type... kept) {
            boolean creates = target.getTag() == Opcodes.H_NEWINVOKESPECIAL;
            if (creates) {
                code.visitTypeInsn(Opcodes.NEW, target.getOwner());
                code.visitInsn(Opcodes.DUP);
            }
            Type[] wanted = wanted();
            for (int i = 0; i < kept.length; i++) {
                code.visitVarInsn(Opcodes.ALOAD, 0);
                code.visitFieldInsn(Opcodes.GETFIELD, its, field(i), kept[i].getDescriptor());
            }
            Type[] given = erased.getArgumentTypes();
            Type[] used = actual.getArgumentTypes();
            int local = 1;
            for (int i = 0; i < given.length; i++) {
                code.visitVarInsn(given[i].getOpcode(Opcodes.ILOAD), local);
                local += given[i].getSize();
                Type seen = LambdaValues.isPrimitive(given[i]) ? given[i] : used[i];
                if (!seen.equals(given[i])) {
                    code.visitTypeInsn(Opcodes.CHECKCAST, seen.getInternalName());
                }
                LambdaValues.convert(code, seen, wanted[kept.length + i]);
            }
            int opcode =
                    switch (target.getTag()) {
                        case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
                        case Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
                        default ->
                                target.isInterface()
                                        ? Opcodes.INVOKEINTERFACE
                                        : Opcodes.INVOKEVIRTUAL;
                    };
            code.visitMethodInsn(
                    opcode,
                    target.getOwner(),
                    target.getName(),
                    target.getDesc(),
                    target.isInterface());
            Type result =
                    creates
                            ? Type.getObjectType(target.getOwner())
                            : Type.getReturnType(target.getDesc());
            Type returned = erased.getReturnType();
            if (returned.equals(Type.VOID_TYPE)) {
                if (!result.equals(Type.VOID_TYPE)) {
                    code.visitInsn(result.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
                }
            } else {
                LambdaValues.convert(code, result, returned);
            }
            code.visitInsn(returned.getOpcode(Opcodes.IRETURN));
        }

        /** What the target takes, with what it is called on in front. */
        private Type[] wanted() {
            List<Type> wanted = new ArrayList<>();
            int tag = target.getTag();
            if (tag != Opcodes.H_INVOKESTATIC && tag != Opcodes.H_NEWINVOKESPECIAL) {
                wanted.add(Type.getObjectType(target.getOwner()));
            }
            wanted.addAll(List.of(Type.getArgumentTypes(target.getDesc())));
            return wanted.toArray(new Type[0]);
        }

        private static void end(MethodVisitor code, Type returned) {
            code.visitInsn(returned.getOpcode(Opcodes.IRETURN));
            code.visitMaxs(0, 0);
            code.visitEnd();
        }
    }
}
