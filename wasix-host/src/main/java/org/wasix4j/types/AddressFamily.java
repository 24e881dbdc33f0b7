package org.wasix4j.types;

/**
 * Address families, AF_*, by their WASIX numbers.
 *
 * <p>Source: wasix-witx {@code address_family}.
 */
public enum AddressFamily {
    /** No family: the tag of an absent address. */
    UNSPEC,
    /** IPv4, AF_INET. */
    INET4,
    /** IPv6, AF_INET6. */
    INET6,
    /** Unix domain, AF_UNIX. */
    UNIX;

    private static final AddressFamily[] BY_CODE = values();

    /** {@return the number on the wire; also the tag of an address record} */
    public int code() {
        return ordinal();
    }

    /**
     * {@return the family of a number, or null when there is none}
     *
     * @param code the number
     */
    @Nullable
    public static AddressFamily of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
