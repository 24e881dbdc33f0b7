package org.wasix4j.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

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
    private final Shapes shapes;
    private final BinaryWriter written = new BinaryWriter();
    private final Code code = new Code(written);
    private final LocalPool locals = new LocalPool();
    private final OperandStack stack = new OperandStack(code, locals);
    private final List<Frame> frames = new ArrayList<>();

    /** The types of the function's own locals. */
    private final int[] types;

    /** Where each of them is in the function that is written. */
    private final int[][] places;

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
            VectorLowering unit, FunctionType type, int[] types, BinaryReader in, Shapes shapes) {
        this.unit = unit;
        this.module = unit.module();
        this.in = in;
        this.type = type;
        this.types = types;
        this.shapes = shapes;
        this.places = new int[types.length][];
        this.codeAt = in.position();
        this.catching = Catchers.of(in);
    }

    /**
     * The function, written anew: locals and code.
     *
     * @param body the function as it was
     * @param vectors whether it may have vectors or wide arithmetic; else it is only written anew
     *     when it throws over values on the stack
     * @return null when there is no need
     */
    static BinaryWriter lower(
            VectorLowering unit, FunctionType type, BinaryReader body, boolean vectors) {
        int[] types = localTypes(type, body);
        int start = body.position();
        Shapes shapes = new Shapes(types.length, body.end() - start);
        if (ValueTypes.hasVector(types)) {
            BinaryReader ballot = new BinaryReader(body.bytes(), start, body.end());
            new FunctionLowering(unit, type, types, ballot, shapes).run();
        }
        shapes.count();
        FunctionLowering lowering = new FunctionLowering(unit, type, types, body, shapes);
        lowering.run();
        if (!vectors && !lowering.saves) {
            return null;
        }
        BinaryWriter out = new BinaryWriter(lowering.written.size() + 64);
        lowering.locals.write(out);
        return out.raw(lowering.written);
    }

    /** The types of a function's locals, the parameters first. */
    static int[] localTypes(FunctionType type, BinaryReader in) {
        int[] parameters = type.parameters();
        int groups = in.count("groups of locals", 2);
        int[] counts = new int[groups];
        int[] types = new int[groups];
        int count = parameters.length;
        for (int i = 0; i < groups; i++) {
            counts[i] = in.u32();
            types[i] = ValueTypes.read(in);
            count += counts[i];
        }
        int[] all = java.util.Arrays.copyOf(parameters, count);
        int next = parameters.length;
        for (int i = 0; i < groups; i++) {
            java.util.Arrays.fill(all, next, next + counts[i], types[i]);
            next += counts[i];
        }
        return all;
    }

    // ---- what VectorOperations works with

    ModuleIndex module() {
        return module;
    }

    Helpers helpers() {
        return unit.helpers();
    }

    BinaryReader in() {
        return in;
    }

    Code code() {
        return code;
    }

    OperandStack stack() {
        return stack;
    }

    LocalPool locals() {
        return locals;
    }

    Shapes shapes() {
        return shapes;
    }

    /** Pops a value that is no vector into a temporary local, which the caller releases. */
    int popToLocal() {
        int local = locals.take(stack.pop());
        code.set(local);
        return local;
    }

    /** Pops a vector that is wanted in a shape. */
    Vector pop(Shape wanted) {
        Vector vector = stack.popVector();
        shapes.vote(vector.origin(), wanted, loops());
        return vector;
    }

    private int loops() {
        return frames.get(frames.size() - 1).loops;
    }

    /** What each part of a result is. */
    interface Parts {

        /** A part of it. */
        Value of(int part);
    }

    /**
     * Pushes a vector, each part of which is made of the parts of the operands at the same place;
     * the operands are released. Goes right to its local when the next instruction puts it there.
     */
    void map(Shape shape, Parts parts, Vector... operands) {
        push(shape, parts, true, operands);
    }

    /** Pushes a vector whose parts are made of any parts of the operands; these are released. */
    void gather(Shape shape, Parts parts, Vector... operands) {
        push(shape, parts, false, operands);
    }

    private void push(Shape shape, Parts parts, boolean inPlace, Vector... operands) {
        int start = in.position();
        int variable = nextAssigned(shape);
        boolean tee = variable < 0;
        if (variable != Integer.MAX_VALUE) {
            variable = tee ? ~variable : variable;
            if (isSafe(places[variable], shape, inPlace, operands)) {
                for (int place : places[variable]) {
                    stack.spill(place);
                }
                for (int i = 0; i < shape.parts(); i++) {
                    code.value(parts.of(i)).set(places[variable][i]);
                }
                shapes.vote(variable, shape, loops());
                release(operands);
                if (tee) {
                    pushLocal(variable);
                }
                return;
            }
            in.seek(start);
        }
        int[] places = new int[shape.parts()];
        for (int i = 0; i < places.length; i++) {
            places[i] = locals.take(shape.type());
        }
        for (int i = 0; i < places.length; i++) {
            code.value(parts.of(i)).set(places[i]);
        }
        release(operands);
        stack.push(Vector.in(shape, places, Shapes.NONE));
    }

    /** Pushes what a load reads, in a shape that is up to what becomes of it. */
    void load(Shape shape, Parts parts, int variable) {
        if (peekAssigned() != Integer.MAX_VALUE) {
            map(shape, parts);
            return;
        }
        int[] places = new int[shape.parts()];
        for (int i = 0; i < places.length; i++) {
            places[i] = locals.take(shape.type());
            code.value(parts.of(i)).set(places[i]);
        }
        stack.push(Vector.in(shape, places, variable));
    }

    /**
     * The local that the next instruction, which is skipped, sets to the top of the stack, when it
     * has that shape; its complement when the value stays there; else the greatest int.
     */
    private int nextAssigned(Shape shape) {
        int variable = peekAssigned();
        if (variable == Integer.MAX_VALUE || shapes.of(Math.max(variable, ~variable)) != shape) {
            return Integer.MAX_VALUE;
        }
        in.u8();
        in.u32();
        return variable;
    }

    private int peekAssigned() {
        if (!in.hasMore()) {
            return Integer.MAX_VALUE;
        }
        int next = in.peek();
        if (next != Instruction.LOCAL_SET && next != Instruction.LOCAL_TEE) {
            return Integer.MAX_VALUE;
        }
        int start = in.position();
        in.u8();
        int variable = in.u32();
        in.seek(start);
        if (variable < 0 || variable >= types.length || types[variable] != ValueTypes.V128) {
            return Integer.MAX_VALUE;
        }
        return next == Instruction.LOCAL_TEE ? ~variable : variable;
    }

    /** The shape of the local that the next instruction sets, or the one given. */
    Shape assignedShape(Shape otherwise) {
        int variable = peekAssigned();
        return variable == Integer.MAX_VALUE ? otherwise : shapes.of(Math.max(variable, ~variable));
    }

    /** Whether no part of a target is written before it was read. */
    private static boolean isSafe(int[] target, Shape shape, boolean inPlace, Vector... operands) {
        for (Vector operand : operands) {
            for (int part = 0; part < operand.shape().parts(); part++) {
                for (int i = 0; i < target.length; i++) {
                    if (operand.local(part) == target[i]
                            && !(inPlace && operand.shape() == shape && part == i)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Releases operands. */
    void release(Vector... operands) {
        for (Vector operand : operands) {
            stack.release(operand);
        }
    }

    /** Pushes parts of the operands as they are, and releases the operands. */
    void rearrange(Shape shape, Vector[] from, int[] part, Vector... operands) {
        stack.pushShared(Vector.ofParts(shape, from, part));
        release(operands);
    }

    // ---- the walk

    private void run() {
        int[] parameters = type.parameters();
        for (int each : parameters) {
            locals.add(each == ValueTypes.V128 ? ValueTypes.I64 : each);
            if (each == ValueTypes.V128) {
                locals.add(ValueTypes.I64);
            }
        }
        locals.endParameters();
        int next = 0;
        for (int i = 0; i < parameters.length; i++) {
            places[i] =
                    parameters[i] == ValueTypes.V128
                            ? new int[] {next, next + 1}
                            : new int[] {next};
            next += places[i].length;
        }
        for (int i = 0; i < types.length; i++) {
            boolean vector = types[i] == ValueTypes.V128;
            if (i >= parameters.length || vector && shapes.of(i) != Shape.LONGS) {
                int[] given = places[i];
                int count = vector ? shapes.of(i).parts() : 1;
                places[i] = new int[count];
                for (int part = 0; part < count; part++) {
                    places[i][part] = locals.add(vector ? shapes.of(i).type() : types[i]);
                }
                if (given != null) {
                    move(Vector.in(Shape.LONGS, given, Shapes.NONE), i);
                }
            }
        }
        if (locals.size() > 2 * Features.MOST_LOCALS) {
            throw new UnsupportedException("has too many vectors among its locals");
        }
        locals.endOwn();
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
            VectorOperations.lower(instruction, this);
        } else if (instruction.operands() == null) {
            irregular(instruction, start);
        } else if (instruction.code() >= Instruction.FIRST_WIDE
                && instruction.code() <= Instruction.LAST_WIDE) {
            WideArithmetic.lower(instruction, this);
        } else if (instruction.code() == Instruction.I32_CONST) {
            int value = in.s32();
            if (!VectorOperations.lowerShift(value, this)) {
                code.i32(value);
                stack.push(ValueTypes.I32);
            }
        } else {
            instruction.skipImmediates(in);
            copy(start);
            apply(instruction.operands(), instruction.results());
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
                    int index = popToLocal();
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
                    local(instruction.code(), in.u32());
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
                condition = popToLocal();
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
        int loops = loops() + (instruction.code() == Instruction.LOOP ? 1 : 0);
        Frame frame = new Frame(instruction.code(), stack.size(), block, loops);
        frame.saved = saved;
        frame.savedTo = savedTo;
        frames.add(frame);
        stack.absorb(block.parameters());
    }

    /** Ends the code of a block, or of its first branch. */
    private Frame close() {
        Frame frame = frames.remove(frames.size() - 1);
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
        int condition = popToLocal();
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
                int target = popToLocal();
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

    // ---- variables

    private void select(int start) {
        stack.pop();
        if (stack.topType() != ValueTypes.V128) {
            int result = stack.pop();
            stack.pop();
            stack.push(result);
            copy(start);
            return;
        }
        int condition = locals.take(ValueTypes.I32);
        code.set(condition);
        Vector other = stack.popVector();
        Vector first = stack.popVector();
        bitwise(
                (shape, part) ->
                        Value.select(
                                first.part(shape, part),
                                other.part(shape, part),
                                Value.local(condition)),
                first,
                other);
        locals.release(condition);
    }

    /** What each part of a result is, in whatever shape. */
    interface AnyParts {

        /** A part of it. */
        Value of(Shape shape, int part);
    }

    /** Pushes a result that is the same in each shape, in the one that suits the operands. */
    void bitwise(AnyParts parts, Vector... operands) {
        Shape shape = null;
        boolean open = false;
        for (Vector operand : operands) {
            if (shapes.isOpen(operand)) {
                open = true;
            } else if (!operand.isConstant()) {
                boolean ints = operand.shape().parts() == Shape.INTS.parts();
                Shape suiting = ints ? Shape.INTS : Shape.LONGS;
                if (shape == null) {
                    shape = suiting;
                } else if (shape != suiting) {
                    shape = assignedShape(Shape.INTS) == Shape.LONGS ? Shape.LONGS : Shape.INTS;
                }
            }
        }
        if (shape == null && open) {
            // nobody has a say: it goes on as it is, whatever that will be
            Vector[] kept = operands;
            pushOpen(part -> parts.of(Shape.LONGS, part), kept);
            return;
        }
        Shape chosen = shape == null ? Shape.LONGS : shape;
        for (Vector operand : operands) {
            shapes.vote(operand.origin(), chosen, loops());
        }
        map(chosen, part -> parts.of(chosen, part), operands);
    }

    private void pushOpen(Parts parts, Vector... operands) {
        int[] places = {locals.take(ValueTypes.I64), locals.take(ValueTypes.I64)};
        for (int i = 0; i < places.length; i++) {
            code.value(parts.of(i)).set(places[i]);
        }
        release(operands);
        stack.push(Vector.in(Shape.LONGS, places, Shapes.ANY));
    }

    private void local(int instruction, int variable) {
        if (variable < 0 || variable >= types.length) {
            throw in.malformed("there is no local " + Integer.toUnsignedString(variable));
        }
        if (types[variable] != ValueTypes.V128) {
            code.op(instruction, places[variable][0]);
            if (instruction == Instruction.LOCAL_SET) {
                stack.pop();
            } else {
                if (instruction == Instruction.LOCAL_TEE) {
                    stack.pop();
                }
                stack.push(types[variable]);
            }
            return;
        }
        if (instruction != Instruction.LOCAL_GET) {
            Vector value = stack.popVector();
            if (value.origin() == Shapes.NONE && !value.isConstant()) {
                shapes.vote(variable, value.shape(), loops());
            }
            for (int place : places[variable]) {
                stack.spill(place);
            }
            move(value, variable);
            stack.release(value);
        }
        if (instruction != Instruction.LOCAL_SET) {
            pushLocal(variable);
        }
    }

    private void pushLocal(int variable) {
        stack.pushShared(Vector.in(shapes.of(variable), places[variable], variable));
    }

    private void move(Vector value, int variable) {
        Shape shape = shapes.of(variable);
        for (int part = 0; part < shape.parts(); part++) {
            code.value(value.part(shape, part));
        }
        for (int part = shape.parts() - 1; part >= 0; part--) {
            code.set(places[variable][part]);
        }
    }

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
