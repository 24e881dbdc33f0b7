package org.wasix4j.abi;

import java.util.Arrays;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * The record {@code addr_port}: tag u8 at 0, padding at 1, port u16 at 2, then 4 octets of IPv4, or
 * 16 of IPv6 with flow information at 20 and scope at 24; the path of a unix socket from 2 on, in
 * the first generation from 4 on, behind a port that means nothing.
 *
 * <p>The record is 110 bytes in the current generation and 20 in the first, so only the part that
 * is in use is ever written: 8 bytes for IPv4, 28 (20 for the first generation) for IPv6, the path
 * with its NUL for unix. Ports are little-endian both ways, as the WITX says; addresses are in
 * network order.
 */
public final class AddrCodec {

    private static final int INET4_SIZE = 8;
    private static final int PORT_OFFSET = 2;
    private static final int ADDRESS_OFFSET = 4;
    private static final int PATH_OFFSET = 2;
    private static final int LEGACY_PATH_OFFSET = 4;
    private static final int LEGACY_MAX_PATH = 16;

    private AddrCodec() {}

    /**
     * Reads a record.
     *
     * @param swapPort whether the port stands in network order
     * @return the address, or null when the tag says unspecified
     * @throws org.wasix4j.types.ErrnoException inval for an unknown tag
     */
    public static @Nullable SocketAddr read(
            GuestMemory memory, int address, AbiProfile profile, boolean swapPort) {
        AddressFamily family = AddressFamily.of(memory.readU8(address));
        if (family == null) {
            throw Errno.INVAL.exception();
        }
        return switch (family) {
            case UNSPEC -> null;
            case INET4 ->
                    InetAddr.v4(
                            memory.readBytes(address + ADDRESS_OFFSET, 4),
                            readPort(memory, address, swapPort));
            case INET6 -> readInet6(memory, address, profile, swapPort);
            case UNIX -> readUnix(memory, address, profile);
        };
    }

    private static SocketAddr readInet6(
            GuestMemory memory, int address, AbiProfile profile, boolean swapPort) {
        byte[] octets = memory.readBytes(address + ADDRESS_OFFSET, 16);
        int port = readPort(memory, address, swapPort);
        if (profile.inet6AddrBytes() < 28) {
            return InetAddr.v6(octets, port, 0, 0);
        }
        return InetAddr.v6(
                octets, port, readHalves(memory, address + 20), readHalves(memory, address + 24));
    }

    private static SocketAddr readUnix(GuestMemory memory, int address, AbiProfile profile) {
        int room = pathRoom(profile);
        byte[] bytes = memory.readBytes(address + pathOffset(profile), room);
        int length = 0;
        while (length < room && bytes[length] != 0) {
            length++;
        }
        return new UnixAddr(PathText.decode(Arrays.copyOf(bytes, length)));
    }

    private static int readPort(GuestMemory memory, int address, boolean swapPort) {
        int port = memory.readU16(address + PORT_OFFSET);
        return swapPort ? Short.reverseBytes((short) port) & 0xffff : port;
    }

    /** A u32 as two u16, the high half first. */
    private static int readHalves(GuestMemory memory, int address) {
        return memory.readU16(address) << 16 | memory.readU16(address + 2);
    }

    /** Checks, before a side effect, that a record for an address of the family can be written. */
    public static void check(
            GuestMemory memory, int address, AddressFamily family, AbiProfile profile) {
        memory.check(
                address, family == AddressFamily.INET6 ? profile.inet6AddrBytes() : INET4_SIZE);
    }

    /**
     * Writes the part of a record that is in use.
     *
     * @param socket the address, or null to write the tag unspecified
     */
    public static void write(
            GuestMemory memory,
            int address,
            @Nullable SocketAddr socket,
            AbiProfile profile,
            boolean swapPort) {
        if (socket == null) {
            memory.writeU16(address, AddressFamily.UNSPEC.code());
        } else if (socket instanceof UnixAddr unix) {
            writeUnix(memory, address, unix, profile);
        } else {
            writeInet(memory, address, (InetAddr) socket, profile, swapPort);
        }
    }

    private static void writeInet(
            GuestMemory memory, int address, InetAddr inet, AbiProfile profile, boolean swapPort) {
        check(memory, address, inet.family(), profile);
        memory.writeU16(address, inet.family().code());
        int port = inet.port();
        memory.writeU16(address + PORT_OFFSET, swapPort ? Short.reverseBytes((short) port) : port);
        memory.writeBytes(address + ADDRESS_OFFSET, inet.octets());
        if (inet.family() == AddressFamily.INET6 && profile.inet6AddrBytes() >= 28) {
            writeHalves(memory, address + 20, inet.flowInfo());
            writeHalves(memory, address + 24, inet.scopeId());
        }
    }

    private static void writeHalves(GuestMemory memory, int address, int value) {
        memory.writeU16(address, value >>> 16);
        memory.writeU16(address + 2, value);
    }

    private static void writeUnix(
            GuestMemory memory, int address, UnixAddr unix, AbiProfile profile) {
        byte[] path = PathText.encode(unix.path());
        byte[] bytes = Arrays.copyOf(path, Math.min(path.length + 1, pathRoom(profile)));
        memory.writeU16(address, AddressFamily.UNIX.code());
        if (isLegacy(profile)) {
            memory.writeU16(address + PORT_OFFSET, 0);
        }
        memory.writeBytes(address + pathOffset(profile), bytes);
    }

    private static boolean isLegacy(AbiProfile profile) {
        return profile.inet6AddrBytes() < 28;
    }

    private static int pathOffset(AbiProfile profile) {
        return isLegacy(profile) ? LEGACY_PATH_OFFSET : PATH_OFFSET;
    }

    private static int pathRoom(AbiProfile profile) {
        return isLegacy(profile) ? LEGACY_MAX_PATH : UnixAddr.MAX_PATH;
    }
}
