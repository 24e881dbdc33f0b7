package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.net.StreamPhase.Bound;
import org.wasix4j.system.net.StreamPhase.Closed;
import org.wasix4j.system.net.StreamPhase.Failed;
import org.wasix4j.system.net.StreamPhase.Fresh;
import org.wasix4j.system.net.StreamPhase.LocalName;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * A stream socket, over whatever carries its bytes: it holds its {@link StreamPhase}, and makes the
 * transitions. The phases decide and the host confirms: which call is legal when is known here,
 * what only the kernel knows comes from {@link JvmErrors}. How a connection is made is in {@link
 * StreamConnector}, accepting in {@link Listening}, closing in {@link StreamCloser}.
 *
 * <p>Lock rule: every transition is made under {@code lock}, which is not held while waiting nor
 * while the policy or the observer are asked. Reading the phase takes no lock.
 */
public final class StreamSocket extends SocketDescription implements Drainable {

    private static final StreamFamily TCP4 = new TcpFamily(AddressFamily.INET4);
    private static final StreamFamily TCP6 = new TcpFamily(AddressFamily.INET6);
    private static final StreamFamily UNIX = new UnixFamily();

    final Object lock = new Object();
    final StreamFamily kind;
    final Network network;
    final StreamOptions options;

    private final StreamTransfer transfer = new StreamTransfer(this);

    private volatile StreamPhase phase = Fresh.INSTANCE;

