package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Nullable;

/**
 * Makes {@link FileStat}s. What is read through a directory's descriptor is right but lacks the
 * links and the time of change; what is read by path has them, and is only believed when it is of
 * the same file, by device and inode.
 */
final class HostStat {

    private static final String UNIX =
            "unix:dev,ino,mode,nlink,size,lastAccessTime,lastModifiedTime,ctime,fileKey";

    /** What may change about a file that is known already. */
    private static final String CHANGES =
            "unix:nlink,size,lastAccessTime,lastModifiedTime,ctime,fileKey";

    private static final int S_IFMT = 0170000;

    private HostStat() {}

    /** Everything about the file that a path leads to, or null when it is not the one meant. */
    static @Nullable FileStat byPath(Path path, Object key, LinkOption... options) {
        try {
            Map<String, Object> all = Files.readAttributes(path, UNIX, options);
            return key.equals(all.get("fileKey")) ? of(all) : null;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /**
     * As {@link #byPath(Path, Object, LinkOption...)}, for a file of which something is known: each
     * attribute that is not asked for again saves the JDK an entry in two maps.
     */
    static @Nullable FileStat byPath(Path path, Object key, FileStat known, LinkOption... options) {
        try {
            Map<String, Object> all = Files.readAttributes(path, CHANGES, options);
            return key.equals(all.get("fileKey"))
                    ? of(all, known.device(), known.inode(), known.type())
                    : null;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /**
     * Everything about the file that a path leads to, links followed; null when it is not known.
     */
    static @Nullable FileStat byPath(Path path) {
        try {
            return of(Files.readAttributes(path, UNIX));
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    private static Object get(Map<String, Object> all, String attribute) {
        return Objects.requireNonNull(all.get(attribute), attribute);
    }

    private static FileStat of(Map<String, Object> all) {
        return of(
                all,
                (Long) get(all, "dev"),
                (Long) get(all, "ino"),
                type((Integer) get(all, "mode")));
    }

    private static FileStat of(Map<String, Object> all, long device, long inode, FileType type) {
        return new FileStat(
                device,
                inode,
                type,
                ((Number) get(all, "nlink")).longValue(),
                (Long) get(all, "size"),
                nanos(get(all, "lastAccessTime")),
                nanos(get(all, "lastModifiedTime")),
                nanos(get(all, "ctime")));
    }

    /** What attributes alone show: one link, changed when it was modified. */
    static FileStat of(BasicFileAttributes attributes) {
        long modified = nanos(attributes.lastModifiedTime());
        return new FileStat(
                number(attributes.fileKey(), "dev=", 16),
                inode(attributes.fileKey()),
                type(attributes),
                1,
                attributes.size(),
                nanos(attributes.lastAccessTime()),
                modified,
                modified);
    }

    /** The inode in a file key, whose text is {@code (dev=hex,ino=decimal)}. */
    static long inode(Object key) {
        return number(key, "ino=", 10);
    }

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
