package org.wasix4j.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.types.Nullable;

/**
 * Where {@code --listen} says that the program listens: an address, a path of the host's, or the
 * socket that this process got as its standard input.
 *
 * @param address null for the others
 * @param path null for the others
 */
record ListenPlace(@Nullable InetSocketAddress address, @Nullable Path path) {

    /** What stands for the socket that is standard input. */
    static final String INHERITED = "inherited";

    /** What begins a path. */
    static final String UNIX = "unix:";

    /** Whether it is standard input, of which the program reads nothing then. */
    boolean isInherited() {
        return address == null && path == null;
    }

    /** Whether the port is any, and has to be printed. */
    boolean isAnyPort() {
        return address != null && address.getPort() == 0;
    }

    /**
     * Gives it to a program.
     *
     * @throws IOException with a sentence, when it cannot be opened
     */
    void applyTo(WasixRuntime.Builder builder) throws IOException {
        if (address != null) {
            builder.withListener(address);
        } else {
            builder.withListener(path != null ? open(path) : inherited());
        }
    }

    private static ServerSocketChannel inherited() throws IOException {
        Channel channel = System.inheritedChannel();
        if (channel instanceof ServerSocketChannel listener) {
            return listener;
        }
        throw new IOException(
                "cannot listen on --listen inherited: standard input is not a listening socket");
    }

    private static ServerSocketChannel open(Path path) throws IOException {
        try {
            removeStale(path);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.bind(UnixDomainSocketAddress.of(path));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            path.toFile().deleteOnExit();
            OwnJvm.hasHooks();
            return channel;
        } catch (IOException | RuntimeException e) {
            throw new IOException("cannot listen on " + UNIX + path + ": " + e.getMessage(), e);
        }
    }

    /** Removes the socket of a server that is gone, as one that was killed leaves it. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes file =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!file.isOther()) {
            throw new IOException("the file exists and is not a socket");
        }
        try (SocketChannel listener = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("another program listens there");
        } catch (java.net.ConnectException e) {
            Files.delete(path);
        }
    }

    @Override
    public String toString() {
        if (address != null) {
            return address.getHostString() + ":" + address.getPort();
        }
        return path != null ? UNIX + path : "standard input";
    }
}
