package org.wasix4j.abi;

/**
 * The record {@code epoll_event}, 32 bytes: events u32 at 0, and from 8 on 24 bytes that belong to
 * the guest (pointer, descriptor, two more numbers) and come back as they were.
 */
public final class EpollCodec {

    /** Size of the record. */
    public static final int SIZE = 32;

    private EpollCodec() {}

    /** The events. */
    public static int events(GuestMemory memory, int address) {
        return memory.readI32(address);
    }

    /** A word, 0 to 2, of the guest's own data. */
    public static long data(GuestMemory memory, int address, int word) {
        return memory.readI64(address + 8 + word * 8);
    }

    /** Writes a record. */
    public static void write(
            GuestMemory memory, int address, int events, long data0, long data1, long data2) {
        memory.writeI64(address, Integer.toUnsignedLong(events));
        memory.writeI64(address + 8, data0);
        memory.writeI64(address + 16, data1);
        memory.writeI64(address + 24, data2);
    }
}
