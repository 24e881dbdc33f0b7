package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * A function with legacy exceptions, written with those of today. A {@code try} becomes
 *
 * <pre>
 * block                            what a branch to the try goes to
 *   block (payload of clause 2)
 *     block (payload of clause 1)
 *       try_table (catch ...)      each clause to its block
 *         ...
 *       end
 *       br, out of it all
 *     end
 *     clause 1
 *     br, out of it all
 *   end
 *   clause 2
 * end
 * </pre>
 *
 * A clause that is thrown again catches the reference as well, and keeps it in a local. A {@code
 * delegate} throws what it catches again from a block that lies inside the {@code try} that it
 * names; for one that names the caller that block is around the whole function.
 */
final class TryBlocks {

    private static final int CATCH = 0;
    private static final int CATCH_REF = 1;
    private static final int CATCH_ALL = 2;
    private static final int CATCH_ALL_REF = 3;

    /** The number of a clause that catches everything. */
    private static final int ANYTHING = -1;

    private final ModuleIndex module;
    private final Helpers helpers;
    private final BinaryReader in;
    private final int firstLocal;
    private final int groups;
    private final int groupsAt;
    private final int codeAt;

    /** The blocks that catch, by the offset at which they begin. */
    private final Map<Integer, Catching> catchers = new HashMap<>();

    /** The caller, to which exceptions can be delegated. */
    private final Catching caller = new Catching();

    private final List<Frame> frames = new ArrayList<>();
    private final BinaryWriter body = new BinaryWriter();
    private final Code code = new Code(body);

    /** How many blocks are open in what is written. */
    private int depth;

    private int locals;

    /** A {@code try}, a {@code try_table}, or the caller. */
    private static final class Catching {
        private final List<Integer> tags = new ArrayList<>();
        private final List<Boolean> kept = new ArrayList<>();

        /** Where it hands its exceptions on, when it ends with {@code delegate}. */
        private @Nullable Catching delegate;

        /** Whether exceptions are handed on to it. */
        private boolean receives;

        /** The depth of the block to which these go. */
        private int receiver;

        /** The local with the exception that is handled, or -1. */
        private int local = -1;
    }

    /** A block that is open. */
    private static final class Frame {
        private final int instruction;
        private final @Nullable FunctionType type;
        private final @Nullable Catching catching;

        /** The frame around it whose clauses catch what is thrown in this one's clauses. */
        private final @Nullable Frame outer;

        /** The depth of the block that stands for it. */
        private int depth;

        /** The clause that is open, or -1. */
        private int clause = -1;

        Frame(
                int instruction,
                @Nullable FunctionType type,
                @Nullable Catching catching,
                @Nullable Frame outer) {
            this.instruction = instruction;
            this.type = type;
            this.catching = catching;
            this.outer = outer;
        }

        /** What catches its exceptions, of a block that has clauses. */
        Catching catching() {
            return Objects.requireNonNull(catching);
        }

        FunctionType type() {
            return Objects.requireNonNull(type);
        }

        boolean isTry() {
            return instruction == Instruction.TRY;
        }

        /** The frame that catches what is thrown in it; null for the caller. */
        @Nullable
        Frame catcher() {
            return catching != null && clause < 0 ? this : outer;
        }
    }

    TryBlocks(ModuleIndex module, Helpers helpers, FunctionType type, BinaryReader in) {
        this.module = module;
        this.helpers = helpers;
        this.in = in;
        this.groups = in.count("groups of locals", 2);
        this.groupsAt = in.position();
        int count = type.parameters().length;
        for (int i = 0; i < groups; i++) {
            count += in.u32();
            ValueTypes.read(in);
        }
        this.firstLocal = count;
        this.codeAt = in.position();
    }

    /** The function, written anew: locals and code. */
    BinaryWriter write() {
        survey();
        in.seek(codeAt);
        rewrite();
        BinaryWriter out = new BinaryWriter(body.size() + 64);
        out.u32(groups + (locals > 0 ? 1 : 0)).raw(in.bytes(), groupsAt, codeAt);
        if (locals > 0) {
            out.u32(locals).u8(ValueTypes.EXNREF);
        }
        return out.raw(body);
    }

    // ---- which clauses are thrown again, and which block delegates to which

