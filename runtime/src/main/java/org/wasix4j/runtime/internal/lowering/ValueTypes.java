package org.wasix4j.runtime.internal.lowering;

/**
 * Value types as ints: the code of the type, and for a reference to a type of the module that
 * type's number above it.
 */
public final class ValueTypes {

    /** {@code i32}. */
    public static final int I32 = 0x7f;

    /** {@code i64}. */
    public static final int I64 = 0x7e;

    /** {@code f32}. */
    public static final int F32 = 0x7d;

    /** {@code f64}. */
    public static final int F64 = 0x7c;

    /** {@code v128}. */
    public static final int V128 = 0x7b;

    /** {@code funcref}. */
    public static final int FUNCREF = 0x70;

    /** {@code exnref}. */
    public static final int EXNREF = 0x69;

    /** {@code (ref null ...)}. */
    public static final int REF_NULL = 0x63;

    /** {@code (ref ...)}. */
    public static final int REF = 0x64;

    /** As the type of a block: no parameters, no results. */
    public static final int EMPTY = 0x40;

    private static final int HEAP_BITS = 8;

    private ValueTypes() {}

    /** Reads a value type. */
    public static int read(BinaryReader in) {
        int code = in.u8();
        if (code != REF && code != REF_NULL) {
            if (code < 0x40 || code > 0x7f) {
                throw in.malformed("0x" + Integer.toHexString(code) + " in the place of a type");
            }
            return code;
        }
        long heap = in.s33();
        if (heap >= 1 << 31 - HEAP_BITS || heap < -64) {
            throw in.malformed("a reference to the type " + heap);
        }
        return (int) heap << HEAP_BITS | code;
    }

    /** Writes a value type. */
    public static void write(BinaryWriter out, int type) {
        out.u8(type & 0xff);
        if (isTypedReference(type)) {
            out.signed(type >> HEAP_BITS);
        }
    }

    /** The reference that may be null, to a heap type. */
    static int nullable(long heap) {
        return heap < 0 ? (int) heap & 0x7f : (int) heap << HEAP_BITS | REF_NULL;
    }

    /** The same reference, never null. */
    static int nonNull(int type) {
        int code = type & 0xff;
        if (code == REF || code == REF_NULL) {
            return type & -1 << HEAP_BITS | REF;
        }
        return (code - 0x80) << HEAP_BITS | REF;
    }

    private static boolean isTypedReference(int type) {
        int code = type & 0xff;
        return code == REF || code == REF_NULL;
    }

    /** Reads several types with their number in front. */
    public static int[] readAll(BinaryReader in) {
        int[] types = new int[in.count("types", 1)];
        for (int i = 0; i < types.length; i++) {
            types[i] = read(in);
        }
        return types;
    }

    /** Skips a value type, a heap type or the type of a block. */
    static void skip(BinaryReader in) {
        int code = in.peek();
        in.skipLeb();
        if (code == REF || code == REF_NULL) {
            in.skipLeb();
        }
    }

    /** The types with each {@code v128} as two i64. */
    static int[] lowered(int[] types) {
        int vectors = 0;
        for (int type : types) {
            vectors += type == V128 ? 1 : 0;
        }
        int[] lowered = new int[types.length + vectors];
        int next = 0;
        for (int type : types) {
            if (type == V128) {
                lowered[next++] = I64;
                lowered[next++] = I64;
            } else {
                lowered[next++] = type;
            }
        }
        return lowered;
    }

    /** Whether it is one of the four kinds of numbers. */
    static boolean isNumber(int type) {
        return type >= F64 && type <= I32;
    }

    /** Whether there is a {@code v128} among them. */
    static boolean hasVector(int[] types) {
        for (int type : types) {
            if (type == V128) {
                return true;
            }
        }
        return false;
    }
}
