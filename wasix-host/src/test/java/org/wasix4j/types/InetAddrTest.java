package org.wasix4j.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InetAddrTest {

    /** {@link InetAddress} reads a literal without a look-up. */
    private static InetAddr six(String literal, int port) throws UnknownHostException {
        return InetAddr.of(
                new InetSocketAddress(InetAddress.getByName(literal), port), AddressFamily.INET6);
    }

    /** The rules of RFC 5952, section 4. */
    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:0:1:2:3:4:0:0, ::1:2:3:4:0:0",
        "00ab:cdef:10:2:3:4:5:ff00, ab:cdef:10:2:3:4:5:ff00",
        "1.2.3.255, ::ffff:1.2.3.255"
    })
    void an_ipv6_address_is_written_in_one_way(String literal, String text)
            throws UnknownHostException {
        assertThat(six(literal, 80).host()).isEqualTo(text);
        assertThat(six(literal, 80)).hasToString("[" + text + "]:80");
    }

    @Test
    void an_ipv4_peer_of_an_ipv6_socket_is_v4_mapped_and_goes_to_the_jvm_as_ipv4()
            throws UnknownHostException {
        InetAddr mapped = six("1.2.3.4", 80);
        assertThat(mapped.isV4Mapped()).isTrue();
        assertThat(mapped.octets())
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4);
        assertThat(mapped.toInetSocketAddress()).isEqualTo(new InetSocketAddress("1.2.3.4", 80));
        assertThat(mapped).isNotEqualTo(InetAddr.v4(new byte[] {1, 2, 3, 4}, 80));
        assertThat(six("0.0.0.0", 1)).isEqualTo(InetAddr.any(AddressFamily.INET6, 1));
        assertThat(six("1::ffff:102:304", 80).isV4Mapped()).isFalse();
        assertThat(six("::fffe:102:304", 80).isV4Mapped()).isFalse();
        assertThat(six("::feff:102:304", 80).isV4Mapped()).isFalse();
    }

    @Test
    void who_connects_to_the_wildcard_comes_to_loopback_and_keeps_the_port()
            throws UnknownHostException {
        assertThat(InetAddr.any(AddressFamily.INET4, 65_535).asDestination())
                .hasToString("127.0.0.1:65535");
        assertThat(InetAddr.any(AddressFamily.INET6, 7).asDestination()).hasToString("[::1]:7");
        InetAddr other = six("::2", 7);
        assertThat(other.asDestination()).isSameAs(other);
    }

    @Test
    void an_address_of_one_link_goes_to_the_jvm_and_comes_back_with_its_scope()
            throws UnknownHostException {
        InetAddr scoped = InetAddr.v6(six("fe80::1", 0).octets(), 80, 0, 3);
        assertThat(((Inet6Address) scoped.toInetAddress()).getScopeId()).isEqualTo(3);
        assertThat(InetAddr.of(scoped.toInetSocketAddress(), AddressFamily.INET6))
                .isEqualTo(scoped);
        // else the JVM would look for an interface of its own
        assertThat(((Inet6Address) six("fe80::1", 80).toInetAddress()).getScopeId()).isZero();
    }

    @Test
    void a_socket_of_ipv4_has_no_address_of_ipv6() throws UnknownHostException {
        InetSocketAddress six = new InetSocketAddress(InetAddress.getByName("::1"), 80);
        assertThat(InetAddr.of(six, AddressFamily.INET4))
                .isEqualTo(InetAddr.any(AddressFamily.INET4, 80));
    }

    @Test
    void two_addresses_are_equal_by_family_octets_port_and_scope() {
        byte[] octets = new byte[16];
        octets[0] = (byte) 0xfe;
        octets[1] = (byte) 0x80;
        InetAddr address = InetAddr.v6(octets, 80, 5, 1);
        assertThat(address)
                .isEqualTo(InetAddr.v6(octets, 80, 6, 1))
                .hasSameHashCodeAs(InetAddr.v6(octets, 80, 6, 1))
                .isNotEqualTo(InetAddr.v6(octets, 80, 5, 2))
                .isNotEqualTo(address.withPort(81))
                .isNotEqualTo(InetAddr.v6(new byte[16], 80, 5, 1));
        assertThat(address.withPort(81).scopeId()).isEqualTo(1);
        assertThat(address.withPort(81).flowInfo()).isEqualTo(5);
        octets[0] = 0;
        address.octets()[1] = 0;
        assertThat(address.host()).isEqualTo("fe80::");
        assertThatThrownBy(() -> InetAddr.v4(octets, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16 bytes");
    }
}
