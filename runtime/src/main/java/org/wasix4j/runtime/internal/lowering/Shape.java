package org.wasix4j.runtime.internal.lowering;

/**
 * How a {@code v128} is held in locals. The bits are the same in each; which is best depends on the
 * instructions that a value comes from and goes to.
 */
enum Shape {
    /** Two i64, for lanes of 8, 16 and 64 bits and for bits that are only moved. */
    LONGS(2, ValueTypes.I64),
    /** Four i32. */
    INTS(4, ValueTypes.I32),
    /** Four f32. */
    FLOATS(4, ValueTypes.F32),
    /** Two f64. */
    DOUBLES(2, ValueTypes.F64);

    private final int parts;
    private final int type;

    Shape(int parts, int type) {
        this.parts = parts;
        this.type = type;
    }

    /** How many locals it takes. */
    int parts() {
        return parts;
    }

    /** The type of these locals. */
    int type() {
        return type;
    }

    /** How many bytes each of them holds. */
    int bytes() {
        return 16 / parts;
    }
}
