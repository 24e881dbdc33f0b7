package org.wasix4j.types;

/**
 * Socket options by their WASIX numbers, and the setter that carries each. The POSIX cousins are
 * the SO_*, TCP_*, IP_* and IPV6_* options of {@code setsockopt}.
 *
 * <p>Source: wasix-witx {@code sock_option}.
 */
public enum SockOption {
    NOOP(Kind.NONE),
    REUSE_PORT(Kind.FLAG),
    REUSE_ADDR(Kind.FLAG),
    NO_DELAY(Kind.FLAG),
    DONT_ROUTE(Kind.FLAG),
    ONLY_V6(Kind.FLAG),
    BROADCAST(Kind.FLAG),
    MULTICAST_LOOP_V4(Kind.FLAG),
    MULTICAST_LOOP_V6(Kind.FLAG),
    PROMISCUOUS(Kind.FLAG),
    LISTENING(Kind.FLAG),
    LAST_ERROR(Kind.SIZE),
    KEEP_ALIVE(Kind.FLAG),
    LINGER(Kind.TIME),
    OOB_INLINE(Kind.FLAG),
    RECV_BUF_SIZE(Kind.SIZE),
    SEND_BUF_SIZE(Kind.SIZE),
    RECV_LOWAT(Kind.SIZE),
    SEND_LOWAT(Kind.SIZE),
    RECV_TIMEOUT(Kind.TIME),
    SEND_TIMEOUT(Kind.TIME),
    CONNECT_TIMEOUT(Kind.TIME),
    ACCEPT_TIMEOUT(Kind.TIME),
    TTL(Kind.SIZE),
    MULTICAST_TTL_V4(Kind.SIZE),
    TYPE(Kind.SIZE),
    PROTO(Kind.SIZE);

    /** Which pair of calls an option travels with. */
    public enum Kind {
        /** With none. */
        NONE,
        /** {@code sock_set_opt_flag}, {@code sock_get_opt_flag}: a bool. */
        FLAG,
        /** {@code sock_set_opt_size}, {@code sock_get_opt_size}: 64 bits. */
        SIZE,
        /**
         * {@code sock_set_opt_time}, {@code sock_get_opt_time}: an optional time in nanoseconds.
         */
        TIME
    }

    private static final SockOption[] BY_CODE = values();

    private final Kind kind;

    SockOption(Kind kind) {
        this.kind = kind;
    }

    /** The number on the wire. */
    public int code() {
        return ordinal();
    }

    /** Which pair of calls carries it. */
    public Kind kind() {
        return kind;
    }

    /** The option of a number, or null when there is none. */
    @Nullable
    public static SockOption of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
