package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.wasix4j.types.InetAddr;

/** A server channel. */
final class HostAcceptor implements Acceptor {

    private final ServerSocketChannel channel;
    private final InetAddr local;
    private final Runnable release;

    HostAcceptor(ServerSocketChannel channel, InetAddr local, Runnable release) {
        this.channel = channel;
        this.local = local;
        this.release = release;
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public void onReadiness(Runnable listener) {}

    @Override
    public boolean isReady() {
        return false;
    }

    @Override
    public StreamEndpoint accept() throws IOException {
        SocketChannel accepted = channel.accept();
        return accepted == null
                ? null
                : new HostEndpoint(HostNetwork.nonBlocking(accepted), local.family(), () -> {});
    }

    @Override
    public InetAddr local() {
        return local;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            release.run();
        }
    }
}
