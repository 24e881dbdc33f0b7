package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * Unix sockets in the guest's directories. A path is followed by the walk that files use, and the
 * policy is asked about the place where it leads.
 *
 * <p>As for TCP, bind is not listen: the file is made by a bound stream channel; the server channel
 * is bound to another name beside it and moved over when the guest listens.
 */
final class UnixNetwork implements Network {

    private static final UnixAddr UNNAMED = new UnixAddr("");

    /** EAGAIN, what connect(2) answers at once when the listener's queue is full. */
    private static final String QUEUE_FULL = "Resource temporarily unavailable";

    private final GuestProcess process;

    UnixNetwork(GuestProcess process) {
        this.process = process;
    }

    @Override
    public BoundPort bind(SocketAddr local, boolean reuseAddr, boolean reusePort)
            throws IOException {
        String path = ((UnixAddr) local).path();
        SocketChannel placeholder = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            placeholder.configureBlocking(false);
            Bound name =
                    process.mounts()
                            .at(
                                    path,
                                    false,
                                    place -> {
                                        if (place.readOnly()) {
                                            throw Errno.ROFS.exception();
                                        }
                                        require(NetworkOperation.BIND, place);
                                        if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
                                            throw Errno.ADDRINUSE.exception();
                                        }
                                        if (path.endsWith("/")) {
                                            throw Errno.NOENT.exception();
                                        }
                                        told("bind", () -> placeholder.bind(address(place)));
                                        return new Bound(place.guestPath(), key(place));
                                    });
            bound = true;
            return new UnixBoundPort(local, name, placeholder);
        } finally {
            if (!bound) {
                placeholder.close();
            }
        }
    }

    /** Where a name was bound: its absolute path without links, and which file was made. */
    private record Bound(String path, Object key) {}

    private static Object key(Mounts.HostPlace place) throws IOException {
        return Files.readAttributes(
                        place.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private void require(NetworkOperation operation, Mounts.HostPlace place) {
        process.require(operation, new UnixAddr(place.guestPath()));
    }

    private static UnixDomainSocketAddress address(Mounts.HostPlace place) {
        return UnixDomainSocketAddress.of(place.path());
    }

    /** Something done with a channel. */
    private interface ChannelAction<T> {
        T run() throws IOException;
    }

    /** The walk knows the errors of files only, so those of channels are translated before it. */
    private <T> T told(String operation, ChannelAction<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith(QUEUE_FULL)) {
                throw Errno.AGAIN.exception();
            }
            process.observer().hostError(operation, e);
            throw JvmErrors.of(e).exception();
        }
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        return new UnixEndpoint(HostNetwork.nonBlocking(channel), UNNAMED, UNNAMED);
    }

    @Override
    public boolean supports(AddressFamily family) {
        return family == AddressFamily.UNIX;
    }

    /** A name that is taken. */
    private final class UnixBoundPort implements BoundPort {

        private final SocketAddr local;
        private final Bound bound;
        private final SocketChannel placeholder;

        UnixBoundPort(SocketAddr local, Bound bound, SocketChannel placeholder) {
            this.local = local;
            this.bound = bound;
            this.placeholder = placeholder;
        }

        @Override
        public SocketAddr local() {
            return local;
        }

        /**
         * Errors beside those of the walk: noent when the name no longer stands for what was bound
         * (Linux listens then where nobody can connect), which is left as it is.
         */
        @Override
        public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            boolean listening = false;
            try {
                server.configureBlocking(false);
                process.mounts()
                        .at(
                                bound.path(),
                                false,
                                place -> {
                                    require(NetworkOperation.LISTEN, place);
                                    if (place.readOnly() || !bound.key().equals(key(place))) {
                                        throw Errno.NOENT.exception();
                                    }
                                    moveOver(server, place, backlog);
                                    return null;
                                });
                listening = true;
            } finally {
                if (!listening) {
                    server.close();
                }
            }
            placeholder.close();
            return new UnixAcceptor(server, local);
        }

        private void moveOver(ServerSocketChannel server, Mounts.HostPlace place, int backlog)
                throws IOException {
            String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
            Path beside = place.directory().resolve(".wasix-" + unique);
            told("listen", () -> server.bind(UnixDomainSocketAddress.of(beside), backlog));
            try {
                Files.move(beside, place.path(), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(beside);
                throw e;
            }
        }

        @Override
        public StreamEndpoint endpoint() {
            return new UnixEndpoint(placeholder, local, UNNAMED);
        }

        @Override
        public void close() {
            try {
                placeholder.close();
            } catch (IOException e) {
                process.observer().hostError("close", e);
            }
        }
    }

    /** A listening name; the file stays when it is closed, as on Linux. */
    private final class UnixAcceptor extends HostAcceptor {

        private final SocketAddr name;

        UnixAcceptor(ServerSocketChannel channel, SocketAddr local) {
            super(channel, local, () -> {});
            this.name = local;
        }

        @Override
        StreamEndpoint endpoint(SocketChannel accepted) {
            return new UnixEndpoint(accepted, name, UNNAMED);
        }
    }

    /** One end of a unix stream; it knows the guest's names, the channel knows the host's. */
    private final class UnixEndpoint extends HostEndpoint {

        private final SocketAddr local;
        private volatile SocketAddr remote;

        UnixEndpoint(SocketChannel channel, SocketAddr local, SocketAddr remote) {
            super(channel, AddressFamily.UNIX, () -> {});
            this.local = local;
            this.remote = remote;
        }

        @Override
        public boolean connect(SocketAddr to) throws IOException {
            boolean done =
                    process.mounts()
                            .at(
                                    ((UnixAddr) to).path(),
                                    true,
                                    place -> {
                                        require(NetworkOperation.CONNECT, place);
                                        return told(
                                                "connect", () -> channel.connect(address(place)));
                                    });
            remote = to;
            return done;
        }

        @Override
        public int available() {
            return -1;
        }

        @Override
        public void oobInline(boolean on) {
            // unix streams have no urgent data
        }

        @Override
        public SocketAddr local() {
            return local;
        }

        @Override
        public SocketAddr remote() {
            return remote;
        }
    }
}
