package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.system.net.PortRegistry.Entry;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;

/** Which of two guests gets a port. */
final class PortRegistryTest {

    private final PortRegistry ports = new PortRegistry();

    private static InetAddr at(String host) {
        return Literals.parse(host, 80);
    }

    private static boolean conflict(String one, String other) {
        return PortRegistry.conflict(at(one), Sharing.NONE, at(other), Sharing.NONE);
    }

    /** As two sockets of Linux without SO_REUSEADDR, of which those of IPv6 are dual-stack. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "0.0.0.0, 127.0.0.1, true",
        "0.0.0.0, 0.0.0.0, true",
        "::1, ::1, true",
        "::1, ::2, false",
        "::, ::1, true",
        "::, 127.0.0.1, true",
        "::, 0.0.0.0, true",
        "::1, 127.0.0.1, false",
        "::1, 0.0.0.0, false",
        "::ffff:127.0.0.1, 127.0.0.1, true",
        "::ffff:127.0.0.1, 127.0.0.2, false",
        "::ffff:127.0.0.1, 0.0.0.0, true",
        "::ffff:0.0.0.0, 127.0.0.1, true",
    })
    void two_addresses_with_one_port_meet_as_in_the_kernel(String one, String other, boolean meet) {
        assertThat(conflict(one, other)).isEqualTo(meet);
        assertThat(conflict(other, one)).isEqualTo(meet);
    }

    @Test
    void an_address_is_held_until_it_is_given_back() {
        Entry entry = ports.hold(at("127.0.0.1"), Sharing.NONE);
        assertThat(ports.hold(at("0.0.0.0"), Sharing.NONE)).isNull();
        assertThat(ports.hold(at("0.0.0.0").withPort(81), Sharing.NONE)).isNotNull();
        assertThatThrownBy(() -> ports.requireFree(at("127.0.0.1"), Sharing.NONE))
                .isSameAs(Errno.ADDRINUSE.exception());
        ports.release(entry);
        ports.requireFree(at("127.0.0.1"), Sharing.NONE);
        Entry next = ports.hold(at("127.0.0.1"), Sharing.NONE);
        assertThat(next).isNotNull();
        ports.release(entry);
        assertThat(ports.hold(at("127.0.0.1"), Sharing.NONE)).as("released twice").isNull();
    }

    @Test
    void an_address_is_shared_when_both_want_to_share_it_in_one_way() {
        ports.hold(at("127.0.0.1"), new Sharing(true, false, false));
        assertThat(ports.hold(at("127.0.0.1"), Sharing.NONE)).isNull();
        assertThat(ports.hold(at("127.0.0.1"), new Sharing(false, true, false))).isNull();
        assertThat(ports.hold(at("127.0.0.1"), new Sharing(true, false, false))).isNotNull();
        Entry one = ports.hold(at("127.0.0.2"), new Sharing(false, true, false));
        assertThat(ports.hold(at("127.0.0.2"), new Sharing(true, false, false))).isNull();
        assertThat(ports.hold(at("127.0.0.2"), new Sharing(false, true, false))).isNotNull();
        ports.release(one);
        assertThat(ports.hold(at("127.0.0.2"), Sharing.NONE)).as("the other holds it").isNull();
    }
}
