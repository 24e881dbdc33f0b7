package org.wasix4j.runtime.internal.lowering;

/** What follows an instruction's code in the binary format. */
public enum Immediate {
    /** The type of a block: a value type, nothing, or the number of a type. */
    BLOCK_TYPE,
    /** The number of an enclosing block. */
    LABEL,
    /** Several of them and one more, the default. */
    LABELS,
    /** The clauses of {@code try_table}. */
    CATCHES,
    /** The number of a function. */
    FUNCTION,
    /** The number of a type. */
    TYPE,
    /** The number of a table. */
    TABLE,
    /** The number of a local. */
    LOCAL,
    /** The number of a global. */
    GLOBAL,
    /** The number of a tag. */
    TAG,
    /** The number of an element segment. */
    ELEMENT,
    /** The number of a data segment. */
    DATA,
    /** The number of a memory. */
    MEMORY,
    /** The number of a field, or how many values an array is made of. */
    FIELD,
    /** The type of what a reference points to. */
    HEAP_TYPE,
    /** The flags of a cast that branches. */
    CAST_FLAGS,
    /** The value types of a {@code select}. */
    VALUE_TYPES,
    /** An alignment, perhaps a memory, and an offset. */
    MEMORY_ARGUMENT,
    /** The number of a lane. */
    LANE,
    /** The lanes of a shuffle: sixteen bytes. */
    SHUFFLE,
    /** A signed number of 32 bits. */
    I32,
    /** A signed number of 64 bits. */
    I64,
    /** Four bytes. */
    F32,
    /** Eight bytes. */
    F64,
    /** Sixteen bytes. */
    V128,
    /** A byte that means nothing. */
    RESERVED;

    /** Skips one. */
    void skip(BinaryReader in) {
        switch (this) {
            case BLOCK_TYPE, HEAP_TYPE -> ValueTypes.skip(in);
            case LABELS -> {
                for (int left = in.count("labels", 1); left >= 0; left--) {
                    in.skipLeb();
                }
            }
            case CATCHES -> {
                for (int left = in.count("clauses", 2); left > 0; left--) {
                    if (in.u8() < 2) {
                        in.skipLeb();
                    }
                    in.skipLeb();
                }
            }
            case VALUE_TYPES -> {
                for (int left = in.count("types", 1); left > 0; left--) {
                    ValueTypes.skip(in);
                }
            }
            case MEMORY_ARGUMENT -> {
                if ((in.u32() & MemoryArgument.HAS_MEMORY) != 0) {
                    in.skipLeb();
                }
                in.skipLeb();
            }
            case LANE, RESERVED, CAST_FLAGS -> in.skip(1);
            case F32 -> in.skip(4);
            case F64 -> in.skip(8);
            case SHUFFLE, V128 -> in.skip(16);
            default -> in.skipLeb();
        }
    }
}
