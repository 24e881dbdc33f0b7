package org.wasix4j.system.net;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.wasix4j.policy.NetworkOperation;
import org.wasix4j.system.error.ErrorTexts.Domain;
import org.wasix4j.system.fs.HostPlace;
import org.wasix4j.system.fs.MemoryPlace;
import org.wasix4j.system.fs.SocketNode;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.UnixAddr;

/**
 * The names of unix sockets, in the guest's directories. A path is followed by the walk that files
 * use. In a directory of the host the name is a file, and the policy is asked about the place where
 * the path leads; in a directory in memory it is a {@link SocketNode}, which only the processes of
 * the guest can reach, so the policy is not asked, as for socket pairs.
 *
 * <p>On the host a name is made by binding a stream channel, because the JVM binds no others: the
 * placeholder, which refuses connections from outside. As long as it is open, the kernel gives the
 * number of its file to no other, whatever becomes of the name.
 */
final class UnixFiles {

    private static final Pattern ATTACH_SOCKET = Pattern.compile("\\.java_pid\\d+");

    /** Bytes of a path that fit into a socket address; the JVM takes a few more. */
    private static final int LONGEST = 100;

    private final NetContext net;

    UnixFiles(NetContext net) {
        this.net = net;
    }

    /**
     * A name that a socket is bound to; closing it leaves the file, as on Linux.
     *
     * @param local as the guest gave it
     * @param path absolute in the guest, without links
     * @param file which file has that name, or null when there is none
     * @param placeholder null for a name in memory
     */
    record Name(
            UnixAddr local,
            String path,
            @Nullable Object file,
            @Nullable SocketChannel placeholder) {

        /** The name in memory, or null for one on the host. */
        @Nullable
        SocketNode node() {
            return file instanceof SocketNode node ? node : null;
        }

        /** Nothing is bound to it any more. */
        void close() throws IOException {
            SocketNode node = node();
            if (placeholder != null) {
                placeholder.close();
            } else if (node != null) {
                node.holder(null);
            }
        }
    }

    /** Makes a name and is bound to it. */
    Name bind(UnixAddr local) throws IOException {
        return hold(
                local,
                place -> {
                    if (local.path().endsWith("/")) {
                        throw (place.find() == null ? Errno.NOENT : Errno.ADDRINUSE).exception();
                    }
                    return place.create();
                },
                (channel, place) -> {
                    if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
                        throw Errno.ADDRINUSE.exception();
                    }
                    if (local.path().endsWith("/")) {
                        throw Errno.NOENT.exception();
                    }
                    return fits(place)
                            ? bindAt(channel, place.path())
                            : bindBeside(channel, place, false);
                });
    }

    /** The file is there already, unless the guest has removed it; then there is none. */
    Name rebind(UnixAddr local) throws IOException {
        return hold(
                local,
                place -> {
                    SocketNode found = place.find();
                    return found == null || found.holder() != null ? new SocketNode() : found;
                },
                (channel, place) -> bindBeside(channel, place, true));
    }

    /** Binds a channel, and answers the path that the kernel knows then. */
    private interface Binder {
        Path bind(SocketChannel channel, HostPlace place) throws IOException;
    }

    private Name hold(UnixAddr local, MemoryPlace.Action<SocketNode> inMemory, Binder binder)
            throws IOException {
        return net.places()
                .at(
                        local.path(),
                        false,
                        place -> holdOnHost(local, place, binder),
                        place -> {
                            SocketNode node = inMemory.on(place);
                            return new Name(local, place.guestPath(), node, null);
                        });
    }

    private Name holdOnHost(UnixAddr local, HostPlace place, Binder binder) throws IOException {
        if (place.readOnly()) {
            throw Errno.ROFS.exception();
        }
        require(NetworkOperation.BIND, place);
        SocketChannel placeholder = translating("bind", UnixChannels::stream);
        try {
            placeholder.configureBlocking(false);
            Path known = binder.bind(placeholder, place);
            net.unixNames().bound(known.toString(), local);
            return new Name(local, place.guestPath(), key(place), placeholder);
        } catch (Throwable e) {
            placeholder.close();
            throw e;
        }
    }

    /** Which file has the name, or null when none has. */
    static @Nullable Object key(HostPlace place) throws IOException {
        try {
            return Files.readAttributes(
                            place.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Binds a channel to a path of the host. */
    private Path bindAt(SocketChannel channel, Path path) {
        translating("bind", () -> channel.bind(UnixDomainSocketAddress.of(path)));
        return path;
    }

    /**
     * Binds another name beside the one that is meant, and gives the file that name then: for a
     * name that does not fit into a socket address, and for one whose channel is gone.
     */
    private Path bindBeside(SocketChannel channel, HostPlace place, boolean again)
            throws IOException {
        Path beside = beside(place);
        try {
            bindAt(channel, beside);
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

    /** A name of the host's in the same directory that is not in use. */
    static Path beside(HostPlace place) {
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        return place.directory().resolve(".wasix-" + unique);
    }

    /**
     * Whether the path fits into a socket address of the JVM's, which reads it back from the kernel
     * in the letters of its locale.
     */
    private static boolean fits(HostPlace place) {
        String path = place.path().toString();
        try {
            return path.getBytes(StandardCharsets.UTF_8).length <= LONGEST
                    && Path.of(path).equals(place.path());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Asks the policy about the place where a path leads.
     *
     * @throws org.wasix4j.types.ErrnoException acces, after telling why
     */
    void require(NetworkOperation operation, HostPlace place) throws IOException {
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
    private static boolean isAttachSocket(HostPlace place) throws IOException {
        if (ATTACH_SOCKET.matcher(place.name().toString()).matches()) {
            return true;
        }
        Path own = Path.of("/tmp/.java_pid" + ProcessHandle.current().pid());
        return Files.exists(own, LinkOption.NOFOLLOW_LINKS)
                && Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)
                && Files.isSameFile(own, place.path());
    }

    /** Connects to the socket that has a name; false when that is under way. */
    boolean connect(SocketChannel channel, HostPlace place) throws IOException {
        if (fits(place)) {
            return connect(channel, place.path());
        }
        // through a short name that no one else can change
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

    /**
     * What is to be said of a name to which no datagram socket of this JVM is bound. Whether a
     * socket outside has it, the kernel says: its answer to a stream that connects reveals the
     * type.
     *
     * @return afnosupport for a datagram socket outside, which the JVM cannot reach; prototype for
     *     a stream socket that listens; connrefused for a name without a socket
     */
    Errno foreignDatagrams(NetworkOperation operation, HostPlace place) throws IOException {
        if (!Files.readAttributes(
                        place.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            return Errno.CONNREFUSED;
        }
        try (SocketChannel probe = UnixChannels.stream()) {
            probe.configureBlocking(false);
            connect(probe, place);
            return Errno.PROTOTYPE;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.PROTOTYPE) {
                IOException reason =
                        new IOException(
                                place.guestPath()
                                        + " is a datagram socket of another process;"
                                        + " the JVM has unix sockets for streams only");
                net.reporter().hostError(operation.words(), reason);
                return Errno.AFNOSUPPORT;
            }
            return e.errno() == Errno.AGAIN ? Errno.PROTOTYPE : e.errno();
        }
    }

    /** Something done with a channel. */
    interface ChannelAction<T> {
        T run() throws IOException;
    }

    /** The walk knows the errors of files only, so those of channels are translated before it. */
    <T> T translating(String operation, ChannelAction<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            throw JvmErrors.translate(net, Domain.UNIX_SOCKET, operation, e).exception();
        }
    }
}
