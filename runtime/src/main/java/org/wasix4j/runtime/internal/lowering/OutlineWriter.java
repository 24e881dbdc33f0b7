package org.wasix4j.runtime.internal.lowering;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a function whose outlines are calls, or the function of an outline.
 *
 * <p>An outlined function is given locals as parameters. It gives those that it changed back in
 * globals of the module, which nobody reads or writes between its end and what is behind the call;
 * and it answers by which way it was left.
 */
final class OutlineWriter {

    /** So many locals are given as parameters, the others in globals. */
    private static final int MOST_PARAMETERS = 60;

    private static final int NONE = -1;

    private final BlockTree tree;
    private final int[] types;
    private final Transfer transfer;

    /** The outline whose function this is, or null. */
    private final Outline self;

    /** By instruction: the largest outline that begins there. */
    private final Map<Integer, Outline> starts;

    /** By block: the outline that is entered behind it. */
    private final Map<Integer, Outline> switches;

    private final BinaryWriter written = new BinaryWriter();
    private final Code code = new Code(written);
    private final OpenCode open = new OpenCode(written);
    private final LocalPool locals = new LocalPool();

    /** Where the original's locals are; not yet anywhere: -1. */
    private final int[] places;

    /** How many blocks are open. */
    private int depth;

    /** By block: how many were open when it was opened; absent when it is not. */
    private final Map<Integer, Integer> opened = new HashMap<>();

    /** By outline with several entries: the same of the block in front of its call. */
    private final Map<Outline, Integer> gathered = new HashMap<>();

    /** The same of the block around all of an outlined function. */
    private int leaving = NONE;

    private int exit = NONE;
    private int entry = NONE;

    /** Where values go from an outlined function to its caller. */
    interface Transfer {

        /**
         * The globals for values of these types, all different, by what the function calls them.
         */
        int[] globals(int[] types);
    }

    private OutlineWriter(
            BlockTree tree,
            int[] types,
            Transfer transfer,
            Outline self,
            Map<Integer, Outline> starts,
            Map<Integer, Outline> switches) {
        this.tree = tree;
        this.types = types;
        this.transfer = transfer;
        this.self = self;
        this.starts = starts;
        this.switches = switches;
        this.places = new int[types.length];
        java.util.Arrays.fill(places, NONE);
    }

    /** The function itself: locals and code. */
    static OpenCode whole(
            BlockTree tree,
            int[] types,
            int parameters,
            Transfer transfer,
            Map<Integer, Outline> starts,
            Map<Integer, Outline> switches) {
        OutlineWriter writer = new OutlineWriter(tree, types, transfer, null, starts, switches);
        for (int i = 0; i < types.length; i++) {
            writer.places[i] = writer.locals.add(types[i]);
            if (i + 1 == parameters) {
                writer.locals.endParameters();
            }
        }
        writer.opened.put(0, writer.depth++);
        writer.walk(0, tree.size());
        return writer.open.finish(writer.locals);
    }

    /** The function of an outline, which learns how it can be left. */
    static Written outlined(
            BlockTree tree,
            int[] types,
            Transfer transfer,
            Outline self,
            Map<Integer, Outline> starts,
            Map<Integer, Outline> switches) {
        OutlineWriter writer = new OutlineWriter(tree, types, transfer, self, starts, switches);
        int[] parameters = writer.enter();
        writer.body();
        boolean answers = writer.leave();
        int[] results = answers ? new int[] {ValueTypes.I32} : new int[0];
        return new Written(
                new FunctionType(parameters, results), writer.open.finish(writer.locals), answers);
    }

    /** A function that was written. */
    record Written(FunctionType type, OpenCode body, boolean answers) {}

    // ---- the frame of an outlined function

    /** Takes what it is given; answers the types of its parameters. */
    private int[] enter() {
        int[] given = self.given();
        int direct = Math.min(given.length, MOST_PARAMETERS);
        int first = self.isSwitch() ? 1 : 0;
        int[] parameters = new int[first + direct];
        if (self.isSwitch()) {
            parameters[0] = ValueTypes.I32;
            entry = locals.add(ValueTypes.I32);
        }
        for (int i = 0; i < direct; i++) {
            parameters[first + i] = types[given[i]];
            places[given[i]] = locals.add(types[given[i]]);
        }
        locals.endParameters();
        int[] further = further(given);
        int[] globals = transfer.globals(typesOf(further));
        for (int i = 0; i < further.length; i++) {
            getGlobal(globals[i]).set(place(further[i]));
        }
        return parameters;
    }

