package org.wasix4j.abi;

import org.wasix4j.types.AbiProfile;

/** The records {@code dirent} (24 bytes and a name) and {@code prestat} (8 bytes), and whence. */
public final class FileCodec {

    private static final int DIRENT_SIZE = 24;

    private FileCodec() {}

    /**
     * Writes a {@code dirent}: next u64 at 0, inode u64 at 8, name length u32 at 16, type u8 at 20,
     * then the name without NUL at 24; as much of it as there is room for.
     *
     * @return how many bytes were written; less than the entry has when it did not fit
     */
    public static int writeDirent(
            GuestMemory memory,
            int address,
            int room,
            long next,
            long inode,
            int type,
            byte[] name) {
        if (room >= DIRENT_SIZE) {
            memory.writeI64(address, next);
            memory.writeI64(address + 8, inode);
            memory.writeI32(address + 16, name.length);
            memory.writeI32(address + 20, type);
            int fits = Math.min(name.length, room - DIRENT_SIZE);
            memory.writeBytes(
                    address + DIRENT_SIZE,
                    fits == name.length ? name : java.util.Arrays.copyOf(name, fits));
            return DIRENT_SIZE + fits;
        }
        byte[] head = new byte[DIRENT_SIZE];
        java.nio.ByteBuffer.wrap(head)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(next)
                .putLong(inode)
                .putInt(name.length)
                .putInt(type);
        memory.writeBytes(address, java.util.Arrays.copyOf(head, room));
        return room;
    }

    /** Writes a {@code prestat} of a directory: tag u8 0 at 0, length of the name u32 at 4. */
    public static void writePrestat(GuestMemory memory, int address, int nameLength) {
        memory.check(address, 8);
        memory.writeI32(address, 0);
        memory.writeI32(address + 4, nameLength);
    }

    /**
     * A whence as 0 start, 1 current, 2 end, or -1: preview1 counts set 0, cur 1, end 2; snapshot 0
     * cur 0, end 1, set 2.
     */
    public static int whence(int code, AbiProfile profile) {
        if (code < 0 || code > 2) {
            return -1;
        }
        return profile.snapshot0() ? (code + 1) % 3 : code;
    }
}
