package org.wasix4j.host;

import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.net.JvmErrors;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;

/**
 * Names and interfaces: {@code resolve}, and of the {@code port_*} functions those that only look.
 * The others set up a network, which is the host's business: notsup.
 *
 * <p>Source: wasix-witx {@code wasix_32v1}; getaddrinfo(3), getifaddrs(3).
 */
public final class WasixNames implements HostModule {

    /** {@code addr_ip}: tag u8 at 0, 16 octets at 2. */
    private static final int ADDR_IP_SIZE = 18;

    private static final int MAC_SIZE = 6;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "resolve" -> this::resolve;
            case "port_addr_list" -> this::portAddrList;
            case "port_mac" -> this::portMac;
            case "port_bridge",
                    "port_unbridge",
                    "port_dhcp_acquire",
                    "port_addr_add",
                    "port_addr_remove",
                    "port_addr_clear",
                    "port_gateway_set",
                    "port_route_add",
                    "port_route_remove",
                    "port_route_clear",
                    "port_route_list" ->
                    (call, args) -> Errno.NOTSUP;
            default -> null;
        };
    }

    /**
     * {@code resolve(host, port, addrs: *addr_ip, naddrs, ret: *size)}: getaddrinfo(3). Writes at
     * most {@code naddrs} records of 18 bytes, IPv4 first; the port is a hint without effect.
     * Errors: inval, acces by the policy, noent, again, intr.
     */
    private Errno resolve(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        String name = memory.readText((int) args[0], (int) args[1]);
        int port = (int) args[2] & 0xffff;
        int records = (int) args[3];
        int capacity = (int) args[4];
        int sizeOut = (int) args[5];
        memory.check(records, capacity, ADDR_IP_SIZE);
        memory.check(sizeOut, 4);
        List<InetAddr> found = call.process().net().resolver().resolve(call.thread(), name, port);
        int count = (int) Math.min(found.size(), Integer.toUnsignedLong(capacity));
        for (int i = 0; i < count; i++) {
            InetAddr address = found.get(i);
            int record = records + i * ADDR_IP_SIZE;
            memory.writeU16(record, address.family().code());
            memory.writeBytes(record + 2, address.octets());
        }
        memory.writeI32(sizeOut, count);
        return Errno.SUCCESS;
    }

    /**
     * {@code port_addr_list(addrs: *addr_cidr, naddrs: *size)}: getifaddrs(3). Records of 28 bytes
     * (20 in the first generation): tag, octets at 2, prefix length behind them. Errors: acces
     * without a network, overflow with the needed count when there is too little room.
     */
    private Errno portAddrList(CallContext call, long[] args) {
        int addrs = (int) args[0];
        int naddrs = (int) args[1];
        call.process().net().require(NetworkOperation.BIND, InetAddr.any(AddressFamily.INET4, 0));
        GuestMemory memory = call.memory();
        int current = call.profile().inet6AddrBytes();
        int recordSize = current >= 28 ? 28 : 20;
        int prefixAt6 = current >= 28 ? 26 : 18;
        int capacity = memory.readI32(naddrs);
        List<InterfaceAddress> addresses =
                addresses(call.process().net().network().isHostNetwork());
        memory.writeI32(naddrs, addresses.size());
        if (Integer.compareUnsigned(capacity, addresses.size()) < 0) {
            return Errno.OVERFLOW;
        }
        memory.check(addrs, addresses.size(), recordSize);
        for (int i = 0; i < addresses.size(); i++) {
            InterfaceAddress address = addresses.get(i);
            byte[] octets = address.getAddress().getAddress();
            int record = addrs + i * recordSize;
            boolean four = octets.length == 4;
            memory.writeU16(record, (four ? AddressFamily.INET4 : AddressFamily.INET6).code());
            memory.writeBytes(record + 2, octets);
            memory.writeU8(record + (four ? 6 : prefixAt6), address.getNetworkPrefixLength());
        }
        return Errno.SUCCESS;
    }

    /** Those of the machine, or of its loopback only. */
    private static List<InterfaceAddress> addresses(boolean all) {
        try {
            List<InterfaceAddress> addresses = new ArrayList<>();
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                if (all ? network.isUp() : network.isLoopback()) {
                    addresses.addAll(network.getInterfaceAddresses());
                }
            }
            return addresses;
        } catch (IOException e) {
            throw JvmErrors.of(e).exception();
        }
    }

    /** {@code port_mac(ret: *hardware_address)}: six bytes. Errors: acces, notsup without any. */
    private Errno portMac(CallContext call, long[] args) {
        int hardwareAddressOut = (int) args[0];
        call.process().net().require(NetworkOperation.BIND, InetAddr.any(AddressFamily.INET4, 0));
        call.memory().check(hardwareAddressOut, MAC_SIZE);
        if (!call.process().net().network().isHostNetwork()) {
            return Errno.NOTSUP;
        }
        try {
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                byte[] mac = network.getHardwareAddress();
                if (mac != null && mac.length == MAC_SIZE) {
                    call.memory().writeBytes(hardwareAddressOut, mac);
                    return Errno.SUCCESS;
                }
            }
            return Errno.NOTSUP;
        } catch (IOException e) {
            throw JvmErrors.of(e).exception();
        }
    }
}
