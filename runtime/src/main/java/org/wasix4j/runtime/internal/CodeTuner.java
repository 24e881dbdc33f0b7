package org.wasix4j.runtime.internal;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.wasix4j.types.Nullable;

/**
 * Makes the engine's classes easier for HotSpot. The engine emits a call for each load, store and
 * comparison and relies on its being inlined; but HotSpot inlines only so much into one method, and
 * in the functions that matter, which are large, most of these calls stay calls.
 *
 * <ul>
 *   <li>A comparison whose result is only branched on becomes the branch. One whose result is a
 *       value is computed without a branch.
 *   <li>Loads, stores and unsigned comparisons are those of {@link GuestAccess} and {@link
 *       GuestCode}, which are short; what the engine gets wrong is replaced ({@link EngineCalls}).
 *   <li>Loops are such that a running one can be replaced by its compiled form ({@link LoopHeads}),
 *       and short ones do not ask in each round whether the guest is to end ({@link LoopStrips}).
 * </ul>
 *
 * But for the last the code does not grow, and its stack map frames stay as they are: nothing is
 * moved across a label. Whatever is not recognised is left as it is.
 */
final class CodeTuner {

    private static final String GUEST_CODE = Type.getInternalName(GuestCode.class);

    /** Comparisons of two ints, and the jump when they hold. */
    private static final Map<String, Integer> INT_JUMPS =
            Map.of(
                    "I32_EQ", Opcodes.IF_ICMPEQ,
                    "I32_NE", Opcodes.IF_ICMPNE,
                    "I32_LT_S", Opcodes.IF_ICMPLT,
                    "I32_LE_S", Opcodes.IF_ICMPLE,
                    "I32_GT_S", Opcodes.IF_ICMPGT,
                    "I32_GE_S", Opcodes.IF_ICMPGE);

    /** Comparisons of two longs, and the jump on what {@code lcmp} makes of them. */
    private static final Map<String, Integer> LONG_JUMPS =
            Map.of(
                    "I64_EQ", Opcodes.IFEQ,
                    "I64_NE", Opcodes.IFNE,
                    "I64_LT_S", Opcodes.IFLT,
                    "I64_LE_S", Opcodes.IFLE,
                    "I64_GT_S", Opcodes.IFGT,
                    "I64_GE_S", Opcodes.IFGE);

    private static final String INT_IS_ZERO = "I32_EQZ";
    private static final String LONG_IS_ZERO = "I64_EQZ";

    /** Unsigned comparisons of two ints, and what is called when their result is branched on. */
    private static final Map<String, String> UNSIGNED =
            Map.of(
                    "I32_LT_U", "isBelow",
                    "I32_LE_U", "isBelowOrEqual",
                    "I32_GT_U", "isAbove",
                    "I32_GE_U", "isAboveOrEqual");

    /** Unsigned comparisons of two longs. */
    private static final Set<String> LONG_UNSIGNED =
            Set.of("I64_LT_U", "I64_LE_U", "I64_GT_U", "I64_GE_U");

    /** The engine's detour round the compiler fault that {@link GuestCode} avoids. */
    private static final String UNSIGNED_DETOUR = "i32_ge_u";

    /** Asks whether the guest is to end: in front of calls and of jumps back. */
    private static final String QUESTION = LoopStrips.QUESTION;

    /** Turns the end of the stack into the engine's exception. */
    private static final String EXHAUSTED = "throwCallStackExhausted";

    /** How the names of the methods that are functions begin. */
    private static final String FUNCTION = "func_";

    private CodeTuner() {}

    /**
     * The same class, for the memories of this project.
     *
     * @param helpers the methods of the rewriter's own functions, as {@link HelperCalls} has them
     * @param interrupts where guest code asks whether it is to end
     * @param deepTailCalls whether tail calls may be what fills the stack
     * @param globals how globals are read and written
     */
    static byte[] tune(
            byte[] code,
            Map<String, String> helpers,
            InterruptPoints interrupts,
            boolean deepTailCalls,
            GlobalCode globals) {
        ClassReader reader = new ClassReader(code);
        if (reader.getClassName().endsWith(EngineCalls.HELPERS)) {
            return code;
        }
        ClassWriter writer = new ClassWriter(0);
        Set<String> loops = new HashSet<>();
        boolean main = reader.getClassName().equals(globals.mainClass());
        reader.accept(
                new ChangedMethods(
                        main ? globals.fields(writer) : writer,
                        (out, access, name, descriptor) -> {
                            Tuner tuner =
                                    new Tuner(
                                            out,
                                            walk(name, interrupts),
                                            deepTailCalls,
                                            helpers.keySet(),
                                            () -> loops.add(name));
                            return IndirectCalls.around(
                                    HelperCalls.around(
                                            InstanceCalls.around(globals.around(tuner), descriptor),
                                            helpers),
                                    reader.getClassName(),
                                    name,
                                    descriptor);
                        }),
                0);
        byte[] tuned = writer.toByteArray();
        return loops.isEmpty() ? tuned : LoopPass.over(tuned, loops, helpers.keySet());
    }

