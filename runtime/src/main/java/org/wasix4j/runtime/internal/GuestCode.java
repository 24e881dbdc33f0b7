package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.ChicoryException;

/**
 * What compiled guest code calls for the instructions that {@link CodeTuner} took from the engine:
 * unsigned comparisons and others; loads and stores are in {@link GuestAccess}. Public because the
 * code has a class loader of its own; no other code may call it.
 *
 * <p>No method here has more than 35 bytes of bytecode. HotSpot inlines methods of that size
 * ({@code MaxInlineSize}) also where a call was seldom executed when the caller was compiled; a
 * larger one would stay a call there for ever.
 */
public final class GuestCode {

    private static final String TAIL_CALLS_EXHAUSTED =
            "call stack exhausted (the module has tail calls, each of which takes room on it here)";

    private GuestCode() {}

    // ---- unsigned comparisons
    //
    // Not by Integer.compareUnsigned: the C2 compiler of Java 17 mixes up the comparison that it
    // makes of that with a signed one of the same operands (JDK-8376400).

    /** {@code i32.lt_u}. */
    public static int isBelow(int left, int right) {
        return (left ^ Integer.MIN_VALUE) < (right ^ Integer.MIN_VALUE) ? 1 : 0;
    }

    /** {@code i32.le_u}. */
    public static int isBelowOrEqual(int left, int right) {
        return (left ^ Integer.MIN_VALUE) <= (right ^ Integer.MIN_VALUE) ? 1 : 0;
    }

    /** {@code i32.gt_u}. */
    public static int isAbove(int left, int right) {
        return (left ^ Integer.MIN_VALUE) > (right ^ Integer.MIN_VALUE) ? 1 : 0;
    }

    /** {@code i32.ge_u}. */
    public static int isAboveOrEqual(int left, int right) {
        return (left ^ Integer.MIN_VALUE) >= (right ^ Integer.MIN_VALUE) ? 1 : 0;
    }

    // ---- wide products: functions that the rewriter appended, see HelperCalls

    /** The upper half of the product of two signed numbers. */
    public static long mulHighSigned(long left, long right) {
        return Math.multiplyHigh(left, right);
    }

    /** The upper half of the product of two unsigned numbers. */
    public static long mulHighUnsigned(long left, long right) {
        return Math.multiplyHigh(left, right) + (left >> 63 & right) + (right >> 63 & left);
    }

    // ---- calls

    /** The end of the stack, in a module that has tail calls. */
    public static RuntimeException throwTailCallsExhausted(StackOverflowError e) {
        throw new ChicoryException(TAIL_CALLS_EXHAUSTED, e);
    }
}
