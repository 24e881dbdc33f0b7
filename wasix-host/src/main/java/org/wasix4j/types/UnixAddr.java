package org.wasix4j.types;

/**
 * A unix socket's address, like {@code struct sockaddr_un}.
 *
 * @param path the guest's path; empty for an unnamed socket
 */
public record UnixAddr(String path) implements SocketAddr {

    /** Bytes of a path in the ABI's record, the NUL that ends it included. */
    public static final int MAX_PATH = 108;

    /** The address of a socket without a name. */
    public static final UnixAddr UNNAMED = new UnixAddr("");

    @Override
    public AddressFamily family() {
        return AddressFamily.UNIX;
    }

    @Override
    public String toString() {
        return "unix:" + path;
    }
}
