package org.wasix4j.types;

/** The address of a socket, like {@code struct sockaddr}. */
public sealed interface SocketAddr permits InetAddr, UnixAddr {

    /** {@return which family the address belongs to} */
    AddressFamily family();
}
