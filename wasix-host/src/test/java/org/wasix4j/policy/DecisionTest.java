package org.wasix4j.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.policy.PolicyTableTest.address;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;

class DecisionTest {

    private static PolicySession session(String rules) {
        return NetworkPolicy.parse(rules).openSession();
    }

    @Test
    void without_a_network_a_refusal_names_the_flag_that_grants_it() {
        PolicySession nothing = NetworkPolicy.denyAll().openSession();
        assertThat(nothing.check(NetworkOperation.CONNECT, address("0.0.0.0:80")))
                .hasToString(
                        "connect 0.0.0.0:80 denied: the network is not granted"
                                + " (--net=ipv4:allow=127.0.0.1:80/out would)");
        assertThat(nothing.check(NetworkOperation.BIND, address("[::]:0")))
                .hasToString(
                        "bind [::]:0 denied: the network is not granted"
                                + " (--net=ipv6:allow=*:0/in would)");
        assertThat(nothing.checkName("Example.ORG"))
                .hasToString(
                        "resolve Example.ORG denied: the network is not granted"
                                + " (--net=dns:allow=example.org:* would)");
        assertThat(nothing.check(NetworkOperation.CONNECT, address("unix:/run/a")))
                .hasToString(
                        "connect unix:/run/a denied: the network is not granted"
                                + " (--net=unix:allow=/run/a;out would)");
    }

    @Test
    void what_a_refused_bind_to_the_wildcard_advises_lets_clients_in() {
        InetAddr wildcard = (InetAddr) address("0.0.0.0:80");
        PolicySession nothing = NetworkPolicy.denyAll().openSession();
        String remedy = nothing.check(NetworkOperation.BIND, wildcard).remedy();
        assertThat(remedy).isEqualTo("ipv4:allow=*:80/in");
        assertThat(
                        session(remedy)
                                .checkPeer(
                                        NetworkOperation.ACCEPT,
                                        wildcard,
                                        address("127.0.0.1:80"),
                                        address("127.0.0.1:4000"))
                                .allowed())
                .isTrue();
    }

    @Test
    void a_refusal_names_the_rule_that_forbids() {
        assertThat(
                        session("ipv4:allow=*:*, ipv4:deny={10.0.0.0/8}:80 /out")
                                .check(NetworkOperation.CONNECT, address("[::ffff:10.0.0.1]:80")))
                .hasToString(
                        "connect [::ffff:10.0.0.1]:80 denied: the rule ipv4:deny={10.0.0.0/8}:80"
                                + " /out forbids it, whatever others allow (without it in --net it"
                                + " may be allowed)");
    }

    @Test
    void what_a_refusal_advises_is_enough() {
        for (String target : List.of("10.0.0.1:80", "[fe80::1%3]:9", "[::ffff:1.2.3.4]:5")) {
            for (NetworkOperation operation :
                    List.of(NetworkOperation.CONNECT, NetworkOperation.BIND)) {
                SocketAddr address = address(target);
                String remedy = session("unix:allow=/a").check(operation, address).remedy();
                assertThat(session(remedy).check(operation, address).allowed()).isTrue();
            }
        }
    }

    @Test
    void a_private_address_of_a_name_is_refused_with_the_reason() {
        PolicySession session = session("dns:allow=*:*");
        session.resolved("db.corp", List.of((InetAddr) address("10.0.0.1:0")));
        assertThat(session.check(NetworkOperation.CONNECT, address("10.0.0.1:80")).reason())
                .isEqualTo(
                        "no rule allows it: names open public addresses only"
                                + " (--net=ipv4:allow=10.0.0.1:80/out would)");
    }

