package org.wasix4j.types;

/** The types of WebAssembly values, numbered as {@code wasm_value_type} of the ABI. */
public enum ValueType {
    /** A 32-bit integer. */
    I32(4),
    /** A 64-bit integer. */
    I64(8),
    /** A 32-bit float. */
    F32(4),
    /** A 64-bit float. */
    F64(8),
    /** A vector. */
    V128(16);

    private final int size;

    ValueType(int size) {
        this.size = size;
    }

    /** {@return how many bytes a value takes} */
    public int size() {
        return size;
    }

    /** {@return its number in the ABI} */
    public int code() {
        return ordinal();
    }

    /**
     * {@return the type of a number}
     *
     * @param code the number
     * @throws ErrnoException inval when there is none
     */
    public static ValueType of(int code) {
        return switch (code) {
            case 0 -> I32;
            case 1 -> I64;
            case 2 -> F32;
            case 3 -> F64;
            case 4 -> V128;
            default -> throw Errno.INVAL.exception();
        };
    }
}
