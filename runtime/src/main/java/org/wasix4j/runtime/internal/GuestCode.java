package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;
import sun.misc.Unsafe;

/**
 * What compiled guest code calls for the instructions that {@link CodeTuner} took from the engine:
 * loads, stores and unsigned comparisons. Public because the code has a class loader of its own;
 * nobody else is to call it.
 *
 * <p>The address of a load or store is the sum of two unsigned numbers, and may exceed what an int
 * holds. What lies outside of the memory as this thread knows it goes to {@link LinearMemory},
 * which looks again whether the memory has grown, and traps.
 */
public final class GuestCode {

    private static final Unsafe UNSAFE = RawAccess.UNSAFE;

    private static final long UNSIGNED = 0xffffffffL;

    private GuestCode() {}

    // ---- loads

    /** {@code i32.load8_u}, {@code i32.load8_s} and their cousins, before they are extended. */
    public static byte memoryReadByte(int base, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        return at < linear.rawEnd ? UNSAFE.getByte(linear.rawStart + at) : linear.read(checked(at));
    }

    /** {@code i32.load16_u}, {@code i32.load16_s} and their cousins, before they are extended. */
    public static short memoryReadShort(int base, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        return at < linear.rawEnd - 1
                ? UNSAFE.getShort(linear.rawStart + at)
                : linear.readShort(checked(at));
    }

    /** {@code i32.load} and its cousins. */
    public static int memoryReadInt(int base, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        return at < linear.rawEnd - 3
                ? UNSAFE.getInt(linear.rawStart + at)
                : linear.readInt(checked(at));
    }

    /** {@code i64.load}. */
    public static long memoryReadLong(int base, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        return at < linear.rawEnd - 7
                ? UNSAFE.getLong(linear.rawStart + at)
                : linear.readLong(checked(at));
    }

    /** {@code f32.load}. */
    public static float memoryReadFloat(int base, int offset, Memory memory) {
        return Float.intBitsToFloat(memoryReadInt(base, offset, memory));
    }

    /** {@code f64.load}. */
    public static double memoryReadDouble(int base, int offset, Memory memory) {
        return Double.longBitsToDouble(memoryReadLong(base, offset, memory));
    }

    // ---- stores

    /** {@code i32.store8} and {@code i64.store8}. */
    public static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        if (at < linear.rawEnd) {
            UNSAFE.putByte(linear.rawStart + at, value);
        } else {
            linear.writeByte(checked(at), value);
        }
    }

    /** {@code i32.store16} and {@code i64.store16}. */
    public static void memoryWriteShort(int base, short value, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        if (at < linear.rawEnd - 1) {
            UNSAFE.putShort(linear.rawStart + at, value);
        } else {
            linear.writeShort(checked(at), value);
        }
    }

    /** {@code i32.store} and {@code i64.store32}. */
    public static void memoryWriteInt(int base, int value, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        if (at < linear.rawEnd - 3) {
            UNSAFE.putInt(linear.rawStart + at, value);
        } else {
            linear.writeI32(checked(at), value);
        }
    }

    /** {@code i64.store}. */
    public static void memoryWriteLong(int base, long value, int offset, Memory memory) {
        LinearMemory linear = (LinearMemory) memory;
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        if (at < linear.rawEnd - 7) {
            UNSAFE.putLong(linear.rawStart + at, value);
        } else {
            linear.writeLong(checked(at), value);
        }
    }

    /** {@code f32.store}. */
    public static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
        memoryWriteInt(base, Float.floatToRawIntBits(value), offset, memory);
    }

    /** {@code f64.store}. */
    public static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
        memoryWriteLong(base, Double.doubleToRawLongBits(value), offset, memory);
    }

    /** An address as an int; negative, and so out of bounds, when it is none. */
    private static int checked(long at) {
        return at > Integer.MAX_VALUE ? -1 : (int) at;
    }

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
}
