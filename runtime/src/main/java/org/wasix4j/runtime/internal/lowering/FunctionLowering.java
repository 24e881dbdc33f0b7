package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.wasix4j.types.Nullable;

/**
 * Writes a function without {@code v128} and wide arithmetic: walks through its instructions, keeps
 * the {@link OperandStack}, and leaves vectors to {@link VectorOperations}.
 *
 * <p>Blocks, branches and calls pass a vector as two i64. Code that cannot be reached is left out.
 */
final class FunctionLowering {

    /** So many values are saved for each byte of a function, lest it grow without bound. */
    private static final long SAVED_PER_BYTE = 4;

    private final VectorLowering unit;
    private final ModuleIndex module;
    private final BinaryReader in;
    private final FunctionType type;
    private final BinaryWriter written = new BinaryWriter();
    private final Code code = new Code(written);
    private final LoweredValues values;
    private final LocalPool locals;
    private final OperandStack stack;
    private final List<Frame> frames = new ArrayList<>();

    /** The offsets of the blocks that catch exceptions, or have one inside that does. */
    private final BitSet catching;

    private final int codeAt;

    /** Whether values were saved while such a block is open. */
    private boolean saves;

    private long savedValues;

    /** A block that is open. */
    private static final class Frame {
        private final int instruction;
        private final int height;
        private final FunctionType type;
        private final int loops;
        private boolean dead;

        /** What {@link ConstantLocals} receive at the end. */
        private int constants;

        /** The locals with the values that are to lie under its results. */
        private int[] saved = {};

        /** Up to which height values were saved before. */
        private int savedTo;

        Frame(int instruction, int height, FunctionType type, int loops) {
            this.instruction = instruction;
            this.height = height;
            this.type = type;
            this.loops = loops;
        }

        /** What a branch to it carries. */
        int[] label() {
            return instruction == Instruction.LOOP ? type.parameters() : type.results();
        }
    }

    private FunctionLowering(
            VectorLowering unit,
            FunctionType type,
            int[] types,
            BinaryReader in,
            Shapes shapes,
            boolean exceptions) {
        this.unit = unit;
        this.module = unit.module();
        this.in = in;
        this.type = type;
        this.values = new LoweredValues(unit, types, in, code, shapes);
        this.locals = values.locals();
        this.stack = values.stack();
        this.codeAt = in.position();
        this.catching = exceptions ? Catchers.of(in) : new BitSet();
    }

    /**
     * The function, written anew: locals and code.
     *
     * @param body the function as it was
     * @param vectors whether it may have vectors or wide arithmetic; else it is only written anew
     *     when it throws over values on the stack
     * @param exceptions whether it may have a {@code try_table}
     * @return null when there is no need
     */
    static @Nullable BinaryWriter lower(
            VectorLowering unit,
            FunctionType type,
            BinaryReader body,
            boolean vectors,
            boolean exceptions) {
        int[] types = LoweredValues.localTypes(type, body);
        int start = body.position();
        Shapes shapes = new Shapes(types.length, body.end() - start);
        if (ValueTypes.hasVector(types)) {
            BinaryReader ballot = new BinaryReader(body.bytes(), start, body.end());
            new FunctionLowering(unit, type, types, ballot, shapes, exceptions).run();
        }
        shapes.count();
        FunctionLowering lowering =
                new FunctionLowering(unit, type, types, body, shapes, exceptions);
        lowering.run();
        if (!vectors && !lowering.saves) {
            return null;
        }
        BinaryWriter out = new BinaryWriter(lowering.written.size() + 64);
        lowering.locals.write(out);
        return out.raw(lowering.written);
    }

    // ---- the walk

    private void run() {
        values.begin(type.parameters());
        frames.add(
                new Frame(Instruction.BLOCK, 0, new FunctionType(new int[0], type.results()), 0));
        while (in.hasMore()) {
            if (frames.isEmpty()) {
                throw in.malformed("code behind the end of a function");
            }
            instruction();
        }
        if (!frames.isEmpty()) {
            throw in.malformed("a function without its end");
        }
    }

    private void instruction() {
        int start = in.position();
        Instruction instruction = Instructions.read(in);
        if (instruction.prefix() == Instruction.SIMD) {
            VectorOperations.lower(instruction, values);
        } else if (instruction.operands() == null) {
            irregular(instruction, start);
        } else if (instruction.code() >= Instruction.FIRST_WIDE
                && instruction.code() <= Instruction.LAST_WIDE) {
            WideArithmetic.lower(instruction, values);
        } else if (instruction.code() == Instruction.I32_CONST) {
            int value = in.s32();
            if (!VectorOperations.lowerShift(value, values)) {
                code.i32(value);
                stack.push(ValueTypes.I32);
            }
        } else {
            instruction.skipImmediates(in);
            copy(start);
            apply(instruction.operands(), Objects.requireNonNull(instruction.results()));
        }
    }

    private void copy(int start) {
        written.raw(in.bytes(), start, in.position());
    }

