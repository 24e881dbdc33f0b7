package org.wasix4j.types;

/**
 * File types, the S_IFMT part of {@code st_mode}; 8 and 9 are additions of WASIX.
 *
 * <p>Source: wasi-witx {@code filetype}.
 */
public enum FileType {
    UNKNOWN,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    DIRECTORY,
    REGULAR_FILE,
    SOCKET_DGRAM,
    SOCKET_STREAM,
    SYMBOLIC_LINK,
    SOCKET_RAW,
    SOCKET_SEQPACKET;

    /** The number on the wire. */
    public int code() {
        return ordinal();
    }
}
