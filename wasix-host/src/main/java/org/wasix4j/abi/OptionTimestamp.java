package org.wasix4j.abi;

import org.wasix4j.types.Errno;

/** The record {@code option_timestamp}: tag u8 at 0 (0 none, 1 some), nanoseconds u64 at 8. */
public final class OptionTimestamp {

    /** Size of the record. */
    public static final int SIZE = 16;

    /** The value of none; times beyond 2^63-1 nanoseconds count as 2^63-1. */
    public static final long NONE = -1;

    private OptionTimestamp() {}

    /**
     * Reads a record.
     *
     * @throws org.wasix4j.types.ErrnoException inval for an unknown tag
     */
    public static long read(GuestMemory memory, int address) {
        memory.check(address, SIZE);
        return switch (memory.readU8(address)) {
            case 0 -> NONE;
            case 1 -> {
                long nanos = memory.readI64(address + 8);
                yield nanos < 0 ? Long.MAX_VALUE : nanos;
            }
            default -> throw Errno.INVAL.exception();
        };
    }

    /** Writes a record. */
    public static void write(GuestMemory memory, int address, long nanos) {
        memory.check(address, SIZE);
        memory.writeI64(address, nanos == NONE ? 0 : 1);
        memory.writeI64(address + 8, nanos == NONE ? 0 : nanos);
    }
}
