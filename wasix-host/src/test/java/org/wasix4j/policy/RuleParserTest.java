package org.wasix4j.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleParserTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ipv4:allow=127.0.0.1:8080/in",
                "dns:allow=*.example.org:{80,443},ipv4:deny={10.0.0.0/8,192.168.0.0/16}:*",
                " ipv4 : allow = { 10.0.0.1 , 10.0.0.2 } : { 80 , 90 - 99 } / out ",
                "ipv4:allow=*:*,\nipv6:allow=*:*",
                "ipv4:allow={loopback,private}:*",
                "ipv6:allow=[::1]:80",
                "ipv6:allow=::1:*",
                "ipv6:allow=::1:{80,81}",
                "ipv6:allow=::1:80-81",
                "ipv6:allow=::1:10000",
                "ipv6:allow=1:2:3:4:5:6:7:8:80",
                "ipv6:allow=::ffff:1.2.3.4:80",
                "ipv6:allow={::1,[::2],fd00::/8}:80/in",
                "ipv6:allow={private,*}:80",
                "ipv6:allow=fd00::/8:80/in",
                "ipv6:allow=[fd00::]/8:80",
                "ipv6:allow=:::80",
                "ipv6:allow=public:*",
                "dns:allow={localhost,_srv.example.org}:0",
                "dns:allow=m\u00fcller.example:443",
                "unix:allow=/run/my socket ; in",
                "unix:deny={/a,/b/**};out",
                "loopback:{80,81}/in,private,public/out"
            })
    void what_can_be_read_can_be_read_again_from_its_own_text(String rules) {
        NetworkPolicy policy = NetworkPolicy.parse(rules);
        assertThat(NetworkPolicy.parse(policy.toString()).toString()).isEqualTo(policy.toString());
    }

    /** As many characters as a name of the domain name system can have. */
    @Test
    void a_name_has_at_most_255_characters() {
        String label = "a".repeat(50) + ".";
        String longest = label.repeat(4) + "b".repeat(51);
        assertThat(NetworkPolicy.parse("dns:allow=" + longest + ":80").toString())
                .contains(longest);
        assertThatThrownBy(() -> NetworkPolicy.parse("dns:allow=" + longest + "b:80"))
                .isInstanceOf(RuleSyntaxException.class)
                .hasMessage("'" + longest + "b' is not a name");
    }

    /** The caret stands under the fault. */
    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            textBlock =
                    """
                    |^|the rules are missing
                    ,|^|a rule begins with dns, ipv4, ipv6, unix, loopback, private or public
                    tcp:allow=*:*|^|'tcp' is not a kind of rule: it begins with dns, ipv4, ipv6, unix, loopback, private or public
                    az09:allow=*:*|^|'az09' is not a kind of rule: it begins with dns, ipv4, ipv6, unix, loopback, private or public
                    IPV4:allow=*:*|^|a rule begins with dns, ipv4, ipv6, unix, loopback, private or public
                    ipv4|    ^|expected a colon and allow or deny after ipv4
                    ipv4=allow|    ^|expected a colon and allow or deny after ipv4
                    ipv4:permit=*:*|     ^|expected allow or deny
                    ipv4:allow:*:*|          ^|expected an equals sign
                    ipv4:allow=|           ^|expected an IPv4 address
                    ipv4:allow=*|            ^|expected a colon and the ports (:* is every port)
                    ipv4:allow=1.2.3.4|                  ^|expected a colon and the ports (:* is every port)
                    ipv4:allow=1.2.3:80|           ^|'1.2.3' is not an IPv4 address
                    ipv4:allow=1.2.3.256:80|           ^|'1.2.3.256' is not an IPv4 address
                    ipv4:allow=1.2.3.010:80|           ^|'1.2.3.010' is not an IPv4 address
                    ipv4:allow=0x7f.1:80|           ^|'0x7f.1' is not an IPv4 address: names belong in dns rules
                    ipv4:allow=localhost:80|           ^|'localhost' is not an IPv4 address: names belong in dns rules
                    ipv4:allow=::1:80|           ^|an IPv6 address belongs in an ipv6 rule
                    ipv4:allow=fe80::1:80|           ^|an IPv6 address belongs in an ipv6 rule
                    ipv4:allow=fe80:1:2:3:4:5:6:7:80|           ^|an IPv6 address belongs in an ipv6 rule
                    ipv4:allow=abcd:80|           ^|'abcd' is not an IPv4 address
                    ipv4:allow=g:80|           ^|'g' is not an IPv4 address: names belong in dns rules
                    ipv4:allow=z:1:2|           ^|'z' is not an IPv4 address: names belong in dns rules
                    ipv4:allow=10.0.0.0/33:80|                    ^|an address has 32 bits
                    ipv4:allow=10.0.0.0/:80|                    ^|expected the number of bits
                    ipv4:allow={1.2.3.4:80|                   ^|expected a comma or a closing brace
                    ipv4:allow={}:80|            ^|expected an IPv4 address
                    ipv4:allow=*:|             ^|expected a port, a range of ports or *
                    ipv4:allow=*:http|             ^|expected a port, a range of ports or *
                    ipv4:allow=*:65536|             ^|a port is at most 65535
                    ipv4:allow=*:80-65536|                ^|a port is at most 65535
                    ipv4:allow=*:99999999999999999999|             ^|a port is at most 65535
                    ipv4:allow=*:90-80|             ^|the range ends before it begins
                    ipv4:allow=*:{80,}|                 ^|expected a port, a range of ports or *
                    ipv4:allow=*:{80|                ^|expected a comma or a closing brace
                    ipv4:allow=*:80/both|                ^|expected in or out
                    ipv4:allow=*:80/in/out|                  ^|expected a comma or the end
                    ipv4:allow=*:80;in|               ^|expected a comma or the end
                    ipv4:allow=*:80,|                ^|a rule begins with dns, ipv4, ipv6, unix, loopback, private or public
                    ipv4:allow=*:80,,loopback|                ^|a rule begins with dns, ipv4, ipv6, unix, loopback, private or public
                    ipv6:allow=::1:80|           ^|is 80 the port? write [::1]:80
                    ipv6:allow=::1:80/in|           ^|is 80 the port? write [::1]:80
                    ipv6:allow=:*|           ^|expected an IPv6 address
                    ipv6:allow=[1::2::]:*|            ^|'1::2::' is not an IPv6 address
                    ipv6:allow=[1:2:3:4::5:6:7:8]:*|            ^|'1:2:3:4::5:6:7:8' is not an IPv6 address
                    ipv6:allow=[::1.2.3.4.5]:*|            ^|'::1.2.3.4.5' is not an IPv6 address
                    ipv6:allow=[.1]:*|            ^|'.1' is not an IPv6 address
                    ipv6:allow=::1|           ^|the port is missing: write [::1]:PORT
                    ipv6:allow=1:2:3:4:5:6:7:8|           ^|the port is missing: write [1:2:3:4:5:6:7:8]:PORT
                    ipv6:allow=fd00:80|           ^|'fd00:80' is not an IPv6 address
                    ipv6:allow=1::2::3:*|           ^|'1::2::3' is not an IPv6 address
                    ipv6:allow=10.0.0.1:80|           ^|'10.0.0.1:80' is not an IPv6 address
                    ipv6:allow=localhost:80|           ^|'localhost' is not an IPv6 address: names belong in dns rules
                    ipv6:allow=[::1:80|                  ^|expected a ]
                    ipv6:allow=[]:80|            ^|expected an IPv6 address
                    ipv6:allow=[|            ^|expected an IPv6 address
                    ipv6:allow=[::g]:80|              ^|expected a ]
                    ipv6:allow=[::1]80|                ^|expected a colon and the ports (:* is every port)
                    ipv6:allow=fd00::/129:80|                  ^|an address has 128 bits
                    dns:allow=:80|          ^|expected a name
                    dns:allow=example.org|                     ^|expected a colon and the ports (:* is every port)
                    dns:allow=*example.org:80|          ^|write *.example.org for what is below example.org
                    dns:allow=www.*.org:80|              ^|a star can only stand at the beginning of a name
                    dns:allow=a..b:80|          ^|'a..b' is not a name
                    dns:allow=10.0.0.1:80|          ^|'10.0.0.1' is an address: it belongs in an ipv4 rule
                    dns:allow=0.0.0.0:80|          ^|'0.0.0.0' is an address: it belongs in an ipv4 rule
                    dns:allow=a.org:80/out|                  ^|a dns rule has no direction
                    unix:allow=|           ^|expected a path
                    unix:allow=run/a|           ^|a path begins with a slash
                    unix:deny=/a/|          ^|this can match nothing: paths have no //, /./ or /../ and no slash at the end when they are compared
                    unix:deny=/a//b|          ^|this can match nothing: paths have no //, /./ or /../ and no slash at the end when they are compared
                    unix:deny=/a/./b|          ^|this can match nothing: paths have no //, /./ or /../ and no slash at the end when they are compared
                    unix:deny={/b,/a/..}|              ^|this can match nothing: paths have no //, /./ or /../ and no slash at the end when they are compared
                    unix:allow=/a;both|              ^|expected in or out
                    unix:allow={/a,/b|                 ^|expected a comma or a closing brace
                    loopback:|         ^|expected a port, a range of ports or *
                    loopback=80|        ^|expected a comma or the end
                    """)
    void a_fault_is_named_and_its_place_known(String rules, String caret, String message) {
        String text = rules == null ? "" : rules;
        RuleSyntaxException fault =
                catchThrowableOfType(RuleSyntaxException.class, () -> NetworkPolicy.parse(text));
        assertThat(fault).as(text).hasMessage(message);
        assertThat(fault.pointer()).isEqualTo(text + "\n" + caret);
        assertThat(fault.index()).isEqualTo(caret.length() - 1);
        assertThat(fault.text()).isEqualTo(text);
    }

    @Test
    void a_pointer_stays_in_line_when_the_rules_have_several() {
        assertThatThrownBy(() -> NetworkPolicy.parse("loopback,\n\toops"))
                .isInstanceOfSatisfying(
                        RuleSyntaxException.class,
                        fault ->
                                assertThat(fault.pointer())
                                        .isEqualTo("loopback,  oops\n           ^"));
    }

    @Test
    void any_text_is_rules_or_a_fault_in_them() {
        long seed = Long.getLong("wasix4j.seed", 20260101L);
        Random random = new Random(seed);
        String[] parts = {
            "dns",
            "ipv4",
            "ipv6",
            "unix",
            ":",
            "allow",
            "deny",
            "=",
            "*",
            "{",
            "}",
            ",",
            "/",
            "in",
            "out",
            "[",
            "]",
            "::",
            "1",
            "ffff",
            "127.0.0.1",
            "80",
            "-",
            "65536",
            "/run/a",
            ";",
            " ",
            "loopback",
            "private",
            "public",
            "example.org",
            "*.",
            ".",
            "%",
            "\0",
            "\ud800",
            "\n"
        };
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            if (random.nextInt(3) > 0) {
                text.append(parts[random.nextInt(4)]).append(":allow=");
            }
            for (int i = random.nextInt(9); i > 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                NetworkPolicy policy = NetworkPolicy.parse(text.toString());
                assertThat(policy.rules()).isNotEmpty();
                read++;
            } catch (RuleSyntaxException e) {
                assertThat(e.index()).isBetween(0, text.length());
                assertThat(e.pointer()).isNotEmpty();
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", rules: " + text, e);
            }
        }
        assertThat(read).as("some are rules").isPositive();
    }
}
