package org.wasix4j.host;

import java.nio.ByteBuffer;
import org.wasix4j.abi.AddrCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.IoVecs;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.fs.OpenFile;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.SocketFactory;
import org.wasix4j.system.net.SocketPair;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SocketAddr;

/**
 * Sockets: the {@code sock_*} functions. Each decodes its arguments, checks the pointers it will
 * write to before anything happens, calls the {@link SocketDescription}, and encodes.
 *
 * <p>Every function answers badf for a number that is not in use, notsock for one that is not a
 * socket, and the profile's bad-pointer error.
 *
 * <p>Source: wasix-witx {@code wasix_32v1}, wasi-witx {@code wasi_snapshot_preview1.witx}; the man
 * pages of the POSIX functions.
 */
public final class WasixSockets implements HostModule {

    /**
     * How much of a file in memory one sendfile sends; programs go on when it was less than asked.
     */
    private static final int COPY_CHUNK = 1 << 20;

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
            case "sock_recv", "sock_recv_v2" -> this::sockRecv;
            case "sock_recv_from" -> this::sockRecvFrom;
            case "sock_send", "sock_send_v2" -> this::sockSend;
            case "sock_send_to" -> this::sockSendTo;
            case "sock_send_file" -> this::sockSendFile;
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

    /** What can receive and send: sockets, pipes and pairs. */
    private static OpenDescription messages(CallContext call, long fd) {
        OpenDescription description = call.descriptors().get((int) fd);
        if (!(description instanceof MessageIo)) {
            throw Errno.NOTSOCK.exception();
        }
        return description;
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
    private static boolean networkOrderPorts(CallContext call, SocketDescription socket) {
        return call.profile().legacySockTypes() && NetworkOrderPorts.isMarked(socket);
    }

    private static @Nullable SocketAddr readAddress(
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
        SocketAddr peer = withAddress ? peerOrNull(socket) : null;
        memory.writeI32(fdOut, install(call, socket, flags));
        if (withAddress) {
            writeAddress(call, addrOut, peer, socket);
        }
        return Errno.SUCCESS;
    }

    /** The peer of an accepted connection; none when it is reset already. */
    private static @Nullable SocketAddr peerOrNull(SocketDescription socket) {
        try {
            return socket.peerAddress();
        } catch (ErrnoException e) {
            return null;
        }
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
     * {@code sock_recv(fd, ri_data, ri_data_len, ri_flags, ret: *size, ret: *roflags)}: recvmsg(2).
     * Works on pipes and pairs too. Errors: again, notconn, connreset once, the pending error of a
     * connection attempt once, inval for unknown flags, intr.
     */
    Errno sockRecv(CallContext call, long[] args) {
        return receive(call, args, false);
    }

    /**
     * {@code sock_recv_from(fd, ri_data, ri_data_len, ri_flags, ret: *size, ret: *roflags, ret:
     * *addr_port)}: recvfrom(2). On a stream there is no address, as on Linux. Errors: as {@link
     * #sockRecv}.
     */
    Errno sockRecvFrom(CallContext call, long[] args) {
        return receive(call, args, true);
    }

    private Errno receive(CallContext call, long[] args, boolean withAddress) {
        OpenDescription description = messages(call, args[0]);
        int riData = (int) args[1];
        int riDataLen = (int) args[2];
        int flags = (int) args[3];
        int sizeOut = (int) args[4];
        int roflagsOut = (int) args[5];
        int addrOut = withAddress ? (int) args[6] : 0;
        if ((flags & ~SockFlags.RECV_ALL) != 0) {
            return Errno.INVAL;
        }
        GuestMemory memory = call.memory();
        memory.check(sizeOut, 4);
        memory.check(roflagsOut, 2);
        SocketDescription socket = description instanceof SocketDescription s ? s : null;
        if (withAddress) {
            AddressFamily family = socket == null ? AddressFamily.INET4 : socket.family();
            AddrCodec.check(memory, addrOut, family, call.profile());
        }
        IoVecs vectors = call.ioVecs().forRead(riData, riDataLen);
        ReceiveInfo info = call.receiveInfo();
        long count =
                ((MessageIo) description)
                        .receive(call.thread(), vectors.buffers(), vectors.count(), flags, info);
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        vectors.finishRead();
        memory.writeI32(sizeOut, (int) count);
        memory.writeU16(roflagsOut, info.truncated ? SockFlags.RECV_TRUNCATED : 0);
        if (withAddress) {
            AddrCodec.write(
                    memory,
                    addrOut,
                    info.sender,
                    call.profile(),
                    socket != null && networkOrderPorts(call, socket));
        }
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_send(fd, si_data, si_data_len, si_flags, ret: *size)}: sendmsg(2). A blocking
     * stream sends everything before it returns, unless an error or a signal follows partial
     * progress. Works on pipes and pairs too. Errors: again, notconn, connreset then pipe, pipe,
     * msgsize and destaddrreq for datagrams, intr. No SIGPIPE.
     */
    Errno sockSend(CallContext call, long[] args) {
        int siData = (int) args[1];
        int siDataLen = (int) args[2];
        int siFlags = (int) args[3];
        long sizeOut = args[4];
        OpenDescription description = messages(call, args[0]);
        int flags = siFlags & SockFlags.SEND_DONT_WAIT;
        call.memory().check((int) sizeOut, 4);
        IoVecs vectors = call.ioVecs().forWrite(siData, siDataLen);
        return sent(
                call,
                sizeOut,
                ((MessageIo) description)
                        .send(call.thread(), vectors.buffers(), vectors.count(), flags));
    }

    /**
     * {@code sock_send_to(fd, si_data, si_data_len, si_flags, addr: &addr_port, ret: *size)}:
     * sendto(2). A connected stream ignores the address. Errors: as {@link #sockSend}, and
     * afnosupport, inval for port 0, acces by the policy.
     */
    Errno sockSendTo(CallContext call, long[] args) {
        int siData = (int) args[1];
        int siDataLen = (int) args[2];
        int siFlags = (int) args[3];
        long sizeOut = args[5];
        SocketDescription socket = socket(call, args[0]);
        int flags = siFlags & SockFlags.SEND_DONT_WAIT;
        call.memory().check((int) sizeOut, 4);
        SocketAddr to = readAddress(call, args[4], socket);
        IoVecs vectors = call.ioVecs().forWrite(siData, siDataLen);
        return sent(
                call,
                sizeOut,
                socket.sendTo(call.thread(), vectors.buffers(), vectors.count(), flags, to));
    }

    /**
     * {@code sock_send_file(out_fd, in_fd, offset, count, ret: *filesize)}: sendfile(2). The file
     * is read at the offset; its own offset moves only when it is the one given, because wasix-libc
     * passes the present one for a null pointer. The target is anything that can be written.
     * Errors: again when nothing could be sent, inval when the source is no regular file or the
     * target a file that is appended to, isdir, badf when one of them is not open for it, notconn,
     * pipe.
     */
    private Errno sockSendFile(CallContext call, long[] args) {
        int outFd = (int) args[0];
        int inFd = (int) args[1];
        long count = args[3] < 0 ? Long.MAX_VALUE : args[3];
        int filesizeOut = (int) args[4];
        OpenDescription out = call.descriptors().get(outFd);
        OpenDescription source = call.descriptors().get(inFd);
        call.memory().check(filesizeOut, 8);
        if (source.type() == FileType.DIRECTORY) {
            return Errno.ISDIR;
        }
        long offset = args[2];
        if (!(source instanceof OpenFile file) || offset < 0) {
            return Errno.INVAL;
        }
        file.requireReadable();
        out.require(Rights.FD_WRITE);
        if (out instanceof OpenFile target) {
            // also when the source has nothing to send
            target.requireWritable();
            if ((target.statusFlags() & FdFlags.APPEND) != 0) {
                return Errno.INVAL;
            }
        }
        long sent =
                file.fileChannel() == null
                        ? copy(call, file, out, offset, count)
                        : out.sendFile(call.thread(), file.fileChannel(), offset, count);
        if (sent == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        if (file.tell() == offset) {
            file.seek(sent, OpenFile.Whence.CURRENT);
        }
        call.memory().writeI64(filesizeOut, sent);
        return Errno.SUCCESS;
    }

    /** Sends from a file that has no channel: as much as one write takes of a chunk. */
    private static long copy(
            CallContext call, OpenFile file, OpenDescription out, long offset, long count) {
        ByteBuffer[] chunk = {ByteBuffer.allocate((int) Math.min(count, COPY_CHUNK))};
        file.pread(chunk, 1, offset);
        chunk[0].flip();
        return out.write(call.thread(), chunk, 1);
    }

    private static Errno sent(CallContext call, long result, long count) {
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        call.memory().writeI32((int) result, (int) count);
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
