package org.wasix4j.host;

import org.wasix4j.abi.AddrCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.SocketFactory;
import org.wasix4j.system.net.SocketPair;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * Sockets: the {@code sock_*} functions but those that transfer bytes, which are in {@link
 * WasixTransfers}, and options. Each decodes its arguments, checks the pointers it will write to
 * before anything happens, calls the {@link SocketDescription}, and encodes.
 *
 * <p>Every function answers badf for a number that is not in use, notsock for one that is not a
 * socket, and the profile's bad-pointer error.
 *
 * <p>Source: wasix-witx {@code wasix_32v1}, wasi-witx {@code wasi_snapshot_preview1.witx}; the man
 * pages of the POSIX functions.
 */
public final class WasixSockets implements HostModule {

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "sock_open" -> this::sockOpen;
            case "sock_pair" -> this::sockPair;
            case "sock_bind" -> this::sockBind;
            case "sock_listen" -> this::sockListen;
            case "sock_accept iii:i" -> this::sockAcceptV1;
            case "sock_accept iiii:i", "sock_accept_v2" -> this::sockAccept;
            case "sock_connect" -> this::sockConnect;
            case "sock_shutdown" -> this::sockShutdown;
            case "sock_status" -> this::sockStatus;
            case "sock_addr_local" -> this::sockAddrLocal;
            case "sock_addr_peer" -> this::sockAddrPeer;
            default -> null;
        };
    }

    /** The socket of a number. */
    static SocketDescription socket(CallContext call, long fd) {
        return call.descriptors().get((int) fd, SocketDescription.class, Errno.NOTSOCK);
    }

    /**
     * {@code sock_open(af, socktype, sock_proto, ret: *fd)}: socket(2). Takes nothing from the host
     * yet. Errors: afnosupport, inval for a type that is none, prototype for raw and seqpacket,
     * protonosupport, mfile.
     */
    private Errno sockOpen(CallContext call, long[] args) {
        int af = (int) args[0];
        int socktype = (int) args[1];
        int sockProto = (int) args[2];
        int result = (int) args[3];
        call.memory().check(result, 4);
        int typeCode = socktype & 0xff;
        SocketDescription socket =
                SocketFactory.open(
                        call.process().net(),
                        AddressFamily.of(af),
                        call.profile().sockType(typeCode),
                        sockProto & 0xffff);
        // the first generation's C library, which sends file types, does not swap ports
        if (call.profile().legacySockTypes() && typeCode >= 5) {
            NetworkOrderPorts.mark(socket);
        }
        call.memory().writeI32(result, install(call, socket, 0));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_pair(af, socktype, sock_proto, ret: *fd, ret: *fd)}: socketpair(2), in memory. An
     * internet family is taken too, which Linux refuses: guests ask for it. Errors: as {@link
     * #sockOpen}.
     */
    private Errno sockPair(CallContext call, long[] args) {
        int af = (int) args[0];
        int socktype = (int) args[1];
        int sockProto = (int) args[2];
        int firstFdOut = (int) args[3];
        int secondFdOut = (int) args[4];
        GuestMemory memory = call.memory();
        memory.check(firstFdOut, 4);
        memory.check(secondFdOut, 4);
        SocketDescription[] pair =
                SocketPair.open(
                        call.process().net(),
                        AddressFamily.of(af),
                        call.profile().sockType(socktype & 0xff),
                        sockProto & 0xffff);
        int[] numbers = call.descriptors().install(call.thread(), pair[0], pair[1]);
        memory.writeI32(firstFdOut, numbers[0]);
        memory.writeI32(secondFdOut, numbers[1]);
        return Errno.SUCCESS;
    }

    /** Gives a socket its number, or closes it when there is none. */
    static int install(CallContext call, SocketDescription socket, int flags) {
        socket.statusFlags(flags);
        return call.descriptors().install(call.thread(), socket);
    }

    /** Whether the ports of a socket stand in network order in address records. */
    static boolean networkOrderPorts(CallContext call, SocketDescription socket) {
        return call.profile().legacySockTypes() && NetworkOrderPorts.isMarked(socket);
    }

    static @Nullable SocketAddr readAddress(
            CallContext call, long address, SocketDescription socket) {
        return AddrCodec.read(
                call.memory(), (int) address, call.profile(), networkOrderPorts(call, socket));
    }

    private static void writeAddress(
            CallContext call, long address, @Nullable SocketAddr addr, SocketDescription socket) {
        AddrCodec.write(
                call.memory(),
                (int) address,
                addr,
                call.profile(),
                networkOrderPorts(call, socket));
    }

    /**
     * {@code sock_bind(fd, addr: &addr_port)}: bind(2). Unlike Linux a TCP socket always has
     * SO_REUSEADDR, and the port that wasix-libc probes is not taken before it is used. Errors:
     * inval when bound already, afnosupport, addrinuse, addrnotavail, acces by the policy or for a
     * privileged port, mfile.
     */
    private Errno sockBind(CallContext call, long[] args) {
        long addr = args[1];
        SocketDescription socket = socket(call, args[0]);
        socket.bind(readAddress(call, addr, socket));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_listen(fd, backlog)}: listen(2). A negative backlog asks for the longest queue,
     * as on Linux; 0 counts as 1 on the host's network, because the JVM cannot pass it on.
     * Listening again is a success that changes nothing. Unlike Linux an unbound socket is refused.
     * Errors: inval when not bound or connecting, isconn, notsup for datagrams, addrinuse, acces by
     * the policy.
     */
    private Errno sockListen(CallContext call, long[] args) {
        long fd = args[0];
        int backlog = (int) args[1];
        socket(call, fd).listen(backlog);
        return Errno.SUCCESS;
    }

    /** {@code sock_accept(fd, flags, ret: *fd)} of preview1: as {@link #sockAccept}, no address. */
    private Errno sockAcceptV1(CallContext call, long[] args) {
        return accept(call, args, false);
    }

    /**
     * {@code sock_accept_v2(fd, flags, ret: *fd, ret: *addr_port)}, which the first generation
     * calls {@code sock_accept}: accept4(2). The nonblock flag makes the new socket non-blocking,
     * and this very call too, as tokio's port relies on; the listener's own flag is not handed
     * down. A client that the policy forbids is closed and the wait goes on. Errors: again, inval
     * when not listening or for unknown flags, notsup for datagrams, mfile (the connection stays
     * queued), timedout by the accept timeout, badf when closed meanwhile, intr.
     */
    private Errno sockAccept(CallContext call, long[] args) {
        return accept(call, args, true);
    }

    private Errno accept(CallContext call, long[] args, boolean withAddress) {
        SocketDescription listener = socket(call, args[0]);
        int flags = (int) args[1];
        int fdOut = (int) args[2];
        int addrOut = withAddress ? (int) args[3] : 0;
        if ((flags & ~FdFlags.ALL) != 0) {
            return Errno.INVAL;
        }
        GuestMemory memory = call.memory();
        memory.check(fdOut, 4);
        if (withAddress) {
            AddrCodec.check(memory, addrOut, listener.family(), call.profile());
        }
        call.descriptors().requireFreeSocket();
        SocketDescription socket = listener.accept(call.thread(), (flags & FdFlags.NONBLOCK) != 0);
        if (socket == null) {
            return Errno.AGAIN;
        }
        if (networkOrderPorts(call, listener)) {
            NetworkOrderPorts.mark(socket);
        }
        SocketAddr peer = withAddress ? socket.peerOrNull() : null;
        memory.writeI32(fdOut, install(call, socket, flags));
        if (withAddress) {
            writeAddress(call, addrOut, peer, socket);
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_connect(fd, addr: &addr_port)}: connect(2). Errors: connrefused and the other
     * reasons of the network, inprogress when non-blocking, already, isconn, afnosupport, acces by
     * the policy, timedout by the connect timeout or the network, intr (the attempt goes on).
     */
    private Errno sockConnect(CallContext call, long[] args) {
        long addr = args[1];
        SocketDescription socket = socket(call, args[0]);
        socket.connect(call.thread(), readAddress(call, addr, socket));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_shutdown(fd, how)}: shutdown(2). Wakes blocked readers with 0 and blocked writers
     * with pipe; a listener stops listening and blocked accepts answer inval, as on Linux. Errors:
     * inval, notconn.
     */
    private Errno sockShutdown(CallContext call, long[] args) {
        long fd = args[0];
        int how = (int) args[1];
        socket(call, fd).shutdown(how);
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_status(fd, ret: *sock_status)}: has no POSIX equivalent; reports how a
     * non-blocking connect stands without taking its error away.
     */
    private Errno sockStatus(CallContext call, long[] args) {
        long fd = args[0];
        int sockStatusOut = (int) args[1];
        call.memory().writeU8(sockStatusOut, socket(call, fd).status().code());
        return Errno.SUCCESS;
    }

    /** {@code sock_addr_local(fd, ret: *addr_port)}: getsockname(2). */
    private Errno sockAddrLocal(CallContext call, long[] args) {
        long addrPortOut = args[1];
        SocketDescription socket = socket(call, args[0]);
        writeAddress(call, addrPortOut, socket.localAddress(), socket);
        return Errno.SUCCESS;
    }

    /** {@code sock_addr_peer(fd, ret: *addr_port)}: getpeername(2). Errors: notconn. */
    private Errno sockAddrPeer(CallContext call, long[] args) {
        long addrPortOut = args[1];
        SocketDescription socket = socket(call, args[0]);
        writeAddress(call, addrPortOut, socket.peerAddress(), socket);
        return Errno.SUCCESS;
    }
}