    private static @Nullable InterruptPoints.Walk walk(String method, InterruptPoints interrupts) {
        return method.startsWith(FUNCTION)
                ? interrupts.walk(Integer.parseInt(method.substring(FUNCTION.length())))
                : null;
    }

    /**
     * Holds a comparison back until the instruction after it is known. Every visit but that of a
     * conditional jump lets it go first.
     */
    private static final class Tuner extends HoldingVisitor {

        /** The engine's name of the comparison that is held back, or null. */
        private @Nullable String held;

        private String heldDescriptor = "";

        /** Whether an odd number of {@code i32.eqz} follow, which are held back as well. */
        private boolean negated;

        /** Labels at which the operand stack is not empty. */
        private final Set<Label> stacked = new HashSet<>();

        /** To be run when the method has a loop that {@link LoopPass} may have to change. */
        private final Runnable onLoop;

        /** Decides where calls are asked before, or null when everywhere. */
        private final @Nullable InterruptPoints.Walk walk;

        private final boolean tailCalls;

        /** The methods of functions that the rewriter appended. */
        private final Set<String> helpers;

        /**
         * How many jumps back and calls that take time there were. Each label that was visited has
         * the number as it was then.
         */
        private int interruptions;

        /** The class whose question is held back until it is known what follows, or null. */
        private @Nullable String questioner;

        /** The label of the instruction that comes next, or null. */
        private @Nullable Label here;

        Tuner(
                MethodVisitor out,
                @Nullable InterruptPoints.Walk walk,
                boolean tailCalls,
                Set<String> helpers,
                Runnable onLoop) {
            super(out);
            this.helpers = helpers;
            this.tailCalls = tailCalls;
            this.walk = walk;
            this.onLoop = onLoop;
        }

        @Override
        public void visitFrame(int type, int nLocal, Object[] local, int nStack, Object[] stack) {
            if (here != null && (type == Opcodes.F_SAME1 || nStack > 0)) {
                stacked.add(here);
            }
            mv.visitFrame(type, nLocal, local, nStack, stack);
        }

        /**
         * Notes a loop that is jumped back to with values on the stack (only a label that was there
         * before can be in the set), or that seems to be short.
         */
        private void jumped(Label to) {
            if (to.info == null) {
                return;
            }
            if (stacked.contains(to) || to.info.equals(interruptions)) {
                onLoop.run();
            }
            interruptions++;
        }

        /** The same for a case of a switch, where HotSpot replaces no loop. */
        private void switched(Label to) {
            if (to.info != null) {
                onLoop.run();
                interruptions++;
            }
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            if (opcode == Opcodes.INVOKESTATIC && owner.equals(EngineCalls.OPERATIONS)) {
                visitOperation(opcode, name, descriptor);
                return;
            }
            release();
            if (walk != null && name.equals(QUESTION) && owner.endsWith(EngineCalls.HELPERS)) {
                ask();
                questioner = owner;
                return;
            }
            if (questioner != null && name.startsWith(FUNCTION)) {
                int callee = Integer.parseInt(name.substring(FUNCTION.length()));
                if (walk != null && walk.asksBefore(callee)) {
                    ask();
                }
                questioner = null;
            }
            if (name.equals(UNSIGNED_DETOUR) && owner.endsWith(EngineCalls.HELPERS)) {
                visitOperation(opcode, "I32_GE_U", descriptor);
                return;
            }
            redirect(opcode, owner, name, descriptor, ofInterface);
        }

        /** Asks the question that is held back. */
        private void ask() {
            if (questioner != null) {
                call(questioner, QUESTION, "()V");
                questioner = null;
            }
        }

