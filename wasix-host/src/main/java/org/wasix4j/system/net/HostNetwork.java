package org.wasix4j.system.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
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

    private HostNetwork() {}

    /** The one there is. */
    public static HostNetwork instance() {
        return INSTANCE;
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
    public BoundPort bind(SocketAddr address, boolean reuseAddr, boolean reusePort)
            throws IOException {
        InetAddr local = (InetAddr) address;
        if (local.port() != 0) {
            ports.requireFree(local, reuseAddr, reusePort);
        }
        for (int i = 0; i < EPHEMERAL_TRIES; i++) {
            SocketChannel placeholder = SocketChannel.open(protocolFamily(local.family()));
            HostBoundPort bound = null;
            try {
                placeholder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                if (reusePort) {
                    placeholder.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                }
                placeholder.bind(local.toInetSocketAddress());
                bound = hold(placeholder, local, reuseAddr, reusePort);
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

    private HostBoundPort hold(
            SocketChannel placeholder, InetAddr local, boolean reuseAddr, boolean reusePort)
            throws IOException {
        InetAddr address =
                InetAddr.of((InetSocketAddress) placeholder.getLocalAddress(), local.family());
        PortRegistry.Entry entry = ports.hold(address, reuseAddr, reusePort);
        if (entry == null) {
            return null;
        }
        ServerSocketChannel server = null;
        HostBoundPort bound = null;
        try {
            placeholder.configureBlocking(false);
            // opened now, so that listen needs no further host descriptor
            server = ServerSocketChannel.open(protocolFamily(local.family()));
            server.configureBlocking(false);
            if (reusePort) {
                server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            bound = new HostBoundPort(address, placeholder, server, () -> ports.release(entry));
            return bound;
        } finally {
            // whatever was thrown: the port is every guest's
            if (bound == null) {
                ports.release(entry);
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
        return new HostDatagramPort(family);
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
                // out of descriptors, say: then the real open will tell
                return true;
            }
        }
    }
}