    private static int[] further(int[] given) {
        return given.length <= MOST_PARAMETERS
                ? new int[0]
                : java.util.Arrays.copyOfRange(given, MOST_PARAMETERS, given.length);
    }

    private int[] typesOf(int[] variables) {
        int[] all = new int[variables.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = types[variables[i]];
        }
        return all;
    }

    private void body() {
        exit = locals.take(ValueTypes.I32);
        depth++;
        openBlock();
        leaving = depth - 1;
        if (!self.isSwitch()) {
            walk(self.from(), self.to());
            return;
        }
        int[] entries = self.entries();
        for (int i = entries.length - 1; i >= 0; i--) {
            openBlock();
            opened.put(entries[i], depth - 1);
        }
        code.get(entry).op(Instruction.BR_TABLE);
        written.u32(entries.length - 1);
        for (int i = 0; i < entries.length; i++) {
            written.u32(i);
        }
        walk(self.from() - 1, self.to());
    }

    /** Gives back what it changed; answers whether it tells by which way it was left. */
    private boolean leave() {
        code.op(Instruction.END);
        depth--;
        int[] returned = self.returned();
        int[] globals = transfer.globals(typesOf(returned));
        for (int i = 0; i < returned.length; i++) {
            code.get(place(returned[i]));
            setGlobal(globals[i]);
        }
        boolean answers = !self.exits().isEmpty();
        if (answers) {
            code.get(exit);
        }
        code.op(Instruction.END);
        return answers;
    }

    private Code getGlobal(int global) {
        code.op(Instruction.GLOBAL_GET);
        open.global(global);
        return code;
    }

    private void setGlobal(int global) {
        code.op(Instruction.GLOBAL_SET);
        open.global(global);
    }

    private void openBlock() {
        code.op(Instruction.BLOCK);
        written.u8(ValueTypes.EMPTY);
        depth++;
    }

    private void endBlock() {
        code.op(Instruction.END);
        depth--;
    }

    // ---- the walk

    private void walk(int from, int to) {
        int i = from;
        while (i < to) {
            Outline outline = starts.get(i);
            while (outline != null && isAround(outline)) {
                outline = outline.within();
            }
            if (outline != null) {
                call(outline);
                i = outline.to();
            } else {
                i = instruction(i);
            }
        }
    }

    /** Whether an outline is this one, or has this one inside. */
    private boolean isAround(Outline outline) {
        return self != null && outline.from() <= self.from() && outline.to() >= self.to();
    }

    /** Writes an instruction; answers the number of the next one. */
    private int instruction(int i) {
        switch (tree.code(i)) {
            case Instruction.BLOCK, Instruction.LOOP, Instruction.IF, Instruction.TRY_TABLE ->
                    open(i);
            case Instruction.END -> {
                return end(i);
            }
            case Instruction.LOCAL_GET, Instruction.LOCAL_SET, Instruction.LOCAL_TEE ->
                    code.op(tree.code(i), place(tree.local(i)));
            case Instruction.BR -> branch(tree.target(i));
            case Instruction.BR_IF -> branchIf(i);
            case Instruction.BR_TABLE -> branchTable(i);
            case Instruction.RETURN -> {
                if (self == null) {
                    copy(i);
                } else {
                    branch(0);
                }
            }
            default -> copy(i);
        }
        return i + 1;
    }

    private void copy(int i) {
        written.raw(tree.bytes(), tree.start(i), tree.end(i));
    }

    private int place(int variable) {
        if (places[variable] == NONE) {
            places[variable] = locals.add(types[variable]);
        }
        return places[variable];
    }

