package org.wasix4j.runtime.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.IincInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.VarInsnNode;
import org.wasix4j.types.Nullable;

/**
 * Lets a short loop ask only now and then whether the guest is to end, instead of in each round.
 * The engine's question reads a volatile field, after which HotSpot reads the place and size of the
 * memory anew. What is between two questions is a counted loop to HotSpot, without such reads: it
 * unrolls the loop and checks addresses ahead of it.
 *
 * <pre>
 *     head:                              rounds = ROUNDS - FIRST_ROUNDS
 *         body                   strip:
 *         ask                    head:
 *         goto head                  body
 *                                    if (++rounds &lt; ROUNDS) goto head
 *                                    ask
 *                                    rounds = 0
 *                                    goto strip
 * </pre>
 *
 * <p>A short loop has no loop in it, at most {@link #MOST_INSTRUCTIONS} instructions, and no calls
 * but of what takes no time. So the rounds between two questions take a few milliseconds, also when
 * they are interpreted. The first question comes early, because a loop around this one asks in each
 * of its rounds, and {@link InterruptPoints} counts instructions as if nothing were repeated.
 */
final class LoopStrips {

    /** How the engine calls the question. */
    static final String QUESTION = "checkInterruption";

    /** So many rounds are made from one question to the next. */
    static final int ROUNDS = 1024;

    /** So many rounds are made before the first question. */
    static final int FIRST_ROUNDS = 16;

    /** So many instructions a short loop has at most. */
    static final int MOST_INSTRUCTIONS = 500;

    private static final String GUEST_ACCESS = Type.getInternalName(GuestAccess.class);
    private static final String GUEST_CODE = Type.getInternalName(GuestCode.class);
    private static final String GUEST_NUMBERS = Type.getInternalName(GuestNumbers.class);

    /** What the methods of the engine's operations that are numeric begin with. */
    private static final List<String> NUMERIC = List.of("I32_", "I64_", "F32_", "F64_");

    /** Helpers of the engine's that take no time. */
    private static final Set<String> SHORT = Set.of(QUESTION, "readGlobal", "writeGlobal");

    private final MethodNode method;
    private final Set<String> helpers;
    private final AbstractInsnNode[] nodes;
    private final Map<LabelNode, Integer> positions = new HashMap<>();

    /** Where each head is jumped back to, in the order of the code. */
    private final Map<LabelNode, List<Integer>> jumpsBack = new LinkedHashMap<>();

    /** The variable that counts the rounds; loops of one method are never within each other. */
    private final int rounds;

    private LoopStrips(MethodNode method, Set<String> helpers) {
        this.method = method;
        this.helpers = helpers;
        this.nodes = method.instructions.toArray();
        this.rounds = method.maxLocals;
    }

    /**
     * Changes the short loops of a method, whose frames are expanded.
     *
     * @param helpers the methods of functions that the rewriter appended
     * @return whether there was one
     */
    static boolean change(MethodNode method, Set<String> helpers) {
        return new LoopStrips(method, helpers).change();
    }

    /**
     * Whether a call takes no time, so that a short loop may make it.
     *
     * @param helpers the methods of functions that the rewriter appended
     */
    static boolean isShort(String owner, String name, Set<String> helpers) {
        return owner.equals(GUEST_ACCESS)
                || owner.equals(GUEST_CODE)
                || owner.equals(GUEST_NUMBERS)
                || owner.startsWith("java/lang/")
                || owner.equals(EngineCalls.OPERATIONS) && isNumeric(name)
                || owner.endsWith(EngineCalls.HELPERS) && SHORT.contains(name)
                || helpers.contains(name);
    }

    private static boolean isNumeric(String name) {
        return NUMERIC.stream().anyMatch(name::startsWith);
    }

    private boolean change() {
        for (int i = 0; i < nodes.length; i++) {
            if (nodes[i] instanceof LabelNode label) {
                positions.put(label, i);
            }
        }
        for (int i = 0; i < nodes.length; i++) {
            for (LabelNode target : LoopHeads.targets(nodes[i])) {
                if (position(target) < i) {
                    jumpsBack.computeIfAbsent(target, head -> new ArrayList<>()).add(i);
                }
            }
        }
        List<LabelNode> heads = jumpsBack.keySet().stream().filter(this::isShort).toList();
        heads.forEach(this::strip);
        if (!heads.isEmpty()) {
            method.maxLocals = rounds + 1;
            method.maxStack = Math.max(method.maxStack, 2);
        }
        return !heads.isEmpty();
    }

    private int position(LabelNode label) {
        return Objects.requireNonNull(positions.get(label));
    }

    private List<Integer> jumpsTo(LabelNode head) {
        return Objects.requireNonNull(jumpsBack.get(head));
    }

    private int end(LabelNode head) {
        List<Integer> jumps = jumpsTo(head);
        return jumps.get(jumps.size() - 1);
    }