    private StreamSocket(NetContext net, StreamFamily kind, StreamOptions options) {
        super(net, kind.family(), SockType.STREAM);
        this.kind = kind;
        this.network = kind.network(net);
        this.options = options;
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

    @Override
    public int protocol() {
        return kind.protocol();
    }

    // ---- the phase

    StreamPhase phase() {
        return phase;
    }

    /** A transition; under the lock. */
    void become(StreamPhase next) {
        phase = next;
    }

    void requireOpen() {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
    }

    /** The connection, or null in any other phase. */
    Connection connectionOrNull() {
        return phase instanceof Connection connection ? connection : null;
    }

    /** The phase, after looking how a connection attempt stands. */
    private StreamPhase phaseNow() {
        StreamPhase now = phase;
        if (now instanceof Connecting) {
            progressNow();
            now = phase;
        }
        return now;
    }

    /** Polls a pending connection attempt. */
    void progressNow() {
        StreamPhase next;
        synchronized (lock) {
            if (!(phase instanceof Connecting attempt) || isClosed()) {
                return;
            }
            next = attempt.progress(this);
            if (next == attempt) {
                return;
            }
            phase = next;
        }
        // whoever else watches has asked the kernel for the connection, which it reports for ever
        signal(-1);
        announceConnection();
        releaseFailedAttempt();
    }

    /** Reports a connection that was established, once; not under the lock. */
    void announceConnection() {
        Connection connection;
        synchronized (lock) {
            connection = connectionOrNull();
            if (connection == null || connection.announced) {
                return;
            }
            connection.announced = true;
            connection.since = System.nanoTime();
        }
        net().reporter().connected(connection.local(), connection.remote());
    }

    /** The JVM has closed the channel of an attempt that failed: selectors have to let it go. */
    void releaseFailedAttempt() {
        if (phase instanceof Failed) {
            awaitRelease();
        }
    }

    /**
     * The connection to read from or write to, or null while it is being established.
     *
     * @param whenFailed the error after a failed attempt whose own error the guest has seen
     */
    Connection connection(Errno whenFailed) {
        StreamPhase now = phaseNow();
        if (now instanceof Connection connection) {
            return connection;
        }
        if (now instanceof Connecting) {
            return null;
        }
        if (now instanceof Failed failed) {
            Errno error = failed.take();
            throw (error == null ? whenFailed : error).exception();
        }
        throw (now instanceof Closed ? Errno.BADF : Errno.NOTCONN).exception();
    }

    /** An endpoint without a channel has news; on the peer's thread. */
    void heard(int conditions) {
        if (phase instanceof Connecting) {
            progressNow();
        }
        signal(conditions);
    }

    // ---- bind and listen

    @Override
    public void bind(SocketAddr address) {
        SocketAddr wanted = kind.checkLocal(address);
        boolean late = kind.bindsLate(wanted);
        if (isUnbound() && !late) {
            require(NetworkOperation.BIND, wanted);
        }
        synchronized (lock) {
            requireOpen();
            if (!isUnbound()) {
                throw Errno.INVAL.exception();
            }
            if (late) {
                phase = new Bound(new LocalName(wanted, wanted), null);
            } else {
                phase = hold(wanted, () -> network.bind(wanted, options.sharing()));
            }
        }
        signal(-1);
    }

    private boolean isUnbound() {
        StreamPhase now = phase;
        return now instanceof Fresh || now instanceof Failed && now.name() == null;
    }

    /** Asks the policy, where it is asked about addresses as they are given. */
    void require(NetworkOperation operation, SocketAddr address) {
        if (kind.asksPolicy()) {
            net().require(operation, address);
        }
    }

    /** Takes an address from the network. */
    private interface Holding {
        BoundPort hold() throws IOException;
    }

    private Bound hold(SocketAddr asked, Holding holding) {
        try {
            BoundPort port = holding.hold();
            return new Bound(new LocalName(asked, port.local()), port);
        } catch (IOException | RuntimeException e) {
            throw translate("bind " + asked, e);
        }
    }

    /**
     * The address that the guest has bound, held: nobody may hold it, when it was bound late or the
     * channel of an earlier attempt is gone. Under the lock.
     *
     * @param from a phase with a name
     */
    Bound held(StreamPhase from) {
        if (from instanceof Bound bound && bound.port() != null) {
            return bound;
        }
        LocalName name = from.name();
        return hold(name.asked(), () -> network.rebind(name.actual(), options.sharing()));
    }

    @Override
    public void listen(int backlog) {
        StreamPhase before = phase;
        if (canListen(before)) {
            LocalName name = before.name();
            if (kind.bindsLate(name.actual())) {
                require(NetworkOperation.BIND, name.actual());
            }
            if (kind.asksPolicy()) {
                net().requireLocal(NetworkOperation.LISTEN, name.asked(), name.actual());
            }
        }
        SocketAddr local;
        synchronized (lock) {
            requireOpen();
            StreamPhase now = phase;
            if (now instanceof Listening) {
                // success; NIO can not change the backlog of a listener
                return;
            }
            if (now instanceof Connection) {
                throw Errno.ISCONN.exception();
            }
            if (!canListen(now)) {
                throw Errno.INVAL.exception();
            }
            Bound bound = held(now);
            phase = bound;
            local = bound.local();
            // Linux takes the number as unsigned: a negative one asks for the longest queue
            listenOn(bound, backlog < 0 ? Integer.MAX_VALUE : backlog);
        }
        net().reporter().listening(local);
        signal(-1);
        if (net().isStopping()) {
            stopTaking();
        }
    }

    private static boolean canListen(StreamPhase phase) {
        return phase instanceof Bound || phase instanceof Failed && phase.name() != null;
    }

    private void listenOn(Bound bound, int backlog) {
        try {
            Acceptor source = bound.port().listen(backlog, options.receiveBuffer());
            phase = new Listening(queue(source), bound.name(), bound.local(), false);
        } catch (IOException | RuntimeException e) {
            throw translate("listen " + bound.local(), e);
        }
    }

    private AcceptQueue queue(Acceptor source) {
        AcceptQueue queue = new AcceptQueue(source, net().readAheadBudget());
        queue.onReadiness(() -> signal(Readiness.READ));
        return queue;
    }

    /**
     * Makes this a listener on an address, without asking the policy: who starts the guest has
     * decided.
     */
    void listenFor(SocketAddr address, int backlog) throws IOException {
        BoundPort port = network.bind(address, Sharing.NONE);
        try {
            synchronized (lock) {
                AcceptQueue queue = queue(port.listen(backlog, 0));
                phase = new Listening(queue, null, port.local(), false);
            }
        } catch (Throwable e) {
            port.close();
            throw e;
        }
        net().reporter().listening(port.local());
    }

    /** Listens on a channel that listens already; the channel is this socket's from then on. */
    void adopt(ServerSocketChannel channel, SocketAddr local) throws IOException {
        channel.configureBlocking(false);
        Acceptor acceptor =
                network instanceof UnixNetwork unix
                        ? unix.adopt(channel, local)
                        : new HostAcceptor(channel, local, () -> {});
        synchronized (lock) {
            phase = new Listening(queue(acceptor), null, local, false);
        }
        net().reporter().listening(local);
    }

    // ---- accept and connect

    @Override
    public SocketDescription accept(GuestThread thread, boolean dontWait) {
        return Listening.accept(this, thread, dontWait);
    }

    /** A socket for a connection that came to this listener; nobody else knows it yet. */
    StreamSocket accepted(StreamEndpoint endpoint, SocketAddr peer) throws IOException {
        StreamSocket child = new StreamSocket(net(), kind, options.inherited());
        Connection connection = child.establish(endpoint, peer, true);
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
        phase = connection;
        return connection;
    }

    @Override
    public void connect(GuestThread thread, SocketAddr address) {
        new StreamConnector(this, kind.checkRemote(address, phase)).connect(thread);
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

    // ---- readiness

    @Override
    public int readiness(int interest) {
        return phase.readiness() & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public SelectableChannel channel() {
        return phase.channel();
    }

    @Override
    public int selectOps(int interest) {
        return phase.selectOps(interest);
    }

    @Override
    public int settle(int readyOps, int interest) {
        return phase.settle(this, readyOps) & interest | readiness(interest);
    }

    @Override
    public void reported(int readyOps, int interest) {
        if (!(phase instanceof Connection)) {
            settle(readyOps, interest);
        }
    }

    @Override
    public long arrivals() {
        StreamPhase now = phase;
        return now.channel() == null ? UNCOUNTED : now.arrivals();
    }

    @Override
    public int takeIn() {
        StreamPhase now = phase;
        return now.channel() == null ? 0 : now.takeIn(this);
    }

    @Override
    public long readableBytes() {
        return phase.readableBytes();
    }

    @Override
    public long writableBytes() {
        return phase instanceof Connection ? super.writableBytes() : 0;
    }

    /** Wakes who waits for one of these conditions. */
    void announce(int conditions) {
        signal(conditions);
    }

    /** An operation came up short, see {@link org.wasix4j.system.wait.Pollable}. */
    void cameUpShort(int condition) {
        exhausted(condition);
    }

    /** Something was taken, and there may be more. */
    void tookSome() {
        consumed();
    }

    /**
     * Something was received.
     *
     * @param all whether nothing is left, for now
     */
    void received(boolean all, boolean peeked) {
        Connection connection = connectionOrNull();
        if (peeked) {
            // the kernel, that others wait for, may have lost sight of what is looked at here
            signal(Readiness.READ);
        } else if (all && connection != null && !connection.reads.hasEnded()) {
            exhausted(Readiness.READ);
        } else {
            consumed();
        }
    }

    // ---- a gentle end

    @Override
    public boolean isInbound() {
        return phase.isInbound();
    }

    @Override
    public boolean isInFlight() {
        StreamPhase now = phase;
        if (!(now instanceof Connection connection)) {
            return now.isInbound();
        }
        boolean inFlight = connection.isInFlight();
        if (connection.reads.hasAhead()) {
            // the kernel does not tell those who wait for it any more
            signal(Readiness.READ);
        }
        return inFlight;
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
            if (!(phase instanceof Listening listening) || listening.isStopped()) {
                return;
            }
            before = listening;
            rest = new ClosedAcceptor(listening.queue().local(), net().readAheadBudget());
            phase = listening.stopped(new AcceptQueue(rest, net().readAheadBudget()));
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
        net().reporter().stoppedListening(before.local());
    }

    // ---- shutdown and close

    @Override
    public void shutdown(int how) {
        SockFlags.requireShutdown(how);
        StreamPhase now = phase;
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
            if (!(phase instanceof Listening listening)) {
                return;
            }
            before = listening;
            phase = listening.shutdown(how);
            if (phase == before) {
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
            if (!(phase instanceof Connecting attempt)) {
                return;
            }
            abandoned = attempt;
            phase = new Failed(attempt.name(), null);
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
            last = phase;
            phase = new Closed(last.local());
        }
        closer().close(last);
    }

    /** {@link #detach} for a phase. */
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

    // ---- status, addresses, options

    @Override
    public SockStatus status() {
        return phaseNow().status();
    }

    @Override
    public SocketAddr localAddress() {
        StreamPhase now = phase;
        SocketAddr address;
        try {
            address = now instanceof Connecting attempt ? attempt.localNow(this) : now.local();
        } catch (IOException e) {
            throw translate("getsockname", e);
        }
        return address == null ? kind.unboundAddress() : address;
    }

    @Override
    public SocketAddr peerAddress() {
        if (!(phase instanceof Connection connection)) {
            throw Errno.NOTCONN.exception();
        }
        try {
            return connection.peerAddress();
        } catch (IOException e) {
            throw translate("getpeername", e);
        }
    }

    @Override
    public void setFlag(SockOption option, boolean on) {
        StreamPhase now = phase;
        try {
            options.setFlag(option, on, now instanceof Fresh, now.endpoint());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public boolean getFlag(SockOption option) {
        return options.getFlag(option, phase instanceof Listening);
    }

    @Override
    public void setSize(SockOption option, long size) {
        try {
            options.setSize(option, size, phase.endpoint());
        } catch (IOException e) {
            throw translate("setsockopt", e);
        }
    }

    @Override
    public long getSize(SockOption option) {
        if (option == SockOption.LAST_ERROR) {
            return lastError().code();
        }
        StreamEndpoint endpoint = phase.endpoint();
        StreamEndpoint lent = null;
        try {
            if (endpoint == null
                    && (option == SockOption.RECV_BUF_SIZE || option == SockOption.SEND_BUF_SIZE)) {
                lent = network.open(family());
                options.applyTo(lent);
                endpoint = lent;
            }
            return options.getSize(option, endpoint);
        } catch (IOException e) {
            throw translate("getsockopt", e);
        } finally {
            if (lent != null) {
                closeQuietly(lent, false);
            }
        }
    }

    /** SO_ERROR: the pending error, which the guest has then seen. */
    private Errno lastError() {
        StreamPhase now = phaseNow();
        Errno error = null;
        if (now instanceof Failed failed) {
            error = failed.take();
        } else if (now instanceof Connection connection) {
            error = connection.takeError();
        }
        return error == null ? Errno.SUCCESS : error;
    }

    @Override
    public void setTime(SockOption option, long nanos) {
        options.setTime(option, nanos);
    }

    @Override
    public long getTime(SockOption option) {
        return options.getTime(option);
    }

    @Override
    public String toString() {
        return kind + " " + phase.getClass().getSimpleName() + " " + localAddress();
    }
}
