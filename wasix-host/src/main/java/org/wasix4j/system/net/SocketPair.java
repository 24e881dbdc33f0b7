package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockType;

/**
 * Two sockets that are connected to each other from the beginning, socketpair(2): in memory,
 * without names, not reachable from outside, and so not subject to the network policy.
 */
public final class SocketPair {

    private SocketPair() {}

    /**
     * A pair of connected sockets.
     *
     * @param family unix, or an internet family, as guests ask for those too; null for a number
     *     that is none
     * @param type stream or datagram; null for a number that is none
     * @param protocol 0, or the one that belongs to the type
     * @throws org.wasix4j.types.ErrnoException afnosupport, inval for a type that is none,
     *     prototype for raw and seqpacket, protonosupport
     */
    public static SocketDescription[] open(
            NetContext net, @Nullable AddressFamily family, @Nullable SockType type, int protocol) {
        AddressFamily known = SocketFactory.requireFamily(family);
        SockType kind = SocketFactory.requireType(type);
        SocketFactory.requireProtocol(kind, protocol);
        return kind == SockType.STREAM
                ? StreamPairSocket.pair(net, known)
                : UnixDatagramSocket.pair(net, known);
    }
}
