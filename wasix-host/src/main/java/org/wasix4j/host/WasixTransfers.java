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
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SocketAddr;

/**
 * What sockets, pipes and pairs receive and send. Each function checks the pointers that it will
 * write to before anything happens. Errors of all: badf for a number that is not in use, notsock
 * for one that neither receives nor sends, and the profile's bad-pointer error.
 *
 * <p>Source: wasix-witx {@code wasix_32v1}, wasi-witx {@code wasi_snapshot_preview1.witx};
 * recvmsg(2), sendmsg(2), sendfile(2).
 */
public final class WasixTransfers implements HostModule {

    /**
     * How much of a file in memory one sendfile sends; programs go on when it was less than asked.
     */
    private static final int COPY_CHUNK = 1 << 20;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "sock_recv", "sock_recv_v2" -> this::sockRecv;
            case "sock_recv_from" -> this::sockRecvFrom;
            case "sock_send", "sock_send_v2" -> this::sockSend;
            case "sock_send_to" -> this::sockSendTo;
            case "sock_send_file" -> this::sockSendFile;
            default -> null;
        };
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
                    socket != null && WasixSockets.networkOrderPorts(call, socket));
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
        SocketDescription socket = WasixSockets.socket(call, args[0]);
        int flags = siFlags & SockFlags.SEND_DONT_WAIT;
        call.memory().check((int) sizeOut, 4);
        SocketAddr to = WasixSockets.readAddress(call, args[4], socket);
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
        // the kernel reads nothing beyond the largest offset, and would call that invalid
        count = Math.min(count, Long.MAX_VALUE - offset);
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
}
