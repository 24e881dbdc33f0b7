package org.wasix4j.system.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;

/** A server channel; over TCP unless a subclass says otherwise. */
class HostAcceptor implements Acceptor {

    private final ServerSocketChannel channel;
    private final SocketAddr local;
    private final Runnable release;

    HostAcceptor(ServerSocketChannel channel, SocketAddr local, Runnable release) {
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
    public @Nullable StreamEndpoint accept() throws IOException {
        SocketChannel accepted;
        try {
            accepted = channel.accept();
        } catch (InvalidPathException e) {
            // the peer's unix address has letters that this locale lacks; the JVM has dropped it
            return null;
        }
        if (accepted == null) {
            return null;
        }
        StreamEndpoint endpoint = null;
        try {
            endpoint = endpoint(HostNetwork.nonBlocking(accepted));
            return endpoint;
        } finally {
            if (endpoint == null) {
                accepted.close();
            }
        }
    }

    StreamEndpoint endpoint(SocketChannel accepted) throws IOException {
        return new HostEndpoint(accepted, local.family(), () -> {});
    }

    @Override
    public SocketAddr local() {
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
