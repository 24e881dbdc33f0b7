package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** What stream sockets of different families differ in. Has no state: one object serves all. */
sealed interface StreamFamily permits TcpFamily, UnixFamily {

    /** The address family. */
    AddressFamily family();

    /** The protocol's IANA number, 0 when there is none. */
    int protocol();

    /** Where the endpoints of one socket come from. */
    Network network(NetContext net);

    /**
     * Checks an address to bind.
     *
     * @throws org.wasix4j.types.ErrnoException what Linux answers for a foreign or impossible one
     */
    SocketAddr checkLocal(@Nullable SocketAddr address);

    /**
     * Checks an address to connect to, from a phase.
     *
     * @return where to connect to
     * @throws org.wasix4j.types.ErrnoException as {@link #checkLocal}
     */
    SocketAddr checkRemote(@Nullable SocketAddr address, StreamPhase from);

    /** The local address of a socket that has none. */
    SocketAddr unboundAddress();

    /** Whether binding only takes note of the address, which is reserved when it is used. */
    boolean bindsLate(SocketAddr address);

    /** Whether the policy is asked about addresses as they are given; else the network asks. */
    boolean asksPolicy();

    /** Whether a peer that connected is to be accepted, the policy apart. */
    boolean accepts(StreamOptions options, SocketAddr peer);
}
