package org.wasix4j.runtime.internal;

import com.dylibso.chicory.wasm.ChicoryException;

/**
 * What compiled guest code calls for the instructions that {@link CodeTuner} took from the engine:
 * comparisons and others; loads and stores are in {@link GuestAccess}. Public because the code has
 * a class loader of its own; no other code may call it.
 *
 * <p>No method here has more than 35 bytes of bytecode. HotSpot inlines methods of that size
 * ({@code MaxInlineSize}) also where a call was seldom executed when the caller was compiled; a
 * larger one would stay a call there for ever.
 */
public final class GuestCode {

    private static final String TAIL_CALLS_EXHAUSTED =
            "call stack exhausted (the module has tail calls, each of which takes room on it here)";

    private static final long UNSIGNED = 0xffff_ffffL;

    private GuestCode() {}

    // ---- comparisons whose result is a value, and named as the engine's
    //
    // The engine's are `x < y ? 1 : 0`, for which HotSpot emits a jump or not as the method's
    // profile
    // tells, and that is one for all callers in all guests. These have no jump in any case (but for
    // a comparison with zero, which HotSpot knows).

    /** {@code i32.eq}. */
    public static int I32_EQ(int left, int right) {
        return (left ^ right) == 0 ? 1 : 0;
    }

    /** {@code i32.ne}. */
    public static int I32_NE(int left, int right) {
        return (left ^ right) != 0 ? 1 : 0;
    }

    /** {@code i32.lt_s}. */
    public static int I32_LT_S(int first, int second) {
        return (int) ((long) first - second >>> 63);
    }

    /** {@code i32.le_s}. */
    public static int I32_LE_S(int left, int right) {
        return I32_LT_S(right, left) ^ 1;
    }

    /** {@code i32.gt_s}. */
    public static int I32_GT_S(int left, int right) {
        return I32_LT_S(right, left);
    }

    /** {@code i32.ge_s}. */
    public static int I32_GE_S(int left, int right) {
        return I32_LT_S(left, right) ^ 1;
    }

    /** {@code i32.lt_u}. */
    public static int I32_LT_U(int first, int second) {
        return (int) ((first & UNSIGNED) - (second & UNSIGNED) >>> 63);
    }

    /** {@code i32.le_u}. */
    public static int I32_LE_U(int left, int right) {
        return I32_LT_U(right, left) ^ 1;
    }

    /** {@code i32.gt_u}. */
    public static int I32_GT_U(int left, int right) {
        return I32_LT_U(right, left);
    }

    /** {@code i32.ge_u}. */
    public static int I32_GE_U(int left, int right) {
        return I32_LT_U(left, right) ^ 1;
    }

    /** {@code i64.eq}. */
    public static int I64_EQ(long left, long right) {
        return I64_NE(left, right) ^ 1;
    }

    /** {@code i64.ne}. */
    public static int I64_NE(long left, long right) {
        long differing = left ^ right;
        return (int) ((differing | -differing) >>> 63);
    }

    /** {@code i64.lt_s}: the sign of the difference, unless that overflows. */
    public static int I64_LT_S(long first, long second) {
        long difference = first - second;
        return (int) ((difference ^ (first ^ second) & (difference ^ first)) >>> 63);
    }

    /** {@code i64.le_s}. */
    public static int I64_LE_S(long left, long right) {
        return I64_LT_S(right, left) ^ 1;
    }

    /** {@code i64.gt_s}. */
    public static int I64_GT_S(long left, long right) {
        return I64_LT_S(right, left);
    }

    /** {@code i64.ge_s}. */
    public static int I64_GE_S(long left, long right) {
        return I64_LT_S(left, right) ^ 1;
    }

    /** {@code i64.lt_u}: the borrow of the difference. */
    public static int I64_LT_U(long first, long second) {
        return (int) ((~first & second | (~first | second) & first - second) >>> 63);
    }

    /** {@code i64.le_u}. */
    public static int I64_LE_U(long left, long right) {
        return I64_LT_U(right, left) ^ 1;
    }

    /** {@code i64.gt_u}. */
    public static int I64_GT_U(long left, long right) {
        return I64_LT_U(right, left);
    }

    /** {@code i64.ge_u}. */
    public static int I64_GE_U(long left, long right) {
        return I64_LT_U(left, right) ^ 1;
    }

    // ---- unsigned comparisons whose result is branched on
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
