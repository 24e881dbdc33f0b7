package org.wasix4j.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The part of the host that a hostile guest stands on: a volume that it may change, one that it may
 * read, a directory beside them and listeners on this machine that it must never reach, and one
 * server that it may talk to.
 */
final class Ground implements AutoCloseable {

    /** What stands in every file that a guest must not read; never in a name. */
    static final String SECRET = "5ecret-0utside-0f-the-grants";

    final Path host;
    final Path volume;
    final Path readOnly;
    final Path outside;

    /** A TCP server that may be reached. It takes connections and never says anything. */
    final ServerSocketChannel granted;

    /** Sockets that see whether the policy was exceeded. */
    private final List<ServerSocketChannel> watchers = new ArrayList<>();

    private final List<DatagramChannel> datagramWatchers = new ArrayList<>();

    private final List<Integer> forbiddenPorts = new ArrayList<>();
    private final TreeMap<String, String> before;

    Ground(Path directory) throws IOException {
        host = directory.toRealPath();
        volume = Files.createDirectories(host.resolve("volume"));
        readOnly = Files.createDirectories(host.resolve("readonly"));
        outside = Files.createDirectories(host.resolve("outside"));
        Files.writeString(outside.resolve("file"), SECRET);
        Files.writeString(Files.createDirectories(outside.resolve("dir")).resolve("a"), SECRET);
        Files.writeString(host.resolve("a"), SECRET);
        Files.writeString(readOnly.resolve("a"), "may be read");
        Files.createDirectories(readOnly.resolve("dir"));
        Files.createSymbolicLink(readOnly.resolve("out"), outside);
        layVolume();
        granted = listener("127.0.0.1");
        watch(listener("127.0.0.1"));
        watch(listener("::1"));
        datagrams("127.0.0.1");
        datagrams("::1");
        ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        unix.bind(UnixDomainSocketAddress.of(outside.resolve("socket")));
        unix.configureBlocking(false);
        watchers.add(unix);
        before = picture();
    }

    private static ServerSocketChannel listener(String address) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getByName(address), 0), 64);
        server.configureBlocking(false);
        return server;
    }

    private void watch(ServerSocketChannel server) throws IOException {
        watchers.add(server);
        forbiddenPorts.add(((InetSocketAddress) server.getLocalAddress()).getPort());
    }

    private void datagrams(String address) throws IOException {
        InetAddress local = InetAddress.getByName(address);
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(local, 0));
        channel.configureBlocking(false);
        datagramWatchers.add(channel);
        forbiddenPorts.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    /** Makes the volume what it was at first. */
    void layVolume() throws IOException {
        clear(volume);
        Files.createDirectories(volume.resolve("dir/sub"));
        Files.writeString(volume.resolve("a"), "mine");
        Files.writeString(volume.resolve("dir/b"), "mine too".repeat(100));
        Files.createSymbolicLink(volume.resolve("out"), outside);
        Files.createSymbolicLink(volume.resolve("up"), Path.of("../outside/file"));
        Files.createSymbolicLink(volume.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(volume.resolve("in"), Path.of("dir"));
    }

    private static void clear(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path dir, IOException error)
                            throws IOException {
                        if (!dir.equals(directory)) {
                            Files.delete(dir);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    int grantedPort() {
        try {
            return ((InetSocketAddress) granted.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    List<Integer> forbiddenPorts() {
        return forbiddenPorts;
    }

    /** Rules that deny the watched ports, whatever else is allowed. */
    String denials() {
        StringBuilder rules = new StringBuilder();
        for (int port : forbiddenPorts) {
            rules.append(",ipv4:deny=*:").append(port).append(",ipv6:deny=*:").append(port);
        }
        return rules.toString();
    }

    /** Fails when a guest was where it must not be. */
    void check(String when) throws IOException {
        for (ServerSocketChannel watcher : watchers) {
            SocketChannel visitor = watcher.accept();
            if (visitor != null) {
                visitor.close();
                throw new AssertionError(
                        when + ": a connection to " + watcher.getLocalAddress() + ", not granted");
            }
        }
        for (DatagramChannel watcher : datagramWatchers) {
            if (watcher.receive(ByteBuffer.allocate(10)) != null) {
                throw new AssertionError(
                        when + ": a datagram for " + watcher.getLocalAddress() + ", not granted");
            }
        }
        TreeMap<String, String> now = picture();
        if (!now.equals(before)) {
            throw new AssertionError(
                    when + ": files outside the volume changed\n" + before + "\n" + now);
        }
        for (SocketChannel peer = granted.accept(); peer != null; peer = granted.accept()) {
            peer.close();
        }
    }

    /** Everything beside the volume: names, kinds, times, links, contents. */
    private TreeMap<String, String> picture() throws IOException {
        TreeMap<String, String> picture = new TreeMap<>();
        try (Stream<Path> files = Files.walk(host)) {
            for (Path file : files.filter(f -> !f.startsWith(volume)).toList()) {
                if (file.equals(host)) {
                    continue;
                }
                BasicFileAttributes attributes =
                        Files.readAttributes(
                                file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                picture.put(
                        host.relativize(file).toString(),
                        Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
                                + " "
                                + attributes.lastModifiedTime()
                                + " "
                                + (attributes.isRegularFile()
                                        ? Files.readString(file, StandardCharsets.UTF_8)
                                        : attributes.isSymbolicLink() ? "link" : ""));
            }
        }
        return picture;
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