    @Test
    void a_forked_process_knows_what_its_parent_has_looked_up_and_learns_for_itself() {
        PolicySession parent = session("dns:allow=*:*");
        parent.resolved("before.example", List.of((InetAddr) address("8.8.8.8:0")));
        PolicySession child = parent.fork();
        child.resolved("child.example", List.of((InetAddr) address("8.8.4.4:0")));
        parent.resolved("parent.example", List.of((InetAddr) address("1.1.1.1:0")));
        assertThat(mayConnect(child, "8.8.8.8:80")).isTrue();
        assertThat(mayConnect(child, "8.8.4.4:80")).isTrue();
        assertThat(mayConnect(child, "1.1.1.1:80")).isFalse();
        assertThat(mayConnect(parent, "1.1.1.1:80")).isTrue();
        assertThat(mayConnect(parent, "8.8.4.4:80")).isFalse();
    }

    private static boolean mayConnect(PolicySession session, String target) {
        return session.check(NetworkOperation.CONNECT, address(target)).allowed();
    }

    @Test
    void what_a_guest_made_up_cannot_write_to_the_terminal() {
        Decision decision =
                session("loopback").checkName("a\nb\u001b[31m\u202e\u007f" + "x".repeat(400));
        assertThat(decision.toString()).matches("[ -~]*").hasSizeLessThan(900);
    }

    @Test
    void a_port_of_the_systems_choice_is_allowed_as_0_and_denied_as_itself() {
        PolicySession session = session("ipv4:allow=127.0.0.1:0/in,ipv4:deny=*:40000-50000/in");
        SocketAddr asked = address("127.0.0.1:0");
        assertThat(
                        session.checkLocal(
                                        NetworkOperation.LISTEN, asked, address("127.0.0.1:30000"))
                                .allowed())
                .isTrue();
        assertThat(
                        session.checkLocal(
                                        NetworkOperation.LISTEN, asked, address("127.0.0.1:41000"))
                                .allowed())
                .isFalse();
        assertThat(
                        session.checkPeer(
                                        NetworkOperation.ACCEPT,
                                        asked,
                                        address("127.0.0.1:30000"),
                                        address("127.0.0.1:5"))
                                .allowed())
                .isTrue();
    }

    @Test
    void what_names_taught_is_bounded_and_the_oldest_is_forgotten() {
        PolicySession session = session("dns:allow=*:80");
        List<InetAddr> many = new ArrayList<>();
        for (int i = 0; i <= LearnedAddresses.CAPACITY; i++) {
            many.add(InetAddr.v4(new byte[] {9, 9, (byte) (i >> 8), (byte) i}, 0));
        }
        session.resolved("many.org", many);
        assertThat(session.check(NetworkOperation.CONNECT, address("9.9.0.0:80")).allowed())
                .isFalse();
        assertThat(session.check(NetworkOperation.CONNECT, address("9.9.0.1:80")).allowed())
                .isTrue();
    }

    @Test
    void denials_of_names_are_not_forgotten_but_then_no_more_such_names_are_looked_up() {
        PolicySession session = session("dns:allow=*:*,dns:deny=*:25");
        List<InetAddr> many = new ArrayList<>();
        for (int i = 0; i <= 2 * LearnedAddresses.CAPACITY; i++) {
            many.add(InetAddr.v4(new byte[] {9, 9, (byte) (i >> 8), (byte) i}, 0));
        }
        assertThat(session.checkName("many.org").allowed()).isTrue();
        session.resolved("many.org", many);
        assertThat(session.check(NetworkOperation.CONNECT, address("9.9.0.0:25")).allowed())
                .isFalse();
        assertThat(session.checkName("more.org").allowed()).isFalse();
    }

    @Test
    void sessions_of_one_policy_know_nothing_of_each_other() {
        NetworkPolicy policy = NetworkPolicy.parse("dns:allow=*:*");
        policy.openSession().resolved("a.org", List.of((InetAddr) address("1.2.3.4:0")));
        assertThat(
                        policy.openSession()
                                .check(NetworkOperation.CONNECT, address("1.2.3.4:80"))
                                .allowed())
                .isFalse();
    }
}
