package org.wasix4j.system.net;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.fs.HostPlace;
import org.wasix4j.system.fs.MemoryPlace;
import org.wasix4j.system.fs.SocketNode;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/**
 * Unix stream sockets in the guest's directories; their names are {@link UnixFiles}.
 *
 * <p>Where the name is in memory, the stream is too: see {@link UnixMemoryEndpoint}.
 *
 * <p>As for TCP, bind is not listen: the file is made by a bound stream channel; the server channel
 * is bound to another name beside it and moved over when the guest listens.
 */
final class UnixNetwork implements Network {

    private final NetContext net;
    private final UnixFiles files;

    /** The file of the listener whose queue the last connect has found full. */
    private volatile @Nullable Object full;

    UnixNetwork(NetContext net) {
        this.net = net;
        this.files = new UnixFiles(net);
    }

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        return new UnixBoundPort(files.bind((UnixAddr) local));
    }

    /** The file is there already, unless the guest has removed it; then there is none. */
    @Override
    public BoundPort rebind(SocketAddr local, Sharing sharing) throws IOException {
        return new UnixBoundPort(files.rebind((UnixAddr) local));
    }

    private boolean connect(SocketChannel channel, HostPlace place) throws IOException {
        try {
            if (HostNetwork.instance().unixMailboxes().has(place)) {
                throw Errno.PROTOTYPE.exception();
            }
            return files.connect(channel, place);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.AGAIN) {
                full = UnixFiles.key(place);
            }
            throw e;
        }
    }

    /** Connects to the listener at a name in memory. */
    private UnixMemoryEndpoint connect(
            MemoryPlace place, UnixAddr local, UnixAddr remote, Runnable release)
            throws IOException {
        SocketNode node = place.require();
        if (node.holder() instanceof UnixDatagramSocket) {
            throw Errno.PROTOTYPE.exception();
        }
        if (!(node.holder() instanceof UnixMemoryAcceptor acceptor)) {
            throw Errno.CONNREFUSED.exception();
        }
        UnixMemoryEndpoint endpoint = new UnixMemoryEndpoint(local, net.memory(), release);
        try {
            endpoint.connect(acceptor, remote);
            return endpoint;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.AGAIN) {
                full = node;
            }
            throw e;
        }
    }

    @Override
    public Runnable awaitRoom(Runnable wake) {
        Object file = full;
        if (file == null) {
            return () -> {};
        }
        rooms().await(file, wake);
        return () -> rooms().leave(file, wake);
    }

    private static QueueRoomWaiters rooms() {
        return HostNetwork.instance().unixRooms();
    }

    @Override
    public StreamEndpoint open(AddressFamily family) throws IOException {
        return new UnixEndpoint(channel(), UnixAddr.UNNAMED, UnixAddr.UNNAMED, () -> {});
    }

    private static SocketChannel channel() throws IOException {
        return HostNetwork.nonBlocking(UnixChannels.stream());
    }

    @Override
    public boolean supports(AddressFamily family) {
        return family == AddressFamily.UNIX;
    }

    /** A listener that was opened by the host, at a place that is not one of the guest's. */
    Acceptor adopt(ServerSocketChannel channel, SocketAddr local) {
        return new UnixAcceptor(channel, local, null);
    }

    /** A name that is taken. */
    private final class UnixBoundPort implements BoundPort {

        private final UnixFiles.Name name;

        UnixBoundPort(UnixFiles.Name name) {
            this.name = name;
        }

        @Override
        public SocketAddr local() {
            return name.local();
        }

        @Override
        public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
            SocketNode node = name.node();
            return node == null
                    ? listenOnHost(backlog)
                    : new UnixMemoryAcceptor(name.local(), backlog, node, rooms(), net.memory());
        }

        private Acceptor listenOnHost(int backlog) throws IOException {
            ServerSocketChannel server = UnixChannels.listener();
            Optional<Object> file;
            try {
                server.configureBlocking(false);
                file =
                        net.places()
                                .at(
                                        name.path(),
                                        false,
                                        place -> {
                                            if (place.readOnly()) {
                                                throw Errno.ROFS.exception();
                                            }
                                            files.require(NetworkOperation.LISTEN, place);
                                            return moveOver(server, place, backlog);
                                        },
                                        place -> Optional.empty());
            } catch (Throwable e) {
                server.close();
                throw e;
            }
            Objects.requireNonNull(name.placeholder()).close();
            return new UnixAcceptor(server, name.local(), file.orElse(null));
        }

        /**
         * Gives the name to the server. When the name is gone, or has become another file's, that
         * is left alone: as on Linux it then listens where no one can connect.
         *
         * @return which file the listener is, if any
         */
        private Optional<Object> moveOver(ServerSocketChannel server, HostPlace place, int backlog)
                throws IOException {
            Path beside = UnixFiles.beside(place);
            files.translating(
                    "listen",
                    () ->
                            server.bind(
                                    UnixDomainSocketAddress.of(beside),
                                    HostNetwork.atLeastOne(backlog)));
            try {
                if (name.file() == null || !name.file().equals(UnixFiles.key(place))) {
                    Files.deleteIfExists(beside);
                    return Optional.empty();
                }
                Files.move(beside, place.path(), StandardCopyOption.ATOMIC_MOVE);
                return Optional.ofNullable(UnixFiles.key(place));
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(beside);
                throw e;
            }
        }

        @Override
        public StreamEndpoint endpoint() throws IOException {
            SocketChannel placeholder = name.placeholder();
            return placeholder != null
                    ? new UnixEndpoint(placeholder, name.local(), UnixAddr.UNNAMED, () -> {})
                    : new UnixEndpoint(channel(), name.local(), UnixAddr.UNNAMED, this::close);
        }

        @Override
        public void close() {
            try {
                name.close();
            } catch (IOException e) {
                net.reporter().hostError("close", e);
            }
        }
    }

    /** A listening name; the file stays when it is closed, as on Linux. */
    private final class UnixAcceptor extends HostAcceptor {

        private final SocketAddr name;
        private final @Nullable Object file;

        UnixAcceptor(ServerSocketChannel channel, SocketAddr local, @Nullable Object file) {
            super(channel, local, () -> rooms().gone(file));
            this.name = local;
            this.file = file;
        }

        @Override
        public @Nullable StreamEndpoint accept() throws IOException {
            StreamEndpoint next = super.accept();
            if (next != null) {
                rooms().madeOne(file);
            }
            return next;
        }

        @Override
        StreamEndpoint endpoint(SocketChannel accepted) throws IOException {
            Path peer = ((UnixDomainSocketAddress) accepted.getRemoteAddress()).getPath();
            UnixAddr known = net.unixNames().of(peer.toString());
            return new UnixEndpoint(
                    accepted, name, known == null ? UnixAddr.UNNAMED : known, () -> {});
        }
    }

    /** One end of a unix stream; it knows the guest's names, the channel knows the host's. */
    private final class UnixEndpoint extends HostEndpoint {

        private final SocketAddr local;
        private final Runnable release;
        private volatile SocketAddr remote;

        /** What the bytes go through when the peer is in memory; else null. */
        private volatile @Nullable UnixMemoryEndpoint inMemory;

        UnixEndpoint(SocketChannel channel, SocketAddr local, SocketAddr remote, Runnable release) {
            super(channel, AddressFamily.UNIX, release);
            this.local = local;
            this.remote = remote;
            this.release = release;
        }

        @Override
        public boolean connect(SocketAddr to) throws IOException {
            UnixAddr target = (UnixAddr) to;
            boolean done =
                    net.places()
                            .at(
                                    target.path(),
                                    true,
                                    place -> {
                                        files.require(NetworkOperation.CONNECT, place);
                                        return UnixNetwork.this.connect(channel, place);
                                    },
                                    place -> {
                                        inMemory =
                                                files.translating(
                                                        "connect",
                                                        () ->
                                                                UnixNetwork.this.connect(
                                                                        place,
                                                                        (UnixAddr) local,
                                                                        target,
                                                                        release));
                                        return true;
                                    });
            remote = to;
            if (inMemory != null) {
                channel.close();
            }
            return done;
        }

        @Override
        public StreamEndpoint carrier() {
            return inMemory == null ? this : inMemory;
        }

        @Override
        public int available() {
            return -1;
        }

        @Override
        public boolean endIsHangup() {
            return true;
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
