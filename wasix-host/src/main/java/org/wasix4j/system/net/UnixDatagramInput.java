package org.wasix4j.system.net;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.net.MessageQueue.Message;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/**
 * What a unix datagram socket receives: the queued datagrams, the sockets that wait for room among
 * them, and the error that the next call reports.
 */
final class UnixDatagramInput {

    private final UnixDatagramSocket socket;
    private final MessageQueue queue;
    private final Room room = new Room();

    /** The sockets that are connected to this one, and so wait for room when it is full. */
    private final Set<UnixDatagramSocket> senders = ConcurrentHashMap.newKeySet();

    private final AtomicReference<Errno> pending = new AtomicReference<>();

    UnixDatagramInput(UnixDatagramSocket socket, MemoryBudget memory) {
        this.socket = socket;
        this.queue = new MessageQueue(memory);
    }

    /** Senders that wait until this socket has room. */
    private final class Room extends Pollable {

        @Override
        public int readiness(int interest) {
            return queue.hasRoom() ? interest & Readiness.WRITE : 0;
        }

        @Override
        public boolean isClosed() {
            return socket.isClosed();
        }

        private void announce() {
            signal(Readiness.WRITE);
        }

        private void end() {
            signal(-1);
            leaveAll();
        }
    }

    /** The datagrams that have come. */
    MessageQueue queue() {
        return queue;
    }

    /** Ready for writing when there is room for a datagram. */
    Pollable room() {
        return room;
    }

    void addSender(UnixDatagramSocket sender) {
        senders.add(sender);
    }

    void removeSender(UnixDatagramSocket sender) {
        senders.remove(sender);
    }

    /** Wakes the senders that wait for room. */
    void announceRoom() {
        room.announce();
        senders.forEach(sender -> sender.signal(Readiness.WRITE));
    }

    /** Receives; see {@link UnixDatagramSocket#receive}. */
    long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        boolean wait = !socket.isNonBlocking() && (flags & SockFlags.RECV_DONT_WAIT) == 0;
        boolean peek = (flags & SockFlags.RECV_PEEK) != 0;
        long deadline = 0;
        for (; ; ) {
            throwPending();
            boolean over = queue.hasEnded() || socket.twinIsGone();
            Message message;
            boolean madeRoom;
            synchronized (queue) {
                // one step: else a sender could fill it and park after the first look
                boolean full = !queue.hasRoom();
                message = queue.take(peek);
                madeRoom = full && queue.hasRoom();
            }
            socket.exhausted(Readiness.READ);
            if (madeRoom) {
                announceRoom();
            }
            if (message != null) {
                return deliver(message, buffers, count, flags, info);
            }
            if (over) {
                return 0;
            }
            if (!wait) {
                return OpenDescription.WOULD_BLOCK;
            }
            if (deadline == 0) {
                deadline = socket.options().deadline(SockOption.RECV_TIMEOUT);
            }
            if (!thread.awaitOrThrow(socket, Readiness.READ, deadline)) {
                return OpenDescription.WOULD_BLOCK;
            }
        }
    }

    private static long deliver(
            Message message,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        byte[] bytes = message.bytes();
        int copied = 0;
        for (int i = 0; i < count && copied < bytes.length; i++) {
            int part = Math.min(buffers[i].remaining(), bytes.length - copied);
            buffers[i].put(bytes, copied, part);
            copied += part;
        }
        if (info != null) {
            info.sender = message.sender();
            info.truncated = copied < bytes.length;
        }
        return (flags & SockFlags.RECV_DATA_TRUNCATED) != 0 ? bytes.length : copied;
    }

    // ---- the error that the next call reports

    /** Sets it, and wakes the socket's waiters. */
    void fail(Errno error) {
        pending.set(error);
        socket.signal(-1);
    }

    boolean hasPending() {
        return pending.get() != null;
    }

    void throwPending() {
        Errno error = pending.getAndSet(null);
        if (error != null) {
            throw error.exception();
        }
    }

    /** The number of the error, which is no longer reported then; 0 when there is none. */
    long takeError() {
        Errno error = pending.getAndSet(null);
        return error == null ? 0 : error.code();
    }

    /** Discards the datagrams and wakes the senders, which find the socket closed. */
    void close() {
        queue.abandon();
        room.end();
        senders.forEach(sender -> sender.signal(-1));
        senders.clear();
    }
}
