package org.wasix4j.system.net;

import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockType;

/** Makes fresh sockets, socket(2): which combinations of family, type and protocol there are. */
public final class SocketFactory {

    private static final int PROTOCOL_ANY = 0;

    private SocketFactory() {}

    /**
     * A fresh socket. Opens nothing on the host yet.
     *
     * @param family null for a number that is none
     * @param type null for a number that is none
     * @param protocol IANA number, 0 for the type's own
     * @throws org.wasix4j.types.ErrnoException afnosupport, inval for a type that is none,
     *     prototype for raw and seqpacket, protonosupport
     */
    public static SocketDescription open(
            NetContext net, @Nullable AddressFamily family, @Nullable SockType type, int protocol) {
        requireKind(family, type);
        if (family == AddressFamily.UNIX) {
            return unix(net, type, protocol);
        }
        requireProtocol(type, protocol);
        if (!net.network().supports(family)) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return type == SockType.STREAM ? StreamSocket.tcp(net, family) : new UdpSocket(net, family);
    }

    /** Refuses families and types that there are not. */
    static void requireKind(AddressFamily family, SockType type) {
        if (family == null || family == AddressFamily.UNSPEC) {
            throw Errno.AFNOSUPPORT.exception();
        }
        if (type == null || type == SockType.UNUSED) {
            throw Errno.INVAL.exception();
        }
        if (type != SockType.STREAM && type != SockType.DGRAM) {
            throw Errno.PROTOTYPE.exception();
        }
    }

    /** Refuses protocols that do not belong to the type. */
    static void requireProtocol(SockType type, int protocol) {
        int own = type == SockType.STREAM ? TcpFamily.PROTOCOL : UdpOptions.PROTOCOL;
        if (protocol != PROTOCOL_ANY && protocol != own) {
            throw Errno.PROTONOSUPPORT.exception();
        }
    }

    /**
     * That TCP and UDP are protocols of unix sockets is not what Linux says, but what wasix-libc
     * asks for when a program names none.
     */
    private static SocketDescription unix(NetContext net, SockType type, int protocol) {
        requireProtocol(type, protocol);
        return type == SockType.STREAM ? StreamSocket.unix(net) : new UnixDatagramSocket(net);
    }
}
