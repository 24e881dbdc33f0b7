package org.wasix4j.policy;

/** What a guest wants to do with an address. */
public enum NetworkOperation {
    BIND("bind", true),
    LISTEN("listen", true),
    ACCEPT("accept", true),
    CONNECT("connect", false),
    SEND_TO("send to", false),
    RECEIVE_FROM("receive from", true),
    RESOLVE("resolve", false);

    private final String words;
    private final boolean inbound;

    NetworkOperation(String words, boolean inbound) {
        this.words = words;
        this.inbound = inbound;
    }

    /** The operation in words, to be followed by an address. */
    public String words() {
        return words;
    }

    /** Whether rules for incoming traffic apply, else those for outgoing. */
    public boolean inbound() {
        return inbound;
    }
}
