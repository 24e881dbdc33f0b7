package org.wasix4j.runtime.internal;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.wasix4j.types.Nullable;

/**
 * Divides the methods that dispatch indirect calls. The engine emits one switch with a case for
 * each function of a type, of which a program may have thousands. HotSpot compiles such a method
 * several times while the program starts, always with all of its cases: of CPython's start that was
 * a third of what its compilers did. Here a method has a case for 64 functions at most, and another
 * one finds the right one by comparing the number of the function.
 */
final class DividedDispatch extends ClassVisitor {

    /** A switch with fewer cases stays as it is. */
    private static final int MANY = 128;

    /** How many cases a method has at most. */
    private static final int CASES = 64;

    private static final String MISMATCH = "throwIndirectCallTypeMismatch";
    private static final int ACCESS =
            Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC;

    private final String owner;

    /** A switch that was found. */
    private record Dispatch(
            String name, String descriptor, int[] keys, MethodInsnNode[] calls, String helpers) {}

    private final List<Dispatch> found = new ArrayList<>();

    private DividedDispatch(ClassVisitor out, String owner) {
        super(Opcodes.ASM9, out);
        this.owner = owner;
    }

    /** Whether a module can have such a method when so many functions can be called by number. */
    static boolean isNeeded(int functions) {
        return functions > MANY;
    }

    /** A class that the engine has made besides those of the functions. */
    static byte[] of(byte[] code) {
        ClassReader reader = new ClassReader(code);
        if (reader.getClassName().endsWith(EngineCalls.HELPERS)) {
            return code;
        }
        ClassWriter writer = new ClassWriter(reader, 0);
        DividedDispatch visitor = new DividedDispatch(writer, reader.getClassName());
        reader.accept(visitor, 0);
        return visitor.found.isEmpty() ? code : writer.toByteArray();
    }

