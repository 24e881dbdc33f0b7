package org.wasix4j.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The part of the network that a guest may use: nothing, everything, or what rules allow. Immutable
 * and shared between processes; what a process has learned (the addresses of names that it looked
 * up) is in its {@link PolicySession}.
 *
 * <pre>{@code
 * NetworkPolicy.parse("loopback:8080/in, dns:allow=*.example.org:{80,443}, ipv4:deny=10.0.0.0/8:*")
 * }</pre>
 *
 * <p>The rules are those of {@code --net=RULES}:
 *
 * <ul>
 *   <li>{@code ipv4:allow=HOSTS:PORTS[/in|/out]}, {@code ipv6:}, {@code deny}: addresses, blocks as
 *       {@code 10.0.0.0/8}, the classes {@code loopback}, {@code private}, {@code public}, or
 *       {@code *}; both directions where none is given
 *   <li>{@code dns:allow=NAMES:PORTS}: names may be looked up, and the public addresses found be
 *       reached on these ports; {@code *.example.org} is what lies below that name
 *   <li>{@code unix:allow=PATHS[;in|;out]}: unix sockets by the guest's path, with {@code *} and
 *       {@code **}
 *   <li>{@code loopback}, {@code private}, {@code public}, optionally with {@code :PORTS} and a
 *       direction: these addresses of both families; {@code loopback} also allows the lookup of
 *       {@code localhost}, {@code public} that of every name
 *   <li>several hosts, paths or ports stand in braces: {@code {80,443,8000-8099}}
 * </ul>
 *
 * <p>A deny rule overrides all allow rules.
 */
public final class NetworkPolicy {

    private static final NetworkPolicy NONE = new NetworkPolicy(new RuleSet(List.of()), false);
    private static final NetworkPolicy ALL = new NetworkPolicy(new RuleSet(List.of()), true);

    private final RuleSet rules;
    private final boolean all;

    private NetworkPolicy(RuleSet rules, boolean all) {
        this.rules = rules;
        this.all = all;
    }

    /**
     * Nothing is allowed: the default everywhere.
     *
     * @return a policy that allows nothing
     */
    public static NetworkPolicy denyAll() {
        return NONE;
    }

    /**
     * Everything is allowed, unix sockets included.
     *
     * @return a policy that allows everything
     */
    public static NetworkPolicy allowAll() {
        return ALL;
    }

    /**
     * A policy of rules.
     *
     * @param rules the rules, as the option {@code --net} has them
     * @return the policy
     * @throws RuleSyntaxException when the rules are malformed; has the position of the error
     */
    public static NetworkPolicy parse(String rules) {
        return new NetworkPolicy(new RuleSet(RuleParser.parse(rules)), false);
    }

    /** {@return a session for one process} */
    public PolicySession openSession() {
        return new PolicySession(this);
    }

    /** {@return whether everything is allowed, regardless of rules} */
    public boolean allowsAll() {
        return all;
    }

    /** {@return the rules in their order; none when everything or nothing is allowed} */
    public List<Rule> rules() {
        return rules.rules();
    }

    RuleSet ruleSet() {
        return rules;
    }

    /** The rules as they were written, or {@code everything} or {@code nothing}. */
    @Override
    public String toString() {
        if (all) {
            return "everything";
        }
        return rules.rules().isEmpty()
                ? "nothing"
                : rules.rules().stream()
                        .map(Rule::toString)
                        .distinct()
                        .collect(Collectors.joining(","));
    }
}
