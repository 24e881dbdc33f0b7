package org.wasix4j.runtime.internal.lowering;

/** How a segment of elements begins. */
final class Elements {

    /** It is passive, or declares only. */
    static final int NOT_ACTIVE = 1;

    /** It names its table; one that is not active declares only. */
    static final int EXPLICIT = 2;

    /** Its elements are expressions, not numbers of functions. */
    static final int EXPRESSIONS = 4;

    private Elements() {}

    /**
     * Skips what is in front of the number of elements.
     *
     * @return whether the elements are expressions
     */
    static boolean skipHead(BinaryReader in) {
        int flags = in.u32();
        boolean active = (flags & NOT_ACTIVE) == 0;
        boolean expressions = (flags & EXPRESSIONS) != 0;
        if (active && (flags & EXPLICIT) != 0) {
            in.u32();
        }
        if (active) {
            ConstantExpression.skip(in);
        }
        if ((flags & (NOT_ACTIVE | EXPLICIT)) != 0) {
            if (expressions) {
                ValueTypes.read(in);
            } else {
                in.u8();
            }
        }
        return expressions;
    }
}
