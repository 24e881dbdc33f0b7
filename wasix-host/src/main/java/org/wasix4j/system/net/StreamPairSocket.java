package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.poll.DuplexPipeEnd;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/** A stream socket of a pair: a {@link DuplexPipeEnd} with what sockets have beyond pipes. */
final class StreamPairSocket extends SocketDescription {

    private final DuplexPipeEnd end;
    private final MemoryOptions options;

    private StreamPairSocket(NetContext net, AddressFamily family, DuplexPipeEnd end) {
        super(net, family, SockType.STREAM);
        this.end = end;
        this.options = new MemoryOptions(SockType.STREAM, DuplexPipeEnd.CAPACITY, this::takeError);
        end.attach(this);
    }

    static SocketDescription[] pair(NetContext net, AddressFamily family) {
        DuplexPipeEnd[] ends = DuplexPipeEnd.pair(net.memory());
        return new SocketDescription[] {
            new StreamPairSocket(net, family, ends[0]), new StreamPairSocket(net, family, ends[1])
        };
    }

    @Override
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        if (Buffers.remaining(buffers, count) == 0) {
            return Buffers.receiveNothing(this, thread, flags);
        }
        return end.receive(
                thread,
                buffers,
                count,
                !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0,
                flags,
                options.deadline(SockOption.RECV_TIMEOUT));
    }

    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        return end.send(
                thread, buffers, count, wait, false, options.deadline(SockOption.SEND_TIMEOUT));
    }

    @Override
    public void bind(@Nullable SocketAddr local) {
        throw Errno.INVAL.exception();
    }

    @Override
    public void listen(int backlog) {
        throw Errno.ISCONN.exception();
    }

    @Override
    public void connect(GuestThread thread, @Nullable SocketAddr remote) {
        throw Errno.ISCONN.exception();
    }

    @Override
    public void shutdown(int how) {
        SockFlags.requireShutdown(how);
        end.shutdown((how & SockFlags.SHUT_RD) != 0, (how & SockFlags.SHUT_WR) != 0);
    }

    @Override
    public SockStatus status() {
        return end.isOver() ? SockStatus.CLOSED : SockStatus.OPENED;
    }

    @Override
    public SocketAddr localAddress() {
        return UnixAddr.UNNAMED;
    }

    @Override
    public SocketAddr peerAddress() {
        return UnixAddr.UNNAMED;
    }

    @Override
    public SocketOptions options() {
        return options;
    }

    @Override
    public int readiness(int interest) {
        return end.readiness(interest);
    }

    @Override
    public long readableBytes() {
        return end.readableBytes();
    }

    @Override
    public long writableBytes() {
        return end.writableBytes();
    }

    private long takeError() {
        return end.takeReset() ? Errno.CONNRESET.code() : 0;
    }

    @Override
    protected void onClose() {
        end.reset();
    }
}
