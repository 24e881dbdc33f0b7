package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import java.util.Objects;
import sun.misc.Unsafe;

/**
 * What compiled guest code calls for the instructions that {@link CodeTuner} took from the engine:
 * loads, stores and unsigned comparisons. Public because the code has a class loader of its own; no
 * other code may call it.
 *
 * <p>The address of a load or store is the sum of two unsigned numbers, and may exceed what an int
 * holds. What lies outside of the memory as this thread knows it goes to {@link LinearMemory},
 * which looks again whether the memory has grown, and traps.
 *
 * <p>No method here has more than 35 bytes of bytecode. HotSpot inlines methods of that size
 * ({@code MaxInlineSize}) also where a call was seldom executed when the caller was compiled; a
 * larger one would stay a call there for ever.
 */
public final class GuestCode {

    /** Used only for memories that have a raw address, so only where there is one. */
    @SuppressWarnings("NullAway")
    private static final Unsafe UNSAFE = RawAccess.UNSAFE;

    /** Whether memory can be reached by address. */
    private static final boolean RAW = RawAccess.isAvailable();

    private static final long UNSIGNED = 0xffffffffL;

    private static final String TAIL_CALLS_EXHAUSTED =
            "call stack exhausted (the module has tail calls, each of which takes room on it here)";

    private GuestCode() {}

    // ---- loads

    /** {@code i32.load8_u}, {@code i32.load8_s} and the like, before they are extended. */
    public static byte memoryReadByte(int base, int offset, Memory memory) {
        return readByte((LinearMemory) memory, base, offset);
    }

    /** {@code i32.load16_u}, {@code i32.load16_s} and the like, before they are extended. */
    public static short memoryReadShort(int base, int offset, Memory memory) {
        return readShort((LinearMemory) memory, base, offset);
    }

    /** {@code i32.load} and the like. */
    public static int memoryReadInt(int base, int offset, Memory memory) {
        return readInt((LinearMemory) memory, base, offset);
    }

    /** {@code i64.load}. */
    public static long memoryReadLong(int base, int offset, Memory memory) {
        return readLong((LinearMemory) memory, base, offset);
    }

    /** {@code f32.load}. */
    public static float memoryReadFloat(int base, int offset, Memory memory) {
        return Float.intBitsToFloat(readInt((LinearMemory) memory, base, offset));
    }

    /** {@code f64.load}. */
    public static double memoryReadDouble(int base, int offset, Memory memory) {
        return Double.longBitsToDouble(readLong((LinearMemory) memory, base, offset));
    }

    private static byte readByte(LinearMemory memory, int base, int offset) {
        if (RAW) {
            try {
                return UNSAFE.getByte(address(memory, base, offset, 0));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.read(checked(base, offset));
    }

    private static short readShort(LinearMemory memory, int base, int offset) {
        if (RAW) {
            try {
                return UNSAFE.getShort(address(memory, base, offset, 1));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readShort(checked(base, offset));
    }

    private static int readInt(LinearMemory memory, int base, int offset) {
        if (RAW) {
            try {
                return UNSAFE.getInt(address(memory, base, offset, 3));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readInt(checked(base, offset));
    }

    private static long readLong(LinearMemory memory, int base, int offset) {
        if (RAW) {
            try {
                return UNSAFE.getLong(address(memory, base, offset, 7));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readLong(checked(base, offset));
    }

    // ---- stores

    /** {@code i32.store8} and {@code i64.store8}. */
    public static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
        writeByte((LinearMemory) memory, base, offset, value);
    }

    /** {@code i32.store16} and {@code i64.store16}. */
    public static void memoryWriteShort(int base, short value, int offset, Memory memory) {
        writeShort((LinearMemory) memory, base, offset, value);
    }

    /** {@code i32.store} and {@code i64.store32}. */
    public static void memoryWriteInt(int base, int value, int offset, Memory memory) {
        writeInt((LinearMemory) memory, base, offset, value);
    }

    /** {@code i64.store}. */
    public static void memoryWriteLong(int base, long value, int offset, Memory memory) {
        writeLong((LinearMemory) memory, base, offset, value);
    }

    /** {@code f32.store}. */
    public static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
        int bits = Float.floatToRawIntBits(value);
        writeInt((LinearMemory) memory, base, offset, bits);
    }

    /** {@code f64.store}. */
    public static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
        long bits = Double.doubleToRawLongBits(value);
        writeLong((LinearMemory) memory, base, offset, bits);
    }

    private static void writeByte(LinearMemory memory, int base, int offset, byte value) {
        if (RAW) {
            try {
                UNSAFE.putByte(address(memory, base, offset, 0), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeByte(checked(base, offset), value);
    }

    private static void writeShort(LinearMemory memory, int base, int offset, short value) {
        if (RAW) {
            try {
                UNSAFE.putShort(address(memory, base, offset, 1), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeShort(checked(base, offset), value);
    }

    private static void writeInt(LinearMemory memory, int base, int offset, int value) {
        if (RAW) {
            try {
                UNSAFE.putInt(address(memory, base, offset, 3), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeI32(checked(base, offset), value);
    }

    private static void writeLong(LinearMemory memory, int base, int offset, long value) {
        if (RAW) {
            try {
                UNSAFE.putLong(address(memory, base, offset, 7), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeLong(checked(base, offset), value);
    }

    /**
     * The raw address of an access. HotSpot knows {@code Objects.checkIndex}: it checks ahead of a
     * loop, or once for several places beside each other, which it does for no other comparison.
     *
     * @param more how many bytes follow the first one
     * @throws IndexOutOfBoundsException when it is not within the memory, or not by address
     */
    private static long address(LinearMemory memory, int base, int offset, int more) {
        int room = room(memory.rawEnd, offset, offset + more);
        return memory.rawStart + offset + Objects.checkIndex(base, room);
    }

    /** Below which number a base must be; 0 or less when there is none for such an offset. */
    private static int room(int end, int offset, int last) {
        // near to 2 GiB and beyond one of the two is negative
        return end - last & ~((offset | last) >> 31);
    }

    /** An address as an int; negative, and so out of bounds, when it is none. */
    private static int checked(int base, int offset) {
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
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

    // ---- calls

    /** The end of the stack, in a module that has tail calls. */
    public static RuntimeException throwTailCallsExhausted(StackOverflowError e) {
        throw new ChicoryException(TAIL_CALLS_EXHAUSTED, e);
    }
}
