package org.wasix4j.system.fd;

import org.wasix4j.types.FileType;

/**
 * What is known of a file, like {@code struct stat}. Times are nanoseconds since 1970.
 *
 * @param device number of the file system
 * @param inode number in it
 * @param links number of hard links
 * @param size bytes
 */
public record FileStat(
        long device,
        long inode,
        FileType type,
        long links,
        long size,
        long accessTime,
        long modificationTime,
        long changeTime) {

    /** What a socket, pipe or stream without a file answers. */
    public static FileStat of(FileType type) {
        return new FileStat(0, 0, type, 1, 0, 0, 0, 0);
    }
}
