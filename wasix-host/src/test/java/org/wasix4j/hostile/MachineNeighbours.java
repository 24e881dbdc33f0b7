package org.wasix4j.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.wasix4j.system.net.HostNetwork;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.net.Sharing;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.InetAddr;

/** Servers on this machine's loopback. */
final class MachineNeighbours implements Neighbours {

    private final ServerSocketChannel granted;
    private final List<ServerSocketChannel> watchers = new ArrayList<>();
    private final List<DatagramChannel> datagramWatchers = new ArrayList<>();
    private final List<Integer> forbiddenPorts = new ArrayList<>();

    MachineNeighbours() throws IOException {
        granted = listener("127.0.0.1");
        watch(listener("127.0.0.1"));
        datagrams("127.0.0.1");
        if (Ipv6.isAvailable()) {
            watch(listener("::1"));
            datagrams("::1");
        }
    }

    static ServerSocketChannel listener(String address) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getByName(address), 0), 64);
        server.configureBlocking(false);
        return server;
    }

    static int port(ServerSocketChannel server) {
        try {
            return ((InetSocketAddress) server.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void watch(ServerSocketChannel server) {
        watchers.add(server);
        forbiddenPorts.add(port(server));
    }

    private void datagrams(String address) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
        channel.configureBlocking(false);
        datagramWatchers.add(channel);
        forbiddenPorts.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    @Override
    public Network network() {
        return HostNetwork.instance();
    }

    @Override
    public int grantedPort() {
        return port(granted);
    }

    @Override
    public List<Integer> forbiddenPorts() {
        return forbiddenPorts;
    }

    @Override
    public void check(String when) throws IOException {
        for (ServerSocketChannel watcher : watchers) {
            requireNobody(watcher, when);
        }
        for (DatagramChannel watcher : datagramWatchers) {
            if (watcher.receive(ByteBuffer.allocate(10)) != null) {
                throw new AssertionError(
                        when + ": a datagram for " + watcher.getLocalAddress() + ", not granted");
            }
        }
        for (SocketChannel peer = granted.accept(); peer != null; peer = granted.accept()) {
            peer.close();
        }
    }

    static void requireNobody(ServerSocketChannel watcher, String when) throws IOException {
        SocketChannel visitor = watcher.accept();
        if (visitor != null) {
            visitor.close();
            throw new AssertionError(
                    when + ": a connection to " + watcher.getLocalAddress() + ", not granted");
        }
    }

    @Override
    public void requireFree(Collection<Integer> ports, String when) {
        for (int port : ports) {
            try {
                network().bind(InetAddr.v4(new byte[4], port), Sharing.NONE).close();
            } catch (ErrnoException e) {
                // our own table says so; what the kernel says may be another program's doing
                throw new AssertionError(when + ": port " + port + " is held", e);
            } catch (IOException e) {
                continue;
            }
        }
    }

    @Override
    public void close() throws IOException {
        granted.close();
        for (ServerSocketChannel watcher : watchers) {
            watcher.close();
        }
        for (DatagramChannel watcher : datagramWatchers) {
            watcher.close();
        }
    }
}
