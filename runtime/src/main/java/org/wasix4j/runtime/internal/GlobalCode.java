package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.GlobalImport;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.runtime.internal.link.ModuleNeeds;
import org.wasix4j.runtime.internal.link.TypedMachine;

/**
 * How compiled code reads and writes globals. The engine reads one by way of two arrays and five
 * methods, each of which HotSpot has to compile and inline anew. Here the machine of an instance
 * remembers the first globals in fields, found when they are first used: compilers put there what
 * nearly every function uses, such as the stack pointer of C and the registers of Go.
 */
final class GlobalCode {

    /** So many globals at the beginning have a field; each costs 300 bytes of code. */
    private static final int MOST = 32;

    private static final String INSTANCE = Type.getInternalName(Instance.class);
    private static final String GLOBAL = Type.getInternalName(GlobalInstance.class);
    private static final String FIND = "(L" + INSTANCE + ";)L" + GLOBAL + ";";

    /**
     * The class whose fields they are.
     *
     * @param name its internal name
     * @param linked whether the module needs a linker
     */
    record MainClass(String name, boolean linked) {

        private static final String GET_MACHINE = "()" + Type.getDescriptor(Machine.class);

        /** That of a module. */
        static MainClass of(String name, WasmModule module) {
            return new MainClass(name, ModuleNeeds.linker(module));
        }

        /** Pushes the machine of the instance that is in a variable. */
        void load(MethodVisitor out, int instance) {
            out.visitVarInsn(Opcodes.ALOAD, instance);
            if (linked) {
                out.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        Type.getInternalName(TypedMachine.class),
                        "machine",
                        "(L" + INSTANCE + ";)" + Type.getDescriptor(Machine.class),
                        false);
            } else {
                out.visitMethodInsn(
                        Opcodes.INVOKEVIRTUAL, INSTANCE, "getMachine", GET_MACHINE, false);
            }
            out.visitTypeInsn(Opcodes.CHECKCAST, name);
        }
    }

    private final MainClass main;
    private final TransferCode transfers;

    /** Of each global at the beginning whether it can be written, or null when it has no field. */
    private final List<Kind> kinds = new ArrayList<>();

    private enum Kind {
        CONSTANT,
        VARIABLE,
        OTHER
    }

    /**
     * That of a module.
     *
     * @param transfers globals that are fields themselves
     */
    GlobalCode(MainClass main, WasmModule module, TransferCode transfers) {
        this.main = main;
        this.transfers = transfers;
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof GlobalImport global) {
                add(global.type(), global.mutabilityType());
            }
        }
        for (int i = 0; i < module.globalSection().globalCount(); i++) {
            var global = module.globalSection().getGlobal(i);
            add(global.valueType(), global.mutabilityType());
        }
    }

    private void add(ValType type, MutabilityType mutability) {
        int global = kinds.size();
        if (global < MOST) {
            boolean number =
                    type.equals(ValType.I32)
                            || type.equals(ValType.I64)
                            || type.equals(ValType.F32)
                            || type.equals(ValType.F64);
            Kind kind = mutability == MutabilityType.Var ? Kind.VARIABLE : Kind.CONSTANT;
            kinds.add(number && !transfers.contains(global) ? kind : Kind.OTHER);
        }
    }

    /** The internal name of the main class. */
    String mainClass() {
        return main.name();
    }

    /** Those that are fields themselves. */
    TransferCode transfers() {
        return transfers;
    }

    /** Wraps a visitor of a method of compiled code. */
    MethodVisitor around(MethodVisitor out) {
        return new GlobalAccesses(
                out,
                main.name(),
                global -> {
                    if (transfers.contains(global)) {
                        return transfers.accessor(global);
                    }
                    boolean field =
                            global >= 0 && global < kinds.size() && kinds.get(global) != Kind.OTHER;
                    return field ? name(global) : null;
                });
    }

    private static String name(int global) {
        return "global" + global;
    }

    /** The main class with the fields, and with methods that read and write them. */
    ClassVisitor fields(ClassVisitor out) {
        return new ClassVisitor(Opcodes.ASM9, transfers.fields(out)) {
            @Override
            public void visitEnd() {
                for (int i = 0; i < kinds.size(); i++) {
                    if (kinds.get(i) != Kind.OTHER) {
                        String type = "L" + GLOBAL + ";";
                        visitField(Opcodes.ACC_PRIVATE, name(i), type, null, null).visitEnd();
                        find(this, i);
                        accessor(this, i, GlobalAccesses.READ_TYPE);
                    }
                    if (kinds.get(i) == Kind.VARIABLE) {
                        accessor(this, i, GlobalAccesses.WRITE_TYPE);
                    }
                }
                super.visitEnd();
            }
        };
    }

    private static MethodVisitor method(ClassVisitor out, String name, String descriptor) {
        int access = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC;
        MethodVisitor code = out.visitMethod(access, name, descriptor, null, null);
        code.visitCode();
        return code;
    }

    /** Reads or writes a global; as short as HotSpot always inlines. */
    private void accessor(ClassVisitor out, int global, String descriptor) {
        boolean reads = descriptor.equals(GlobalAccesses.READ_TYPE);
        MethodVisitor code = method(out, name(global), descriptor);
        int instance = reads ? 0 : 2;
        main.load(code, instance);
        code.visitFieldInsn(Opcodes.GETFIELD, main.name(), name(global), "L" + GLOBAL + ";");
        code.visitInsn(Opcodes.DUP);
        Label known = new Label();
        code.visitJumpInsn(Opcodes.IFNONNULL, known);
        code.visitInsn(Opcodes.POP);
        code.visitVarInsn(Opcodes.ALOAD, instance);
        code.visitMethodInsn(Opcodes.INVOKESTATIC, main.name(), name(global), FIND, false);
        code.visitLabel(known);
        code.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {GLOBAL});
        if (reads) {
            code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, GLOBAL, "getValue", "()J", false);
            code.visitInsn(Opcodes.LRETURN);
        } else {
            code.visitVarInsn(Opcodes.LLOAD, 0);
            code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, GLOBAL, "setValue", "(J)V", false);
            code.visitInsn(Opcodes.RETURN);
        }
        code.visitMaxs(3, 3);
        code.visitEnd();
    }

    /** Finds a global when it is first used: an instance has none yet when its machine is made. */
    private void find(ClassVisitor out, int global) {
        MethodVisitor code = method(out, name(global), FIND);
        main.load(code, 0);
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitIntInsn(Opcodes.BIPUSH, global);
        code.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL, INSTANCE, "global", "(I)L" + GLOBAL + ";", false);
        code.visitInsn(Opcodes.DUP_X1);
        code.visitFieldInsn(Opcodes.PUTFIELD, main.name(), name(global), "L" + GLOBAL + ";");
        code.visitInsn(Opcodes.ARETURN);
        code.visitMaxs(3, 1);
        code.visitEnd();
    }
}