    /** Pops and pushes values that are on the real stack. */
    private void apply(int[] operands, int[] results) {
        for (int i = 0; i < operands.length; i++) {
            stack.pop();
        }
        for (int result : results) {
            stack.push(result);
        }
    }

    private void irregular(Instruction instruction, int start) {
        switch (instruction.code()) {
            case Instruction.BLOCK, Instruction.LOOP, Instruction.IF, Instruction.TRY_TABLE ->
                    open(instruction);
            case Instruction.ELSE -> {
                Frame frame = close();
                code.op(Instruction.ELSE);
                Frame otherwise =
                        new Frame(Instruction.ELSE, frame.height, frame.type, frame.loops);
                otherwise.constants = values.constants().open(false);
                otherwise.saved = frame.saved;
                otherwise.savedTo = frame.savedTo;
                frames.add(otherwise);
                stack.absorb(frame.type.parameters());
            }
            case Instruction.END -> {
                Frame frame = close();
                code.op(Instruction.END);
                if (!frames.isEmpty()) {
                    stack.restore(frame.saved, frame.type.results(), frame.savedTo);
                    stack.absorb(frame.type.results());
                }
            }
            case Instruction.BR -> {
                branch(in.u32(), start);
                endPath();
            }
            case Instruction.BR_IF -> branchIf(in.u32(), start);
            case Instruction.BR_TABLE -> {
                instruction.skipImmediates(in);
                int end = in.position();
                in.seek(start + 1);
                in.u32();
                int[] label = frame(in.u32()).label();
                in.seek(end);
                if (ValueTypes.hasVector(label)) {
                    int index = values.popToLocal();
                    stack.materialize(label.length);
                    code.get(index);
                    locals.release(index);
                }
                copy(start);
                endPath();
            }
            case Instruction.UNREACHABLE, Instruction.THROW_REF -> {
                copy(start);
                endPath();
            }
            case Instruction.THROW -> {
                stack.materialize(module.tagType(in.u32()).parameters().length);
                copy(start);
                endPath();
            }
            case Instruction.RETURN -> {
                stack.materialize(type.results().length);
                copy(start);
                endPath();
            }
            case Instruction.CALL, Instruction.RETURN_CALL ->
                    call(module.functionType(in.u32()), false, start);
            case Instruction.CALL_INDIRECT, Instruction.RETURN_CALL_INDIRECT -> {
                FunctionType called = module.type(in.u32());
                in.u32();
                call(called, true, start);
            }
            case Instruction.CALL_REF, Instruction.RETURN_CALL_REF ->
                    call(module.type(in.u32()), true, start);
            case Instruction.DROP -> {
                if (stack.topType() == ValueTypes.V128) {
                    stack.release(stack.popVector());
                } else {
                    stack.pop();
                    copy(start);
                }
            }
            case Instruction.SELECT, Instruction.SELECT_TYPED -> {
                instruction.skipImmediates(in);
                select(start);
            }
            case Instruction.LOCAL_GET, Instruction.LOCAL_SET, Instruction.LOCAL_TEE ->
                    values.local(instruction.code(), in.u32());
            case Instruction.GLOBAL_GET, Instruction.GLOBAL_SET ->
                    global(instruction.code(), in.u32());
            default -> reference(instruction, start);
        }
    }

    // ---- blocks and branches

    private void open(Instruction instruction) {
        int condition = -1;
        int at = in.position();
        boolean catches = catching.get(at - 1 - codeAt);
        FunctionType block = module.blockType(in);
        int end = in.position();
        if (instruction.code() == Instruction.IF) {
            if (catches || ValueTypes.hasVector(block.parameters())) {
                condition = values.popToLocal();
            } else {
                stack.pop();
            }
        }
        stack.settle();
        stack.materialize(block.parameters().length);
        int savedTo = stack.savedTo();
        int[] saved = catches ? stack.save(block.parameters()) : new int[0];
        saves |= saved.length > 0;
        savedValues += saved.length;
        if (savedValues > SAVED_PER_BYTE * (in.end() - codeAt)) {
            throw new UnsupportedException(
                    "has too many values on its stack while it catches exceptions");
        }
        if (condition >= 0) {
            code.get(condition);
            locals.release(condition);
        }
        code.op(instruction.code());
        if (block.hasVector()) {
            written.signed(unit.loweredType(block));
        } else {
            written.raw(in.bytes(), at, end);
        }
        if (instruction.code() == Instruction.TRY_TABLE) {
            int clauses = in.position();
            Immediate.CATCHES.skip(in);
            copy(clauses);
        }
        int loops = frame(0).loops + (instruction.code() == Instruction.LOOP ? 1 : 0);
        values.loops(loops);
        Frame frame = new Frame(instruction.code(), stack.size(), block, loops);
        frame.constants = values.constants().open(instruction.code() == Instruction.LOOP);
        frame.saved = saved;
        frame.savedTo = savedTo;
        frames.add(frame);
        stack.absorb(block.parameters());
    }

