package org.wasix4j.policy;

/** An operation of a guest on an address. */
public enum NetworkOperation {
    /** Bind to an address of this machine. */
    BIND("bind", true),
    /** Listen on a bound address. */
    LISTEN("listen on", true),
    /** Accept a connection of a peer. */
    ACCEPT("accept", true),
    /** Connect to a peer. */
    CONNECT("connect", false),
    /** Send one datagram. */
    SEND_TO("send to", false),
    /** Receive one datagram. */
    RECEIVE_FROM("receive from", true),
    /** Join a multicast group. */
    JOIN("join", true),
    /** Look up a name. */
    RESOLVE("resolve", false);

    private final String words;
    private final boolean inbound;

    NetworkOperation(String words, boolean inbound) {
        this.words = words;
        this.inbound = inbound;
    }

    /** {@return the operation as words that precede an address} */
    public String words() {
        return words;
    }

    /** {@return whether rules for incoming traffic apply, else those for outgoing} */
    public boolean inbound() {
        return inbound;
    }
}
