package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/**
 * The machine's network, over NIO; all channels are non-blocking from the beginning.
 *
 * <p>The one object that is shared by all guests of a JVM, because ports are.
 */
public final class HostNetwork implements Network {

    private static final HostNetwork INSTANCE = new HostNetwork();

    /** How often another ephemeral port is asked for when a guest of ours has the first. */
    private static final int EPHEMERAL_TRIES = 64;

    private final PortRegistry ports = new PortRegistry();
    private final QueueRoomWaiters unixRooms = new QueueRoomWaiters();
    private final UnixMailboxes unixMailboxes = new UnixMailboxes();
    private final ScratchBuffers datagramScratches = new ScratchBuffers(DatagramPort.MAX_DATAGRAM);
    private final PortRegistry datagramPorts = new PortRegistry();
    private final DualStackBinder families = new DualStackBinder();

    private HostNetwork() {}

    /** The one there is. */
    public static HostNetwork instance() {
        return INSTANCE;
    }

    @Override
    public Network forFamily(MemoryBudget memory) {
        return new HostView(this, memory);
    }

    /**
     * Threads that wait for unix listeners; files are the machine's, whatever network a guest has.
     */
    QueueRoomWaiters unixRooms() {
        return unixRooms;
    }

    /** The unix datagram sockets that have a name. */
    UnixMailboxes unixMailboxes() {
        return unixMailboxes;
    }

    static ProtocolFamily protocolFamily(AddressFamily family) {
        return family == AddressFamily.INET6
                ? StandardProtocolFamily.INET6
                : StandardProtocolFamily.INET;
    }

    /**
     * {@inheritDoc}
     *
     * <p>NIO's server channel binds and listens in one step, so a bound stream channel holds the
     * port until it is known what the guest wants with it. SO_REUSEADDR is always on: the server
     * channel has to join the placeholder, and Rust guests ask for it too late.
     */
    @Override
    public BoundPort bind(SocketAddr address, Sharing sharing) throws IOException {
        InetAddr local = (InetAddr) address;
        if (local.port() != 0) {
            ports.requireFree(local, sharing);
        }
        for (int i = 0; i < EPHEMERAL_TRIES; i++) {
            SocketChannel placeholder = SocketChannel.open(protocolFamily(local.family()));
            HostBoundPort bound = null;
            try {
                placeholder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                if (sharing.reusePort()) {
                    placeholder.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                }
                bind(ports, placeholder, local, sharing);
                bound = hold(placeholder, local, sharing);
            } finally {
                if (bound == null) {
                    placeholder.close();
                }
            }
            if (bound != null) {
                return bound;
            }
            if (local.port() != 0) {
                break;
            }
        }
        throw Errno.ADDRINUSE.exception();
    }

    private void bind(
            PortRegistry registry, NetworkChannel channel, InetAddr local, Sharing sharing)
            throws IOException {
        families.bind(
                channel,
                registry.otherFamily(local, sharing),
                () -> channel.bind(local.toInetSocketAddress()));
    }

    /** A backlog that the JVM passes on as it is: it makes 50 of 0. */
    static int atLeastOne(int backlog) {
        return Math.max(1, backlog);
    }

    /** Binds a server channel to a port that its placeholder holds, and listens. */
    void listen(ServerSocketChannel server, PortRegistry.Entry entry, InetAddr local, int backlog)
            throws IOException {
        families.bind(
                server,
                ports.otherFamily(local, entry.sharing()),
                () -> server.bind(local.toInetSocketAddress(), atLeastOne(backlog)));
        entry.channel(server);
    }

    /** Gives a port of streams back; twice does nothing. */
    void release(PortRegistry.Entry entry) {
        ports.release(entry);
    }

    /** Binds a datagram channel; whether the port is free is the kernel's to say. */
    PortRegistry.Entry bindDatagrams(DatagramChannel channel, InetAddr local, Sharing sharing)
            throws IOException {
        bind(datagramPorts, channel, local, sharing);
        InetAddr address =
                InetAddr.of((InetSocketAddress) channel.getLocalAddress(), local.family());
        PortRegistry.Entry entry = datagramPorts.note(address, sharing);
        entry.channel(channel);
        return entry;
    }

    /** Gives a port of datagrams back; twice does nothing. */
    void releaseDatagrams(PortRegistry.Entry entry) {
        datagramPorts.release(entry);
    }

    private @Nullable HostBoundPort hold(SocketChannel placeholder, InetAddr local, Sharing sharing)
            throws IOException {
        InetAddr address =
                InetAddr.of((InetSocketAddress) placeholder.getLocalAddress(), local.family());
        PortRegistry.Entry entry = ports.hold(address, sharing);
        if (entry == null) {
            return null;
        }
        entry.channel(placeholder);
        ServerSocketChannel server = null;
        HostBoundPort bound = null;
        try {
            placeholder.configureBlocking(false);
            // opened now, so that listen needs no further host descriptor
            server = ServerSocketChannel.open(protocolFamily(local.family()));
            server.configureBlocking(false);
            if (sharing.reusePort()) {
                server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            bound = new HostBoundPort(this, entry, address, placeholder, server);
            return bound;
        } finally {
            // whatever was thrown: the port is every guest's
            if (bound == null) {
                release(entry);
                if (server != null) {
                    server.close();
                }
            }
        }
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        SocketChannel channel = SocketChannel.open(protocolFamily(family));
        return new HostEndpoint(nonBlocking(channel), family, () -> {});
    }

    static SocketChannel nonBlocking(SocketChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public DatagramPort datagrams(AddressFamily family) throws IOException {
        return datagrams(family, MemoryBudget.unlimited());
    }

    DatagramPort datagrams(AddressFamily family, MemoryBudget memory) throws IOException {
        return new HostDatagramPort(this, family, datagramScratches, memory);
    }

    @Override
    public boolean supports(AddressFamily family) {
        return family == AddressFamily.INET4
                || family == AddressFamily.INET6 && SupportsInet6.ANSWER;
    }

    /** Asked once, by trying. */
    private static final class SupportsInet6 {
        private static final boolean ANSWER = probe();

        private static boolean probe() {
            try {
                SocketChannel.open(StandardProtocolFamily.INET6).close();
                return true;
            } catch (UnsupportedOperationException e) {
                return false;
            } catch (IOException e) {
                // out of descriptors, say: then the real open reports it
                return true;
            }
        }
    }
}
