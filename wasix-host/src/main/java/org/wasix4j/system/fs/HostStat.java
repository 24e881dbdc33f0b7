package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * Makes {@link FileStat}s, by {@link KernelStat} where that is possible. Elsewhere what is read
 * through a directory's descriptor is right but lacks the links and the time of change; what is
 * read by path has them. What is read by path is only believed when it is of the same file, by
 * device and inode.
 */
final class HostStat {

    private static final String UNIX =
            "unix:dev,ino,mode,nlink,size,lastAccessTime,lastModifiedTime,ctime,fileKey";

    private static final int S_IFMT = 0170000;

    private HostStat() {}

    /** Everything about the file that a path leads to, or null when it is not the one meant. */
    static @Nullable FileStat byPath(Path path, Object key, LinkOption... options) {
        try {
            if (isShown(path)) {
                BasicFileAttributes found =
                        Files.readAttributes(path, PosixFileAttributes.class, options);
                return key.equals(found.fileKey()) ? KernelStat.of(found) : null;
            }
            Map<String, Object> all = Files.readAttributes(path, UNIX, options);
            return key.equals(all.get("fileKey")) ? of(all) : null;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /**
     * Everything about the file that a path leads to, links followed; null when it is not known.
     */
    static @Nullable FileStat byPath(Path path) {
        try {
            return isShown(path)
                    ? KernelStat.of(Files.readAttributes(path, PosixFileAttributes.class))
                    : of(Files.readAttributes(path, UNIX));
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /** Whether {@link KernelStat} reads what is read by this path. */
    private static boolean isShown(Path path) {
        return KernelStat.available() && path.getFileSystem() == FileSystems.getDefault();
    }

    private static Object get(Map<String, Object> all, String attribute) {
        return Objects.requireNonNull(all.get(attribute), attribute);
    }

    private static FileStat of(Map<String, Object> all) {
        return new FileStat(
                (Long) get(all, "dev"),
                (Long) get(all, "ino"),
                type((Integer) get(all, "mode")),
                ((Number) get(all, "nlink")).longValue(),
                (Long) get(all, "size"),
                nanos(get(all, "lastAccessTime")),
                nanos(get(all, "lastModifiedTime")),
                nanos(get(all, "ctime")));
    }

    /** What attributes show; at least one link, changed when it was modified. */
    static FileStat of(BasicFileAttributes attributes) {
        FileStat all = KernelStat.of(attributes);
        if (all != null) {
            return all;
        }
        long modified = nanos(attributes.lastModifiedTime());
        return new FileStat(
                number(attributes.fileKey(), "dev=", 16),
                number(attributes.fileKey(), "ino=", 10),
                type(attributes),
                1,
                attributes.size(),
                nanos(attributes.lastAccessTime()),
                modified,
                modified);
    }

    /** A number in a file key, whose text is {@code (dev=hex,ino=decimal)}. */
    private static long number(Object key, String label, int radix) {
        String text = String.valueOf(key);
        int start = text.indexOf(label);
        if (start < 0) {
            return 0;
        }
        start += label.length();
        int end = start;
        while (end < text.length() && Character.digit(text.charAt(end), radix) >= 0) {
            end++;
        }
        return Long.parseUnsignedLong(text.substring(start, end), radix);
    }

    /** The type as far as Java reports it. */
    static FileType type(BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
            return FileType.REGULAR_FILE;
        }
        if (attributes.isDirectory()) {
            return FileType.DIRECTORY;
        }
        return attributes.isSymbolicLink() ? FileType.SYMBOLIC_LINK : FileType.UNKNOWN;
    }

    /** The type in a mode; a FIFO has no number in the ABI. */
    static FileType type(int mode) {
        return switch (mode & S_IFMT) {
            case 0100000 -> FileType.REGULAR_FILE;
            case 0040000 -> FileType.DIRECTORY;
            case 0120000 -> FileType.SYMBOLIC_LINK;
            case 0140000 -> FileType.SOCKET_STREAM;
            case 0020000 -> FileType.CHARACTER_DEVICE;
            case 0060000 -> FileType.BLOCK_DEVICE;
            default -> FileType.UNKNOWN;
        };
    }

    private static long nanos(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }
}
