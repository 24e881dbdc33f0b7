package org.wasix4j.abi;

import java.util.Arrays;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.PathText;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * The record {@code wasi_address} of the sockets for wasip1: a pointer to bytes (u32 at 0) and
 * their number (u32 at 4). The number determines the form:
 *
 * <ul>
 *   <li>4 or 16 bytes: the octets of an IPv4 or IPv6 address.
 *   <li>128 bytes: the family as u16 ({@link AddressFamily#code()}), then the octets, or the path
 *       of a unix socket up to a NUL.
 * </ul>
 *
 * <p>Unlike in {@link AddrCodec} the port is a parameter of its own.
 *
 * <p>Source: the crate {@code wasmedge_wasi_socket}, {@code WasiAddress}.
 */
public final class WasiAddressCodec {

    /** Bytes of the form that begins with the family. */
    public static final int STORAGE_SIZE = 128;

    private static final int FAMILY_SIZE = 2;
    private static final int INET4_SIZE = 4;
    private static final int INET6_SIZE = 16;

    private WasiAddressCodec() {}

    /**
     * Reads an address.
     *
     * @throws org.wasix4j.types.ErrnoException inval for another number of bytes than 4, 16 and
     *     128, afnosupport for an unknown family, the profile's bad-pointer error
     */
    public static SocketAddr read(GuestMemory memory, int record, int port) {
        int bytes = memory.readI32(record);
        return switch (memory.readI32(record + 4)) {
            case INET4_SIZE -> InetAddr.v4(memory.readBytes(bytes, INET4_SIZE), port);
            case INET6_SIZE -> InetAddr.v6(memory.readBytes(bytes, INET6_SIZE), port, 0, 0);
            case STORAGE_SIZE -> readStorage(memory, bytes, port);
            default -> throw Errno.INVAL.exception();
        };
    }

    private static SocketAddr readStorage(GuestMemory memory, int bytes, int port) {
        memory.check(bytes, STORAGE_SIZE);
        int address = bytes + FAMILY_SIZE;
        AddressFamily family = AddressFamily.of(memory.readU16(bytes));
        if (family == null) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return switch (family) {
            case INET4 -> InetAddr.v4(memory.readBytes(address, INET4_SIZE), port);
            case INET6 -> InetAddr.v6(memory.readBytes(address, INET6_SIZE), port, 0, 0);
            case UNIX -> new UnixAddr(path(memory.readBytes(address, UnixAddr.MAX_PATH)));
            case UNSPEC -> throw Errno.AFNOSUPPORT.exception();
        };
    }

    private static String path(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return PathText.decode(Arrays.copyOf(bytes, length));
    }

    /**
     * Checks, before a side effect, that an address can be written.
     *
     * @throws org.wasix4j.types.ErrnoException inval for another number of bytes than 4, 16 and
     *     128, the profile's bad-pointer error
     */
    public static void check(GuestMemory memory, int record) {
        int size = memory.readI32(record + 4);
        if (size != INET4_SIZE && size != INET6_SIZE && size != STORAGE_SIZE) {
            throw Errno.INVAL.exception();
        }
        memory.check(memory.readI32(record), size);
    }

    /**
     * Writes an address in the form that the record asks for. Only the bytes in use are written.
     *
     * @param address the address, or null to write the family unspecified where there is room for
     *     it
     * @return whether it fits: an IPv6 address does not fit into 4 bytes, and the path of a unix
     *     socket only into 128
     */
    public static boolean write(GuestMemory memory, int record, @Nullable SocketAddr address) {
        int bytes = memory.readI32(record);
        int size = memory.readI32(record + 4);
        boolean storage = size == STORAGE_SIZE;
        if (address == null) {
            if (storage) {
                memory.writeU16(bytes, AddressFamily.UNSPEC.code());
            }
            return storage;
        }
        byte[] octets = octets(address);
        if (storage) {
            memory.writeU16(bytes, address.family().code());
            memory.writeBytes(bytes + FAMILY_SIZE, octets);
            return true;
        }
        if (address instanceof UnixAddr || octets.length > size) {
            return false;
        }
        memory.writeBytes(bytes, octets);
        return true;
    }

    /** The port that goes with an address; 0 for null and for a unix socket. */
    public static int port(@Nullable SocketAddr address) {
        return address instanceof InetAddr inet ? inet.port() : 0;
    }

    private static byte[] octets(SocketAddr address) {
        if (address instanceof InetAddr inet) {
            return inet.octets();
        }
        byte[] path = PathText.encode(((UnixAddr) address).path());
        return Arrays.copyOf(path, Math.min(path.length + 1, STORAGE_SIZE - FAMILY_SIZE));
    }
}
