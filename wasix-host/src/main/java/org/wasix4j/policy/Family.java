package org.wasix4j.policy;

/** What a rule is about: the word before its colon. */
public enum Family {
    /** Names that are looked up, and the public addresses they lead to. */
    DNS("dns"),
    /** IPv4 addresses, in whatever spelling they come. */
    IPV4("ipv4"),
    /** IPv6 addresses. */
    IPV6("ipv6"),
    /** The paths of unix sockets. */
    UNIX("unix");

    private final String word;

    Family(String word) {
        this.word = word;
    }

    /** {@return the word as rules have it} */
    public String word() {
        return word;
    }
}
