package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.MembershipKey;
import java.util.HashMap;
import java.util.Map;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/** The multicast groups of a socket: IP_ADD_MEMBERSHIP and the like; ip(7), ipv6(7). */
final class Multicast {

    /** NIO answers a second join with the same key; the kernel refuses it, and so do we. */
    private final Map<Membership, MembershipKey> memberships = new HashMap<>();

    private record Membership(InetAddress group, NetworkInterface network) {}

    /**
     * Joins a group.
     *
     * @param interfaceAddress an address of the interface, the wildcard for the default, or null
     * @param interfaceIndex the interface's index, 0 for the default, when there is no address
     */
    void join(
            DatagramPort port,
            InetAddr group,
            @Nullable InetAddr interfaceAddress,
            int interfaceIndex)
            throws IOException {
        Membership membership = membership(group, interfaceAddress, interfaceIndex);
        if (memberships.containsKey(membership)) {
            throw Errno.ADDRINUSE.exception();
        }
        memberships.put(membership, port.join(membership.group, membership.network));
    }

    /** Leaves a group. */
    void leave(InetAddr group, @Nullable InetAddr interfaceAddress, int interfaceIndex) {
        MembershipKey key = memberships.remove(membership(group, interfaceAddress, interfaceIndex));
        if (key == null) {
            throw Errno.ADDRNOTAVAIL.exception();
        }
        key.drop();
    }

    private static Membership membership(InetAddr group, @Nullable InetAddr address, int index) {
        InetAddress ip = group.toInetAddress();
        if (!ip.isMulticastAddress()) {
            throw Errno.INVAL.exception();
        }
        try {
            return new Membership(ip, network(address, index));
        } catch (SocketException e) {
            throw Errno.NODEV.exception();
        }
    }

    private static NetworkInterface network(@Nullable InetAddr address, int index)
            throws SocketException {
        NetworkInterface network;
        if (address != null && !address.isAny()) {
            network = NetworkInterface.getByInetAddress(address.toInetAddress());
        } else if (index != 0) {
            // an index is unsigned for the guest, and the JVM refuses negative ones by an exception
            network = index < 0 ? null : NetworkInterface.getByIndex(index);
        } else {
            network = preset();
        }
        if (network == null) {
            throw Errno.NODEV.exception();
        }
        return network;
    }

    /**
     * The kernel takes the route to the group; the first interface that can is the nearest to it.
     */
    private static @Nullable NetworkInterface preset() throws SocketException {
        NetworkInterface loopback = null;
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (!network.isUp()) {
                continue;
            }
            if (network.isLoopback()) {
                loopback = network;
            } else if (network.supportsMulticast()) {
                return network;
            }
        }
        return loopback;
    }
}
