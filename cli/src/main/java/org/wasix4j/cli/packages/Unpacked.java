package org.wasix4j.cli.packages;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The folders of a container, laid out in a private temporary folder as long as the guest runs.
 * Files are held against their checksums. Links are made last, so that nothing is written through
 * one.
 */
public final class Unpacked implements AutoCloseable {

    private final Path root;
    private int folders;

    /**
     * An empty one.
     *
     * @param parent where the private folder is made, which no guest may write to
     * @throws IOException when it cannot be made
     */
    public Unpacked(Path parent) throws IOException {
        root =
                Files.createTempDirectory(
                        parent,
                        "wasix-package-",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
    }

    /**
     * Lays out a folder of a package.
     *
     * @return where it is now
     * @throws PackageException when a file is damaged
     */
    public Path folder(PackageCommand.Source source) throws IOException {
        if (source instanceof PackageCommand.OnDisk onDisk) {
            return onDisk.folder();
        }
        Path folder = Files.createDirectory(root.resolve(String.valueOf(folders++)));
        List<Link> found = new ArrayList<>();
        write(((PackageCommand.Packed) source).tree(), folder, found);
        for (Link link : found) {
            Files.createSymbolicLink(link.path, path(link.target));
        }
        return folder;
    }

    private record Link(Path path, String target) {}

    private void write(PackageTree.Folder folder, Path into, List<Link> found) throws IOException {
        for (Map.Entry<String, PackageTree> each : folder.entries().entrySet()) {
            Path path = into.resolve(path(each.getKey()));
            PackageTree entry = each.getValue();
            if (entry instanceof PackageTree.Folder inner) {
                write(inner, Files.createDirectory(path), found);
            } else if (entry instanceof PackageTree.Link link) {
                found.add(new Link(path, link.target()));
            } else {
                Checksums.verify(each.getKey(), (PackageTree.File) entry);
                write((PackageTree.File) entry, path);
            }
        }
    }

    /**
     * The host's path for a text of the package. In the C locale {@code Path.of} refuses every
     * letter beyond ASCII; a file URI takes its bytes in UTF-8.
     */
    private static Path path(String text) throws IOException {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return Path.of(text);
        }
        try {
            String ascii = new URI("file", "", "/" + text, null, null).toASCIIString();
            Path absolute = Path.of(URI.create(ascii));
            return text.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new PackageException("damaged: no name of a file: " + Names.shown(text), e);
        }
    }

    private static void write(PackageTree.File file, Path path) throws IOException {
        try (FileChannel out =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var content = file.content().duplicate();
            while (content.hasRemaining()) {
                out.write(content);
            }
        }
    }

    /** Deletes everything. */
    @Override
    public void close() throws IOException {
        delete(root);
    }

    /** Deletes a folder and all that is in it; links are not followed. */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path emptied, IOException failed)
                            throws IOException {
                        Files.delete(emptied);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
