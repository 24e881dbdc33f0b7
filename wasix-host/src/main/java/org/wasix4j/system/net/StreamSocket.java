package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.net.StreamPhase.Closed;
import org.wasix4j.system.net.StreamPhase.Failed;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SocketAddr;

/**
 * A stream socket, over whatever carries its bytes: it makes the transitions of its {@link
 * StreamPhase}. The phases decide and the host confirms: which call is legal when is known here,
 * what only the kernel knows comes from {@link JvmErrors}. How it gets an address is in {@link
 * StreamBinder}, how a connection is made in {@link StreamConnector}, accepting in {@link
 * Listening}, moving bytes in {@link StreamTransfer}, closing in {@link StreamCloser}.
 */
public final class StreamSocket extends StreamState implements Drainable {

    private static final StreamFamily TCP4 = new TcpFamily(AddressFamily.INET4);
    private static final StreamFamily TCP6 = new TcpFamily(AddressFamily.INET6);
    private static final StreamFamily UNIX = new UnixFamily();

    private final StreamTransfer transfer = new StreamTransfer(this);

    private StreamSocket(NetContext net, StreamFamily kind, StreamOptions options) {
        super(net, kind, options);
    }

    private StreamSocket(NetContext net, StreamFamily kind) {
        this(net, kind, new StreamOptions(kind.family(), kind.protocol()));
    }

    /** A fresh TCP socket over IPv4 or IPv6. */
    static StreamSocket tcp(NetContext net, AddressFamily family) {
        return new StreamSocket(net, family == AddressFamily.INET6 ? TCP6 : TCP4);
    }

    /** A fresh unix socket. */
    static StreamSocket unix(NetContext net) {
        return new StreamSocket(net, UNIX);
    }

    // ---- bind and listen

    @Override
    public void bind(SocketAddr address) {
        binder().bind(address);
    }

    @Override
    public void listen(int backlog) {
        binder().listen(backlog);
    }

    StreamBinder binder() {
        return new StreamBinder(this);
    }

    // ---- accept and connect

    @Override
    public SocketDescription accept(GuestThread thread, boolean dontWait) {
        return Listening.accept(this, thread, dontWait);
    }

    /** A socket for a connection that came to this listener; nobody else knows it yet. */
    StreamSocket accepted(StreamEndpoint endpoint, SocketAddr peer) throws IOException {
        StreamSocket child = new StreamSocket(net(), kind, options.inherited());
        child.establish(endpoint, peer, true);
        child.options.applyTo(endpoint);
        return child;
    }

    /** Reports that a connection was accepted. */
    void announceAccepted(StreamSocket child) {
        Connection connection = child.connectionOrNull();
        connection.announced = true;
        connection.since = System.nanoTime();
        net().reporter().accepted(connection.local(), connection.remote());
    }

    /** Makes a fresh socket a connected one. */
    Connection establish(StreamEndpoint endpoint, SocketAddr remote, boolean inbound)
            throws IOException {
        endpoint.onReadiness(this::heard);
        Connection connection =
                new Connection(this, endpoint, endpoint.local(), remote, null, inbound);
        become(connection);
        return connection;
    }

    @Override
    public void connect(GuestThread thread, SocketAddr address) {
        new StreamConnector(this, kind.checkRemote(address, phase())).connect(thread);
    }

    // ---- receive and send

    @Override
    public long receive(
            GuestThread thread, ByteBuffer[] buffers, int count, int flags, ReceiveInfo info) {
        return transfer.receive(thread, buffers, count, flags);
    }

    @Override
    public long send(GuestThread thread, ByteBuffer[] buffers, int count, int flags) {
        return transfer.send(thread, buffers, count, flags);
    }

    @Override
    public long sendFile(GuestThread thread, FileChannel file, long position, long count) {
        return transfer.sendFile(thread, file, position, count);
    }

    // ---- a gentle end

    @Override
    public boolean isInbound() {
        return phase().isInbound();
    }

    @Override
    public boolean isInFlight() {
        StreamPhase now = phase();
        if (!(now instanceof Connection connection)) {
            return now.isInbound();
        }
        boolean inFlight = connection.isInFlight();
        if (connection.reads.hasAhead()) {
            // the kernel does not report it to waiting threads
            signal(Readiness.READ);
        }
        return inFlight;
    }

    @Override
    public boolean isOpenEnded() {
        Connection connection = connectionOrNull();
        return connection != null && connection.isOpenEnded();
    }

    @Override
    public void retire() {
        Connection connection = connectionOrNull();
        if (connection == null || isInFlight()) {
            return;
        }
        try {
            connection.writes.shutdown();
        } catch (IOException e) {
            net().reporter().hostError("shutdown", e);
        }
        signal(-1);
    }

    @Override
    public long activity() {
        Connection connection = connectionOrNull();
        return connection == null ? 0 : connection.activity();
    }

    @Override
    public void stopTaking() {
        Listening before;
        ClosedAcceptor rest;
        synchronized (lock) {
            if (!(phase() instanceof Listening listening) || listening.isStopped()) {
                return;
            }
            before = listening;
            rest = new ClosedAcceptor(listening.queue().local(), net().readAheadBudget());
            become(listening.stopped(new AcceptQueue(rest, net().readAheadBudget())));
        }
        AcceptQueue queue = before.queue();
        detach(queue.channel());
        try {
            rest.take(queue);
        } catch (IOException e) {
            net().reporter().hostError("accept", e);
        }
        closer().close(queue);
        signal(-1);
        if (queue.isReachable()) {
            net().reporter().stoppedListening(before.local());
        }
    }

    // ---- shutdown and close

    @Override
    public void shutdown(int how) {
        SockFlags.requireShutdown(how);
        StreamPhase now = phase();
        if (now instanceof Connection connection) {
            try {
                connection.shutdown(how);
            } catch (IOException e) {
                throw translate("shutdown", e);
            }
        } else if (now instanceof Listening) {
            stopListening(how);
        } else if (now instanceof Connecting) {
            // as on Linux: the attempt is given up
            abandonAttempt();
        } else {
            throw Errno.NOTCONN.exception();
        }
        signal(-1);
    }

    private void stopListening(int how) {
        Listening before;
        synchronized (lock) {
            if (!(phase() instanceof Listening listening)) {
                return;
            }
            before = listening;
            become(listening.shutdown(how));
            if (phase() == before) {
                return;
            }
        }
        signal(-1);
        closer().close(before);
    }

    /** Gives a connection attempt up. */
    void abandonAttempt() {
        Connecting abandoned;
        synchronized (lock) {
            if (!(phase() instanceof Connecting attempt)) {
                return;
            }
            abandoned = attempt;
            become(new Failed(attempt.name(), null));
        }
        closer().closeAndRelease(abandoned.endpoint(), options.lingersZero());
    }

    private StreamCloser closer() {
        return new StreamCloser(this);
    }

    @Override
    protected void onClose() {
        StreamPhase last;
        synchronized (lock) {
            last = phase();
            become(new Closed(last.local()));
        }
        closer().close(last);
    }

    /** {@link #detach} for a phase(). */
    void detachFrom(SelectableChannel channel) {
        detach(channel);
    }

    /** {@link #awaitRelease} for a channel that came to a selector meanwhile: it is rare. */
    void awaitReleaseOf(SelectableChannel channel) {
        if (channel != null && channel.isRegistered()) {
            awaitRelease();
        }
    }

    /** Whether anybody waits for this, or has. */
    boolean hasWatchers() {
        return isWatched();
    }

    /** {@link #releaseSoon} for {@link StreamCloser}. */
    void releaseAtNextLook() {
        releaseSoon();
    }
}
