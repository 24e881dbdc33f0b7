package org.wasix4j.runtime.internal.lowering;

/**
 * A {@code v128} on the stack. It lies in locals, or is a constant: nothing of it is on the real
 * stack.
 */
final class Vector {

    /** The mark of a part that is a constant. */
    private static final int CONSTANT = -1;

    private final Shape shape;
    private final int[] locals;
    private final long[] bits;
    private final int origin;

    /**
     * The width of its lanes when each of them is all ones or zero, and only the highest bit of
     * each lane is in the local; else 0.
     */
    private final int mask;

    /** The bits that either half may have. */
    private final long possible;

    private Vector(Shape shape, int[] locals, long[] bits, int origin) {
        this(shape, locals, bits, origin, 0, -1);
    }

    private Vector(Shape shape, int[] locals, long[] bits, int origin, int mask, long possible) {
        this.shape = shape;
        this.locals = locals;
        this.bits = bits;
        this.origin = origin;
        this.mask = mask;
        this.possible = possible;
    }

    /**
     * One that lies in locals.
     *
     * @param origin the variable whose shape could be another, or -1; see {@link Shapes}
     */
    static Vector in(Shape shape, int[] locals, int origin) {
        return new Vector(shape, locals, new long[locals.length], origin);
    }

    /**
     * What a comparison answers, as the highest bits of its lanes.
     *
     * @param width how wide a lane is
     * @param locals where the bits of each half are
     */
    static Vector mask(int width, int[] locals) {
        return new Vector(Shape.LONGS, locals, new long[locals.length], Shapes.NONE, width, -1);
    }

    /** A constant. */
    static Vector constant(long low, long high) {
        return new Vector(Shape.LONGS, new int[] {CONSTANT, CONSTANT}, new long[] {low, high}, -1);
    }

    /** Puts one together of parts of others. */
    static Vector ofParts(Shape shape, Vector[] from, int[] part) {
        int[] locals = new int[shape.parts()];
        long[] bits = new long[shape.parts()];
        for (int i = 0; i < locals.length; i++) {
            Vector source = from[i].as(shape);
            locals[i] = source.locals[part[i]];
            bits[i] = source.bits[part[i]];
        }
        return new Vector(shape, locals, bits, -1);
    }

    /** The same with another local in the place of a part. */
    Vector with(int part, int local) {
        int[] changed = locals.clone();
        changed[part] = local;
        return new Vector(shape, changed, bits, origin, mask, possible);
    }

    /** The same, of which is known which bits either half may have. */
    Vector knowing(long possible) {
        return new Vector(shape, locals, bits, origin, mask, possible);
    }

    /** The bits that either half may have; all of them when nothing is known. */
    long possible() {
        return isConstant() ? constantLong(0) | constantLong(1) : possible;
    }

    /** Whether it is held as the highest bits of lanes of a width. */
    boolean isMask(int width) {
        return mask == width;
    }

    /** How wide the lanes are whose highest bits are held, or 0. */
    int mask() {
        return mask;
    }

    /** The highest bits of the lanes of a half, which is a mask. */
    Value maskBits(int half) {
        return Value.local(locals[half]);
    }

    Shape shape() {
        return shape;
    }

    int origin() {
        return origin;
    }

    /** The local that a part lies in, or a negative number for a constant. */
    int local(int part) {
        return locals[part];
    }

    boolean isConstant() {
        for (int local : locals) {
            if (local != CONSTANT) {
                return false;
            }
        }
        return true;
    }

    /** Whether it can be had in that shape without an instruction. */
    boolean is(Shape wanted) {
        return shape == wanted && mask == 0 || isConstant();
    }

    /** The same in that shape, which it {@link #is} of. */
    private Vector as(Shape wanted) {
        if (shape == wanted) {
            return this;
        }
        int[] constant = new int[wanted.parts()];
        long[] values = new long[wanted.parts()];
        for (int i = 0; i < constant.length; i++) {
            constant[i] = CONSTANT;
            values[i] = wanted.parts() == 2 ? constantLong(i) : constantInt(i);
        }
        return new Vector(wanted, constant, values, origin);
    }

    /** The bits of a half of a constant. */
    long constantLong(int half) {
        return shape.parts() == 2
                ? bits[half]
                : bits[2 * half] & 0xffffffffL | bits[2 * half + 1] << 32;
    }

    /** The bits of a quarter of a constant. */
    int constantInt(int quarter) {
        return shape.parts() == 4
                ? (int) bits[quarter]
                : (int) (bits[quarter / 2] >>> 32 * (quarter % 2));
    }

    /** A part in the shape that is wanted. */
    Value part(Shape wanted, int part) {
        return switch (wanted) {
            case LONGS -> longPart(part);
            case INTS -> intPart(part);
            case FLOATS -> floatPart(part);
            case DOUBLES -> doublePart(part);
        };
    }

    /** A half as an i64. */
    Value longPart(int half) {
        switch (shape) {
            case LONGS:
                if (mask != 0) {
                    return SmallLanes.spread(maskBits(half), mask);
                }
                return locals[half] == CONSTANT ? Value.i64(bits[half]) : Value.local(locals[half]);
            case DOUBLES:
                return locals[half] == CONSTANT
                        ? Value.i64(bits[half])
                        : Value.of(Op.I64_REINTERPRET, Value.local(locals[half]));
            default:
                int low = 2 * half;
                if (locals[low] == CONSTANT && locals[low + 1] == CONSTANT) {
                    return Value.i64(constantLong(half));
                }
                if (isZero(low + 1)) {
                    return intPart(low).unsigned();
                }
                Value upper = intPart(low + 1).unsigned().shl(32);
                return isZero(low) ? upper : intPart(low).unsigned().or(upper);
        }
    }

    private boolean isZero(int part) {
        return locals[part] == CONSTANT && bits[part] == 0;
    }

    /** A quarter as an i32. */
    Value intPart(int quarter) {
        int part = shape.parts() == 4 ? quarter : quarter / 2;
        if (locals[part] == CONSTANT) {
            return Value.i32(constantInt(quarter));
        }
        Value local = Value.local(locals[part]);
        return switch (shape) {
            case INTS -> local;
            case FLOATS -> Value.of(Op.I32_REINTERPRET, local);
            default -> longPart(part).shru(32 * (quarter % 2)).wrap();
        };
    }

    private Value floatPart(int quarter) {
        int part = shape.parts() == 4 ? quarter : quarter / 2;
        if (locals[part] == CONSTANT) {
            int value = constantInt(quarter);
            return out -> {
                out.op(Op.F32_CONST);
                for (int i = 0; i < 32; i += 8) {
                    out.out().u8(value >> i);
                }
            };
        }
        return shape == Shape.FLOATS
                ? Value.local(locals[part])
                : Value.of(Op.F32_REINTERPRET, intPart(quarter));
    }

    private Value doublePart(int half) {
        if (shape.parts() == 2 && locals[half] == CONSTANT) {
            long value = bits[half];
            return out -> {
                out.op(Op.F64_CONST);
                for (int i = 0; i < 64; i += 8) {
                    out.out().u8((int) (value >> i));
                }
            };
        }
        return shape == Shape.DOUBLES
                ? Value.local(locals[half])
                : Value.of(Op.F64_REINTERPRET, longPart(half));
    }
}
