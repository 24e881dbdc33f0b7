package org.wasix4j.runtime.internal.lowering;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.wasix4j.types.Nullable;

/**
 * The branches of a function whose outlines are calls, or of the function of an outline: to a block
 * that is there, into an outline that is entered behind a block, or out of the outline.
 */
final class OutlineBranches {

    private static final int NONE = -1;

    private final OutlineScope scope;
    private final BlockTree tree;
    private final BinaryWriter written;
    private final Code code;
    private final LocalPool locals;

    /** The outline whose function this is, or null. */
    private final @Nullable Outline self;

    /** By block: the outline that is entered behind it. */
    private final Map<Integer, Outline> switches;

    /** By outline with several entries: the block in front of its call. */
    private final Map<Outline, Integer> gathered = new HashMap<>();

    /** The block around all of an outlined function. */
    private int leaving = NONE;

    /** The local that says by which way an outlined function is left. */
    private int exit = NONE;

    /** The local that says by which entry an outline is entered. */
    private int entry = NONE;

    OutlineBranches(OutlineScope scope, @Nullable Outline self, Map<Integer, Outline> switches) {
        this.scope = scope;
        this.tree = scope.tree();
        this.written = scope.written();
        this.code = scope.code();
        this.locals = scope.locals();
        this.self = self;
        this.switches = switches;
    }

    /** Begins the body of an outlined function, around which a block is opened. */
    void leaveThrough(int exitLocal, int block) {
        exit = exitLocal;
        leaving = block;
    }

    /** The local in which an outlined function receives its entry. */
    void entryIn(int local) {
        entry = local;
    }

    /**
     * Notes the block in front of the call of an outline with several entries; -1: it has ended.
     */
    void gather(Outline outline, int block) {
        if (block == NONE) {
            gathered.remove(outline);
        } else {
            gathered.put(outline, block);
        }
    }

    /** The outline that is entered behind a block, unless this is its own function. */
    @Nullable
    Outline gathering(int block) {
        Outline outline = switches.get(block);
        return outline == self ? null : outline;
    }

    /** Goes to a block that has its values on the stack. */
    void branch(int target) {
        if (scope.isOpen(target)) {
            code.op(Instruction.BR, scope.label(target));
            return;
        }
        Outline gathering = gathering(target);
        if (gathering != null && gathered.containsKey(gathering)) {
            enter(gathering, target);
            code.op(Instruction.BR, scope.labelOf(gathered.get(gathering)));
            return;
        }
        int[] carried = tree.carried(target);
        Outline left = Objects.requireNonNull(self, "a branch out of a whole function");
        int[] globals = carriedGlobals(left, carried);
        for (int k = carried.length - 1; k >= 0; k--) {
            scope.setGlobal(globals[k]);
        }
        code.i32(left.exit(target)).set(exit);
        code.op(Instruction.BR, scope.labelOf(leaving));
    }

    /** The globals for what a branch out of an outline carries: behind those of its locals. */
    private int[] carriedGlobals(Outline outline, int[] carried) {
        int returned = outline.returned().length;
        int[] all =
                java.util.Arrays.copyOf(
                        scope.typesOf(outline.returned()), returned + carried.length);
        System.arraycopy(carried, 0, all, returned, carried.length);
        int[] globals = scope.globals(all);
        return java.util.Arrays.copyOfRange(globals, returned, all.length);
    }

    /** Notes by which entry an outline is to be entered. */
    void enter(Outline outline, int block) {
        code.i32(outline.entryOf(block)).set(entry());
    }

    int entry() {
        if (entry == NONE) {
            entry = locals.add(ValueTypes.I32);
        }
        return entry;
    }

    void branchIf(int i) {
        int target = tree.target(i);
        if (scope.isOpen(target)) {
            code.op(Instruction.BR_IF, scope.label(target));
            return;
        }
        int condition = locals.take(ValueTypes.I32);
        code.set(condition);
        int[] kept = scope.keep(tree.carried(target));
        code.get(condition).op(Instruction.IF);
        locals.release(condition);
        written.u8(ValueTypes.EMPTY);
        scope.opened();
        scope.load(kept);
        branch(target);
        scope.endBlock();
        scope.load(kept);
        scope.release(kept);
    }

    void branchTable(int i) {
        int[] targets = tree.targets(i);
        Set<Integer> indirect = new LinkedHashSet<>();
        for (int target : targets) {
            if (!scope.isOpen(target)) {
                indirect.add(target);
            }
        }
        if (indirect.isEmpty()) {
            code.op(Instruction.BR_TABLE);
            written.u32(targets.length - 1);
            for (int target : targets) {
                written.u32(scope.label(target));
            }
            return;
        }
        int[] carried = tree.carried(targets[0]);
        if (carried.length > 0) {
            // what is in the table carries the same: here that is nothing
            for (int target : targets) {
                indirect.add(target);
            }
        }
        int index = locals.take(ValueTypes.I32);
        code.set(index);
        int[] kept = scope.keep(carried);
        Map<Integer, Integer> ways = openWays(indirect);
        code.get(index).op(Instruction.BR_TABLE);
        locals.release(index);
        written.u32(targets.length - 1);
        for (int target : targets) {
            Integer way = ways.get(target);
            written.u32(way == null ? scope.label(target) : way);
        }
        for (int target : indirect) {
            scope.endBlock();
            scope.load(kept);
            branch(target);
        }
        scope.release(kept);
    }

    /** Opens a block for each of some targets; answers the labels of these blocks. */
    private Map<Integer, Integer> openWays(Set<Integer> targets) {
        Map<Integer, Integer> ways = new HashMap<>();
        for (int target : targets) {
            ways.put(target, ways.size());
            scope.openBlock();
        }
        return ways;
    }

    /** Goes on where an outlined function was left to. */
    void leaveBy(Outline outline, int answer) {
        List<Integer> exits = outline.exits();
        boolean falls = !tree.endsPath(outline.to() - 1);
        if (falls
                && exits.size() == 1
                && scope.isOpen(exits.get(0))
                && tree.carried(exits.get(0)).length == 0) {
            code.get(answer).op(Instruction.BR_IF, scope.label(exits.get(0)));
            return;
        }
        if (!falls && exits.size() == 1) {
            reload(outline, exits.get(0));
            branch(exits.get(0));
            return;
        }
        Set<Integer> indirect = new LinkedHashSet<>();
        for (int target : exits) {
            if (!scope.isOpen(target) || tree.carried(target).length > 0) {
                indirect.add(target);
            }
        }
        // the way to what is behind the call is a block around all others
        int behind = scope.openBlock();
        Map<Integer, Integer> ways = openWays(indirect);
        code.get(answer).op(Instruction.BR_TABLE);
        written.u32(exits.size());
        written.u32(scope.labelOf(behind));
        for (int target : exits) {
            Integer way = ways.get(target);
            written.u32(way == null ? scope.label(target) : way);
        }
        for (int target : indirect) {
            scope.endBlock();
            reload(outline, target);
            branch(target);
        }
        scope.endBlock();
        if (!falls) {
            code.op(Instruction.UNREACHABLE);
        }
    }

    /** Puts on the stack what a branch out of an outlined function carries. */
    private void reload(Outline outline, int target) {
        for (int global : carriedGlobals(outline, tree.carried(target))) {
            scope.getGlobal(global);
        }
    }
}
