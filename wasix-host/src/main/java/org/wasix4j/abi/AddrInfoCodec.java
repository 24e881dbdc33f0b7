package org.wasix4j.abi;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * The record {@code wasi_addrinfo} of the sockets for wasip1, 28 bytes: flags u16 at 0, family u8
 * at 2, socket type u8 at 3, protocol u8 at 4, length of the address u32 at 8, pointer to the
 * address at 12, pointer to the canonical name at 16 and its length at 20, pointer to the next
 * record at 24.
 *
 * <p>The address, {@code wasi_sockaddr}, is 12 bytes: family u8 at 0, length of the data u32 at 4,
 * pointer to the data at 8. The data is what follows the family in Linux' {@code struct sockaddr}:
 * the port in network order, then 4 octets of IPv4, or flow information, 16 octets and the scope.
 *
 * <p>Source: the crate {@code wasmedge_wasi_socket}, {@code WasiAddrinfo} and {@code WasiSockaddr}.
 */
public final class AddrInfoCodec {

    private static final int SIZE = 28;
    private static final int SOCKADDR_SIZE = 12;
    private static final int PASSIVE = 1;
    private static final int PROTOCOL_TCP = 1;
    private static final int PROTOCOL_UDP = 2;
    private static final int DGRAM = 1;
    private static final int INET4_LENGTH = 16;
    private static final int INET6_LENGTH = 28;
    private static final int INET4_DATA = 6;
    private static final int INET6_DATA = 26;

    private AddrInfoCodec() {}

    /**
     * What a guest asks for.
     *
     * @param passive whether the address is to listen on
     * @param family null for a number that is none
     * @param sockType the number as it was given
     */
    public record Hints(boolean passive, @Nullable AddressFamily family, int sockType) {}

    /** Reads the hints. */
    public static Hints hints(GuestMemory memory, int record) {
        memory.check(record, SIZE);
        return new Hints(
                (memory.readU16(record) & PASSIVE) != 0,
                AddressFamily.of(memory.readU8(record + 2)),
                memory.readU8(record + 3));
    }

    /**
     * Fills one record of the chain and what it points to.
     *
     * @param sockType the number of the socket type
     * @return the address of the next record
     */
    public static int write(GuestMemory memory, int record, InetAddr address, int sockType) {
        memory.check(record, SIZE);
        boolean four = address.family() == AddressFamily.INET4;
        int sockaddr = memory.readI32(record + 12);
        memory.check(sockaddr, SOCKADDR_SIZE);
        int data = memory.readI32(sockaddr + 8);
        memory.check(data, four ? INET4_DATA : INET6_DATA);
        memory.writeU8(record + 2, address.family().code());
        memory.writeU8(record + 3, sockType);
        memory.writeU8(record + 4, sockType == DGRAM ? PROTOCOL_UDP : PROTOCOL_TCP);
        memory.writeI32(record + 8, four ? INET4_LENGTH : INET6_LENGTH);
        memory.writeI32(record + 20, 0);
        memory.writeU8(sockaddr, address.family().code());
        memory.writeI32(sockaddr + 4, four ? INET4_DATA : INET6_DATA);
        memory.writeU8(data, address.port() >>> 8);
        memory.writeU8(data + 1, address.port());
        if (four) {
            memory.writeBytes(data + 2, address.octets());
        } else {
            memory.writeI32(data + 2, address.flowInfo());
            memory.writeBytes(data + 6, address.octets());
            memory.writeI32(data + 22, address.scopeId());
        }
        return memory.readI32(record + 24);
    }
}
