package org.wasix4j.abi;

import org.wasix4j.types.AbiProfile;

/**
 * The records of {@code poll_oneoff}.
 *
 * <p>A {@code subscription} has user data u64 at 0, a tag u8 at 8, and for a descriptor its number
 * u32 at 16. For a clock it has the clock u32 at 16, timeout u64 at 24, precision u64 at 32, flags
 * u16 at 40, and is 48 bytes long; in {@code wasi_unstable} an identifier u64 stands at 16, the
 * rest of the clock is 8 bytes further, and it is 56 bytes long.
 *
 * <p>An {@code event} has user data u64 at 0, errno u16 at 8, type u8 at 10, bytes u64 at 16, flags
 * u16 at 24, and is 32 bytes long in both.
 */
public final class PollCodec {

    /** Tag of a clock. */
    public static final int CLOCK = 0;

    /** Tag of a descriptor that is to be read. */
    public static final int FD_READ = 1;

    /** Tag of a descriptor that is to be written. */
    public static final int FD_WRITE = 2;

    /** Size of an event. */
    public static final int EVENT_SIZE = 32;

    private static final int SUBSCRIPTION_SIZE = 48;
    private static final int SNAPSHOT0_SUBSCRIPTION_SIZE = 56;
    private static final int SUBCLOCK_ABSTIME = 1;
    private static final int EVENT_HANGUP = 1;

    private PollCodec() {}

    /** Size of a subscription. */
    public static int subscriptionSize(AbiProfile profile) {
        return profile.snapshot0() ? SNAPSHOT0_SUBSCRIPTION_SIZE : SUBSCRIPTION_SIZE;
    }

    /** User data of a subscription. */
    public static long userData(GuestMemory memory, int address) {
        return memory.readI64(address);
    }

    /** Tag of a subscription. */
    public static int tag(GuestMemory memory, int address) {
        return memory.readU8(address + 8);
    }

    /** Descriptor of a subscription. */
    public static int descriptor(GuestMemory memory, int address) {
        return memory.readI32(address + 16);
    }

    private static int clockAt(int address, AbiProfile profile) {
        return address + (profile.snapshot0() ? 24 : 16);
    }

    /** Clock of a subscription. */
    public static int clock(GuestMemory memory, int address, AbiProfile profile) {
        return memory.readI32(clockAt(address, profile));
    }

    /** Timeout of a clock subscription, unsigned nanoseconds. */
    public static long timeout(GuestMemory memory, int address, AbiProfile profile) {
        return memory.readI64(clockAt(address, profile) + 8);
    }

    /** Whether the timeout of a clock subscription is a time of that clock. */
    public static boolean isAbsolute(GuestMemory memory, int address, AbiProfile profile) {
        return (memory.readU16(clockAt(address, profile) + 24) & SUBCLOCK_ABSTIME) != 0;
    }

    /** Writes an event. */
    public static void writeEvent(
            GuestMemory memory,
            int address,
            long userData,
            int errno,
            int type,
            long bytes,
            boolean hangup) {
        memory.writeI64(address, userData);
        memory.writeI64(address + 8, errno | (long) type << 16);
        memory.writeI64(address + 16, bytes);
        memory.writeI64(address + 24, hangup ? EVENT_HANGUP : 0);
    }
}
