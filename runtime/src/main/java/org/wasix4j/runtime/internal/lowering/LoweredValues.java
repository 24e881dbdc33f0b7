package org.wasix4j.runtime.internal.lowering;

/**
 * The values of a function that is lowered: what is on its stack and in its locals, and in which
 * shape vectors are there. This is what the lowering of an operation works with.
 */
final class LoweredValues {

    private final ModuleIndex module;
    private final Helpers helpers;
    private final BinaryReader in;
    private final Code code;
    private final LocalPool locals = new LocalPool();
    private final OperandStack stack;
    private final Shapes shapes;
    private final ConstantLocals constants;

    /** The types of the function's own locals. */
    private final int[] types;

    /** Where each of them is in the function that is written. */
    private final int[][] places;

    /** How many loops are around what is read. */
    private int loops;

    LoweredValues(VectorLowering unit, int[] types, BinaryReader in, Code code, Shapes shapes) {
        this.module = unit.module();
        this.helpers = unit.helpers();
        this.types = types;
        this.in = in;
        this.code = code;
        this.shapes = shapes;
        this.constants = new ConstantLocals(shapes);
        this.stack = new OperandStack(code, locals);
        this.places = new int[types.length][];
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

    /** Gives the function's locals their places. */
    void begin(int[] parameters) {
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
    }

    /** So many loops are around what is read from now on. */
    void loops(int count) {
        loops = count;
    }

    /** Which locals hold constants. */
    ConstantLocals constants() {
        return constants;
    }

    ModuleIndex module() {
        return module;
    }

    Helpers helpers() {
        return helpers;
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
        vote(vector, wanted);
        return vector;
    }

    /** Notes that a vector is wanted in a shape. */
    void vote(Vector vector, Shape wanted) {
        shapes.vote(vector.origin(), wanted, loops);
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

    /** Whether the next instruction puts the vector at the top in a local. */
    boolean isAssigned() {
        return peekAssigned() != Integer.MAX_VALUE;
    }

    /** Pushes what a comparison answers, as the highest bits of its lanes. */
    void pushMask(int width, Parts bits, Vector... operands) {
        int[] places = {locals.take(ValueTypes.I64), locals.take(ValueTypes.I64)};
        for (int i = 0; i < places.length; i++) {
            code.value(bits.of(i)).set(places[i]);
        }
        release(operands);
        stack.push(Vector.mask(width, places));
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
                shapes.vote(variable, shape, loops);
                constants.setUnknown(variable);
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

    /** Selects one of two vectors by an i32 that was on the real stack. */
    void select() {
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
            // undecided: it goes on as it is
            Vector[] kept = operands;
            pushOpen(part -> parts.of(Shape.LONGS, part), kept);
            return;
        }
        Shape chosen = shape == null ? Shape.LONGS : shape;
        for (Vector operand : operands) {
            shapes.vote(operand.origin(), chosen, loops);
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

    /** Reads or writes a local of the function. */
    void local(int instruction, int variable) {
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
                shapes.vote(variable, value.shape(), loops);
            }
            for (int place : places[variable]) {
                stack.spill(place);
            }
            move(value, variable);
            constants.set(variable, value);
            stack.release(value);
        }
        if (instruction != Instruction.LOCAL_SET) {
            pushLocal(variable);
        }
    }

    private void pushLocal(int variable) {
        Vector constant = constants.of(variable);
        if (constant != null) {
            stack.push(constant);
            return;
        }
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
}
