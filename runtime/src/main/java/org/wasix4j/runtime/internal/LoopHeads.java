package org.wasix4j.runtime.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Makes loops such that HotSpot replaces a running one by its compiled form (on-stack replacement).
 * It does so only where the operand stack is empty at the head, and only at a jump back, not at a
 * switch whose case is the head. Other loops would be interpreted for as long as they run, and that
 * of a bytecode interpreter runs as long as the program.
 *
 * <p>What is on the stack goes to new local variables on every way to the head, and comes back
 * after it. A jump to the head goes to a place of its own at the end of the method, which stores
 * the values and jumps on. So does a case of a switch, with or without values.
 */
final class LoopHeads {

    /** The JVM has 65,535 local variables; what a guest can fill is left alone. */
    static final int MOST_LOCALS = 60_000;

    private final MethodNode method;
    private final Map<LabelNode, Integer> positions = new HashMap<>();
    private final Map<LabelNode, FrameNode> frames = new HashMap<>();
    private final Map<LabelNode, LabelNode> detourOf = new HashMap<>();
    private final InsnList detours = new InsnList();

    private LoopHeads(MethodNode method) {
        this.method = method;
    }

    /**
     * Changes the loops of a method, whose frames are expanded.
     *
     * @return whether there was one to be changed
     */
    static boolean change(MethodNode method) {
        return new LoopHeads(method).change();
    }

    private boolean change() {
        List<LabelNode> here = new ArrayList<>();
        int position = 0;
        for (AbstractInsnNode node : method.instructions) {
            if (node instanceof LabelNode label) {
                positions.put(label, position);
                here.add(label);
            } else if (node instanceof FrameNode frame) {
                here.forEach(label -> frames.put(label, frame));
            } else if (node.getOpcode() >= 0) {
                here.clear();
            }
            position++;
        }
        Set<LabelNode> heads = heads();
        Map<LabelNode, List<VarInsnNode>> values = new LinkedHashMap<>();
        for (LabelNode head : heads) {
            List<Object> stack = frameOf(head).stack;
            if (method.maxLocals + 2 * stack.size() <= MOST_LOCALS) {
                values.put(head, places(stack));
            }
        }
        // a head's frame is needed as it was until all jumps to it have their detours
        position = 0;
        for (AbstractInsnNode node : method.instructions.toArray()) {
            redirect(node, position++, values);
        }
        values.forEach(this::empty);
        if (detourOf.isEmpty()) {
            return false;
        }
        method.instructions.add(detours);
        // a long that is loaded while the stack is as high as it was
        method.maxStack += 2;
        return true;
    }

    /** The frame of a head, which has one. */
    private FrameNode frameOf(LabelNode head) {
        return Objects.requireNonNull(frames.get(head));
    }

    /** The labels that are jumped back to with something on the stack. */
    private Set<LabelNode> heads() {
        Set<LabelNode> heads = new HashSet<>();
        int position = 0;
        for (AbstractInsnNode node : method.instructions) {
            for (LabelNode target : targets(node)) {
                FrameNode frame = frames.get(target);
                if (positions.getOrDefault(target, Integer.MAX_VALUE) < position
                        && frame != null
                        && frame.stack != null
                        && !frame.stack.isEmpty()) {
                    heads.add(target);
                }
            }
            position++;
        }
        return heads;
    }

    /** Where an instruction may jump to. */
    static List<LabelNode> targets(AbstractInsnNode node) {
        if (node instanceof JumpInsnNode jump) {
            return List.of(jump.label);
        }
        if (node instanceof TableSwitchInsnNode table) {
            List<LabelNode> targets = new ArrayList<>(table.labels);
            targets.add(table.dflt);
            return targets;
        }
        if (node instanceof LookupSwitchInsnNode lookup) {
            List<LabelNode> targets = new ArrayList<>(lookup.labels);
            targets.add(lookup.dflt);
            return targets;
        }
        return List.of();
    }

    /** New local variables for values, as the instructions that load them. */
    private List<VarInsnNode> places(List<Object> stack) {
        List<VarInsnNode> loads = new ArrayList<>();
        for (Object type : stack) {
            loads.add(new VarInsnNode(load(type), method.maxLocals));
            method.maxLocals += size(type);
        }
        return loads;
    }

