package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * Makes calls between the modules of a process about as fast as those inside of one. The engine
 * puts the arguments of such a call into an array, looks the function up twice in switches over all
 * functions, and puts the result into another array. Here the main class of a module becomes a
 * {@link TypedMachine}, which other modules call with the arguments as they are: {@link CalledCode}
 * and {@link CallingCode}. Only modules that need a linker have it.
 */
final class CrossingCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String OBJECT = "java/lang/Object";
    private static final String FUNCTION = "func_";
    private static final String BRIDGE = "CallIndirectBridge_";

    private final CalledCode called;
    private final int imported;

    /** For a valid module that needs a linker. */
    CrossingCode(WasmModule module, int functionsPerClass) {
        called = new CalledCode(module, functionsPerClass);
        imported = module.importSection().count(ExternalType.FUNCTION);
    }

    /** The main class, with what it calls others by, and others call it by. */
    byte[] main(byte[] code) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(0);
        reader.accept(
                new ChangedMethods(
                        writer,
                        (out, access, name, descriptor) ->
                                name.equals("<init>")
                                        ? new ConstructorCode(out)
                                        : CallingCode.indirect(out, name, descriptor)) {
                    @Override
                    public void visit(
                            int version,
                            int access,
                            String name,
                            String signature,
                            String superName,
                            String[] interfaces) {
                        super.visit(version, access, name, signature, MACHINE, interfaces);
                    }

                    @Override
                    public void visitEnd() {
                        called.dispatch(cv, reader.getClassName());
                        super.visitEnd();
                    }
                },
                0);
        return writer.toByteArray();
    }

    /** Classes that the main class needs besides, by internal name. */
    Map<String, byte[]> more(String main) {
        return called.classes(main);
    }

    /**
     * A class besides the main one.
     *
     * @param name its name
     * @param first the number of its first function, or -1 when it has none
     */
    byte[] other(byte[] code, String name, int first) {
        boolean imports = first >= 0 && first < imported;
        if (!imports && !name.contains(BRIDGE)) {
            return code;
        }
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ChangedMethods(
                        writer,
                        (out, access, method, descriptor) ->
                                imports
                                        ? function(out, method)
                                        : CallingCode.indirect(out, method, descriptor)),
                0);
        return writer.toByteArray();
    }

    /** The code of an imported function calls what it turns out to be. */
    private MethodVisitor function(MethodVisitor out, String method) {
        if (!method.startsWith(FUNCTION)) {
            return out;
        }
        int function = Integer.parseInt(method.substring(FUNCTION.length()));
        return function < imported
                ? CallingCode.imported(out, function, called.type(function))
                : out;
    }

    /** Passes the instance to {@link TypedMachine}. */
    private static final class ConstructorCode extends MethodVisitor {

        ConstructorCode(MethodVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            if (opcode == Opcodes.INVOKESPECIAL && owner.equals(OBJECT)) {
                super.visitVarInsn(Opcodes.ALOAD, 1);
                super.visitMethodInsn(opcode, MACHINE, name, "(" + INSTANCE + ")V", false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            }
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(stack + 1, locals);
        }
    }
}