    @Override
    public MethodVisitor visitMethod(
            int access, String name, String descriptor, String signature, String[] exceptions) {
        MethodVisitor out = super.visitMethod(access, name, descriptor, signature, exceptions);
        if ((access & Opcodes.ACC_STATIC) == 0) {
            return out;
        }
        return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, exceptions) {
            @Override
            public void visitEnd() {
                for (AbstractInsnNode each : instructions) {
                    if (each instanceof LookupSwitchInsnNode choice
                            && choice.labels.size() > MANY) {
                        divide(this, choice);
                        break;
                    }
                }
                accept(out);
            }
        };
    }

    @Override
    public void visitEnd() {
        for (Dispatch each : found) {
            writeChoice(each);
            for (int first = 0; first < each.keys.length; first += CASES) {
                writePart(each, first, Math.min(each.keys.length, first + CASES));
            }
        }
        super.visitEnd();
    }

    /**
     * Puts a call in the place of a switch: what is on the operand stack are the arguments of the
     * functions and the number of one of them.
     */
    private void divide(MethodNode method, LookupSwitchInsnNode choice) {
        MethodInsnNode[] calls = new MethodInsnNode[choice.labels.size()];
        int returned = Type.getReturnType(method.desc).getOpcode(Opcodes.IRETURN);
        for (int i = 0; i < calls.length; i++) {
            AbstractInsnNode first = real(choice.labels.get(i));
            if (!(first instanceof MethodInsnNode call)
                    || call.getOpcode() != Opcodes.INVOKESTATIC
                    || i > 0 && !call.desc.equals(calls[0].desc)
                    || !(real(call) instanceof InsnNode next)
                    || next.getOpcode() != returned) {
                return;
            }
            calls[i] = call;
        }
        String helpers = helpers(choice.dflt);
        if (helpers == null
                || !Type.getReturnType(calls[0].desc).equals(Type.getReturnType(method.desc))) {
            return;
        }
        List<AbstractInsnNode> cases = new ArrayList<>();
        for (AbstractInsnNode each = choice.getNext(); each != choice.dflt; each = each.getNext()) {
            if (each == null) {
                return;
            }
            cases.add(each);
        }
        int[] keys = choice.keys.stream().mapToInt(Integer::intValue).toArray();
        Dispatch dispatch =
                new Dispatch(
                        method.name + "_choice",
                        calls[0].desc.replace(")", "I)"),
                        keys,
                        calls,
                        helpers);
        found.add(dispatch);
        MethodInsnNode chosen =
                new MethodInsnNode(
                        Opcodes.INVOKESTATIC, owner, dispatch.name, dispatch.descriptor, false);
        method.instructions.insertBefore(choice, chosen);
        method.instructions.insertBefore(choice, new InsnNode(returned));
        cases.forEach(method.instructions::remove);
        method.instructions.remove(choice);
    }

    /** The instruction behind another one. */
    private static @Nullable AbstractInsnNode real(AbstractInsnNode from) {
        AbstractInsnNode next = from.getNext();
        while (next != null && next.getOpcode() < 0) {
            next = next.getNext();
        }
        return next;
    }

    /**
     * The class that makes the exception for a function of another type, or null when something
     * else is done there, or the frame there needs that of a case.
     */
    private static @Nullable String helpers(LabelNode none) {
        AbstractInsnNode at = none;
        while (at != null && !(at instanceof FrameNode)) {
            at = at.getNext();
        }
        if (!(at instanceof FrameNode frame) || frame.type != Opcodes.F_FULL) {
            return null;
        }
        for (; at != null && at.getOpcode() != Opcodes.ATHROW; at = at.getNext()) {
            if (at instanceof MethodInsnNode call && call.name.equals(MISMATCH)) {
                return call.owner;
            }
        }
        return null;
    }

    private MethodVisitor begin(String name, String descriptor) {
        MethodVisitor out = super.visitMethod(ACCESS, name, descriptor, null, null);
        out.visitCode();
        return out;
    }

    private static void end(MethodVisitor out, String descriptor) {
        int size = (Type.getArgumentsAndReturnSizes(descriptor) >> 2) - 1;
        out.visitMaxs(Math.max(2, size), size);
        out.visitEnd();
    }

    /** Loads the first parameters, and answers in which variable the next one is. */
    private static int load(MethodVisitor out, String descriptor) {
        int variable = 0;
        for (Type type : Type.getArgumentTypes(descriptor)) {
            out.visitVarInsn(type.getOpcode(Opcodes.ILOAD), variable);
            variable += type.getSize();
        }
        return variable;
    }

    private static int numberOf(String descriptor) {
        return (Type.getArgumentsAndReturnSizes(descriptor) >> 2) - 2;
    }

    /** A method that finds the one that has a case for the function. */
    private void writeChoice(Dispatch dispatch) {
        MethodVisitor out = begin(dispatch.name, dispatch.descriptor);
        choose(out, dispatch, 0, (dispatch.keys.length + CASES - 1) / CASES);
        end(out, dispatch.descriptor);
    }

    private void choose(MethodVisitor out, Dispatch dispatch, int from, int to) {
        if (to - from == 1) {
            load(out, dispatch.descriptor);
            String part = dispatch.name + from;
            out.visitMethodInsn(Opcodes.INVOKESTATIC, owner, part, dispatch.descriptor, false);
            out.visitInsn(Type.getReturnType(dispatch.descriptor).getOpcode(Opcodes.IRETURN));
            return;
        }
        int middle = (from + to) >>> 1;
        Label below = new Label();
        out.visitVarInsn(Opcodes.ILOAD, numberOf(dispatch.descriptor));
        out.visitLdcInsn(dispatch.keys[middle * CASES]);
        out.visitJumpInsn(Opcodes.IF_ICMPLT, below);
        choose(out, dispatch, middle, to);
        out.visitLabel(below);
        out.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        choose(out, dispatch, from, middle);
    }

    /** A method with cases for some of the functions. */
    private void writePart(Dispatch dispatch, int from, int to) {
        String descriptor = dispatch.descriptor;
        MethodVisitor out = begin(dispatch.name + from / CASES, descriptor);
        Label none = new Label();
        Label[] labels = new Label[to - from];
        int[] keys = new int[to - from];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = new Label();
            keys[i] = dispatch.keys[from + i];
        }
        out.visitVarInsn(Opcodes.ILOAD, numberOf(descriptor));
        out.visitLookupSwitchInsn(none, keys, labels);
        for (int i = 0; i < labels.length; i++) {
            MethodInsnNode call = dispatch.calls[from + i];
            out.visitLabel(labels[i]);
            out.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
            load(out, call.desc);
            out.visitMethodInsn(Opcodes.INVOKESTATIC, call.owner, call.name, call.desc, false);
            out.visitInsn(Type.getReturnType(descriptor).getOpcode(Opcodes.IRETURN));
        }
        out.visitLabel(none);
        out.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        out.visitMethodInsn(
                Opcodes.INVOKESTATIC,
                dispatch.helpers,
                MISMATCH,
                "()Ljava/lang/RuntimeException;",
                false);
        out.visitInsn(Opcodes.ATHROW);
        end(out, descriptor);
    }
}
