package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.wasix4j.system.error.ErrorTexts.Domain;
import org.wasix4j.system.fd.MessageIo;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.report.Counters;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.Rights;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * A socket of any family and type: what the {@code sock_*} functions call. Each operation that a
 * kind does not have answers {@code notsup}, the errno of EOPNOTSUPP.
 */
public abstract class SocketDescription extends OpenDescription implements MessageIo {

    private final NetContext net;
    private final AddressFamily family;
    private final SockType sockType;

    protected SocketDescription(NetContext net, AddressFamily family, SockType sockType) {
        this.net = net;
        this.family = family;
        this.sockType = sockType;
    }

    /** What it shares with the other sockets of the process that opened it. */
    protected final NetContext net() {
        return net;
    }

    /** Where its bytes are counted. */
    protected final Counters counters() {
        return net.reporter().counters();
    }

    /** Its address family. */
    public final AddressFamily family() {
        return family;
    }

    /** Its type. */
    public final SockType sockType() {
        return sockType;
    }

    /** Its protocol's IANA number, 0 when there is none. */
    public int protocol() {
        return 0;
    }

    @Override
    public final FileType type() {
        return sockType == SockType.DGRAM ? FileType.SOCKET_DGRAM : FileType.SOCKET_STREAM;
    }

    @Override
    protected final long possibleRights() {
        return Rights.SOCKET;
    }

    /** Sockets know only the non-blocking flag; the others are taken and mean nothing. */
    @Override
    public final void statusFlags(int flags) {
        if ((flags & ~FdFlags.ALL) != 0) {
            throw Errno.INVAL.exception();
        }
        super.statusFlags(flags & FdFlags.NONBLOCK);
    }

    /** Without room it takes nothing in any state, as on Linux; unlike a receive. */
    @Override
    public final long read(GuestThread thread, ByteBuffer[] buffers, int count) {
        if (Buffers.remaining(buffers, count) == 0) {
            return 0;
        }
        return receive(thread, buffers, count, 0, null);
    }

    @Override
    public final long write(GuestThread thread, ByteBuffer[] buffers, int count) {
        return send(thread, buffers, count, 0);
    }

    /**
     * Gives it a local address, bind(2).
     *
     * @param local null for an address without a family, which no socket can be bound to
     */
    public abstract void bind(@Nullable SocketAddr local);

    /** Begins to listen, listen(2). */
    public void listen(int backlog) {
        throw Errno.NOTSUP.exception();
    }

    /**
     * Takes a connection off the queue, accept(2).
     *
     * @param dontWait whether this call answers null instead of waiting, even on a blocking
     *     listener
     * @return the connected socket, or null when the call would have to wait and must not
     */
    public @Nullable SocketDescription accept(GuestThread thread, boolean dontWait) {
        throw Errno.NOTSUP.exception();
    }

    /**
     * Connects, connect(2).
     *
     * @param remote the peer, or null to dissolve the association of a datagram socket
     */
    public abstract void connect(GuestThread thread, @Nullable SocketAddr remote);

    /** Sends to an address, sendto(2); streams ignore it. */
    public long sendTo(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable SocketAddr to) {
        return send(thread, buffers, count, flags);
    }

    /** Ends one or both directions, shutdown(2). */
    public abstract void shutdown(int how);

    /** The state in a word. */
    public abstract SockStatus status();

    /** The local address, getsockname(2); an unbound socket has the wildcard and port 0. */
    public abstract SocketAddr localAddress();

    /** The peer's address, getpeername(2). */
    public abstract SocketAddr peerAddress();

    /** The peer's address; null when there is none, or none any more. */
    public final @Nullable SocketAddr peerOrNull() {
        try {
            return peerAddress();
        } catch (ErrnoException e) {
            return null;
        }
    }

    /** Its options, setsockopt(2) and getsockopt(2). */
    public abstract SocketOptions options();

    /**
     * Joins a multicast group.
     *
     * @param interfaceAddress an address of the interface, or null when its index is given
     * @param interfaceIndex 0 for the default interface
     */
    public void joinGroup(InetAddr group, @Nullable InetAddr interfaceAddress, int interfaceIndex) {
        throw Errno.NOPROTOOPT.exception();
    }

    /** Leaves a multicast group; as {@link #joinGroup}. */
    public void leaveGroup(
            InetAddr group, @Nullable InetAddr interfaceAddress, int interfaceIndex) {
        throw Errno.NOPROTOOPT.exception();
    }

    /** Translates what a channel threw, and reports the host's own message to the observer. */
    protected final ErrnoException translate(String operation, Exception thrown) {
        return errnoOf(operation, thrown).exception();
    }

    /** As {@link #translate}, as a value. */
    protected final Errno errnoOf(String operation, Exception thrown) {
        if (thrown instanceof ErrnoException known) {
            return known.errno();
        }
        return JvmErrors.translate(net, Domain.SOCKET, operation, thrown);
    }

    /** Closes something; an error is not reported. */
    protected final void closeQuietly(StreamEndpoint endpoint, boolean reset) {
        try {
            endpoint.close(reset);
        } catch (IOException e) {
            net.reporter().hostError("close", e);
        }
    }
}
