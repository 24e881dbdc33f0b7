package org.wasix4j.hostile;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files that a hostile guest stands on: a volume that it may change, one that it may read, and
 * beside them a directory that it must never reach.
 */
final class Ground implements AutoCloseable {

    /** What stands in every file that a guest must not read; never in a name. */
    static final String SECRET = "5ecret-0utside-0f-the-grants";

    final Path host;
    final Path volume;
    final Path readOnly;
    final Path outside;

    /** A server in the directory that must not be reached. */
    private final ServerSocketChannel unix;

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
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        unix.bind(UnixDomainSocketAddress.of(outside.resolve("socket")));
        unix.configureBlocking(false);
        before = picture();
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

    /** Fails when a guest was where it must not be. */
    void check(String when) throws IOException {
        MachineNeighbours.requireNobody(unix, when);
        TreeMap<String, String> now = picture();
        if (!now.equals(before)) {
            throw new AssertionError(
                    when + ": files outside the volume changed\n" + before + "\n" + now);
        }
        try (Stream<Path> files = Files.walk(volume)) {
            Optional<Path> temporary =
                    files.filter(f -> f.getFileName().toString().startsWith(".wasix")).findAny();
            if (temporary.isPresent()) {
                throw new AssertionError(when + ": " + temporary.get() + " is left");
            }
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
        unix.close();
    }
}