    private boolean isShort(LabelNode head) {
        int start = position(head);
        int end = end(head);
        FrameNode frame = frameAt(head);
        if (frame == null
                || !isEmpty(frame.stack)
                || rounds >= LoopHeads.MOST_LOCALS
                || !jumpsTo(head).stream().allMatch(this::asks)) {
            return false;
        }
        int instructions = 0;
        for (int i = start + 1; i <= end; i++) {
            AbstractInsnNode node = nodes[i];
            instructions += node.getOpcode() >= 0 ? 1 : 0;
            if (instructions > MOST_INSTRUCTIONS
                    || node instanceof LabelNode label && jumpsBack.containsKey(label)
                    || node.getOpcode() == Opcodes.INVOKEDYNAMIC
                    || node instanceof MethodInsnNode call
                            && !isShort(call.owner, call.name, helpers)) {
                return false;
            }
        }
        return isEnteredAtItsHead(start, end);
    }

    private static boolean isEmpty(@Nullable List<Object> stack) {
        return stack == null || stack.isEmpty();
    }

    /** Whether a jump is one with the question right in front of it. */
    private boolean asks(int jump) {
        return nodes[jump].getOpcode() == Opcodes.GOTO
                && jump > 0
                && nodes[jump - 1] instanceof MethodInsnNode call
                && call.name.equals(QUESTION);
    }

    private boolean isEnteredAtItsHead(int start, int end) {
        for (TryCatchBlockNode block : method.tryCatchBlocks) {
            if (isWithin(position(block.handler), start, end)) {
                return false;
            }
        }
        for (int i = 0; i < nodes.length; i++) {
            if (i > start && i <= end) {
                continue;
            }
            for (LabelNode target : LoopHeads.targets(nodes[i])) {
                if (isWithin(position(target), start + 1, end)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isWithin(int position, int start, int end) {
        return position >= start && position <= end;
    }

    private @Nullable FrameNode frameAt(LabelNode label) {
        AbstractInsnNode node = label.getNext();
        while (node != null && node.getOpcode() < 0) {
            if (node instanceof FrameNode frame) {
                return frame;
            }
            node = node.getNext();
        }
        return null;
    }

    private void strip(LabelNode head) {
        int start = position(head);
        int end = end(head);
        InsnList code = method.instructions;
        FrameNode before = Objects.requireNonNull(frameAt(head));
        AbstractInsnNode question = nodes[end - 1];
        LabelNode entry = new LabelNode();
        LabelNode strip = new LabelNode();
        for (int i = 0; i < start; i++) {
            LoopHeads.retarget(nodes[i], target -> target == head ? entry : target);
        }
        code.insertBefore(head, entry);
        code.insertBefore(head, frame(before.local));
        code.insertBefore(head, new IntInsnNode(Opcodes.SIPUSH, ROUNDS - FIRST_ROUNDS));
        code.insertBefore(head, new VarInsnNode(Opcodes.ISTORE, rounds));
        code.insertBefore(head, strip);
        code.insertBefore(head, frame(withRounds(before.local)));
        // so that the head is a loop of its own
        code.insertBefore(head, new InsnNode(Opcodes.NOP));
        LabelNode next = new LabelNode();
        FrameNode within = frame(withRounds(before.local));
        for (int i = start; i < end; i++) {
            if (nodes[i] instanceof FrameNode frame) {
                frame.local = withRounds(frame.local);
            }
        }
        for (int jump : jumpsTo(head)) {
            code.remove(nodes[jump - 1]);
            ((JumpInsnNode) nodes[jump]).label = next;
        }
        // the last jump falls into what it would jump to
        AbstractInsnNode last = nodes[end];
        removeFrameBefore(last);
        code.insertBefore(last, next);
        code.insertBefore(last, within);
        code.insertBefore(last, new IincInsnNode(rounds, 1));
        code.insertBefore(last, new VarInsnNode(Opcodes.ILOAD, rounds));
        code.insertBefore(last, new IntInsnNode(Opcodes.SIPUSH, ROUNDS));
        code.insertBefore(last, new JumpInsnNode(Opcodes.IF_ICMPLT, head));
        code.insertBefore(last, question.clone(Map.of()));
        code.insertBefore(last, new InsnNode(Opcodes.ICONST_0));
        code.insertBefore(last, new VarInsnNode(Opcodes.ISTORE, rounds));
        ((JumpInsnNode) last).label = strip;
    }

    /** There is to be one frame at a place; that of the head holds wherever it is jumped to. */
    private void removeFrameBefore(AbstractInsnNode node) {
        AbstractInsnNode before = node.getPrevious();
        while (before.getOpcode() < 0) {
            AbstractInsnNode next = before.getPrevious();
            if (before instanceof FrameNode) {
                method.instructions.remove(before);
            }
            before = next;
        }
    }

    private List<Object> withRounds(List<Object> locals) {
        List<Object> more = new ArrayList<>(locals);
        for (int slots = LoopHeads.slots(locals); slots < rounds; slots++) {
            more.add(Opcodes.TOP);
        }
        more.add(Opcodes.INTEGER);
        return more;
    }

    private static FrameNode frame(List<Object> locals) {
        return LoopHeads.frame(locals, List.of());
    }
}
