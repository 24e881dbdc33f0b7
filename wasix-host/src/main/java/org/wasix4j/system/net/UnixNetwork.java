package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.error.LocalizedErrors;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
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

    private static final Pattern ATTACH_SOCKET = Pattern.compile("\\.java_pid\\d+");

    private static final UnixAddr UNNAMED = new UnixAddr("");

    /** Bytes of a path that fit into a socket address; the JVM takes a few more. */
    private static final int LONGEST = 100;

    /** EAGAIN, what connect(2) answers at once when the listener's queue is full. */
    private static final String QUEUE_FULL = "Resource temporarily unavailable";

    private final NetContext net;

    /** The file of the listener whose queue the last connect has found full. */
    private volatile Object full;

    UnixNetwork(NetContext net) {
        this.net = net;
    }

    @Override
    public BoundPort bind(SocketAddr local, Sharing sharing) throws IOException {
        return hold(
                local,
                (channel, place) -> {
                    if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
                        throw Errno.ADDRINUSE.exception();
                    }
                    if (((UnixAddr) local).path().endsWith("/")) {
                        throw Errno.NOENT.exception();
                    }
                    return fits(place)
                            ? bindAt(channel, place.path())
                            : bindBeside(channel, place, false);
                });
    }

    /** The file is there already, unless the guest has removed it; then there is none. */
    @Override
    public BoundPort rebind(SocketAddr local, Sharing sharing) throws IOException {
        return hold(local, (channel, place) -> bindBeside(channel, place, true));
    }

    /** Binds a channel, and answers the path that the kernel knows then. */
    private interface Binder {
        Path bind(SocketChannel channel, Mounts.HostPlace place) throws IOException;
    }

    private BoundPort hold(SocketAddr local, Binder binder) throws IOException {
        SocketChannel placeholder = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            placeholder.configureBlocking(false);
            Bound name =
                    net.mounts()
                            .at(
                                    ((UnixAddr) local).path(),
                                    false,
                                    place -> {
                                        if (place.readOnly()) {
                                            throw Errno.ROFS.exception();
                                        }
                                        require(NetworkOperation.BIND, place);
                                        Path known = binder.bind(placeholder, place);
                                        net.unixNames().bound(known.toString(), (UnixAddr) local);
                                        return new Bound(place.guestPath(), key(place));
                                    });
            return new UnixBoundPort(local, name, placeholder);
        } catch (Throwable e) {
            placeholder.close();
            throw e;
        }
    }

    /**
     * Where a name was bound.
     *
     * @param path absolute, without links
     * @param file which file has that name, or null when there is none
     */
    private record Bound(String path, Object file) {}

    private static Object key(Mounts.HostPlace place) throws IOException {
        try {
            return Files.readAttributes(
                            place.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private Path bindAt(SocketChannel channel, Path path) {
        translating("bind", () -> channel.bind(UnixDomainSocketAddress.of(path)));
        return path;
    }

    /**
     * Binds another name beside the one that is meant, and gives the file that name then: for a
     * name that does not fit into a socket address, and for one whose channel is gone.
     */
    private Path bindBeside(SocketChannel channel, Mounts.HostPlace place, boolean again)
            throws IOException {
        Path beside = beside(place);
        bindAt(channel, beside);
        try {
            if (!again) {
                Files.createLink(place.path(), beside);
            } else if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
                requireSocket(place.path());
                Files.move(beside, place.path(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (FileAlreadyExistsException e) {
            throw Errno.ADDRINUSE.exception();
        } finally {
            Files.deleteIfExists(beside);
        }
        return beside;
    }

    private static void requireSocket(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw Errno.ADDRINUSE.exception();
        }
    }

    private static Path beside(Mounts.HostPlace place) {
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        return place.directory().resolve(".wasix-" + unique);
    }

    /** Whether the path fits into a socket address of the JVM's. */
    private static boolean fits(Mounts.HostPlace place) {
        return place.path().toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST;
    }

    private void require(NetworkOperation operation, Mounts.HostPlace place) throws IOException {
        net.require(operation, new UnixAddr(place.guestPath()));
        if (isAttachSocket(place)) {
            net.reporter()
                    .hostError(
                            operation.words(),
                            new IOException(
                                    place.guestPath()
                                            + " is a socket that takes orders for a JVM"));
            throw Errno.ACCES.exception();
        }
    }

    /**
     * Whether this is the socket by which a JVM loads agents: by its name, which a guest must not
     * give away either, or another name for that of this JVM.
     */
    private static boolean isAttachSocket(Mounts.HostPlace place) throws IOException {
        if (ATTACH_SOCKET.matcher(place.name().toString()).matches()) {
            return true;
        }
        Path own = Path.of("/tmp/.java_pid" + ProcessHandle.current().pid());
        return Files.exists(own, LinkOption.NOFOLLOW_LINKS)
                && Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)
                && Files.isSameFile(own, place.path());
    }

    private boolean connect(SocketChannel channel, Mounts.HostPlace place) throws IOException {
        try {
            return connectTo(channel, place);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.AGAIN) {
                full = key(place);
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

    private boolean connectTo(SocketChannel channel, Mounts.HostPlace place) throws IOException {
        if (fits(place)) {
            return connect(channel, place.path());
        }
        // through a short name that nobody else can change
        Path folder = Files.createTempDirectory("wasix");
        Path link = folder.resolve("s");
        try {
            Files.createSymbolicLink(link, place.path());
            return connect(channel, link);
        } finally {
            Files.deleteIfExists(link);
            Files.delete(folder);
        }
    }

    private boolean connect(SocketChannel channel, Path path) {
        return translating("connect", () -> channel.connect(UnixDomainSocketAddress.of(path)));
    }

    /** Something done with a channel. */
    private interface ChannelAction<T> {
        T run() throws IOException;
    }

    /** The walk knows the errors of files only, so those of channels are translated before it. */
    private <T> T translating(String operation, ChannelAction<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            if (LocalizedErrors.english(String.valueOf(e.getMessage())).startsWith(QUEUE_FULL)) {
                throw Errno.AGAIN.exception();
            }
            throw JvmErrors.translate(net, operation, e).exception();
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
        private final Bound name;
        private final SocketChannel placeholder;

        UnixBoundPort(SocketAddr local, Bound name, SocketChannel placeholder) {
            this.local = local;
            this.name = name;
            this.placeholder = placeholder;
        }

        @Override
        public SocketAddr local() {
            return local;
        }

        @Override
        public Acceptor listen(int backlog, int receiveBuffer) throws IOException {
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            Object file;
            try {
                server.configureBlocking(false);
                file =
                        net.mounts()
                                .at(
                                        name.path(),
                                        false,
                                        place -> {
                                            if (place.readOnly()) {
                                                throw Errno.ROFS.exception();
                                            }
                                            require(NetworkOperation.LISTEN, place);
                                            return moveOver(server, place, backlog);
                                        });
            } catch (Throwable e) {
                server.close();
                throw e;
            }
            placeholder.close();
            return new UnixAcceptor(server, local, file);
        }

        /**
         * Gives the name to the server. When the name is gone, or has become another file's, that
         * is left alone: as on Linux it listens then where nobody can connect.
         *
         * @return which file the listener is, or null
         */
        private Object moveOver(ServerSocketChannel server, Mounts.HostPlace place, int backlog)
                throws IOException {
            Path beside = beside(place);
            translating(
                    "listen",
                    () ->
                            server.bind(
                                    UnixDomainSocketAddress.of(beside),
                                    HostNetwork.atLeastOne(backlog)));
            try {
                if (name.file() == null || !name.file().equals(key(place))) {
                    Files.deleteIfExists(beside);
                    return null;
                }
                Files.move(beside, place.path(), StandardCopyOption.ATOMIC_MOVE);
                return key(place);
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
                net.reporter().hostError("close", e);
            }
        }
    }

    /** A listening name; the file stays when it is closed, as on Linux. */
    private final class UnixAcceptor extends HostAcceptor {

        private final SocketAddr name;
        private final Object file;

        UnixAcceptor(ServerSocketChannel channel, SocketAddr local, Object file) {
            super(channel, local, () -> rooms().gone(file));
            this.name = local;
            this.file = file;
        }

        @Override
        public StreamEndpoint accept() throws IOException {
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
            return new UnixEndpoint(accepted, name, known == null ? UNNAMED : known);
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
                    net.mounts()
                            .at(
                                    ((UnixAddr) to).path(),
                                    true,
                                    place -> {
                                        require(NetworkOperation.CONNECT, place);
                                        return UnixNetwork.this.connect(channel, place);
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
