package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.wasix4j.types.InetAddr;

/** A port of the machine, held by a bound stream channel, with a server channel ready beside it. */
final class HostBoundPort implements BoundPort {

    private final HostNetwork network;
    private final PortRegistry.Entry entry;
    private final InetAddr local;
    private final SocketChannel placeholder;
    private final ServerSocketChannel server;

    HostBoundPort(
            HostNetwork network,
            PortRegistry.Entry entry,
            InetAddr local,
            SocketChannel placeholder,
            ServerSocketChannel server) {
        this.network = network;
        this.entry = entry;
        this.local = local;
        this.placeholder = placeholder;
        this.server = server;
    }

    private void release() {
        network.release(entry);
    }

    @Override
    public InetAddr local() {
        return local;
    }

    @Override
    public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (receiveBuffer > 0) {
            server.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        }
        network.listen(server, entry, local, backlog);
        placeholder.close();
        return new HostAcceptor(server, local, this::release);
    }

    @Override
    public StreamEndpoint endpoint() throws IOException {
        server.close();
        return new HostEndpoint(placeholder, local.family(), this::release);
    }

    @Override
    public void close() {
        try {
            placeholder.close();
            server.close();
        } catch (IOException e) {
            // the descriptors are gone all the same
        } finally {
            release();
        }
    }
}
