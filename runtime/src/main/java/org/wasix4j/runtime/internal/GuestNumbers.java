package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.OpcodeImpl;

/**
 * Numeric instructions that the engine's {@link OpcodeImpl} gets wrong for some operand, or on some
 * JVM. Guest code calls these instead, compiled or interpreted ({@link EngineCalls}). A method has
 * the name and the type of the engine's method that it replaces. Public because the code has a
 * class loader of its own; no other code may call it.
 *
 * <p>The specification wants of an operation on a NaN that the result is quiet, and of {@code abs},
 * {@code neg} and {@code copysign} that they change the sign and nothing else. Java's {@code Math}
 * promises neither.
 */
// x == x is false for NaN alone; shorter than a call, which decides whether it is inlined
@SuppressWarnings("IdentityBinaryExpression")
public final class GuestNumbers {

    private static final int FLOAT_SIGN = Integer.MIN_VALUE;
    private static final long DOUBLE_SIGN = Long.MIN_VALUE;

    private GuestNumbers() {}

    // ---- f32

    /** {@code f32.abs}: Java 17 leaves a NaN's sign as it is. */
    public static float F32_ABS(float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & ~FLOAT_SIGN);
    }

    /** {@code f32.copysign}: the engine takes 0xFFC00000, the number, for a NaN. */
    public static float F32_COPYSIGN(float x, float sign) {
        int bits = Float.floatToRawIntBits(x) & ~FLOAT_SIGN;
        return Float.intBitsToFloat(bits | Float.floatToRawIntBits(sign) & FLOAT_SIGN);
    }

    /** {@code f32.min}: of a NaN a quiet one. */
    public static float F32_MIN(float a, float b) {
        float least = Math.min(a, b);
        return least == least ? least : a + b;
    }

    /** {@code f32.max}: of a NaN a quiet one. */
    public static float F32_MAX(float a, float b) {
        float most = Math.max(a, b);
        return most == most ? most : a + b;
    }

    /** {@code f32.ceil}: of a NaN a quiet one. */
    public static float F32_CEIL(float x) {
        return x == x ? (float) Math.ceil(x) : x + x;
    }

    /** {@code f32.floor}: of a NaN a quiet one. */
    public static float F32_FLOOR(float x) {
        return x == x ? (float) Math.floor(x) : x + x;
    }

    /** {@code f32.trunc}: of a NaN a quiet one. */
    public static float F32_TRUNC(float x) {
        return x < 0 ? (float) Math.ceil(x) : F32_FLOOR(x);
    }

    /** {@code f32.nearest}: of a NaN a quiet one. */
    public static float F32_NEAREST(float x) {
        return x == x ? (float) Math.rint(x) : x + x;
    }

    /** {@code f32.convert_i64_u}: the engine drops bits that decide the rounding. */
    public static float F32_CONVERT_I64_U(long x) {
        // of a large number the half, whose last bit stands for both bits that it had
        return x >= 0 ? (float) x : 2 * (float) (x >>> 1 | x & 1);
    }

    // ---- f64

    /** {@code f64.abs}: Java 17 leaves a NaN's sign as it is. */
    public static double F64_ABS(double x) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & ~DOUBLE_SIGN);
    }

    /** {@code f64.copysign}: the engine takes two numbers for NaNs. */
    public static double F64_COPYSIGN(double x, double sign) {
        long bits = Double.doubleToRawLongBits(x) & ~DOUBLE_SIGN;
        return Double.longBitsToDouble(bits | Double.doubleToRawLongBits(sign) & DOUBLE_SIGN);
    }

    /** {@code f64.min}: of a NaN a quiet one. */
    public static double F64_MIN(double a, double b) {
        double least = Math.min(a, b);
        return least == least ? least : a + b;
    }

    /** {@code f64.max}: of a NaN a quiet one. */
    public static double F64_MAX(double a, double b) {
        double most = Math.max(a, b);
        return most == most ? most : a + b;
    }

    /** {@code f64.ceil}: of a NaN a quiet one. */
    public static double F64_CEIL(double x) {
        return x == x ? Math.ceil(x) : x + x;
    }

    /** {@code f64.floor}: of a NaN a quiet one. */
    public static double F64_FLOOR(double x) {
        return x == x ? Math.floor(x) : x + x;
    }

    /** {@code f64.trunc}: of a NaN a quiet one. */
    public static double F64_TRUNC(double x) {
        return x < 0 ? Math.ceil(x) : F64_FLOOR(x);
    }

    /** {@code f64.nearest}: of a NaN a quiet one. */
    public static double F64_NEAREST(double x) {
        return x == x ? Math.rint(x) : x + x;
    }

    /** {@code f64.convert_i64_u}, in the way of {@link #F32_CONVERT_I64_U}. */
    public static double F64_CONVERT_I64_U(long x) {
        return x >= 0 ? (double) x : 2 * (double) (x >>> 1 | x & 1);
    }
}
