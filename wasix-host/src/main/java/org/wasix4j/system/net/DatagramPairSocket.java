package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/**
 * A datagram socket of a pair: each send is one datagram, each receive takes one, and what does not
 * fit into the buffers is lost. Unlike on Linux, a receive does not wait for ever when the other
 * socket is gone, but answers 0 as a stream does.
 */
final class DatagramPairSocket extends SocketPair {

    private final MessageQueue in;
    private final MessageQueue out;
    private DatagramPairSocket peer;
    private volatile boolean writeShut;

    private DatagramPairSocket(
            NetContext net, AddressFamily family, MessageQueue in, MessageQueue out) {
        super(net, family, SockType.DGRAM);
        this.in = in;
        this.out = out;
    }

    static SocketPair[] pair(NetContext net, AddressFamily family) {
        MessageQueue forth = new MessageQueue();
        MessageQueue back = new MessageQueue();
        DatagramPairSocket first = new DatagramPairSocket(net, family, back, forth);
        DatagramPairSocket second = new DatagramPairSocket(net, family, forth, back);
        first.peer = second;
        second.peer = first;
        return new SocketPair[] {first, second};
    }

    @Override
    public long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        long deadline = 0;
        for (; ; ) {
            boolean ended = in.hasEnded();
            byte[] message;
            boolean madeRoom;
            synchronized (in) {
                // one step: else a sender could fill it and park after the first look
                boolean full = !in.hasRoom();
                message = in.take(peek);
                madeRoom = full && in.hasRoom();
            }
            exhausted(Readiness.READ);
            if (madeRoom) {
                peer.signal(Readiness.WRITE);
            }
            if (message != null) {
                return deliver(message, buffers, count, flags, info);
            }
            if (ended) {
                return 0;
            }
            if (!wait) {
                return WOULD_BLOCK;
            }
            deadline = deadline == 0 ? deadline(SockOption.RECV_TIMEOUT) : deadline;
            if (!thread.awaitOrThrow(this, Readiness.READ, deadline)) {
                return WOULD_BLOCK;
            }
        }
    }

    private static long deliver(
            byte[] message, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        int copied = 0;
        for (int i = 0; i < count && copied < message.length; i++) {
            int part = Math.min(buffers[i].remaining(), message.length - copied);
            buffers[i].put(message, copied, part);
            copied += part;
        }
        if (info != null) {
            info.truncated = copied < message.length;
        }
        return (flags & SockFlags.RECV_DATA_TRUNCATED) != 0 ? message.length : copied;
    }

    /** Errors: msgsize, pipe after a shutdown, connrefused when the other socket is gone. */
    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        byte[] message = gather(buffers, count);
        long deadline = 0;
        for (; ; ) {
            if (out.hasEnded()) {
                boolean gone = !writeShut && out.isAbandoned();
                throw (gone ? Errno.CONNREFUSED : Errno.PIPE).exception();
            }
            if (out.offer(message)) {
                peer.signal(Readiness.READ);
                return message.length;
            }
            exhausted(Readiness.WRITE);
            if (!wait) {
                return WOULD_BLOCK;
            }
            deadline = deadline == 0 ? deadline(SockOption.SEND_TIMEOUT) : deadline;
            if (!thread.awaitOrThrow(this, Readiness.WRITE, deadline)) {
                return WOULD_BLOCK;
            }
        }
    }

    private static byte[] gather(ByteBuffer[] buffers, int count) {
        long length = 0;
        for (int i = 0; i < count; i++) {
            length += buffers[i].remaining();
        }
        if (length > MessageQueue.MAX_MESSAGE) {
            throw Errno.MSGSIZE.exception();
        }
        byte[] message = new byte[(int) length];
        int at = 0;
        for (int i = 0; i < count; i++) {
            int part = buffers[i].remaining();
            buffers[i].get(message, at, part);
            at += part;
        }
        return message;
    }

    @Override
    void shutdown(boolean reading, boolean writing) {
        if (reading) {
            in.end();
        }
        if (writing) {
            writeShut = true;
            out.end();
        }
        signal(-1);
        peer.signal(-1);
    }

    @Override
    boolean isOver() {
        return in.hasEnded() && out.hasEnded();
    }

    @Override
    int capacity() {
        return MessageQueue.MAX_MESSAGE;
    }

    @Override
    public int readiness(int interest) {
        boolean inEnded = in.hasEnded();
        int holding = 0;
        if ((interest & Readiness.READ) != 0 && (inEnded || !in.isEmpty())) {
            holding |= Readiness.READ;
        }
        if ((interest & Readiness.WRITE) != 0 && out.hasRoom()) {
            holding |= Readiness.WRITE;
        }
        if (inEnded) {
            holding |= Readiness.READ_HANGUP | (out.hasEnded() ? Readiness.HANGUP : 0);
        }
        return holding;
    }

    @Override
    public long readableBytes() {
        return in.firstLength();
    }

    @Override
    protected void onClose() {
        in.abandon();
        out.end();
        peer.signal(-1);
    }
}
