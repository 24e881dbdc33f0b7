package org.wasix4j.types;

/**
 * File types, the S_IFMT part of {@code st_mode}; 8 and 9 are additions of WASIX.
 *
 * <p>Source: wasi-witx {@code filetype}.
 */
public enum FileType {
    /** None of the others, such as a pipe or an event counter. */
    UNKNOWN,
    /** A block device, S_IFBLK. */
    BLOCK_DEVICE,
    /** A character device, S_IFCHR. */
    CHARACTER_DEVICE,
    /** A directory, S_IFDIR. */
    DIRECTORY,
    /** A regular file, S_IFREG. */
    REGULAR_FILE,
    /** A datagram socket. */
    SOCKET_DGRAM,
    /** A stream socket. */
    SOCKET_STREAM,
    /** A symbolic link, S_IFLNK. */
    SYMBOLIC_LINK,
    /** A raw socket. */
    SOCKET_RAW,
    /** A socket of records in sequence. */
    SOCKET_SEQPACKET;

    /** {@return the number on the wire} */
    public int code() {
        return ordinal();
    }
}
