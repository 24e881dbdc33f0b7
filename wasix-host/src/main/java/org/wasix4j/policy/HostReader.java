package org.wasix4j.policy;

import org.wasix4j.policy.IpPattern.Block;
import org.wasix4j.policy.IpPattern.OfClass;
import org.wasix4j.types.Nullable;

/** Reads the host of a rule: a name, a block of addresses or a class of them. */
final class HostReader {

    private static final int MAX_NAME = 255;

    private final RuleScanner in;

    HostReader(RuleScanner in) {
        this.in = in;
    }

    // ---- names

    NamePattern name() {
        int start = in.start();
        boolean star = in.take('*');
        String name = in.run(HostReader::isNamePart);
        if (star && name.isEmpty()) {
            return NamePattern.ANY;
        }
        if (name.isEmpty()) {
            throw in.fault("expected a name");
        }
        if (in.peek() == '*') {
            throw in.fault("a star can only stand at the beginning of a name");
        }
        String bare = star ? name.substring(1) : name;
        if (star && name.charAt(0) != '.') {
            // *example.org would also be notexample.org
            throw in.faultAt(start, "write *." + name + " for what is below " + name);
        }
        if (AddressText.inet4(bare) >= 0) {
            throw in.faultAt(start, "'" + name + "' is an address: it belongs in an ipv4 rule");
        }
        if (bare.isEmpty()
                || bare.startsWith(".")
                || bare.contains("..")
                || name.length() > MAX_NAME) {
            throw in.faultAt(start, "'" + name + "' is not a name");
        }
        return star ? NamePattern.below(name) : NamePattern.exactly(name);
    }

    private static boolean isNamePart(int c) {
        return c == '.' || c == '-' || c == '_' || Character.isLetterOrDigit(c);
    }

    // ---- IPv4

    IpPattern inet4() {
        IpPattern general = general(false);
        if (general != null) {
            return general;
        }
        int start = in.start();
        String text = in.run(c -> isNamePart(c));
        long address = AddressText.inet4(text);
        if (address < 0) {
            throw in.faultAt(start, noAddress(text, "IPv4"));
        }
        return Block.v4(address, bits(32));
    }

    private String noAddress(String text, String kind) {
        if (in.peek() == ':' && kind.equals("IPv4") && text.length() <= 4 && looksLikeSix(text)) {
            return "an IPv6 address belongs in an ipv6 rule";
        }
        if (text.isEmpty()) {
            return "expected an " + kind + " address";
        }
        boolean name = text.chars().anyMatch(c -> c >= 'g' && c <= 'z');
        return "'"
                + text
                + "' is not an "
                + kind
                + " address"
                + (name ? ": names belong in dns rules" : "");
    }

    /** Whether the first group was read of what has more of them. */
    private boolean looksLikeSix(String group) {
        int place = in.start();
        in.take(':');
        boolean more =
                in.peek() == ':' || !in.run(HostReader::isSixPart).isEmpty() && in.peek() == ':';
        in.back(place);
        return more && group.chars().allMatch(HostReader::isSixPart);
    }

    // ---- IPv6

    /** An address that a comma or a brace ends. */
    IpPattern inet6InBraces() {
        IpPattern general = general(true);
        if (general != null) {
            return general;
        }
        return in.peek() == '[' ? bracketed() : block(in.start(), sixText());
    }

    /** An address that a colon and a port follow. */
    IpPattern inet6() {
        IpPattern general = general(true);
        if (general != null) {
            return general;
        }
        if (in.peek() == '[') {
            return bracketed();
        }
        int start = in.start();
        String run = sixText();
        if (Character.isLetter(in.peek())) {
            String more = in.run(HostReader::isNamePart);
            throw in.faultAt(start, noAddress(run + more, "IPv6"));
        }
        char next = in.peek();
        if (next == '/' && isDigitAfterSlash()) {
            return block(start, run);
        }
        int colon = run.lastIndexOf(':');
        if (colon < 0) {
            throw in.faultAt(start, noAddress(run, "IPv6"));
        }
        boolean portFollows = next == '*' || next == '{' || next == '-';
        String host = run.substring(0, colon);
        boolean hostAlone = AddressText.inet6(host) != null;
        if (!portFollows && AddressText.inet6(run) != null) {
            String last = run.substring(colon + 1);
            throw in.faultAt(
                    start,
                    hostAlone
                            ? "is " + last + " the port? write [" + host + "]:" + last
                            : "the port is missing: write [" + run + "]:PORT");
        }
        if (!hostAlone) {
            throw in.faultAt(start, noAddress(portFollows ? host : run, "IPv6"));
        }
        in.back(start + colon);
        return block(start, host);
    }

    private boolean isDigitAfterSlash() {
        int place = in.start();
        in.take('/');
        boolean digit = Character.isDigit(in.peek());
        in.back(place);
        return digit;
    }

    private IpPattern bracketed() {
        in.take('[');
        int start = in.start();
        String text = sixText();
        in.expect(']', text.isEmpty() ? "expected an IPv6 address" : "expected a ]");
        return block(start, text);
    }

    private IpPattern block(int start, String text) {
        long[] halves = AddressText.inet6(text);
        if (halves == null) {
            throw in.faultAt(start, noAddress(text, "IPv6"));
        }
        return Block.v6(halves[0], halves[1], bits(128));
    }

    private String sixText() {
        return in.run(c -> isSixPart(c) || c == ':' || c == '.');
    }

    private static boolean isSixPart(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    // ---- both

    /** A star or the name of a class, or null. */
    @Nullable
    private IpPattern general(boolean six) {
        if (in.take('*')) {
            return six ? Block.v6(0, 0, 0) : Block.v4(0, 0);
        }
        int start = in.start();
        AddressClass addresses = AddressClass.of(in.word());
        if (addresses == null) {
            in.back(start);
            return null;
        }
        return new OfClass(addresses, six);
    }

    /** The bits after a slash; all of them where there is none, or where a direction follows. */
    private int bits(int all) {
        if (in.peek() != '/') {
            return all;
        }
        in.take('/');
        int bits = in.number("expected the number of bits", all);
        if (bits < 0) {
            throw in.fault("an address has " + all + " bits");
        }
        return bits;
    }
}
