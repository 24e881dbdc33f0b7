package org.wasix4j.runtime.internal;

import static org.wasix4j.runtime.internal.PassedValues.BEHIND;
import static org.wasix4j.runtime.internal.PassedValues.descriptor;
import static org.wasix4j.runtime.internal.PassedValues.fromLong;
import static org.wasix4j.runtime.internal.PassedValues.isDirect;
import static org.wasix4j.runtime.internal.PassedValues.passed;
import static org.wasix4j.runtime.internal.PassedValues.toLong;

import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.lang.invoke.MethodHandles;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.ModuleTargets;
import org.wasix4j.runtime.internal.link.Target;
import org.wasix4j.runtime.internal.link.TypedMachine;
import org.wasix4j.types.Nullable;

/** Makes the classes of {@link Target}s for a compiled module, beside its main class. */
final class TargetCode implements ModuleTargets.Maker {

    private static final String TARGET = Type.getInternalName(Target.class);
    private static final String BEGIN = "(" + Type.getDescriptor(TypedMachine.class) + "I)V";
    private static final String MAKE =
            "(" + Type.getDescriptor(TypedMachine.class) + "I)" + Type.getDescriptor(Target.class);

    private final Class<? extends Machine> mainClass;

    /** For a class that {@link CrossingCode} has changed. */
    TargetCode(Class<? extends Machine> mainClass) {
        this.mainClass = mainClass;
    }

    @Override
    public @Nullable ModuleTargets.Factory make(int function, FunctionType type) {
        String descriptor = descriptor(type);
        if (!isDirect(Type.getArgumentTypes(descriptor), Type.getReturnType(descriptor))) {
            return null;
        }
        try {
            int functionsPerClass =
                    mainClass.getField(CrossingCode.FUNCTIONS_PER_CLASS).getInt(null);
            Class<?> made = define(function, function / functionsPerClass, descriptor);
            Target first = (Target) made.getConstructor().newInstance();
            return first::of;
        } catch (ReflectiveOperationException | LinkageError e) {
            // where no class can be made at run time, as in an image of native code
            return null;
        }
    }

    private Class<?> define(int function, int group, String descriptor)
            throws ReflectiveOperationException {
        String name = mainClass.getName() + "Target_" + function;
        byte[] code =
                code(
                        Type.getInternalName(mainClass),
                        name.replace('.', '/'),
                        function,
                        group,
                        descriptor);
        try {
            return MethodHandles.privateLookupIn(mainClass, MethodHandles.lookup())
                    .defineClass(code);
        } catch (LinkageError e) {
            // a packed module that was loaded twice is the same classes
            return Class.forName(name, false, mainClass.getClassLoader());
        }
    }

    private static byte[] code(
            String main, String name, int function, int group, String descriptor) {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(
                Opcodes.V17,
                Opcodes.ACC_PUBLIC | Opcodes.ACC_FINAL | Opcodes.ACC_SUPER,
                name,
                null,
                TARGET,
                null);
        constructor(writer, "()V", 1);
        constructor(writer, BEGIN, 3);
        MethodVisitor of = writer.visitMethod(Opcodes.ACC_PUBLIC, "of", MAKE, null, null);
        of.visitCode();
        of.visitTypeInsn(Opcodes.NEW, name);
        of.visitInsn(Opcodes.DUP);
        of.visitVarInsn(Opcodes.ALOAD, 1);
        of.visitVarInsn(Opcodes.ILOAD, 2);
        of.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", BEGIN, false);
        of.visitInsn(Opcodes.ARETURN);
        of.visitMaxs(4, 3);
        of.visitEnd();
        Type[] arguments = Type.getArgumentTypes(descriptor);
        int count = arguments.length;
        MethodVisitor call =
                writer.visitMethod(Opcodes.ACC_PUBLIC, "call" + count, passed(count), null, null);
        call.visitCode();
        for (int i = 0; i < count; i++) {
            call.visitVarInsn(Opcodes.LLOAD, 1 + 2 * i);
            fromLong(call, arguments[i]);
        }
        call.visitVarInsn(Opcodes.ALOAD, 1 + 2 * count);
        call.visitVarInsn(Opcodes.ALOAD, 2 + 2 * count);
        call.visitMethodInsn(
                Opcodes.INVOKESTATIC,
                main + "FuncGroup_" + group,
                "func_" + function,
                descriptor.replace(")", BEHIND + ")"),
                false);
        toLong(call, Type.getReturnType(descriptor));
        call.visitInsn(Opcodes.LRETURN);
        call.visitMaxs(2 * count + 4, 3 + 2 * count);
        call.visitEnd();
        writer.visitEnd();
        return writer.toByteArray();
    }

    /** A constructor that passes its parameters on. */
    private static void constructor(ClassWriter writer, String descriptor, int size) {
        MethodVisitor constructor =
                writer.visitMethod(Opcodes.ACC_PUBLIC, "<init>", descriptor, null, null);
        constructor.visitCode();
        constructor.visitVarInsn(Opcodes.ALOAD, 0);
        if (size > 1) {
            constructor.visitVarInsn(Opcodes.ALOAD, 1);
            constructor.visitVarInsn(Opcodes.ILOAD, 2);
        }
        constructor.visitMethodInsn(Opcodes.INVOKESPECIAL, TARGET, "<init>", descriptor, false);
        constructor.visitInsn(Opcodes.RETURN);
        constructor.visitMaxs(size, size);
        constructor.visitEnd();
    }
}
