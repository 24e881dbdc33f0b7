package org.wasix4j.policy;

/** What a guest wants to do with an address. */
public enum NetworkOperation {
    /** Take an address of this machine. */
    BIND("bind", true),
    /** Let peers connect to an address that was taken. */
    LISTEN("listen on", true),
    /** Take a connection that a peer has made. */
    ACCEPT("accept", true),
    /** Turn to a peer for good. */
    CONNECT("connect", false),
    /** Send one datagram. */
    SEND_TO("send to", false),
    /** See one datagram. */
    RECEIVE_FROM("receive from", true),
    /** Have this machine ask the network for a group's datagrams. */
    JOIN("join", true),
    /** Look a name up. */
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
