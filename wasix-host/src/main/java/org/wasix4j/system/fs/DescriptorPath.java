package org.wasix4j.system.fs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import org.wasix4j.types.Nullable;

/**
 * Finds the path {@code /proc/self/fd/N} of an open channel: a path that leads to the open file or
 * directory itself, whatever has become of its name. With it the JVM's path functions act on a
 * descriptor, as mkdirat, symlinkat, linkat, futimens and ftruncate do, for which it has no others.
 *
 * <p>Java does not reveal a descriptor's number. Where it cannot be read either, see {@link
 * DescriptorNumber}, the channel's own file offset, which nothing here uses otherwise, is set to a
 * random value, and the descriptor with that offset ({@code /proc/self/fdinfo}) and that file
 * (device and inode) is the one: no other descriptor of the same file, of this or another thread,
 * can be taken for it. The path is good as long as the channel is open.
 */
final class DescriptorPath {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path INFORMATION = Path.of("/proc/self/fdinfo");
    private static final int TRIES = 3;

    /** How many numbers around the last one are looked at before all are. */
    private static final int NEAR = 8;

    /**
     * The number found last. A new descriptor gets the lowest free number, so the next one is often
     * the same or close; a hint only, since what is found there is checked like any other.
     */
    private static volatile int lastFound = NEAR;

    private DescriptorPath() {}

    /**
     * The path of a channel, or null without /proc.
     *
     * @param key which file it is open on, or null when that is not known: then it is not compared
     */
    static @Nullable Path of(FileChannel channel, @Nullable Object key) throws IOException {
        int known = DescriptorNumber.of(channel);
        if (known >= 0) {
            Path number = DESCRIPTORS.resolve(Integer.toString(known));
            if (key == null ? Files.exists(number) : leadsTo(number, key)) {
                return number;
            }
        }
        return search(channel, key);
    }

    /** As {@link #of}, where Java does not tell the number. */
    static @Nullable Path search(FileChannel channel, @Nullable Object key) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            long mark = ThreadLocalRandom.current().nextLong(0x100000L, 0x7ffffff0L);
            channel.position(mark);
            Path found = find(key, mark);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable Path find(@Nullable Object key, long mark) {
        int near = lastFound;
        for (int i = Math.max(0, near - NEAR); i <= near + NEAR; i++) {
            Path number = DESCRIPTORS.resolve(Integer.toString(i));
            if (leadsTo(number, key) && offset(number) == mark) {
                lastFound = i;
                return number;
            }
        }
        try (DirectoryStream<Path> numbers = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path number : numbers) {
                if (leadsTo(number, key) && offset(number) == mark) {
                    lastFound = Integer.parseInt(number.getFileName().toString());
                    return number;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // no /proc here
        }
        return null;
    }

    private static boolean leadsTo(Path number, @Nullable Object key) {
        if (key == null) {
            return true;
        }
        try {
            return key.equals(Files.readAttributes(number, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return false;
        }
    }

    private static long offset(Path number) {
        try {
            String text =
                    Files.readString(
                            INFORMATION.resolve(number.getFileName()), StandardCharsets.US_ASCII);
            return offsetIn(text);
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /** The offset that the system's lines about a descriptor begin with; -1 when they do not. */
    static long offsetIn(String text) {
        int end = text.indexOf('\n');
        return text.startsWith("pos:") && end >= 0
                ? Long.parseLong(text.substring(4, end).trim())
                : -1;
    }
}
