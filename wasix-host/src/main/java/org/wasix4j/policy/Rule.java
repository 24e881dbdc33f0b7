package org.wasix4j.policy;

import java.util.List;

/**
 * One rule: what it is about, whether it allows or denies, and the text it was written as.
 *
 * <p>A rule of a preset ({@code loopback:8080/in}) is one of several that share a text.
 */
public final class Rule {

    private final Family family;
    private final boolean allow;
    private final boolean in;
    private final boolean out;
    private final PortSet ports;
    private final List<NamePattern> names;
    private final List<IpPattern> blocks;
    private final List<PathPattern> paths;
    private final String text;

    private Rule(Builder builder) {
        family = builder.family;
        allow = builder.allow;
        in = builder.in;
        out = builder.out;
        ports = builder.ports;
        names = List.copyOf(builder.names);
        blocks = List.copyOf(builder.blocks);
        paths = List.copyOf(builder.paths);
        text = builder.text;
    }

    /** What the parser collects. */
    static final class Builder {
        @SuppressWarnings("NullAway") // the parser sets it
        Family family;

        boolean allow = true;
        boolean in = true;
        boolean out = true;
        PortSet ports = PortSet.NONE;
        List<NamePattern> names = List.of();
        List<IpPattern> blocks = List.of();
        List<PathPattern> paths = List.of();

        @SuppressWarnings("NullAway") // the parser sets it
        String text;

        Rule build() {
            return new Rule(this);
        }
    }

    /** {@return what it is about} */
    public Family family() {
        return family;
    }

    /** {@return whether it allows, else it denies} */
    public boolean allows() {
        return allow;
    }

    /** {@return whether it is for traffic that comes to the guest} */
    public boolean inbound() {
        return in;
    }

    /** {@return whether it is for traffic that the guest begins} */
    public boolean outbound() {
        return out;
    }

    PortSet ports() {
        return ports;
    }

    /** Whether a name, made canonical, is meant. */
    boolean matchesName(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).matches(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether an address of this rule's family is meant, the port apart. */
    boolean matchesAddress(CanonicalAddr address) {
        return family == Family.IPV4 ? matchesInner(address) : matchesSix(address);
    }

    private boolean matchesInner(CanonicalAddr address) {
        return address.hasInner() && anyBlock(0, address.inner() & 0xffffffffL, false);
    }

    /**
     * What is IPv4 on the wire is the business of ipv4 rules, and a wide ipv6 rule must not open an
     * IPv4 address. Yet a rule that names such addresses means them, and a wide ipv6 rule denies
     * all that is IPv6 on the wire.
     */
    private boolean matchesSix(CanonicalAddr address) {
        return switch (address.form()) {
            case V4 -> false;
            case MAPPED -> anyBlock(address.high(), address.low(), true);
            case EMBEDDED -> anyBlock(address.high(), address.low(), allow);
            case V6 -> anyBlock(address.high(), address.low(), false);
        };
    }

    private boolean anyBlock(long high, long low, boolean narrowOnly) {
        for (int i = 0; i < blocks.size(); i++) {
            IpPattern block = blocks.get(i);
            if (block.matches(high, low) && (!narrowOnly || block.namesEmbedded())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the path of a unix socket is meant. */
    boolean matchesPath(String path) {
        boolean resolved = PathPattern.isResolved(path);
        for (int i = 0; i < paths.size(); i++) {
            PathPattern pattern = paths.get(i);
            // where an unresolved path leads is not known: only denials believe the worst of it
            if (pattern.isAny() || (resolved ? pattern.matches(path) : !allow)) {
                return true;
            }
        }
        return false;
    }

    /** The rule as it was written. */
    @Override
    public String toString() {
        return text;
    }
}
