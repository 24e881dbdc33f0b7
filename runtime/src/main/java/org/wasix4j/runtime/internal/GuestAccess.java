package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.Memory;
import java.util.Objects;

/**
 * The loads and stores of compiled guest code. Public because the code has a class loader of its
 * own; no other code may call it. The code of each module may see its own copy of this class: see
 * {@link AccessCopies}.
 *
 * <p>The address of a load or store is the sum of two unsigned numbers, and may exceed what an int
 * holds. What lies outside of the memory as this thread knows it goes to the memory, which looks
 * again whether it has grown, and traps.
 *
 * <p>No method here has more than 35 bytes of bytecode, for the reason that {@link GuestCode} has.
 */
public final class GuestAccess {

    private static final long UNSIGNED = 0xffffffffL;

    private GuestAccess() {}

    // ---- loads

    /** {@code i32.load8_u}, {@code i32.load8_s} and the like, before they are extended. */
    public static byte memoryReadByte(int base, int offset, Memory memory) {
        return readByte((RawMemory) memory, base, offset);
    }

    /** {@code i32.load16_u}, {@code i32.load16_s} and the like, before they are extended. */
    public static short memoryReadShort(int base, int offset, Memory memory) {
        return readShort((RawMemory) memory, base, offset);
    }

    /** {@code i32.load} and the like. */
    public static int memoryReadInt(int base, int offset, Memory memory) {
        return readInt((RawMemory) memory, base, offset);
    }

    /** {@code i64.load}. */
    public static long memoryReadLong(int base, int offset, Memory memory) {
        return readLong((RawMemory) memory, base, offset);
    }

    /** {@code f32.load}. */
    public static float memoryReadFloat(int base, int offset, Memory memory) {
        return Float.intBitsToFloat(readInt((RawMemory) memory, base, offset));
    }

    /** {@code f64.load}. */
    public static double memoryReadDouble(int base, int offset, Memory memory) {
        return Double.longBitsToDouble(readLong((RawMemory) memory, base, offset));
    }

    private static byte readByte(RawMemory memory, int base, int offset) {
        if (RawAccess.AVAILABLE) {
            try {
                return RawAccess.UNSAFE.getByte(address(memory, base, offset, 0));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.read(sum(base, offset));
    }

    private static short readShort(RawMemory memory, int base, int offset) {
        if (RawAccess.AVAILABLE) {
            try {
                return RawAccess.UNSAFE.getShort(address(memory, base, offset, 1));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readShort(sum(base, offset));
    }

    private static int readInt(RawMemory memory, int base, int offset) {
        if (RawAccess.AVAILABLE) {
            try {
                return RawAccess.UNSAFE.getInt(address(memory, base, offset, 3));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readInt(sum(base, offset));
    }

    private static long readLong(RawMemory memory, int base, int offset) {
        if (RawAccess.AVAILABLE) {
            try {
                return RawAccess.UNSAFE.getLong(address(memory, base, offset, 7));
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        return memory.readLong(sum(base, offset));
    }

    // ---- stores

    /** {@code i32.store8} and {@code i64.store8}. */
    public static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
        writeByte((RawMemory) memory, base, offset, value);
    }

    /** {@code i32.store16} and {@code i64.store16}. */
    public static void memoryWriteShort(int base, short value, int offset, Memory memory) {
        writeShort((RawMemory) memory, base, offset, value);
    }

    /** {@code i32.store} and {@code i64.store32}. */
    public static void memoryWriteInt(int base, int value, int offset, Memory memory) {
        writeInt((RawMemory) memory, base, offset, value);
    }

    /** {@code i64.store}. */
    public static void memoryWriteLong(int base, long value, int offset, Memory memory) {
        writeLong((RawMemory) memory, base, offset, value);
    }

    /** {@code f32.store}. */
    public static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
        int bits = Float.floatToRawIntBits(value);
        writeInt((RawMemory) memory, base, offset, bits);
    }

    /** {@code f64.store}. */
    public static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
        long bits = Double.doubleToRawLongBits(value);
        writeLong((RawMemory) memory, base, offset, bits);
    }

    private static void writeByte(RawMemory memory, int base, int offset, byte value) {
        if (RawAccess.AVAILABLE) {
            try {
                RawAccess.UNSAFE.putByte(address(memory, base, offset, 0), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeByte(sum(base, offset), value);
    }

    private static void writeShort(RawMemory memory, int base, int offset, short value) {
        if (RawAccess.AVAILABLE) {
            try {
                RawAccess.UNSAFE.putShort(address(memory, base, offset, 1), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeShort(sum(base, offset), value);
    }

    private static void writeInt(RawMemory memory, int base, int offset, int value) {
        if (RawAccess.AVAILABLE) {
            try {
                RawAccess.UNSAFE.putInt(address(memory, base, offset, 3), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeI32(sum(base, offset), value);
    }

    private static void writeLong(RawMemory memory, int base, int offset, long value) {
        if (RawAccess.AVAILABLE) {
            try {
                RawAccess.UNSAFE.putLong(address(memory, base, offset, 7), value);
                return;
            } catch (IndexOutOfBoundsException e) {
                // said by the memory
            }
        }
        memory.writeLong(sum(base, offset), value);
    }

    /**
     * The raw address of an access. HotSpot knows {@code Objects.checkIndex}: it checks ahead of a
     * loop, or once for several places beside each other, which it does for no other comparison.
     *
     * @param more how many bytes follow the first one
     * @throws IndexOutOfBoundsException when it is not within the memory, or not by address
     */
    private static long address(RawMemory memory, int base, int offset, int more) {
        return memory.rawStart
                + offset
                + Objects.checkIndex(base, room(memory.rawEnd, base, offset, offset + more));
    }

    /** Below which number a base must be; 0 or less when there is none for such an offset. */
    private static int room(int end, int base, int offset, int last) {
        // near to 2 GiB and beyond one of the two is negative
        end = end - last & ~((offset | last) >> 31);
        return AccessCopies.ALONE ? end : checked(base, Math.max(0, end));
    }

    /**
     * Checks ahead of {@code Objects.checkIndex}, so that an access outside does not fail there:
     * see {@link AccessCopies}. HotSpot makes one unsigned comparison of the two, because the room
     * is never negative, and leaves out that of {@code Objects.checkIndex}.
     */
    private static int checked(int base, int room) {
        if (base < 0 || base >= room) {
            throw RawAccess.OUTSIDE;
        }
        return room;
    }

    /** An address as an int; negative, and so out of bounds, when it is none. */
    private static int sum(int base, int offset) {
        long at = (base & UNSIGNED) + (offset & UNSIGNED);
        return at > Integer.MAX_VALUE ? -1 : (int) at;
    }
}