    private void redirect(
            AbstractInsnNode node, int position, Map<LabelNode, List<VarInsnNode>> values) {
        if (node instanceof JumpInsnNode) {
            retarget(node, target -> values.containsKey(target) ? detour(target, values) : target);
        } else {
            retarget(node, target -> fromSwitch(target, position, values));
        }
    }

    /** Lets an instruction jump elsewhere. */
    static void retarget(AbstractInsnNode node, UnaryOperator<LabelNode> change) {
        if (node instanceof JumpInsnNode jump) {
            jump.label = change.apply(jump.label);
        } else if (node instanceof TableSwitchInsnNode table) {
            table.labels.replaceAll(change);
            table.dflt = change.apply(table.dflt);
        } else if (node instanceof LookupSwitchInsnNode lookup) {
            lookup.labels.replaceAll(change);
            lookup.dflt = change.apply(lookup.dflt);
        }
    }

    private LabelNode fromSwitch(
            LabelNode target, int position, Map<LabelNode, List<VarInsnNode>> values) {
        boolean back =
                positions.getOrDefault(target, Integer.MAX_VALUE) < position
                        && frames.containsKey(target);
        return back || values.containsKey(target) ? detour(target, values) : target;
    }

    /** Where a jump to a head goes instead; one detour serves all jumps to one head. */
    private LabelNode detour(LabelNode target, Map<LabelNode, List<VarInsnNode>> values) {
        return detourOf.computeIfAbsent(
                target,
                head -> {
                    LabelNode start = new LabelNode();
                    FrameNode frame = frameOf(head);
                    detours.add(start);
                    detours.add(frame(frame.local, frame.stack));
                    detours.add(stores(values.getOrDefault(head, List.of())));
                    detours.add(new JumpInsnNode(Opcodes.GOTO, head));
                    return start;
                });
    }

    private void empty(LabelNode head, List<VarInsnNode> loads) {
        AbstractInsnNode before = head.getPrevious();
        while (before != null && before.getOpcode() < 0) {
            before = before.getPrevious();
        }
        if (before == null || !leaves(before.getOpcode())) {
            method.instructions.insertBefore(head, stores(loads));
        }
        FrameNode old = frameOf(head);
        List<Object> locals = new ArrayList<>(old.local);
        int first = loads.get(0).var;
        for (int slots = slots(locals); slots < first; slots++) {
            locals.add(Opcodes.TOP);
        }
        locals.addAll(old.stack);
        FrameNode empty = frame(locals, List.of());
        method.instructions.set(old, empty);
        InsnList reload = new InsnList();
        for (VarInsnNode load : loads) {
            reload.add(new VarInsnNode(load.getOpcode(), load.var));
        }
        method.instructions.insert(empty, reload);
    }

    /** A frame with these values. */
    static FrameNode frame(List<Object> locals, List<Object> stack) {
        return new FrameNode(
                Opcodes.F_NEW, locals.size(), locals.toArray(), stack.size(), stack.toArray());
    }

    private static InsnList stores(List<VarInsnNode> loads) {
        InsnList stores = new InsnList();
        for (int i = loads.size() - 1; i >= 0; i--) {
            VarInsnNode load = loads.get(i);
            int store = load.getOpcode() - Opcodes.ILOAD + Opcodes.ISTORE;
            stores.add(new VarInsnNode(store, load.var));
        }
        return stores;
    }

    /** Whether what follows an instruction is only reached by a jump. */
    private static boolean leaves(int opcode) {
        return opcode == Opcodes.GOTO
                || opcode == Opcodes.ATHROW
                || opcode == Opcodes.TABLESWITCH
                || opcode == Opcodes.LOOKUPSWITCH
                || opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN;
    }

    /** How many local variables values of these types take. */
    static int slots(List<Object> types) {
        return types.stream().mapToInt(LoopHeads::size).sum();
    }

    private static int size(Object type) {
        return type == Opcodes.LONG || type == Opcodes.DOUBLE ? 2 : 1;
    }

    private static int load(Object type) {
        if (type == Opcodes.INTEGER) {
            return Opcodes.ILOAD;
        }
        if (type == Opcodes.LONG) {
            return Opcodes.LLOAD;
        }
        if (type == Opcodes.FLOAT) {
            return Opcodes.FLOAD;
        }
        return type == Opcodes.DOUBLE ? Opcodes.DLOAD : Opcodes.ALOAD;
    }
}
