package org.wasix4j.runtime.internal.lowering;

/**
 * The place in memory that a load or store means.
 *
 * @param alignment the exponent of the alignment that is promised
 * @param memory the number of the memory
 * @param offset what is added to the address, unsigned
 */
public record MemoryArgument(int alignment, int memory, long offset) {

    /** The bit of the alignment that says that a memory is named. */
    static final int HAS_MEMORY = 0x40;

    /** Reads one. */
    public static MemoryArgument read(BinaryReader in) {
        int alignment = in.u32();
        int memory = (alignment & HAS_MEMORY) == 0 ? 0 : in.u32();
        return new MemoryArgument(alignment & ~HAS_MEMORY, memory, in.u64());
    }

    /** Reads one of an access to so many bytes, as a power of two. */
    static MemoryArgument read(BinaryReader in, int natural) {
        MemoryArgument argument = read(in);
        if (argument.alignment > natural) {
            throw in.malformed("an alignment larger than the natural one");
        }
        return argument;
    }

    /** Writes one for an access that needs no more than such an alignment, so much further on. */
    void write(BinaryWriter out, int most, int further) {
        int exponent = Math.min(alignment, most);
        if (memory == 0) {
            out.u32(exponent);
        } else {
            out.u32(exponent | HAS_MEMORY).u32(memory);
        }
        out.u64(offset + further);
    }
}
