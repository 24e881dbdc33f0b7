package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.net.StreamPhase.Closed;
import org.wasix4j.system.net.StreamPhase.Fresh;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockStatus;
import org.wasix4j.types.SockType;
import org.wasix4j.types.SocketAddr;

/**
 * A stream socket: it holds a {@link StreamPhase}, which answers what is asked of the socket, and
 * passes calls on to the class of each call. The phases decide and the host confirms: which call is
 * legal when is known here, what only the kernel knows comes from {@link JvmErrors}.
 *
 * <p>How it gets an address is in {@link StreamBinder}, accepting in {@link Listening}, how a
 * connection is made in {@link StreamConnector}, moving bytes in {@link StreamTransfer}, closing in
 * {@link StreamCloser}.
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

    private final StreamOptions options;
    private final StreamTransfer transfer = new StreamTransfer(this);

    private volatile StreamPhase phase = Fresh.INSTANCE;

    /** A fresh socket. */
    StreamSocket(NetContext net, StreamFamily kind) {
        super(net, kind.family(), SockType.STREAM);
        this.kind = kind;
        this.network = kind.network(net);
        this.options = new StreamOptions(this);
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

    @Override
    public StreamOptions options() {
        return options;
    }

    // ---- the phase

    StreamPhase phase() {
        return phase;
    }

    /** A transition; under the lock. */
    void become(StreamPhase next) {
        phase = next;
    }

    /** The phase, after polling a pending connection attempt. */
    StreamPhase phaseNow() {
        if (phase instanceof Connecting) {
            Connecting.poll(this);
        }
        return phase;
    }

    /** The connection, or null in any other phase. */
    @Nullable
    Connection connectionOrNull() {
        return phase instanceof Connection connection ? connection : null;
    }

    void requireOpen() {
        if (isClosed()) {
            throw Errno.BADF.exception();
        }
    }

    /** Makes a fresh socket a connected one. */
    void establish(StreamEndpoint endpoint, SocketAddr remote, boolean inbound) throws IOException {
        endpoint.onReadiness(this::heard);
        become(new Connection(this, endpoint, remote, null, inbound));
    }

    /** An endpoint without a channel has news; on the peer's thread. */
    void heard(int conditions) {
        phaseNow();
        signal(conditions);
    }

    /** Asks the policy, where it is asked about addresses as they are given. */
    void require(NetworkOperation operation, SocketAddr address) {
        if (kind.asksPolicy()) {
            net().require(operation, address);
        }
    }

    // ---- calls

    @Override
    public void bind(@Nullable SocketAddr address) {
        binder().bind(address);
    }

    @Override
    public void listen(int backlog) {
        binder().listen(backlog);
    }

    StreamBinder binder() {
        return new StreamBinder(this);
    }

    @Override
    public @Nullable SocketDescription accept(GuestThread thread, boolean dontWait) {
        return Listening.accept(this, thread, dontWait);
    }

    @Override
    public void connect(GuestThread thread, @Nullable SocketAddr address) {
        new StreamConnector(this, kind.checkRemote(address, phase)).connect(thread);
    }

    @Override
    public long receive(
            GuestThread thread,
            ByteBuffer[] buffers,
            int count,
            int flags,
            @Nullable ReceiveInfo info) {
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
            Listening.shutdown(this, how);
        } else if (now instanceof Connecting) {
            // as on Linux: the attempt is given up
            Connecting.abandon(this);
        } else {
            throw Errno.NOTCONN.exception();
        }
        signal(-1);
    }

    @Override
    protected void onClose() {
        StreamPhase last;
        synchronized (lock) {
            last = phase;
            become(new Closed(last.local()));
        }
        closer().close(last);
    }

    StreamCloser closer() {
        return new StreamCloser(this);
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
        Listening.stop(this);
    }

    // ---- readiness

    @Override
    public int readiness(int interest) {
        return phase.readiness() & (interest | ~(Readiness.READ | Readiness.WRITE));
    }

    @Override
    public @Nullable SelectableChannel channel() {
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

    /**
     * Takes in what waits in the kernel, for {@link #takeIn()} of a phase.
     *
     * @param op the operation of the channel for which the kernel reports more
     * @return the operations to wait for: that, or 0
     */
    int takeIn(Inflow inflow, int op) {
        long before = inflow.taken();
        int ops = inflow.takeIn() ? op : 0;
        if (inflow.taken() != before) {
            // the kernel does not report it to the other waiting threads
            signal(Readiness.READ);
        }
        return ops;
    }

    @Override
    public long readableBytes() {
        return phase.readableBytes();
    }

    @Override
    public long writableBytes() {
        return phase instanceof Connection ? super.writableBytes() : 0;
    }

    // ---- status and addresses

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
    public String toString() {
        return kind + " " + phase.getClass().getSimpleName() + " " + localAddress();
    }
}