    private void survey() {
        frames.add(new Frame(Instruction.BLOCK, null, null, null));
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = Instructions.read(in);
            switch (instruction.code()) {
                case Instruction.TRY, Instruction.TRY_TABLE -> {
                    instruction.skipImmediates(in);
                    Catching catching = new Catching();
                    catchers.put(start, catching);
                    push(instruction, null, catching);
                }
                case Instruction.BLOCK, Instruction.LOOP, Instruction.IF -> {
                    instruction.skipImmediates(in);
                    push(instruction, null, null);
                }
                case Instruction.END -> pop();
                case Instruction.CATCH -> clause(top(), in.u32());
                case Instruction.CATCH_ALL -> clause(top(), ANYTHING);
                case Instruction.DELEGATE -> {
                    Frame frame = pop();
                    requireTry(frame);
                    Frame target = frame(in.u32()).catcher();
                    frame.catching().delegate = target == null ? caller : target.catching();
                }
                case Instruction.RETHROW -> {
                    Frame frame = frame(in.u32());
                    requireTry(frame);
                    if (frame.clause < 0) {
                        throw in.malformed("a rethrow outside of a clause");
                    }
                    frame.catching().kept.set(frame.clause, true);
                    if (frame.catching().local < 0) {
                        frame.catching().local = firstLocal + locals++;
                    }
                }
                default -> instruction.skipImmediates(in);
            }
        }
        frames.clear();
        for (Catching each : catchers.values()) {
            if (each.delegate != null) {
                each.delegate = last(each.delegate);
                each.delegate.receives = true;
            }
        }
    }

    /** The handler that catches in the end what another one may delegate to it. */
    private static Catching last(Catching first) {
        Catching last = first;
        while (last.delegate != null) {
            last = last.delegate;
        }
        Catching each = first;
        while (each.delegate != null) {
            Catching next = each.delegate;
            each.delegate = last;
            each = next;
        }
        return last;
    }

    private void push(
            Instruction instruction, @Nullable FunctionType type, @Nullable Catching catching) {
        frames.add(new Frame(instruction.code(), type, catching, top().catcher()));
    }

    private Frame top() {
        return frame(0);
    }

    private Frame pop() {
        Frame frame = top();
        frames.remove(frames.size() - 1);
        return frame;
    }

    private Frame frame(int label) {
        if (label < 0 || label >= frames.size()) {
            throw in.malformed("there is no block " + Integer.toUnsignedString(label));
        }
        return frames.get(frames.size() - 1 - label);
    }

    private void clause(Frame frame, int tag) {
        requireTry(frame);
        frame.clause++;
        frame.catching().tags.add(tag);
        frame.catching().kept.add(false);
    }

    private void requireTry(Frame frame) {
        if (!frame.isTry()) {
            throw in.malformed("a clause outside of a try");
        }
    }

    // ---- the new code

    private void rewrite() {
        Frame function = new Frame(Instruction.BLOCK, null, null, null);
        frames.add(function);
        depth = 1;
        if (caller.receives) {
            code.op(Instruction.BLOCK);
            body.u8(ValueTypes.EXNREF);
            caller.receiver = depth++;
        }
        while (in.hasMore()) {
            int start = in.position();
            Instruction instruction = Instructions.read(in);
            switch (instruction.code()) {
                case Instruction.BLOCK, Instruction.LOOP, Instruction.IF -> {
                    instruction.skipImmediates(in);
                    copy(start);
                    open(instruction, null, null);
                    depth++;
                }
                case Instruction.TRY ->
                        openTry(instruction, Objects.requireNonNull(catchers.get(start)));
                case Instruction.TRY_TABLE -> openTable(instruction, start);
                case Instruction.CATCH -> {
                    in.u32();
                    nextClause();
                }
                case Instruction.CATCH_ALL -> nextClause();
                case Instruction.RETHROW -> {
                    code.get(frame(in.u32()).catching().local).op(Instruction.THROW_REF);
                }
                case Instruction.DELEGATE -> {
                    in.u32();
                    Frame frame = pop();
                    closeReceiver(frame);
                    end();
                }
                case Instruction.END -> close();
                case Instruction.BR,
                        Instruction.BR_IF,
                        Instruction.BR_ON_NULL,
                        Instruction.BR_ON_NON_NULL ->
                        code.op(instruction.code(), label(in.u32()));
                case Instruction.BR_TABLE -> {
                    int count = in.count("labels", 1);
                    code.op(instruction.code(), count);
                    for (int i = 0; i <= count; i++) {
                        body.u32(label(in.u32()));
                    }
                }
                default -> {
                    if (instruction.immediates().contains(Immediate.LABEL)) {
                        throw new UnsupportedException(
                                "uses " + instruction.name() + " together with legacy exceptions");
                    }
                    instruction.skipImmediates(in);
                    copy(start);
                }
            }
        }
    }

    private void copy(int start) {
        body.raw(in.bytes(), start, in.position());
    }

    private Frame open(
            Instruction instruction, @Nullable FunctionType type, @Nullable Catching catching) {
        push(instruction, type, catching);
        top().depth = depth;
        return top();
    }

    private int label(int label) {
        return depth - 1 - frame(label).depth;
    }

    private void end() {
        code.op(Instruction.END);
        depth--;
    }

    private void openTry(Instruction instruction, Catching catching) {
        int at = in.position();
        FunctionType type = module.blockType(in);
        int end = in.position();
        Frame frame = open(instruction, type, catching);
        if (catching.delegate != null) {
            code.op(Instruction.TRY_TABLE);
            body.raw(in.bytes(), at, end).u32(1).u8(CATCH_ALL_REF);
            body.u32(depth - 1 - catching.delegate.receiver);
            depth++;
            return;
        }
        code.op(Instruction.BLOCK);
        body.raw(in.bytes(), at, end);
        depth++;
        int clauses = catching.tags.size();
        for (int i = clauses - 1; i >= 0; i--) {
            code.op(Instruction.BLOCK);
            writeType(type.parameters(), payload(catching, i));
            depth++;
        }
        code.op(Instruction.TRY_TABLE);
        body.raw(in.bytes(), at, end).u32(clauses);
        for (int i = 0; i < clauses; i++) {
            int tag = catching.tags.get(i);
            boolean kept = catching.kept.get(i);
            if (tag == ANYTHING) {
                body.u8(kept ? CATCH_ALL_REF : CATCH_ALL);
            } else {
                body.u8(kept ? CATCH_REF : CATCH).u32(tag);
            }
            body.u32(i);
        }
        depth++;
        openReceiver(frame);
    }

    private int[] payload(Catching catching, int clause) {
        int tag = catching.tags.get(clause);
        int[] values = tag == ANYTHING ? new int[0] : module.tagType(tag).parameters();
        if (!catching.kept.get(clause)) {
            return values;
        }
        int[] withReference = java.util.Arrays.copyOf(values, values.length + 1);
        withReference[values.length] = ValueTypes.EXNREF;
        return withReference;
    }

    private void writeType(int[] parameters, int[] results) {
        if (parameters.length == 0 && results.length == 0) {
            body.u8(ValueTypes.EMPTY);
        } else if (parameters.length == 0 && results.length == 1) {
            ValueTypes.write(body, results[0]);
        } else {
            body.signed(helpers.type(parameters, results));
        }
    }

    private void openTable(Instruction instruction, int start) {
        FunctionType type = module.blockType(in);
        copy(start);
        int clauses = in.count("clauses", 2);
        body.u32(clauses);
        for (int i = 0; i < clauses; i++) {
            int kind = in.u8();
            body.u8(kind);
            if (kind < CATCH_ALL) {
                body.u32(in.u32());
            }
            body.u32(label(in.u32()));
        }
        Frame frame = open(instruction, type, catchers.get(start));
        depth++;
        openReceiver(frame);
    }

    /** The block inside a {@code try_table} to which exceptions are handed on. */
    private void openReceiver(Frame frame) {
        if (frame.catching().receives) {
            code.op(Instruction.BLOCK);
            writeType(frame.type().parameters(), new int[] {ValueTypes.EXNREF});
            frame.catching().receiver = depth++;
        }
    }

    private void closeReceiver(Frame frame) {
        if (frame.catching().receives && frame.clause < 0) {
            code.op(Instruction.BR, 1);
            end();
            code.op(Instruction.THROW_REF);
        }
    }

    /** Ends what was open of a try: its body, or a clause. */
    private void nextClause() {
        Frame frame = top();
        endPart(frame);
        frame.clause++;
        end();
        if (frame.catching().kept.get(frame.clause)) {
            code.set(frame.catching().local);
        }
    }

    private void endPart(Frame frame) {
        if (frame.clause < 0) {
            closeReceiver(frame);
            end();
        }
        code.op(Instruction.BR, depth - 1 - frame.depth);
    }

    private void close() {
        Frame frame = pop();
        if (frames.isEmpty() && caller.receives) {
            code.op(Instruction.RETURN).op(Instruction.END).op(Instruction.THROW_REF);
            code.op(Instruction.END);
            return;
        }
        if (frame.isTry()) {
            if (frame.clause < 0) {
                endPart(frame);
            }
        } else if (frame.instruction == Instruction.TRY_TABLE) {
            closeReceiver(frame);
        }
        end();
    }
}
