package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.Errno;

class WasixNamesTest {

    private static final int CIDR_BYTES = 28;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void the_addresses_of_the_machine_are_listed_when_there_is_room() throws IOException {
        int count = guest.alloc(4);
        guest.i32(count, 0);
        assertThat(guest.call("port_addr_list", guest.alloc(4), count)).isEqualTo(Errno.OVERFLOW);
        int needed = guest.i32(count);
        int records = guest.alloc(needed * CIDR_BYTES);
        guest.ok("port_addr_list", records, count);
        assertThat(guest.i32(count)).isEqualTo(needed);
        Set<InetAddress> listed = new HashSet<>();
        for (int i = 0; i < needed; i++) {
            int record = records + i * CIDR_BYTES;
            listed.add(
                    InetAddress.getByAddress(
                            guest.read(record + 2, guest.u8(record) == 1 ? 4 : 16)));
        }
        Set<InetAddress> real = new HashSet<>();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (network.isUp()) {
                for (InterfaceAddress address : network.getInterfaceAddresses()) {
                    real.add(InetAddress.getByAddress(address.getAddress().getAddress()));
                }
            }
        }
        assertThat(listed).isEqualTo(real);
    }

    /** Tag, octets at 2 and the prefix behind them; in the first generation in 20 bytes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_prefix_stands_behind_the_address(boolean legacy) throws IOException {
        HostHarness.Builder builder =
                HostHarness.builder().with(p -> p.withPolicy(NetworkPolicy.allowAll()));
        try (HostHarness lister = (legacy ? builder.legacy() : builder).build()) {
            int size = legacy ? 20 : CIDR_BYTES;
            int prefixAt6 = legacy ? 18 : 26;
            int count = lister.alloc(4);
            lister.i32(count, 100);
            int records = lister.alloc(100 * size);
            lister.ok("port_addr_list", records, count);
            Set<String> listed = new HashSet<>();
            for (int i = 0; i < lister.i32(count); i++) {
                int record = records + i * size;
                boolean four = lister.u8(record) == 1;
                InetAddress address =
                        InetAddress.getByAddress(lister.read(record + 2, four ? 4 : 16));
                listed.add(
                        address.getHostAddress()
                                + '/'
                                + lister.u8(record + (four ? 6 : prefixAt6)));
            }
            Set<String> real = new HashSet<>();
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                if (network.isUp()) {
                    for (InterfaceAddress each : network.getInterfaceAddresses()) {
                        InetAddress address =
                                InetAddress.getByAddress(each.getAddress().getAddress());
                        real.add(address.getHostAddress() + '/' + each.getNetworkPrefixLength());
                    }
                }
            }
            assertThat(listed).isEqualTo(real);
        }
    }

    @Test
    void a_hardware_address_is_one_of_the_machine() throws IOException {
        int out = guest.alloc(6);
        boolean any =
                NetworkInterface.networkInterfaces().anyMatch(n -> hardwareAddress(n).length == 6);
        Errno answer = guest.call("port_mac", out);
        assertThat(answer).isEqualTo(any ? Errno.SUCCESS : Errno.NOTSUP);
        if (any) {
            byte[] mac = guest.read(out, 6);
            Stream<NetworkInterface> all = NetworkInterface.networkInterfaces();
            assertThat(all.anyMatch(n -> Arrays.equals(hardwareAddress(n), mac))).isTrue();
        }
    }

    private static byte[] hardwareAddress(NetworkInterface network) {
        try {
            byte[] mac = network.getHardwareAddress();
            return mac == null ? new byte[0] : mac;
        } catch (IOException e) {
            return new byte[0];
        }
    }

    @Test
    void without_a_grant_interfaces_are_not_listed() {
        try (HostHarness denied = HostHarness.create()) {
            int count = denied.alloc(4);
            denied.i32(count, 0);
            assertThat(denied.call("port_addr_list", denied.alloc(4), count))
                    .isEqualTo(Errno.ACCES);
            assertThat(denied.call("port_mac", denied.alloc(6))).isEqualTo(Errno.ACCES);
        }
    }

    @Test
    void what_would_change_interfaces_or_routes_is_not_supported() {
        assertThat(guest.call("port_route_clear")).isEqualTo(Errno.NOTSUP);
        assertThat(guest.call("port_addr_add", guest.alloc(CIDR_BYTES))).isEqualTo(Errno.NOTSUP);
        assertThat(guest.call("port_dhcp_acquire")).isEqualTo(Errno.NOTSUP);
    }

    @Test
    void an_ipv6_group_is_joined_once_and_left_once_in_either_byte_order()
            throws UnknownHostException {
        int fd = sockets.open(SocketCalls.INET6, SocketCalls.DGRAM);
        byte[] octets = InetAddress.getByName("ff02::1:2").getAddress();
        int group = guest.bytes(octets);
        byte[] swapped = octets.clone();
        for (int i = 0; i < octets.length; i += 2) {
            swapped[i] = octets[i + 1];
            swapped[i + 1] = octets[i];
        }
        guest.ok("sock_join_multicast_v6", fd, group, 0);
        assertThat(guest.call("sock_join_multicast_v6", fd, guest.bytes(swapped), 0))
                .isEqualTo(Errno.ADDRINUSE);
        guest.ok("sock_leave_multicast_v6", fd, group, 0);
        assertThat(guest.call("sock_leave_multicast_v6", fd, group, 0))
                .isEqualTo(Errno.ADDRNOTAVAIL);
        int noGroup = guest.bytes(InetAddress.getByName("2001:db8::1").getAddress());
        assertThat(guest.call("sock_join_multicast_v6", fd, noGroup, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_join_multicast_v6", fd, group, 9999)).isEqualTo(Errno.NODEV);
        assertThat(guest.call("sock_join_multicast_v6", fd, group, -2)).isEqualTo(Errno.NODEV);
        assertThat(guest.call("sock_leave_multicast_v6", fd, group, -2)).isEqualTo(Errno.NODEV);
    }
}
