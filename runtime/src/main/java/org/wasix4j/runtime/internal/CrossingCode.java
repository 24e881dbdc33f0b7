package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.TypedMachine;
import org.wasix4j.types.Nullable;

/**
 * Makes calls between the modules of a process about as fast as those inside of one. The engine
 * puts the arguments of such a call into an array, looks the function up twice in switches over all
 * functions, and puts the result into another array. Here the main class of a module becomes a
 * {@link TypedMachine}, and calls of other modules ask it for a target ({@link CallingCode}), which
 * there is when the function has been called often ({@link TargetCode}). Only modules that need a
 * linker have it.
 */
final class CrossingCode {

    private static final String MACHINE = Type.getInternalName(TypedMachine.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String OBJECT = "java/lang/Object";

    /** Of classes into which the engine moves methods when the main class is too large. */
    static final String BRIDGE = "CallIndirectBridge_";

    /** The name of a constant of the main class. */
    static final String FUNCTIONS_PER_CLASS = "functionsPerClass";

    private final int functionsPerClass;

    /** The types of the imported functions. */
    private final List<FunctionType> imported = new ArrayList<>();

    private final @Nullable FunctionType[] types;
    private final boolean hasMemory;

    /** For a valid module that needs a linker. */
    CrossingCode(WasmModule module, int functionsPerClass) {
        this.functionsPerClass = functionsPerClass;
        types = module.typeSection().types();
        hasMemory =
                module.importSection().count(ExternalType.MEMORY) > 0
                        || module.memorySection()
                                .filter(section -> section.memoryCount() > 0)
                                .isPresent();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                imported.add(module.typeSection().getType(function.typeIndex()));
            }
        }
    }

    /** The main class as a {@link TypedMachine}. */
    byte[] main(byte[] code) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(0);
        reader.accept(
                new ChangedMethods(
                        calling(writer, reader.getClassName()),
                        (out, access, name, descriptor) ->
                                name.equals("<init>") ? new ConstructorCode(out) : out) {
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
                        super.visitField(
                                        Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL,
                                        FUNCTIONS_PER_CLASS,
                                        "I",
                                        null,
                                        functionsPerClass)
                                .visitEnd();
                        super.visitEnd();
                    }
                },
                0);
        return writer.toByteArray();
    }

    /**
     * A class besides the main one.
     *
     * @param name its name
     * @param first the number of its first function, or -1 when it has none
     */
    byte[] other(byte[] code, String name, int first) {
        boolean imports = first >= 0 && first < imported.size();
        if (!imports && !name.contains(BRIDGE)) {
            return code;
        }
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(calling(writer, reader.getClassName()), 0);
        return writer.toByteArray();
    }

    /** Lets a class call other modules by targets, which are passed the memory of all. */
    private ClassVisitor calling(ClassVisitor out, String owner) {
        int bridge = owner.indexOf(BRIDGE);
        String main = bridge < 0 ? owner : owner.substring(0, bridge);
        return hasMemory
                ? new CallingCode(out, owner, main + EngineCalls.HELPERS, imported, types)
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
