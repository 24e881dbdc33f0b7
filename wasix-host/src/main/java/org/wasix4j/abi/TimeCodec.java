package org.wasix4j.abi;

/** The record {@code option_timestamp}, 16 bytes: a tag u8 at 0, nanoseconds u64 at 8. */
public final class TimeCodec {

    /** Size of the record. */
    public static final int OPTION_SIZE = 16;

    /** No time at all; as a u64 the largest there is. */
    public static final long NONE = -1;

    private TimeCodec() {}

    /** Reads an optional time; {@link #NONE} when there is none. */
    public static long readOption(GuestMemory memory, int address) {
        memory.check(address, OPTION_SIZE);
        return memory.readU8(address) == 0 ? NONE : memory.readI64(address + 8);
    }
}
