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
        AddressFamily known = requireFamily(family);
        SockType kind = requireType(type);
        requireProtocol(kind, protocol);
        if (known == AddressFamily.UNIX) {
            return kind == SockType.STREAM ? StreamSocket.unix(net) : new UnixDatagramSocket(net);
        }
        if (!net.network().supports(known)) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return kind == SockType.STREAM ? StreamSocket.tcp(net, known) : new UdpSocket(net, known);
    }

    /** Refuses a number that is no family. */
    static AddressFamily requireFamily(@Nullable AddressFamily family) {
        if (family == null || family == AddressFamily.UNSPEC) {
            throw Errno.AFNOSUPPORT.exception();
        }
        return family;
    }

    /** Refuses a number that is no type, and types that are not implemented. */
    static SockType requireType(@Nullable SockType type) {
        if (type == null || type == SockType.UNUSED) {
            throw Errno.INVAL.exception();
        }
        if (type != SockType.STREAM && type != SockType.DGRAM) {
            throw Errno.PROTOTYPE.exception();
        }
        return type;
    }

    /**
     * Refuses protocols that do not belong to the type. Those of a unix socket are TCP and UDP too,
     * unlike on Linux: wasix-libc asks for them when a program names none.
     */
    static void requireProtocol(SockType type, int protocol) {
        int own = type == SockType.STREAM ? TcpFamily.PROTOCOL : UdpOptions.PROTOCOL;
        if (protocol != PROTOCOL_ANY && protocol != own) {
            throw Errno.PROTONOSUPPORT.exception();
        }
    }
}
