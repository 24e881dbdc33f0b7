package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.StackFrame;
import com.dylibso.chicory.runtime.TagInstance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;
import org.wasix4j.runtime.internal.link.Reflected;
import org.wasix4j.types.Nullable;

/**
 * The engine's interpreter, with the same corrections that {@link CodeTuner} makes in compiled
 * code, so that an instruction does the same in both. The engine's classes are read, changed and
 * defined under other names; {@link GuestInterpreter} is defined among them once more.
 */
final class InterpreterCode {

    private static final String ENGINE = "com/dylibso/chicory/runtime/";
    private static final String OURS = "com/dylibso/chicory/$gen/interpreter/";

    /** What belongs together: these see what only their package may see. */
    private static final Set<String> CLASSES =
            Set.of(
                    ENGINE + "InterpreterMachine",
                    ENGINE + "InterpreterMachine$1",
                    ENGINE + "InterpreterMachine$AtomicOp",
                    ENGINE + "InterpreterMachine$Operands",
                    ENGINE + "StackFrame",
                    ENGINE + "CtrlFrame");

    private static final String GUEST_INTERPRETER = Type.getInternalName(GuestInterpreter.class);
    private static final String PARTIAL = Type.getInternalName(CompilerInterpreterMachine.class);
    private static final String MACHINE = Type.getInternalName(InterpreterMachine.class);
    private static final String TAG = Type.getInternalName(TagInstance.class);
    private static final String FUNCTION_TYPE = Type.getInternalName(FunctionType.class);
    private static final String MEMORY = Type.getInternalName(Memory.class);
    private static final String INSTANCE = Type.getInternalName(Instance.class);
    private static final String FRAME = Type.getInternalName(StackFrame.class);
    private static final String IMPORTS = Type.getInternalName(ImportValues.class);
    private static final String EXCEPTION = Type.getInternalName(WasmException.class);
    private static final String THROWN = Type.getInternalName(GuestExceptions.Thrown.class);

    /** Methods of frames that {@link GuestInterpreter} names as its own. */
    private static final Set<String> FRAME_METHODS = Set.of("currentPc", "funcId", "local");

    /** The variable of a tail call by the table that has the instance whose function is called. */
    private static final int CALLEE = 10;

    /**
     * In a distribution a lambda expression is a class, whose name is that of its class and this.
     */
    private static final String LAMBDA = "$$L";

    private static final Remapper NAMES =
            new Remapper(Opcodes.ASM9) {
                @Override
                public String map(String name) {
                    int lambda = name.indexOf(LAMBDA);
                    String own = lambda < 0 ? name : name.substring(0, lambda);
                    String rest = name.substring(own.length());
                    if (CLASSES.contains(own)) {
                        return OURS + own.substring(ENGINE.length()) + rest;
                    }
                    return own.equals(GUEST_INTERPRETER) || name.equals(PARTIAL)
                            ? OURS + "GuestInterpreter" + rest
                            : name;
                }
            };

    private InterpreterCode() {}

