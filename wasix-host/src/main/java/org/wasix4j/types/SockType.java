package org.wasix4j.types;

/**
 * Socket types, SOCK_*, by the numbers of the current generation; what the first generation sent is
 * translated by {@link AbiProfile#sockType(int)}.
 *
 * <p>Source: wasix-witx {@code sock_type}.
 */
public enum SockType {
    /** Number 0, no type. */
    UNUSED,
    /** A byte stream, SOCK_STREAM. */
    STREAM,
    /** Datagrams, SOCK_DGRAM. */
    DGRAM,
    /** Raw network access, SOCK_RAW; never served. */
    RAW,
    /** Sequenced packets, SOCK_SEQPACKET; never served. */
    SEQPACKET;

    private static final SockType[] BY_CODE = values();

    /** {@return the number on the wire} */
    public int code() {
        return ordinal();
    }

    /**
     * {@return the type of a number of the current generation, or null when there is none}
     *
     * @param code the number
     */
    @Nullable
    public static SockType of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
