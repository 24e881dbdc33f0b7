package org.wasix4j.abi;

import org.wasix4j.types.AbiProfile;

/** The records {@code fdstat} (24 bytes) and {@code filestat} (64, in snapshot 0 56 bytes). */
public final class StatCodec {

    /** Size of an {@code fdstat}. */
    public static final int FDSTAT_SIZE = 24;

    private StatCodec() {}

    /**
     * Writes an {@code fdstat}: type u8 at 0, flags u16 at 2, rights u64 at 8, inheriting rights
     * u64 at 16.
     */
    public static void writeFdstat(
            GuestMemory memory, int address, int type, int flags, long rights, long inheriting) {
        memory.check(address, FDSTAT_SIZE);
        memory.writeI64(address, 0);
        memory.writeU8(address, type);
        memory.writeU16(address + 2, flags);
        memory.writeI64(address + 8, rights);
        memory.writeI64(address + 16, inheriting);
    }

    /** The fields of a {@code filestat}, in order. */
    public record Filestat(
            long device,
            long inode,
            int type,
            long links,
            long size,
            long accessTime,
            long modificationTime,
            long changeTime) {}

    /**
     * Writes a {@code filestat}: device u64 at 0, inode u64 at 8, type u8 at 16, links u64 at 24
     * and the rest behind; in snapshot 0 links are u32 at 20 and the rest 8 bytes earlier.
     */
    public static void writeFilestat(
            GuestMemory memory, int address, Filestat stat, AbiProfile profile) {
        memory.check(address, profile.snapshot0() ? 56 : 64);
        memory.writeI64(address, stat.device());
        memory.writeI64(address + 8, stat.inode());
        memory.writeI64(address + 16, stat.type());
        int rest = address + 24;
        if (profile.snapshot0()) {
            memory.writeI32(address + 20, (int) Math.min(stat.links(), Integer.toUnsignedLong(-1)));
        } else {
            memory.writeI64(rest, stat.links());
            rest += 8;
        }
        memory.writeI64(rest, stat.size());
        memory.writeI64(rest + 8, stat.accessTime());
        memory.writeI64(rest + 16, stat.modificationTime());
        memory.writeI64(rest + 24, stat.changeTime());
    }
}
