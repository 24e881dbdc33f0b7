package org.wasix4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads rules:
 *
 * <pre>
 * rules  := rule ("," rule)*
 * rule   := "dns"             ":" action "=" names ":" ports
 *         | ("ipv4" | "ipv6") ":" action "=" hosts ":" ports [ "/in" | "/out" ]
 *         | "unix"            ":" action "=" paths [ ";in" | ";out" ]
 *         | class [ ":" ports ] [ "/in" | "/out" ]
 * action := "allow" | "deny"
 * names  := name | "*." name | "*"                        or several in braces
 * hosts  := address | address "/" bits | class | "*"      or several in braces
 * paths  := a glob with ?, * and **                       or several in braces
 * ports  := number | number "-" number | "*"              or several in braces
 * class  := "loopback" | "private" | "public"
 * </pre>
 *
 * <p>Blanks between the parts mean nothing. An IPv6 address outside braces may go without brackets
 * where its last group cannot be taken for the port or the port for a group.
 */
final class RuleParser {

    private final RuleScanner in;
    private final List<Rule> rules = new ArrayList<>();

    private RuleParser(String text) {
        in = new RuleScanner(text);
    }

    /** The rules of a text. */
    static List<Rule> parse(String text) {
        RuleParser parser = new RuleParser(text);
        parser.rules();
        return parser.rules;
    }

    private void rules() {
        if (in.atEnd()) {
            throw in.fault("the rules are missing");
        }
        do {
            rule();
        } while (in.take(','));
        if (!in.atEnd()) {
            throw in.fault("expected a comma or the end");
        }
    }

    private void rule() {
        int start = in.start();
        String word = in.word();
        AddressClass preset = AddressClass.of(word);
        if (preset != null) {
            preset(preset, start);
            return;
        }
        Family family = familyOf(word, start);
        in.expect(':', "expected a colon and allow or deny after " + word);
        Rule.Builder rule = new Rule.Builder();
        rule.family = family;
        rule.allow = action();
        in.expect('=', "expected an equals sign");
        if (family == Family.UNIX) {
            unix(rule);
        } else {
            hosts(rule);
            in.expect(':', "expected a colon and the ports (:* is every port)");
            rule.ports = ports();
            direction(rule, '/');
        }
        rule.text = in.since(start);
        rules.add(rule.build());
    }

    private Family familyOf(String word, int start) {
        for (Family family : Family.values()) {
            if (family.word().equals(word)) {
                return family;
            }
        }
        throw in.faultAt(
                start,
                (word.isEmpty() ? "a rule" : "'" + word + "' is not a kind of rule: it")
                        + " begins with dns, ipv4, ipv6, unix, loopback, private or public");
    }

    private boolean action() {
        int start = in.start();
        String word = in.word();
        return switch (word) {
            case "allow" -> true;
            case "deny" -> false;
            default -> throw in.faultAt(start, "expected allow or deny");
        };
    }

    // ---- presets

    private void preset(AddressClass addresses, int start) {
        Rule.Builder rule = new Rule.Builder();
        rule.ports = in.take(':') ? ports() : PortSet.ALL;
        direction(rule, '/');
        rule.text = in.since(start);
        for (Family family : List.of(Family.IPV4, Family.IPV6)) {
            rule.family = family;
            rule.blocks = List.of(new IpPattern.OfClass(addresses, family == Family.IPV6));
            rules.add(rule.build());
        }
        if (rule.out && addresses != AddressClass.PRIVATE) {
            rules.add(presetNames(addresses, rule).build());
        }
    }

    /** What a preset lets look up; names of the site's own networks are not known here. */
    private static Rule.Builder presetNames(AddressClass addresses, Rule.Builder preset) {
        Rule.Builder names = new Rule.Builder();
        names.family = Family.DNS;
        names.text = preset.text;
        if (addresses == AddressClass.PUBLIC) {
            names.names = List.of(NamePattern.ANY);
            names.ports = preset.ports;
        } else {
            // a name server that sends localhost elsewhere opens nothing
            names.names =
                    List.of(NamePattern.exactly("localhost"), NamePattern.below(".localhost"));
            names.ports = PortSet.NONE;
        }
        return names;
    }

    // ---- hosts

    private void hosts(Rule.Builder rule) {
        switch (rule.family) {
            case DNS -> rule.names = several(this::name);
            case IPV4 -> rule.blocks = several(this::inet4);
            default -> {
                HostReader reader = new HostReader(in);
                rule.blocks =
                        in.peek() == '{' ? several(reader::inet6InBraces) : List.of(reader.inet6());
            }
        }
    }

    private <T> List<T> several(Supplier<T> one) {
        if (!in.take('{')) {
            return List.of(one.get());
        }
        List<T> all = new ArrayList<>();
        do {
            all.add(one.get());
        } while (in.take(','));
        in.expect('}', "expected a comma or a closing brace");
        return all;
    }

    private NamePattern name() {
        return new HostReader(in).name();
    }

    private IpPattern inet4() {
        return new HostReader(in).inet4();
    }

    // ---- ports and directions

    private PortSet ports() {
        PortSet all = PortSet.NONE;
        for (PortSet each : several(this::portRange)) {
            all = all.union(each);
        }
        return all;
    }

    private PortSet portRange() {
        if (in.take('*')) {
            return PortSet.ALL;
        }
        int start = in.start();
        int first = port();
        if (!in.take('-')) {
            return PortSet.range(first, first);
        }
        int last = port();
        if (last < first) {
            throw in.faultAt(start, "the range ends before it begins");
        }
        return PortSet.range(first, last);
    }

    private int port() {
        int port = in.number("expected a port, a range of ports or *", PortSet.MAX_PORT);
        if (port < 0) {
            throw in.fault("a port is at most " + PortSet.MAX_PORT);
        }
        return port;
    }

    private void direction(Rule.Builder rule, char mark) {
        int start = in.start();
        if (!in.take(mark)) {
            return;
        }
        if (rule.family == Family.DNS) {
            throw in.faultAt(start, "a dns rule has no direction");
        }
        int at = in.start();
        switch (in.word()) {
            case "in" -> rule.out = false;
            case "out" -> rule.in = false;
            default -> throw in.faultAt(at, "expected in or out");
        }
    }

    // ---- unix

    private void unix(Rule.Builder rule) {
        rule.paths = several(() -> new PathPattern(in.path()));
        direction(rule, ';');
    }
}
