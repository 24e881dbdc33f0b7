package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.fs.SocketNode;
import org.wasix4j.system.net.MessageQueue.Message;
import org.wasix4j.system.net.MessageQueue.Offer;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * A unix datagram socket, unix(7): each send is one datagram, each receive takes one, and what does
 * not fit into the buffers is lost. In memory: it reaches the sockets of this JVM, by name (see
 * {@link UnixFiles}) or as the other one of a pair.
 *
 * <p>Unlike on Linux, a socket of a pair does not wait for ever when the other one is gone: a
 * receive answers 0 then, as a stream does.
 *
 * <p>Lock rule: {@code lock} guards the name and the peer, and is held while a path is walked to
 * bind it. Other sockets are notified without it.
 */
final class UnixDatagramSocket extends SocketDescription {

    private final Object lock = new Object();
    private final UnixDatagramInput input;
    private final MemoryOptions options;

    /** The other one of a pair, or null. */
    private volatile @Nullable UnixDatagramSocket twin;

    private volatile @Nullable UnixDatagramSocket peer;
    private volatile @Nullable UnixFiles.Name name;
    private volatile boolean writeShut;

    UnixDatagramSocket(NetContext net) {
        this(net, AddressFamily.UNIX);
    }

    private UnixDatagramSocket(NetContext net, AddressFamily family) {
        super(net, family, SockType.DGRAM);
        input = new UnixDatagramInput(this, net.memory());
        options = new MemoryOptions(SockType.DGRAM, MessageQueue.MAX_MESSAGE, input::takeError);
    }

    /** Two that are connected to each other. */
    static SocketDescription[] pair(NetContext net, AddressFamily family) {
        UnixDatagramSocket first = new UnixDatagramSocket(net, family);
        UnixDatagramSocket second = new UnixDatagramSocket(net, family);
        first.beTwinOf(second);
        second.beTwinOf(first);
        return new SocketDescription[] {first, second};
    }

    private void beTwinOf(UnixDatagramSocket other) {
        twin = other;
        peer = other;
        other.input.addSender(this);
    }

    // ---- names

    /**
     * Errors: inval when it has a name already or the path is empty, as there are no names without
     * a file; and those of {@link UnixFiles#bind}.
     */
    @Override
    public void bind(@Nullable SocketAddr address) {
        UnixAddr local = checked(address);
        synchronized (lock) {
            if (name != null) {
                throw Errno.INVAL.exception();
            }
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            UnixFiles.Name own;
            try {
                own = new UnixFiles(net()).bind(local);
            } catch (IOException e) {
                throw translate("bind", e);
            }
            name = own;
            SocketNode node = own.node();
            Object file = own.file();
            if (node != null) {
                node.holder(this);
            } else if (file != null) {
                HostNetwork.instance().unixMailboxes().add(file, this);
            }
        }
        signal(-1);
    }

    private UnixAddr checked(@Nullable SocketAddr address) {
        if (!(address instanceof UnixAddr unix) || family() != AddressFamily.UNIX) {
            throw Errno.AFNOSUPPORT.exception();
        }
        if (unix.path().isEmpty()) {
            throw Errno.INVAL.exception();
        }
        return unix;
    }

    /** The socket of a name; errors: those of the walk, connrefused, prototype, afnosupport. */
    private UnixDatagramSocket find(NetworkOperation operation, UnixAddr address) {
        UnixFiles files = new UnixFiles(net());
        return net().places()
                .at(
                        address.path(),
                        true,
                        place -> {
                            files.require(operation, place);
                            Object file = UnixFiles.key(place);
                            if (file == null) {
                                throw Errno.NOENT.exception();
                            }
                            UnixDatagramSocket found =
                                    HostNetwork.instance().unixMailboxes().of(file);
                            if (found == null) {
                                throw files.foreignDatagrams(operation, place).exception();
                            }
                            return found;
                        },
                        place -> {
                            Object holder = place.require().holder();
                            if (holder instanceof UnixDatagramSocket found) {
                                return found;
                            }
                            throw (holder == null ? Errno.CONNREFUSED : Errno.PROTOTYPE)
                                    .exception();
                        });
    }

    /**
     * Chooses the destination of a send without an address, and the only accepted sender; null
     * dissolves that. Errors: noent, connrefused for a name without a socket, prototype for the
     * name of a stream socket, perm when the other is connected to a third, afnosupport for a
     * socket outside this JVM.
     */
    @Override
    public void connect(GuestThread thread, @Nullable SocketAddr remote) {
        UnixDatagramSocket to =
                remote == null ? null : find(NetworkOperation.CONNECT, checked(remote));
        if (to != null) {
            to.requireTakes(this);
        }
        turnTo(to);
        signal(-1);
    }

    private void requireTakes(UnixDatagramSocket sender) {
        UnixDatagramSocket only = peer;
        if (only != null && only != sender) {
            throw Errno.PERM.exception();
        }
    }

    private void turnTo(@Nullable UnixDatagramSocket to) {
        UnixDatagramSocket before;
        synchronized (lock) {
            if (isClosed()) {
                throw Errno.BADF.exception();
            }
            before = peer;
            peer = to;
        }
        if (to != null) {
            to.input.addSender(this);
        }
        if (before != null && before != to) {
            before.input.removeSender(this);
            if (input.queue().clear()) {
                // as on Linux: what was under way between the two is lost, and the other is
                // notified
                input.announceRoom();
                if (before.peer == this && !before.isClosed()) {
                    before.input.fail(Errno.CONNRESET);
                }
            }
        }
    }

