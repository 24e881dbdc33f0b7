package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import java.util.Arrays;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Gives the functions that a class calls, or has, the numbers that they have in the whole module,
 * when the engine has compiled a module with some of them ({@link FrameModule}, {@link
 * GroupModule}). A function that has no case in the main class, because no other module and no
 * table has it, is called by {@link UnlistedFunctions}: only the interpreter does that.
 */
class FunctionNumbers extends MethodVisitor {

    private static final String GROUP = "FuncGroup_";

    /** How the names of methods begin by which a function is called by its number. */
    private static final String BY_NUMBER = "call_";

    private static final String MACHINE_CALL = "MachineCall";
    private static final String DISPATCH = "Dispatch_";
    private static final String UNKNOWN = "throwUnknownFunction";
    private static final String UNLISTED = Type.getInternalName(UnlistedFunctions.class);
    private static final String CALL =
            Type.getMethodDescriptor(
                    Type.getType(long[].class),
                    Type.getType(Instance.class),
                    Type.getType(Memory.class),
                    Type.getType(long[].class),
                    Type.INT_TYPE,
                    Type.INT_TYPE);

    final int[] functions;
    final int perClass;

    /** How many functions the whole module has; a part of one has that one as its remainder. */
    private final int all;

    private FunctionNumbers(MethodVisitor out, int[] functions, int perClass, int all) {
        super(Opcodes.ASM9, out);
        this.functions = functions;
        this.perClass = perClass;
        this.all = all;
    }

    /**
     * A class besides those of functions, with other numbers.
     *
     * @param functions the number of each function in the whole module, ascending
     * @param perClass how many functions share a class
     */
    static byte[] ofFrame(byte[] code, int[] functions, int perClass) {
        ClassReader reader = new ClassReader(code);
        if (reader.getClassName().endsWith(EngineCalls.HELPERS)) {
            return code;
        }
        String name = reader.getClassName();
        boolean calls = name.contains(MACHINE_CALL) || name.contains(DISPATCH);
        ClassWriter writer = new ClassWriter(0);
        reader.accept(
                new ChangedMethods(
                        writer,
                        (out, access, method, descriptor) ->
                                new Cases(out, functions, perClass, calls)),
                0);
        return writer.toByteArray();
    }

    /**
     * The class of a group, with other numbers. Methods of functions that are of other groups are
     * left out, and those by which the engine calls a part by its number.
     *
     * @param functions the number of each function in the whole module; a part of a function has
     *     one that is not less than {@code all}, with the function as its remainder
     * @param group the number of the group
     * @param perClass how many functions share a class in the whole module
     * @param all how many functions the whole module has
     */
    static byte[] ofGroup(byte[] code, int[] functions, int group, int perClass, int all) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(0);
        ClassVisitor named =
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public void visit(
                            int version,
                            int access,
                            String name,
                            String signature,
                            String superName,
                            String[] interfaces) {
                        int number = name.lastIndexOf(GROUP) + GROUP.length();
                        super.visit(
                                version,
                                access,
                                name.substring(0, number) + group,
                                signature,
                                superName,
                                interfaces);
                    }

                    @Override
                    public @Nullable MethodVisitor visitMethod(
                            int access,
                            String name,
                            String descriptor,
                            String signature,
                            String[] exceptions) {
                        int function = number(name, functions);
                        if (function % all / perClass != group
                                || function >= all && name.startsWith(BY_NUMBER)) {
                            return null;
                        }
                        return new FunctionNumbers(
                                super.visitMethod(
                                        access,
                                        renumbered(name, functions),
                                        descriptor,
                                        signature,
                                        exceptions),
                                functions,
                                perClass,
                                all);
                    }
                };
        reader.accept(named, 0);
        return writer.toByteArray();
    }

    /** The name of the method of a function, with another number. */
    private static String renumbered(String name, int[] functions) {
        return name.substring(0, name.indexOf('_') + 1) + number(name, functions);
    }

    private static int number(String name, int[] functions) {
        return functions[Integer.parseInt(name.substring(name.indexOf('_') + 1))];
    }

    @Override
    public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean ofInterface) {
        int group = owner.lastIndexOf(GROUP);
        if (group >= 0) {
            super.visitMethodInsn(
                    opcode,
                    owner.substring(0, group) + GROUP + number(name, functions) % all / perClass,
                    renumbered(name, functions),
                    descriptor,
                    ofInterface);
        } else {
            super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
        }
    }

    /** The code of a class besides those of functions, where a switch is one by a number. */
    private static final class Cases extends FunctionNumbers {

        /** Whether the class calls functions for others. */
        private final boolean calls;

        /** The last small constant. */
        private int constant;

        /** Whether the next switch is one by methods, and not by functions. */
        private boolean ofChunks;

        /** Whether the exception that would be thrown next is a result now. */
        private boolean called;

        Cases(MethodVisitor out, int[] functions, int perClass, boolean calls) {
            super(out, functions, perClass, Integer.MAX_VALUE);
            this.calls = calls;
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            if (calls && name.equals(UNKNOWN)) {
                // below the number there are the instance, the memory and the arguments
                super.visitLdcInsn(perClass);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, UNLISTED, "call", CALL, false);
                called = true;
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            }
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            constant = operand;
            super.visitIntInsn(opcode, operand);
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.ISHR) {
                chunk();
                return;
            }
            if (opcode >= Opcodes.ICONST_0 && opcode <= Opcodes.ICONST_5) {
                constant = opcode - Opcodes.ICONST_0;
            }
            super.visitInsn(called && opcode == Opcodes.ATHROW ? Opcodes.ARETURN : opcode);
            called = false;
        }

        /**
         * Many functions have their cases in several methods, by the upper bits of their numbers.
         * With other numbers: the method is found by counting the first functions of methods that
         * are not greater. There is no jump, which would need a stack map frame.
         */
        private void chunk() {
            int size = 1 << constant;
            // on the stack: the function and the constant; then the sum and the function
            super.visitInsn(Opcodes.POP);
            super.visitInsn(Opcodes.ICONST_0);
            super.visitInsn(Opcodes.SWAP);
            for (int first = size; first < functions.length; first += size) {
                super.visitInsn(Opcodes.DUP);
                super.visitLdcInsn(functions[first] - 1);
                super.visitInsn(Opcodes.SWAP);
                super.visitInsn(Opcodes.ISUB);
                super.visitIntInsn(Opcodes.BIPUSH, 31);
                super.visitInsn(Opcodes.IUSHR);
                // the sum, the function, 0 or 1
                super.visitInsn(Opcodes.SWAP);
                super.visitInsn(Opcodes.DUP_X2);
                super.visitInsn(Opcodes.POP);
                super.visitInsn(Opcodes.IADD);
                super.visitInsn(Opcodes.SWAP);
            }
            super.visitInsn(Opcodes.POP);
            ofChunks = true;
        }

        @Override
        public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
            int[] numbers = Arrays.stream(keys).map(key -> functions[key]).toArray();
            super.visitLookupSwitchInsn(other, numbers, labels);
        }

        @Override
        public void visitTableSwitchInsn(int least, int most, Label other, Label... labels) {
            if (ofChunks) {
                ofChunks = false;
                super.visitTableSwitchInsn(least, most, other, labels);
                return;
            }
            int[] numbers = Arrays.copyOfRange(functions, least, most + 1);
            super.visitLookupSwitchInsn(other, numbers, labels);
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            super.visitMaxs(stack + 3, locals);
        }
    }
}
