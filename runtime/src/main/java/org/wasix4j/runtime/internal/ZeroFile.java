package org.wasix4j.runtime.internal;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.wasix4j.types.Nullable;

/**
 * A file of zeros, as long as the largest memory so far, of which the memories of all guests are
 * private mappings. Nothing is ever written to it.
 *
 * <p>A page of a private mapping is copied from the file's page when it is first written, so the
 * machine has to have that page of the file. With one file for all, it has it once, and only the
 * first guest that gets so far waits until it is made. That is most of the cost of a fork.
 *
 * <p>The file has no name any more when it is mapped (it had one for a moment, in a folder of its
 * own, without any permissions), and takes no room on the disk. It must not lie on a tmpfs, where
 * already a read of an untouched page takes memory, and where a full file system ends the guest in
 * the middle of a load.
 */
final class ZeroFile {

    private static final Set<String> MEMORY_FILE_SYSTEMS = Set.of("tmpfs", "ramfs");

    /** How often a mapping is tried again that was interrupted. */
    private static final int TRIES = 3;

    private static @Nullable ZeroFile latest;

    /** What java.io.tmpdir was when the folder was chosen. */
    private final String preferred;

    private final Path folder;

    /** Stays open for the next memory. An interrupt closes it; then it is replaced. */
    private @Nullable FileChannel channel;

    private ZeroFile(String preferred, Path folder) {
        this.preferred = preferred;
        this.folder = folder;
    }

    /** The file of this JVM, or null when no temporary folder is on a disk. */
    static synchronized @Nullable ZeroFile find() {
        String preferred = System.getProperty("java.io.tmpdir");
        if (latest == null || !Objects.equals(latest.preferred, preferred)) {
            Path folder = folderOnDisk(preferred);
            latest = folder == null ? null : new ZeroFile(preferred, folder);
        }
        return latest;
    }

    /** Where it is. */
    Path folder() {
        return folder;
    }

    /**
     * Maps so many bytes, all zero. An interrupt of the calling thread is for the guest and does
     * not disturb this.
     */
    synchronized MappedByteBuffer map(long size) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (int i = 1; ; i++) {
                try {
                    if (channel == null || !channel.isOpen()) {
                        channel = open();
                    }
                    return channel.map(MapMode.PRIVATE, 0, size);
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    if (i == TRIES) {
                        throw e;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private FileChannel open() throws IOException {
        Path own = folder.resolve("wasix4j-" + UniqueName.next());
        Files.createDirectory(own, permissions("rwx------"));
        FileChannel opened = null;
        try {
            opened =
                    FileChannel.open(
                            own.resolve("memory"),
                            Set.of(
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.SPARSE,
                                    // at once, and not when it is closed, where files can be open
                                    // without a name
                                    StandardOpenOption.DELETE_ON_CLOSE),
                            // no one else can open it while it has a name, not even a process of
                            // this user
                            permissions("---------"));
            Files.delete(own);
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            if (opened != null) {
                opened.close();
            }
            Files.deleteIfExists(own);
            throw e;
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    private static @Nullable Path folderOnDisk(String preferred) {
        Set<String> candidates = new LinkedHashSet<>();
        candidates.add(preferred);
        candidates.add("/var/tmp");
        candidates.add("/tmp");
        candidates.add(System.getProperty("user.home"));
        for (String candidate : candidates) {
            try {
                Path folder = Path.of(candidate);
                if (Files.isWritable(folder)
                        && !MEMORY_FILE_SYSTEMS.contains(Files.getFileStore(folder).type())) {
                    return folder;
                }
            } catch (IOException | RuntimeException e) {
                // not there, or not to be looked at: the next one
            }
        }
        return null;
    }
}
