package org.wasix4j.host;

import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.IoVecs;
import org.wasix4j.abi.WasiAddressCodec;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.SocketFactory;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * Sockets for wasip1: the functions that other runtimes added to {@code wasi_snapshot_preview1}, so
 * that programs for it (Go, Rust) open sockets of their own. They act on the same machine as {@link
 * WasixSockets}, under the same rules and limits. Three things differ from WASIX: an address is a
 * {@link WasiAddressCodec record of a pointer and a size}, a port is a parameter of its own, and
 * the numbers of socket types and options are others.
 *
 * <p>Every function answers badf for a number that is not in use, notsock for one that is not a
 * socket, and fault for a bad pointer.
 *
 * <p>Source: the crate {@code wasmedge_wasi_socket}; the man pages of the POSIX namesakes.
 */
public final class Wasip1Sockets implements HostModule {

    private static final String MODULE = "wasi_snapshot_preview1";

    private static final int TYPE_DGRAM = 1;
    private static final int TYPE_STREAM = 2;

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        if (!key.startsWith(MODULE)) {
            return null;
        }
        return switch (key.substring(MODULE.length() + 1)) {
            case "sock_open iii:i", "sock_open_v2 iii:i" -> this::sockOpen;
            case "sock_bind iii:i", "sock_bind_v2 iii:i" -> this::sockBind;
            case "sock_listen ii:i", "sock_listen_v2 ii:i" -> this::sockListen;
            case "sock_accept ii:i" -> this::sockAccept;
            case "sock_accept_v2 iii:i" -> this::sockAcceptV2;
            case "sock_connect iii:i", "sock_connect_v2 iii:i" -> this::sockConnect;
            case "sock_recv_from iiiiiii:i" -> this::sockRecvFromV1;
            case "sock_recv_from iiiiiiii:i", "sock_recv_from_v2 iiiiiiii:i" -> this::sockRecvFrom;
            case "sock_send_to iiiiiii:i", "sock_send_to_v2 iiiiiii:i" -> this::sockSendTo;
            case "sock_getlocaladdr iiii:i" -> this::sockGetLocalAddr;
            case "sock_getlocaladdr_v2 iii:i" -> this::sockGetLocalAddrV2;
            case "sock_getpeeraddr iiii:i" -> this::sockGetPeerAddr;
            case "sock_getpeeraddr_v2 iii:i" -> this::sockGetPeerAddrV2;
            default -> null;
        };
    }

    /** The type of a number: 1 datagram, 2 stream; null for any other. */
    static @Nullable SockType sockType(int code) {
        return switch (code) {
            case TYPE_DGRAM -> SockType.DGRAM;
            case TYPE_STREAM -> SockType.STREAM;
            default -> null;
        };
    }

    /** The number of a type. */
    static int typeCode(SockType type) {
        return type == SockType.DGRAM ? TYPE_DGRAM : TYPE_STREAM;
    }

    /**
     * {@code sock_open(af, socktype, ret: *fd)}: socket(2) without a protocol. Families: 1 IPv4, 2
     * IPv6, 3 unix. Errors: afnosupport, inval for a type that is none, prototype, mfile.
     */
    private Errno sockOpen(CallContext call, long[] args) {
        int af = (int) args[0];
        int socktype = (int) args[1];
        int fdOut = (int) args[2];
        call.memory().check(fdOut, 4);
        SocketDescription socket =
                SocketFactory.open(
                        call.process().net(),
                        AddressFamily.of(af & 0xff),
                        sockType(socktype & 0xff),
                        0);
        call.memory().writeI32(fdOut, WasixSockets.install(call, socket, 0));
        return Errno.SUCCESS;
    }

    /** {@code sock_bind(fd, addr: &wasi_address, port)}: bind(2). Errors: as in WASIX. */
    private Errno sockBind(CallContext call, long[] args) {
        long addr = args[1];
        long port = args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        socket.bind(address(call, addr, port));
        return Errno.SUCCESS;
    }

    /** {@code sock_listen(fd, backlog)}: listen(2). Errors: as in WASIX. */
    private Errno sockListen(CallContext call, long[] args) {
        long fd = args[0];
        int backlog = (int) args[1];
        WasixSockets.socket(call, fd).listen(backlog);
        return Errno.SUCCESS;
    }

    /** {@code sock_connect(fd, addr: &wasi_address, port)}: connect(2). Errors: as in WASIX. */
    private Errno sockConnect(CallContext call, long[] args) {
        long addr = args[1];
        long port = args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        socket.connect(call.thread(), address(call, addr, port));
        return Errno.SUCCESS;
    }

    private static SocketAddr address(CallContext call, long record, long port) {
        return WasiAddressCodec.read(call.memory(), (int) record, (int) port & 0xffff);
    }

    /** {@code sock_accept(fd, ret: *fd)}: accept(2). Errors: as in WASIX. */
    private Errno sockAccept(CallContext call, long[] args) {
        long fd = args[0];
        long fdOut = args[1];
        return accept(call, fd, 0, fdOut);
    }

    /**
     * {@code sock_accept_v2(fd, flags, ret: *fd)}: accept4(2); the flags are those of preview1's
     * {@code sock_accept}. Errors: as there.
     */
    private Errno sockAcceptV2(CallContext call, long[] args) {
        long fd = args[0];
        int flags = (int) args[1];
        long fdOut = args[2];
        return accept(call, fd, flags, fdOut);
    }

    private static Errno accept(CallContext call, long fd, int flags, long result) {
        SocketDescription listener = WasixSockets.socket(call, fd);
        if ((flags & ~FdFlags.ALL) != 0) {
            return Errno.INVAL;
        }
        call.memory().check((int) result, 4);
        call.descriptors().requireFreeSocket();
        SocketDescription socket = listener.accept(call.thread(), (flags & FdFlags.NONBLOCK) != 0);
        if (socket == null) {
            return Errno.AGAIN;
        }
        call.memory().writeI32((int) result, WasixSockets.install(call, socket, flags));
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_recv_from(fd, ri_data, ri_data_len, addr: &wasi_address, ri_flags, ret: *size,
     * ret: *roflags)}: recvfrom(2), without the port of the sender.
     */
    private Errno sockRecvFromV1(CallContext call, long[] args) {
        long sizeOut = args[5];
        long roflagsOut = args[6];
        return receive(call, args, 0, sizeOut, roflagsOut);
    }

    /**
     * {@code sock_recv_from(fd, ri_data, ri_data_len, addr: &wasi_address, ri_flags, ret: port:
     * *u32, ret: *size, ret: *roflags)}: recvfrom(2). On a stream the address is the peer's. An
     * address that does not fit into the record is left out; the data is not lost. Errors: as in
     * WASIX; inval for a record that is not of 4, 16 or 128 bytes.
     */
    private Errno sockRecvFrom(CallContext call, long[] args) {
        int portOut = (int) args[5];
        long sizeOut = args[6];
        long roflagsOut = args[7];
        call.memory().check(portOut, 4);
        return receive(call, args, portOut, sizeOut, roflagsOut);
    }

    private static Errno receive(
            CallContext call, long[] args, int portResult, long sizeResult, long flagsResult) {
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        int addrOut = (int) args[3];
        int flags = (int) args[4];
        if ((flags & ~SockFlags.RECV_ALL) != 0) {
            return Errno.INVAL;
        }
        GuestMemory memory = call.memory();
        WasiAddressCodec.check(memory, addrOut);
        memory.check((int) sizeResult, 4);
        memory.check((int) flagsResult, 2);
        IoVecs vectors = call.ioVecs().forRead((int) args[1], (int) args[2]);
        ReceiveInfo info = call.receiveInfo();
        long count = socket.receive(call.thread(), vectors.buffers(), vectors.count(), flags, info);
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        vectors.finishRead();
        SocketAddr sender = info.sender == null ? socket.peerOrNull() : info.sender;
        WasiAddressCodec.write(memory, addrOut, sender);
        if (portResult != 0) {
            memory.writeI32(portResult, WasiAddressCodec.port(sender));
        }
        memory.writeI32((int) sizeResult, (int) count);
        memory.writeU16((int) flagsResult, info.truncated ? SockFlags.RECV_TRUNCATED : 0);
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_send_to(fd, si_data, si_data_len, addr: &wasi_address, port, si_flags, ret:
     * *size)}: sendto(2). Errors: as in WASIX.
     */
    private Errno sockSendTo(CallContext call, long[] args) {
        int siData = (int) args[1];
        int siDataLen = (int) args[2];
        int siFlags = (int) args[5];
        int sizeOut = (int) args[6];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        int flags = siFlags & SockFlags.SEND_DONT_WAIT;
        call.memory().check(sizeOut, 4);
        SocketAddr to = address(call, args[3], args[4]);
        IoVecs vectors = call.ioVecs().forWrite(siData, siDataLen);
        long count = socket.sendTo(call.thread(), vectors.buffers(), vectors.count(), flags, to);
        if (count == OpenDescription.WOULD_BLOCK) {
            return Errno.AGAIN;
        }
        call.memory().writeI32(sizeOut, (int) count);
        return Errno.SUCCESS;
    }

    /**
     * {@code sock_getlocaladdr(fd, addr: &wasi_address, ret: type: *u32, ret: port: *u32)}:
     * getsockname(2). The type is 4 or 6, as the first generation has it, and 3 for a unix socket.
     * Errors: inval when the address does not fit into the record.
     */
    private Errno sockGetLocalAddr(CallContext call, long[] args) {
        int addr = (int) args[1];
        int typeOut = (int) args[2];
        int portOut = (int) args[3];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        return tell(call, socket.localAddress(), addr, typeOut, portOut);
    }

    /** {@code sock_getlocaladdr_v2(fd, addr: &wasi_address, ret: port: *u32)}: getsockname(2). */
    private Errno sockGetLocalAddrV2(CallContext call, long[] args) {
        int addr = (int) args[1];
        int portOut = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        return tell(call, socket.localAddress(), addr, 0, portOut);
    }

    /**
     * {@code sock_getpeeraddr(fd, addr: &wasi_address, ret: type: *u32, ret: port: *u32)}:
     * getpeername(2). Errors: notconn, and as {@link #sockGetLocalAddr}.
     */
    private Errno sockGetPeerAddr(CallContext call, long[] args) {
        int addr = (int) args[1];
        int typeOut = (int) args[2];
        int portOut = (int) args[3];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        return tell(call, socket.peerAddress(), addr, typeOut, portOut);
    }

    /** {@code sock_getpeeraddr_v2(fd, addr: &wasi_address, ret: port: *u32)}: getpeername(2). */
    private Errno sockGetPeerAddrV2(CallContext call, long[] args) {
        int addr = (int) args[1];
        int portOut = (int) args[2];
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        return tell(call, socket.peerAddress(), addr, 0, portOut);
    }

    private static Errno tell(
            CallContext call, SocketAddr address, int record, int typeResult, int portResult) {
        GuestMemory memory = call.memory();
        WasiAddressCodec.check(memory, record);
        memory.check(portResult, 4);
        if (typeResult != 0) {
            memory.check(typeResult, 4);
        }
        if (!WasiAddressCodec.write(memory, record, address)) {
            return Errno.INVAL;
        }
        if (typeResult != 0) {
            memory.writeI32(typeResult, addressType(address));
        }
        memory.writeI32(portResult, WasiAddressCodec.port(address));
        return Errno.SUCCESS;
    }

    private static int addressType(SocketAddr address) {
        AddressFamily family = address.family();
        return switch (family) {
            case INET4 -> 4;
            case INET6 -> 6;
            default -> family.code();
        };
    }
}