        private void redirect(
                int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            EngineCalls.Target ours = EngineCalls.instead(opcode, owner, name, descriptor);
            if (tailCalls && name.equals(EXHAUSTED) && owner.endsWith(EngineCalls.HELPERS)) {
                call(GUEST_CODE, "throwTailCallsExhausted", descriptor);
            } else if (ours == null) {
                note(owner, name);
                mv.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
            } else {
                note(ours.owner(), ours.name());
                call(ours.owner(), ours.name(), ours.descriptor());
            }
        }

        private void note(String owner, String name) {
            if (!LoopStrips.isShort(owner, name, helpers)) {
                interruptions++;
            }
        }

        private void visitOperation(int opcode, String name, String descriptor) {
            if (held != null && name.equals(INT_IS_ZERO)) {
                // what is held back is 0 or 1
                negated = !negated;
                return;
            }
            release();
            if (INT_JUMPS.containsKey(name)
                    || LONG_JUMPS.containsKey(name)
                    || UNSIGNED.containsKey(name)
                    || LONG_UNSIGNED.contains(name)
                    || name.equals(INT_IS_ZERO)
                    || name.equals(LONG_IS_ZERO)) {
                held = name;
                heldDescriptor = descriptor;
            } else {
                redirect(opcode, EngineCalls.OPERATIONS, name, descriptor, false);
            }
        }

        private void call(String owner, @Nullable String name, @Nullable String descriptor) {
            mv.visitMethodInsn(Opcodes.INVOKESTATIC, owner, name, descriptor, false);
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            jumped(label);
            ask();
            if (held == null || opcode != Opcodes.IFEQ && opcode != Opcodes.IFNE) {
                release();
                mv.visitJumpInsn(opcode, label);
                return;
            }
            boolean whenHolding = opcode == Opcodes.IFNE != negated;
            int jump;
            if (INT_JUMPS.containsKey(held)) {
                jump = INT_JUMPS.get(held);
            } else if (held.equals(INT_IS_ZERO)) {
                jump = Opcodes.IFEQ;
            } else if (UNSIGNED.containsKey(held)) {
                call(GUEST_CODE, UNSIGNED.get(held), heldDescriptor);
                jump = Opcodes.IFNE;
            } else if (LONG_UNSIGNED.contains(held)) {
                call(EngineCalls.OPERATIONS, held, heldDescriptor);
                jump = Opcodes.IFNE;
            } else {
                if (held.equals(LONG_IS_ZERO)) {
                    mv.visitInsn(Opcodes.LCONST_0);
                }
                mv.visitInsn(Opcodes.LCMP);
                jump = LONG_JUMPS.getOrDefault(held, Opcodes.IFEQ);
            }
            held = null;
            negated = false;
            mv.visitJumpInsn(whenHolding ? jump : opposite(jump), label);
        }

        /** The jump when the condition does not hold: they come in pairs, the first one odd. */
        private static int opposite(int jump) {
            return (jump + 1 ^ 1) - 1;
        }

        @Override
        protected void release() {
            if (held == null) {
                return;
            }
            String comparison = held;
            held = null;
            redirect(
                    Opcodes.INVOKESTATIC,
                    EngineCalls.OPERATIONS,
                    comparison,
                    heldDescriptor,
                    false);
            if (negated) {
                call(EngineCalls.OPERATIONS, INT_IS_ZERO, "(I)I");
            }
            negated = false;
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            // the zero that a long is compared with
            mv.visitMaxs(stack + 2, locals);
        }

        @Override
        public void visitInsn(int opcode) {
            release();
            if (opcode == Opcodes.ATHROW || opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
                ask();
            }
            mv.visitInsn(opcode);
        }

        @Override
        public void visitLabel(Label label) {
            release();
            ask();
            here = label;
            label.info = interruptions;
            mv.visitLabel(label);
        }

        @Override
        public void visitTableSwitchInsn(int least, int most, Label other, Label... labels) {
            release();
            ask();
            switched(other);
            List.of(labels).forEach(this::switched);
            mv.visitTableSwitchInsn(least, most, other, labels);
        }

        @Override
        public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
            release();
            ask();
            switched(other);
            List.of(labels).forEach(this::switched);
            mv.visitLookupSwitchInsn(other, keys, labels);
        }
    }
}
