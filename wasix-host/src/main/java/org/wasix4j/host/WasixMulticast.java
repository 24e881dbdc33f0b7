package org.wasix4j.host;

import org.wasix4j.abi.GuestMemory;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * Multicast groups: IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP and their opposites.
 *
 * <p>Errors of all: noprotoopt for streams, inval for an address that is no group, nodev, addrinuse
 * when joined already, addrnotavail when not joined.
 *
 * <p>Source: wasix-witx {@code sock_join_multicast_v4} and its neighbours; ip(7), ipv6(7).
 */
public final class WasixMulticast implements HostModule {

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "sock_join_multicast_v4" -> this::joinV4;
            case "sock_leave_multicast_v4" -> this::leaveV4;
            case "sock_join_multicast_v6" -> this::joinV6;
            case "sock_leave_multicast_v6" -> this::leaveV6;
            default -> null;
        };
    }

    private static InetAddr inet4(GuestMemory memory, long address) {
        return InetAddr.v4(memory.readBytes((int) address, 4), 0);
    }

    /**
     * The group stands in the guest's own order: eight little-endian u16, unlike every other call.
     */
    private static InetAddr inet6(GuestMemory memory, long address) {
        byte[] octets = memory.readBytes((int) address, 16);
        if ((octets[0] & 0xff) != 0xff) {
            for (int i = 0; i < octets.length; i += 2) {
                byte first = octets[i];
                octets[i] = octets[i + 1];
                octets[i + 1] = first;
            }
        }
        return InetAddr.v6(octets, 0, 0, 0);
    }

    /** {@code sock_join_multicast_v4(fd, multiaddr: &addr_ip4, interface: &addr_ip4)}. */
    private Errno joinV4(CallContext call, long[] args) {
        long fd = args[0];
        InetAddr group = inet4(call.memory(), args[1]);
        InetAddr local = inet4(call.memory(), args[2]);
        WasixSockets.socket(call, fd).joinGroup(group, local, 0);
        return Errno.SUCCESS;
    }

    /** {@code sock_leave_multicast_v4(fd, multiaddr: &addr_ip4, interface: &addr_ip4)}. */
    private Errno leaveV4(CallContext call, long[] args) {
        long fd = args[0];
        InetAddr group = inet4(call.memory(), args[1]);
        InetAddr local = inet4(call.memory(), args[2]);
        WasixSockets.socket(call, fd).leaveGroup(group, local, 0);
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_join_multicast_v6(fd, multiaddr: &addr_ip6, interface: u32)}. Every group begins
     * with ff, so both byte orders of a group can be distinguished.
     */
    private Errno joinV6(CallContext call, long[] args) {
        long fd = args[0];
        int interfaceIndex = (int) args[2];
        InetAddr group = inet6(call.memory(), args[1]);
        WasixSockets.socket(call, fd).joinGroup(group, null, interfaceIndex);
        return Errno.SUCCESS;
    }

    /** {@code sock_leave_multicast_v6(fd, multiaddr: &addr_ip6, interface: u32)}. */
    private Errno leaveV6(CallContext call, long[] args) {
        long fd = args[0];
        int interfaceIndex = (int) args[2];
        InetAddr group = inet6(call.memory(), args[1]);
        WasixSockets.socket(call, fd).leaveGroup(group, null, interfaceIndex);
        return Errno.SUCCESS;
    }
}