    private void open(int i) {
        int block = tree.own(i);
        Outline gathering = gathering(block);
        if (gathering == null) {
            if (tree.code(i) == Instruction.TRY_TABLE) {
                openTry(i);
            } else {
                copy(i);
            }
            opened.put(block, depth++);
        } else if (gathering.entryOf(block) == gathering.entries().length - 1) {
            openBlock();
            gathered.put(gathering, depth - 1);
        }
    }

    /** The outline that is entered behind a block, unless this is its own function. */
    private Outline gathering(int block) {
        Outline outline = switches.get(block);
        return outline == self ? null : outline;
    }

    private void openTry(int i) {
        BinaryReader in = new BinaryReader(tree.bytes(), tree.start(i), tree.end(i));
        in.u8();
        ValueTypes.skip(in);
        written.raw(tree.bytes(), tree.start(i), in.position());
        int clauses = in.u32();
        written.u32(clauses);
        for (int k = 0; k < clauses; k++) {
            int kind = in.u8();
            written.u8(kind);
            if (kind < 2) {
                written.u32(in.u32());
            }
            in.u32();
            // the clauses count from outside of the try
            written.u32(label(tree.targets(i)[k]));
        }
    }

    /** The label of a block that is open. */
    private int label(int block) {
        return depth - 1 - opened.get(block);
    }

    private int end(int i) {
        int block = tree.own(i);
        Outline gathering = gathering(block);
        if (gathering == null) {
            if (block == 0) {
                FunctionEnds.separate(written);
            }
            copy(i);
            depth--;
            opened.remove(block);
            return i + 1;
        }
        if (!tree.endsPath(i - 1)) {
            enter(gathering, block);
        }
        if (gathering.entryOf(block) > 0) {
            throw new IllegalStateException("a block of a chain ends by itself");
        }
        endBlock();
        gathered.remove(gathering);
        call(gathering);
        return gathering.to();
    }

    // ---- branches

    /** Goes to a block that has its values on the stack. */
    private void branch(int target) {
        if (opened.containsKey(target)) {
            code.op(Instruction.BR, label(target));
            return;
        }
        Outline gathering = gathering(target);
        if (gathering != null && gathered.containsKey(gathering)) {
            enter(gathering, target);
            code.op(Instruction.BR, depth - 1 - gathered.get(gathering));
            return;
        }
        int[] carried = tree.carried(target);
        int[] globals = carriedGlobals(self, carried);
        for (int k = carried.length - 1; k >= 0; k--) {
            setGlobal(globals[k]);
        }
        code.i32(self.exit(target)).set(exit);
        code.op(Instruction.BR, depth - 1 - leaving);
    }

    /** The globals for what a branch out of an outline carries: behind those of its locals. */
    private int[] carriedGlobals(Outline outline, int[] carried) {
        int returned = outline.returned().length;
        int[] all = java.util.Arrays.copyOf(typesOf(outline.returned()), returned + carried.length);
        System.arraycopy(carried, 0, all, returned, carried.length);
        int[] globals = transfer.globals(all);
        return java.util.Arrays.copyOfRange(globals, returned, all.length);
    }

    /** Notes by which entry an outline is to be entered. */
    private void enter(Outline outline, int block) {
        code.i32(outline.entryOf(block)).set(entry());
    }

    private int entry() {
        if (entry == NONE) {
            entry = locals.add(ValueTypes.I32);
        }
        return entry;
    }

    private void branchIf(int i) {
        int target = tree.target(i);
        if (opened.containsKey(target)) {
            code.op(Instruction.BR_IF, label(target));
            return;
        }
        int condition = locals.take(ValueTypes.I32);
        code.set(condition);
        int[] kept = keep(tree.carried(target));
        code.get(condition).op(Instruction.IF);
        locals.release(condition);
        written.u8(ValueTypes.EMPTY);
        depth++;
        load(kept);
        branch(target);
        endBlock();
        load(kept);
        release(kept);
    }

    /** Puts values from the stack into locals. */
    private int[] keep(int[] values) {
        int[] kept = new int[values.length];
        for (int k = kept.length - 1; k >= 0; k--) {
            kept[k] = locals.take(values[k]);
            code.set(kept[k]);
        }
        return kept;
    }

    private void load(int[] kept) {
        for (int local : kept) {
            code.get(local);
        }
    }

