package org.wasix4j.system.net;

/**
 * Which sockets a bound socket shares its port with, as its guest asked.
 *
 * @param reuseAddr with others of the same wish while none of them listens, SO_REUSEADDR
 * @param reusePort with others of the same wish, SO_REUSEPORT
 * @param onlyV6 with IPv4, because it is for IPv6 alone, IPV6_V6ONLY
 */
public record Sharing(boolean reuseAddr, boolean reusePort, boolean onlyV6) {

    /** With none. */
    public static final Sharing NONE = new Sharing(false, false, false);

    /** That no two listen on one port is the network's to find. */
    boolean with(Sharing other) {
        return reuseAddr && other.reuseAddr || reusePort && other.reusePort;
    }
}