    @Override
    public SocketAddr localAddress() {
        UnixFiles.Name own = name;
        return own == null ? UnixAddr.UNNAMED : own.local();
    }

    @Override
    public SocketAddr peerAddress() {
        UnixDatagramSocket other = peer;
        if (other == null) {
            throw Errno.NOTCONN.exception();
        }
        return other.localAddress();
    }

    @Override
    public SockStatus status() {
        if (twin != null) {
            return writeShut && input.queue().hasEnded() ? SockStatus.CLOSED : SockStatus.OPENED;
        }
        return name == null && peer == null ? SockStatus.OPENING : SockStatus.OPENED;
    }

    // ---- receive

    @Override
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
        return input.receive(thread, buffers, count, flags, info);
    }

    /** Whether nothing can come any more, because only the other one of the pair could send it. */
    boolean twinIsGone() {
        UnixDatagramSocket other = twin;
        UnixDatagramSocket now = peer;
        return other != null && name == null && (now == null || now == other) && other.isClosed();
    }

    // ---- send

    /**
     * Errors: notconn without a peer, msgsize, pipe after a shutdown of this or of the receiver,
     * perm when the receiver is connected to another, connrefused when it is gone.
     */
    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        UnixDatagramSocket to = peer;
        if (to == null) {
            throw Errno.NOTCONN.exception();
        }
        return send(thread, gather(buffers, count), flags, to);
    }

    /** Errors: as for {@link #connect}, and as for {@link #send}. */
    @Override
    public long sendTo(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable SocketAddr address) {
        if (address == null) {
            return send(thread, buffers, count, flags);
        }
        UnixAddr receiver = checked(address);
        byte[] message = gather(buffers, count);
        return send(thread, message, flags, find(NetworkOperation.SEND_TO, receiver));
    }

    private long send(GuestThread thread, byte[] bytes, int flags, UnixDatagramSocket to) {
        boolean wait = !isNonBlocking() && (flags & SockFlags.SEND_DONT_WAIT) == 0;
        UnixFiles.Name own = name;
        Message message = new Message(bytes, own == null ? null : own.local());
        long deadline = 0;
        for (; ; ) {
            input.throwPending();
            if (writeShut) {
                throw Errno.PIPE.exception();
            }
            to.requireTakes(this);
            Offer offer = to.input.queue().offer(message);
            if (offer == Offer.TAKEN) {
                to.signal(Readiness.READ);
                return bytes.length;
            }
            if (offer == Offer.SHUT) {
                throw Errno.PIPE.exception();
            }
            if (offer == Offer.GONE) {
                if (to == peer) {
                    turnTo(null);
                }
                throw Errno.CONNREFUSED.exception();
            }
            exhausted(Readiness.WRITE);
            if (!wait) {
                return WOULD_BLOCK;
            }
            deadline = deadline == 0 ? options.deadline(SockOption.SEND_TIMEOUT) : deadline;
            if (!awaitRoom(thread, to, deadline)) {
                return WOULD_BLOCK;
            }
        }
    }

    /** Waits until the receiver has room, or this socket is closed or shut; false on a timeout. */
    private boolean awaitRoom(GuestThread thread, UnixDatagramSocket to, long deadline) {
        thread.beginWait();
        thread.want(this, 0);
        thread.want(to.input.room(), Readiness.WRITE);
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        if (writeShut || to.input.queue().hasRoom()) {
            return true;
        }
        boolean again = thread.resume(thread.park(deadline));
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
        return again;
    }

    private static byte[] gather(ByteBuffer[] buffers, int count) {
        long length = Buffers.remaining(buffers, count);
        if (length > MessageQueue.MAX_MESSAGE) {
            throw Errno.MSGSIZE.exception();
        }
        ByteBuffer message = ByteBuffer.allocate((int) length);
        for (int i = 0; i < count; i++) {
            message.put(buffers[i]);
        }
        return message.array();
    }

    // ---- the rest

    /** As on Linux it need not be connected, and the other socket of a pair is not notified. */
    @Override
    public void shutdown(int how) {
        SockFlags.requireShutdown(how);
        if ((how & SockFlags.SHUT_WR) != 0) {
            writeShut = true;
        }
        if ((how & SockFlags.SHUT_RD) != 0) {
            input.queue().end();
            input.announceRoom();
        }
        signal(-1);
    }

    @Override
    public MemoryOptions options() {
        return options;
    }

    @Override
    public int readiness(int interest) {
        UnixDatagramSocket to = peer;
        boolean gone = twinIsGone();
        boolean readOver = gone || input.queue().hasEnded();
        int holding = !input.hasPending() ? 0 : Readiness.ERROR | interest & Readiness.READ;
        if (readOver || !input.queue().isEmpty()) {
            holding |= interest & Readiness.READ;
        }
        if (to == null || to.input.queue().hasRoom()) {
            holding |= interest & Readiness.WRITE;
        }
        if (readOver) {
            holding |= Readiness.READ_HANGUP | (gone || writeShut ? Readiness.HANGUP : 0);
        }
        return holding;
    }

    @Override
    public long readableBytes() {
        return input.queue().firstLength();
    }

    @Override
    protected void onClose() {
        UnixDatagramSocket other;
        synchronized (lock) {
            other = peer;
            UnixFiles.Name own = name;
            if (own != null) {
                Object file = own.file();
                if (own.node() == null && file != null) {
                    HostNetwork.instance().unixMailboxes().remove(file);
                }
                try {
                    own.close();
                } catch (IOException e) {
                    net().reporter().hostError("close", e);
                }
            }
        }
        input.close();
        if (other != null) {
            other.input.removeSender(this);
        }
    }
}