    private void release(int[] kept) {
        for (int local : kept) {
            locals.release(local);
        }
    }

    private void branchTable(int i) {
        int[] targets = tree.targets(i);
        Set<Integer> indirect = new LinkedHashSet<>();
        for (int target : targets) {
            if (!opened.containsKey(target)) {
                indirect.add(target);
            }
        }
        if (indirect.isEmpty()) {
            code.op(Instruction.BR_TABLE);
            written.u32(targets.length - 1);
            for (int target : targets) {
                written.u32(label(target));
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
        int[] kept = keep(carried);
        Map<Integer, Integer> ways = openWays(indirect);
        code.get(index).op(Instruction.BR_TABLE);
        locals.release(index);
        written.u32(targets.length - 1);
        for (int target : targets) {
            Integer way = ways.get(target);
            written.u32(way == null ? label(target) : way);
        }
        for (int target : indirect) {
            endBlock();
            load(kept);
            branch(target);
        }
        release(kept);
    }

    /** Opens a block for each of some targets; answers the labels of these blocks. */
    private Map<Integer, Integer> openWays(Set<Integer> targets) {
        Map<Integer, Integer> ways = new HashMap<>();
        for (int target : targets) {
            ways.put(target, ways.size());
            openBlock();
        }
        return ways;
    }

    // ---- calls

    private void call(Outline outline) {
        int[] given = outline.given();
        int direct = Math.min(given.length, MOST_PARAMETERS);
        int[] further = further(given);
        int[] through = transfer.globals(typesOf(further));
        for (int k = 0; k < further.length; k++) {
            code.get(place(further[k]));
            setGlobal(through[k]);
        }
        if (outline.isSwitch()) {
            code.get(entry());
        }
        for (int k = 0; k < direct; k++) {
            code.get(place(given[k]));
        }
        code.op(Instruction.CALL);
        open.part(outline.function());
        int answer = NONE;
        if (outline.answers()) {
            answer = locals.take(ValueTypes.I32);
            code.set(answer);
        }
        int[] returned = outline.returned();
        int[] globals = transfer.globals(typesOf(returned));
        for (int k = 0; k < returned.length; k++) {
            getGlobal(globals[k]).set(place(returned[k]));
        }
        if (answer != NONE) {
            leaveBy(outline, answer);
            locals.release(answer);
        } else if (tree.endsPath(outline.to() - 1)) {
            // it never returns, and so nothing is on the stack for what is behind the call
            code.op(Instruction.UNREACHABLE);
        }
    }

    /** Goes on where an outlined function was left to. */
    private void leaveBy(Outline outline, int answer) {
        List<Integer> exits = outline.exits();
        boolean falls = !tree.endsPath(outline.to() - 1);
        if (falls
                && exits.size() == 1
                && opened.containsKey(exits.get(0))
                && tree.carried(exits.get(0)).length == 0) {
            code.get(answer).op(Instruction.BR_IF, label(exits.get(0)));
            return;
        }
        if (!falls && exits.size() == 1) {
            reload(outline, exits.get(0));
            branch(exits.get(0));
            return;
        }
        Set<Integer> indirect = new LinkedHashSet<>();
        for (int target : exits) {
            if (!opened.containsKey(target) || tree.carried(target).length > 0) {
                indirect.add(target);
            }
        }
        // the way to what is behind the call is a block around all others
        openBlock();
        int behind = depth - 1;
        Map<Integer, Integer> ways = openWays(indirect);
        code.get(answer).op(Instruction.BR_TABLE);
        written.u32(exits.size());
        written.u32(depth - 1 - behind);
        for (int target : exits) {
            Integer way = ways.get(target);
            written.u32(way == null ? label(target) : way);
        }
        for (int target : indirect) {
            endBlock();
            reload(outline, target);
            branch(target);
        }
        endBlock();
        if (!falls) {
            code.op(Instruction.UNREACHABLE);
        }
    }

    /** Puts on the stack what a branch out of an outlined function carries. */
    private void reload(Outline outline, int target) {
        for (int global : carriedGlobals(outline, tree.carried(target))) {
            getGlobal(global);
        }
    }
}