    /** Ends the code of a block, or of its first branch. */
    private Frame close() {
        Frame frame = frames.remove(frames.size() - 1);
        values.constants().close(frame.constants);
        // an else goes on as the if
        values.loops(frames.isEmpty() ? 0 : frame(0).loops);
        if (!frame.dead) {
            stack.materialize(frame.type.results().length);
        }
        if (stack.size() < frame.height) {
            throw in.malformed("a block that takes what it was not given");
        }
        stack.cut(frame.height);
        return frame;
    }

    /** Skips what cannot be reached, up to the end of the block or the else of an if. */
    private void endPath() {
        Frame frame = frames.get(frames.size() - 1);
        frame.dead = true;
        stack.cut(frame.height);
        Instructions.skipUnreachable(in);
    }

    private Frame frame(int label) {
        if (label < 0 || label >= frames.size()) {
            throw in.malformed("there is no block " + Integer.toUnsignedString(label));
        }
        return frames.get(frames.size() - 1 - label);
    }

    private void branch(int label, int start) {
        int[] carried = frame(label).label();
        if (ValueTypes.hasVector(carried)) {
            stack.materialize(carried.length);
        }
        copy(start);
    }

    private void branchIf(int label, int start) {
        int[] carried = frame(label).label();
        if (!ValueTypes.hasVector(carried)) {
            stack.pop();
            copy(start);
            return;
        }
        int condition = values.popToLocal();
        stack.materialize(carried.length);
        code.get(condition);
        locals.release(condition);
        copy(start);
        stack.absorb(carried);
    }

    private void call(FunctionType called, boolean indirect, int start) {
        int[] parameters = called.parameters();
        if (indirect) {
            if (ValueTypes.hasVector(parameters)) {
                int target = values.popToLocal();
                stack.materialize(parameters.length);
                code.get(target);
                locals.release(target);
            } else {
                stack.pop();
                stack.materialize(parameters.length);
            }
        } else {
            stack.materialize(parameters.length);
        }
        copy(start);
        int instruction = in.bytes()[start];
        if (instruction == Instruction.RETURN_CALL
                || instruction == Instruction.RETURN_CALL_INDIRECT
                || instruction == Instruction.RETURN_CALL_REF) {
            endPath();
        } else {
            stack.absorb(called.results());
        }
    }

    private void select(int start) {
        stack.pop();
        if (stack.topType() == ValueTypes.V128) {
            values.select();
            return;
        }
        int result = stack.pop();
        stack.pop();
        stack.push(result);
        copy(start);
    }

    // ---- globals

    private void global(int instruction, int global) {
        int type = module.globalType(global);
        int place = unit.global(global);
        if (type != ValueTypes.V128) {
            code.op(instruction, place);
            if (instruction == Instruction.GLOBAL_GET) {
                stack.push(type);
            } else {
                stack.pop();
            }
            return;
        }
        int upper = unit.upperGlobal(global);
        if (instruction == Instruction.GLOBAL_GET) {
            code.op(instruction, place).op(instruction, upper);
            stack.absorb(new int[] {type});
        } else {
            stack.materialize(1);
            code.op(instruction, upper).op(instruction, place);
        }
    }

    // ---- references

    private void reference(Instruction instruction, int start) {
        instruction.skipImmediates(in);
        BinaryReader immediates = new BinaryReader(in.bytes(), start + 1, in.position());
        switch (instruction.code()) {
            case Instruction.TABLE_GET -> {
                stack.pop();
                stack.push(module.tableType(immediates.u32()));
            }
            case Instruction.TABLE_SET -> {
                stack.pop();
                stack.pop();
            }
            case Instruction.TABLE_GROW -> {
                stack.pop();
                stack.pop();
                stack.push(ValueTypes.I32);
            }
            case Instruction.TABLE_FILL -> {
                stack.pop();
                stack.pop();
                stack.pop();
            }
            case Instruction.REF_NULL -> stack.push(ValueTypes.nullable(immediates.s33()));
            case Instruction.REF_FUNC -> stack.push(ValueTypes.FUNCREF);
            case Instruction.REF_IS_NULL -> {
                stack.pop();
                stack.push(ValueTypes.I32);
            }
            case Instruction.REF_EQ -> {
                stack.pop();
                stack.pop();
                stack.push(ValueTypes.I32);
            }
            case Instruction.REF_AS_NON_NULL -> stack.push(ValueTypes.nonNull(stack.pop()));
            case Instruction.BR_ON_NULL -> {
                refuseVectors(frame(immediates.u32()), instruction);
                stack.push(ValueTypes.nonNull(stack.pop()));
            }
            case Instruction.BR_ON_NON_NULL -> {
                refuseVectors(frame(immediates.u32()), instruction);
                stack.pop();
            }
            default ->
                    throw new UnsupportedException(
                            "uses " + instruction.name() + " together with SIMD");
        }
        copy(start);
    }

    private static void refuseVectors(Frame target, Instruction instruction) {
        if (ValueTypes.hasVector(target.label())) {
            throw new UnsupportedException(
                    "uses " + instruction.name() + " with a v128 on the stack");
        }
    }
}
