package org.wasix4j.runtime.internal.lowering;

import java.util.Map;
import org.wasix4j.types.Nullable;

/**
 * Writes a function whose outlines are calls, or the function of an outline.
 *
 * <p>An outlined function is given locals as parameters. It gives those that it changed back in
 * globals of the module, which are not read or written between its end and what is behind the call;
 * and it answers by which way it was left.
 */
final class OutlineWriter {

    /** So many locals are given as parameters, the others in globals. */
    private static final int MOST_PARAMETERS = 60;

    private static final int NONE = -1;

    private final BlockTree tree;
    private final int[] types;

    /** The outline whose function this is, or null. */
    private final @Nullable Outline self;

    /** By instruction: the largest outline that begins there. */
    private final Map<Integer, Outline> starts;

    private final OutlineScope scope;
    private final OutlineBranches branches;
    private final BinaryWriter written;
    private final Code code;
    private final LocalPool locals;

    /** The local that says by which way an outlined function is left. */
    private int exit = NONE;

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
            @Nullable Outline self,
            Map<Integer, Outline> starts,
            Map<Integer, Outline> switches) {
        this.tree = tree;
        this.types = types;
        this.self = self;
        this.starts = starts;
        this.scope = new OutlineScope(tree, types, transfer);
        this.branches = new OutlineBranches(scope, self, switches);
        this.written = scope.written();
        this.code = scope.code();
        this.locals = scope.locals();
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
            writer.scope.add(i);
            if (i + 1 == parameters) {
                writer.locals.endParameters();
            }
        }
        writer.scope.open(0);
        writer.walk(0, tree.size());
        return writer.scope.finish();
    }

    /** A function without outlines that is written piece by piece; its locals are parameters. */
    static OutlineWriter ofPieces(BlockTree tree, int[] types) {
        Transfer none = values -> new int[values.length];
        OutlineWriter writer = new OutlineWriter(tree, types, none, null, Map.of(), Map.of());
        for (int i = 0; i < types.length; i++) {
            writer.scope.add(i);
        }
        writer.locals.endParameters();
        return writer;
    }

    /** Where it is written. */
    OutlineScope scope() {
        return scope;
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
        int[] parameters = writer.enter(self);
        writer.body(self);
        boolean answers = writer.leave(self);
        int[] results = answers ? new int[] {ValueTypes.I32} : new int[0];
        return new Written(new FunctionType(parameters, results), writer.scope.finish(), answers);
    }

    /** A function that was written. */
    record Written(FunctionType type, OpenCode body, boolean answers) {}

    // ---- the frame of an outlined function

    /** Takes what it is given; answers the types of its parameters. */
    private int[] enter(Outline self) {
        int[] given = self.given();
        int direct = Math.min(given.length, MOST_PARAMETERS);
        int first = self.isSwitch() ? 1 : 0;
        int[] parameters = new int[first + direct];
        if (self.isSwitch()) {
            parameters[0] = ValueTypes.I32;
            branches.entryIn(locals.add(ValueTypes.I32));
        }
        for (int i = 0; i < direct; i++) {
            parameters[first + i] = types[given[i]];
            scope.add(given[i]);
        }
        locals.endParameters();
        int[] further = further(given);
        int[] globals = scope.globals(scope.typesOf(further));
        for (int i = 0; i < further.length; i++) {
            scope.getGlobal(globals[i]).set(scope.place(further[i]));
        }
        return parameters;
    }

    private static int[] further(int[] given) {
        return given.length <= MOST_PARAMETERS
                ? new int[0]
                : java.util.Arrays.copyOfRange(given, MOST_PARAMETERS, given.length);
    }

    private void body(Outline self) {
        exit = locals.take(ValueTypes.I32);
        scope.opened();
        branches.leaveThrough(exit, scope.openBlock());
        if (!self.isSwitch()) {
            walk(self.from(), self.to());
            return;
        }
        int[] entries = self.entries();
        for (int i = entries.length - 1; i >= 0; i--) {
            scope.stands(entries[i], scope.openBlock());
        }
        code.get(branches.entry()).op(Instruction.BR_TABLE);
        written.u32(entries.length - 1);
        for (int i = 0; i < entries.length; i++) {
            written.u32(i);
        }
        walk(self.from() - 1, self.to());
    }

    /** Gives back what it changed; answers whether it tells by which way it was left. */
    private boolean leave(Outline self) {
        scope.endBlock();
        int[] returned = self.returned();
        int[] globals = scope.globals(scope.typesOf(returned));
        for (int i = 0; i < returned.length; i++) {
            code.get(scope.place(returned[i]));
            scope.setGlobal(globals[i]);
        }
        boolean answers = !self.exits().isEmpty();
        if (answers) {
            code.get(exit);
        }
        code.op(Instruction.END);
        return answers;
    }

    // ---- the walk

    /** Writes the instructions from one to in front of another. */
    void walk(int from, int to) {
        int i = from;
        while (i < to) {
            Outline outline = starts.isEmpty() ? null : starts.get(i);
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
                    code.op(tree.code(i), scope.place(tree.local(i)));
            case Instruction.BR -> branches.branch(tree.target(i));
            case Instruction.BR_IF -> branches.branchIf(i);
            case Instruction.BR_TABLE -> branches.branchTable(i);
            case Instruction.RETURN -> {
                if (self == null) {
                    scope.copy(i);
                } else {
                    branches.branch(0);
                }
            }
            default -> scope.copy(i);
        }
        return i + 1;
    }

    private void open(int i) {
        int block = tree.own(i);
        Outline gathering = branches.gathering(block);
        if (gathering == null) {
            if (tree.code(i) == Instruction.TRY_TABLE) {
                openTry(i);
            } else {
                scope.copy(i);
            }
            scope.open(block);
        } else if (gathering.entryOf(block) == gathering.entries().length - 1) {
            branches.gather(gathering, scope.openBlock());
        }
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
            written.u32(scope.label(tree.targets(i)[k]));
        }
    }

    private int end(int i) {
        int block = tree.own(i);
        Outline gathering = branches.gathering(block);
        if (gathering == null) {
            if (block == 0) {
                FunctionEnds.separate(written);
            }
            scope.copy(i);
            scope.close(block);
            return i + 1;
        }
        if (!tree.endsPath(i - 1)) {
            branches.enter(gathering, block);
        }
        if (gathering.entryOf(block) > 0) {
            throw new IllegalStateException("a block of a chain ends by itself");
        }
        scope.endBlock();
        branches.gather(gathering, NONE);
        call(gathering);
        return gathering.to();
    }

    // ---- calls

    private void call(Outline outline) {
        int[] given = outline.given();
        int direct = Math.min(given.length, MOST_PARAMETERS);
        int[] further = further(given);
        int[] through = scope.globals(scope.typesOf(further));
        for (int k = 0; k < further.length; k++) {
            code.get(scope.place(further[k]));
            scope.setGlobal(through[k]);
        }
        if (outline.isSwitch()) {
            code.get(branches.entry());
        }
        for (int k = 0; k < direct; k++) {
            code.get(scope.place(given[k]));
        }
        scope.call(outline.function());
        int answer = NONE;
        if (outline.answers()) {
            answer = locals.take(ValueTypes.I32);
            code.set(answer);
        }
        int[] returned = outline.returned();
        int[] globals = scope.globals(scope.typesOf(returned));
        for (int k = 0; k < returned.length; k++) {
            scope.getGlobal(globals[k]).set(scope.place(returned[k]));
        }
        if (answer != NONE) {
            branches.leaveBy(outline, answer);
            locals.release(answer);
        } else if (tree.endsPath(outline.to() - 1)) {
            // it never returns, and so nothing is on the stack for what is behind the call
            code.op(Instruction.UNREACHABLE);
        }
    }
}