    /** An interpreter for all functions of an instance. */
    static Machine machine(Instance instance) {
        try {
            return Holder.CONSTRUCTOR.newInstance(instance);
        } catch (InvocationTargetException e) {
            throw Reflected.thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An interpreter for an instance whose functions are interpreted until there is code. */
    static Machine machine(Instance instance, InterpretedStart start) {
        try {
            return Holder.BEGINNING.newInstance(instance, start);
        } catch (InvocationTargetException e) {
            throw Reflected.thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Loads the interpreter. */
    static void prepare() {
        for (String name : names()) {
            try {
                Class.forName(name.replace('/', '.'), true, Holder.LOADER);
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** An interpreter for one function, beside the machine that runs the compiled ones. */
    static Machine machine(Instance instance, int function) {
        try {
            return Holder.PARTIAL.newInstance(instance, new int[] {function});
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The loader in which compiled code finds the interpreter that {@link #use} names. */
    static ClassLoader loader() {
        return Holder.LOADER;
    }

    /** The same class, with this interpreter in the place of the engine's. */
    static byte[] use(byte[] code) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code).accept(new ClassRemapper(writer, NAMES), 0);
        return writer.toByteArray();
    }

    /** The classes of the interpreter, by their internal names. */
    static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        names().forEach(name -> files.put(name, Loader.code(name)));
        return files;
    }

    /** Their internal names: also of their lambda expressions, where these are classes. */
    private static List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(NAMES.map(GUEST_INTERPRETER));
        CLASSES.forEach(name -> names.add(NAMES.map(name)));
        for (String name : List.copyOf(names)) {
            for (int i = 0; Loader.has(name + LAMBDA + i); i++) {
                names.add(name + LAMBDA + i);
            }
        }
        return names;
    }

    private static final class Holder {
        static final Loader LOADER = new Loader();
        static final Constructor<? extends Machine> CONSTRUCTOR = constructor(Instance.class);
        static final Constructor<? extends Machine> PARTIAL =
                constructor(Instance.class, int[].class);
        static final Constructor<? extends Machine> BEGINNING =
                constructor(Instance.class, InterpretedStart.class);

        private static Constructor<? extends Machine> constructor(Class<?>... parameters) {
            try {
                return Class.forName((OURS + "GuestInterpreter").replace('/', '.'), true, LOADER)
                        .asSubclass(Machine.class)
                        .getConstructor(parameters);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Makes the changed classes when they are asked for. */
    private static final class Loader extends ClassLoader {

        Loader() {
            super(InterpreterCode.class.getClassLoader());
            Module own = InterpreterCode.class.getModule();
            own.addExports(InterpreterCode.class.getPackageName(), getUnnamedModule());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String internal = name.replace('.', '/');
            if (!internal.startsWith(OURS)) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = code(internal);
            return defineClass(name, code, 0, code.length);
        }

        /** One of the changed classes. */
        static byte[] code(String internal) {
            try (InputStream in = open(internal)) {
                if (in == null) {
                    throw new IllegalStateException("the interpreter without " + internal);
                }
                return change(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static boolean has(String internal) {
            try (InputStream in = open(internal)) {
                return in != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static @Nullable InputStream open(String internal) {
            String simple = internal.substring(OURS.length());
            boolean ours = simple.startsWith("GuestInterpreter");
            return (ours ? GuestInterpreter.class : StackFrame.class)
                    .getResourceAsStream(simple + ".class");
        }

        private static byte[] change(byte[] code) {
            ClassReader reader = new ClassReader(code);
            // its own call of THROW_REF is the one that is meant
            boolean engine = !reader.getClassName().startsWith(GUEST_INTERPRETER);
            ClassWriter writer = new ClassWriter(0);
            ClassVisitor names = new ClassRemapper(writer, NAMES);
            ClassVisitor changes =
                    engine
                            ? new Changes(names)
                            : new ChangedMethods(
                                    names, (out, access, name, descriptor) -> new FrameAccess(out));
            reader.accept(changes, 0);
            return writer.toByteArray();
        }
    }

    /** Has our interpreter ask frames for what only their package may ask. */
    private static final class FrameAccess extends MethodVisitor {

        FrameAccess(MethodVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean itf) {
            if (opcode == Opcodes.INVOKESTATIC
                    && owner.equals(GUEST_INTERPRETER)
                    && FRAME_METHODS.contains(name)) {
                String type = descriptor.replace("L" + FRAME + ";", "");
                super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, FRAME, name, type, false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, itf);
            }
        }
    }

    private static final class Changes extends ClassVisitor {

        Changes(ClassVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String method, String type, String signature, String[] exceptions) {
            boolean tail = method.startsWith("RETURN_CALL");
            boolean indirect = method.endsWith("CALL_INDIRECT");
            // the first is static; both have the operand stack and then the instance
            int caller = tail ? 1 : 2;
            return new MethodVisitor(
                    Opcodes.ASM9, super.visitMethod(access, method, type, signature, exceptions)) {

                /** How often the tag of an exception was asked for. */
                private int tagQuestions;

                private boolean machines;

                /** Whether a tag is on the stack in the place of its type's number. */
                private boolean tag;

                @Override
                public void visitTypeInsn(int opcode, String type) {
                    boolean thrown = opcode == Opcodes.NEW && type.equals(EXCEPTION);
                    super.visitTypeInsn(opcode, thrown ? THROWN : type);
                }

                @Override
                public void visitFieldInsn(
                        int opcode, String owner, String name, String descriptor) {
                    if (opcode == Opcodes.GETFIELD
                            && owner.equals(MACHINE)
                            && (name.equals("stack") || name.equals("callStack"))) {
                        call(
                                name.equals("stack") ? "stackOf" : "callsOf",
                                "(L" + MACHINE + ";)" + descriptor);
                    } else {
                        super.visitFieldInsn(opcode, owner, name, descriptor);
                    }
                }

                @Override
                public void visitMethodInsn(
                        int opcode, String owner, String name, String descriptor, boolean itf) {
                    EngineCalls.Target ours = EngineCalls.instead(opcode, owner, name, descriptor);
                    if (ours != null) {
                        super.visitMethodInsn(
                                Opcodes.INVOKESTATIC,
                                ours.owner(),
                                ours.name(),
                                ours.descriptor(),
                                false);
                    } else if (owner.equals(INSTANCE)
                            && method.startsWith("GLOBAL_")
                            && name.equals("global")) {
                        call(name, "(L" + INSTANCE + ";" + descriptor.substring(1));
                    } else if (owner.equals(INSTANCE)
                            && method.equals("call")
                            && name.equals("function")) {
                        callOfInstance(name, descriptor);
                    } else if (name.equals("tagType") || name.equals("typeIdx")) {
                        // the number of a type that an imported tag has is that of another module:
                        // the tag stays on the stack, and is asked for its type
                        tag = true;
                    } else if (tag && owner.equals(INSTANCE) && name.equals("type")) {
                        tag = false;
                        call("typeOf", "(L" + INSTANCE + ";L" + TAG + ";)L" + FUNCTION_TYPE + ";");
                    } else if (name.equals("initPassiveSegment")) {
                        // a static method with the operand stack and the instance
                        super.visitVarInsn(Opcodes.ALOAD, 1);
                        call(name, "(L" + MEMORY + ";IIIIL" + INSTANCE + ";)V");
                    } else if (indirect && changeIndirect(opcode, owner, name, descriptor)) {
                        // done
                    } else if (method.equals("THROW_REF") && owner.equals(IMPORTS)) {
                        // imported tags are compared like others: see GuestInterpreter.eval
                        super.visitInsn(Opcodes.POP);
                        super.visitInsn(Opcodes.ICONST_0);
                    } else if (method.equals("THROW_REF")
                            && owner.equals(EXCEPTION)
                            && name.equals("tagIdx")
                            && ++tagQuestions > 1) {
                        super.visitInsn(Opcodes.POP);
                        super.visitInsn(Opcodes.DUP);
                    } else if (owner.equals(MACHINE) && name.equals("THROW_REF")) {
                        call("raise", descriptor);
                    } else if (owner.equals(INSTANCE) && name.equals("onExecution")) {
                        callOfInstance(name, descriptor);
                    } else if (tail && owner.equals(FRAME) && name.equals("funcId")) {
                        // the engine goes on in the same frame, but does not clear its locals
                        super.visitInsn(Opcodes.POP);
                        super.visitInsn(Opcodes.ICONST_M1);
                    } else if (tail && owner.equals(INSTANCE) && name.equals("function")) {
                        call("bodyOf", "(L" + INSTANCE + ";" + descriptor.substring(1));
                    } else if (tail && owner.equals(IMPORTS) && name.equals("function")) {
                        call("callee", "(L" + IMPORTS + ";" + descriptor.substring(1));
                    } else if (opcode == Opcodes.INVOKESPECIAL && owner.equals(EXCEPTION)) {
                        super.visitMethodInsn(opcode, THROWN, name, descriptor, itf);
                    } else {
                        super.visitMethodInsn(opcode, owner, name, descriptor, itf);
                    }
                }

                /**
                 * In an indirect call the engine takes the numbers of types and functions for the
                 * same in both modules. Returns false for what can stay.
                 */
                private boolean changeIndirect(
                        int opcode, String owner, String name, String descriptor) {
                    if (name.equals("type") && owner.equals(INSTANCE)
                            || name.equals("verifyIndirectCallByTypeIdx")) {
                        super.visitVarInsn(Opcodes.ALOAD, caller);
                    } else if (name.equals("functionType")) {
                        call(name, "(L" + INSTANCE + ";I)I");
                        return true;
                    } else if (tail && name.equals("equals") && !machines) {
                        // the machines of the two can be different ones
                        machines = true;
                        super.visitInsn(Opcodes.POP2);
                        super.visitInsn(Opcodes.ICONST_1);
                        return true;
                    } else if (tail
                            && name.equals("function")
                            && (owner.equals(INSTANCE) || owner.equals(IMPORTS))) {
                        super.visitVarInsn(Opcodes.ALOAD, CALLEE);
                        name = owner.equals(INSTANCE) ? "bodyOf" : "callee";
                    } else {
                        return false;
                    }
                    String own = opcode == Opcodes.INVOKESTATIC ? "(" : "(L" + owner + ";";
                    call(name, own + descriptor.substring(1).replace(")", "L" + INSTANCE + ";)"));
                    return true;
                }

                @Override
                public void visitMaxs(int stack, int locals) {
                    super.visitMaxs(stack + 1, locals);
                }

                /** In an instance method of the interpreter, which goes with the call. */
                private void callOfInstance(String name, String descriptor) {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    String own = "(L" + INSTANCE + ";" + descriptor.substring(1);
                    call(name, own.replace(")", "L" + MACHINE + ";)"));
                }

                private void call(String name, String descriptor) {
                    super.visitMethodInsn(
                            Opcodes.INVOKESTATIC, GUEST_INTERPRETER, name, descriptor, false);
                }
            };
        }
    }
}
