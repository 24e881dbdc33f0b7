package org.wasix4j.types;

/**
 * Socket options by their WASIX numbers, and the setter that carries each. In POSIX they are the
 * SO_*, TCP_*, IP_* and IPV6_* options of {@code setsockopt}.
 *
 * <p>Source: wasix-witx {@code sock_option}.
 */
public enum SockOption {
    /** No option. */
    NOOP(Kind.NONE),
    /** SO_REUSEPORT. */
    REUSE_PORT(Kind.FLAG),
    /** SO_REUSEADDR. */
    REUSE_ADDR(Kind.FLAG),
    /** TCP_NODELAY. */
    NO_DELAY(Kind.FLAG),
    /** SO_DONTROUTE. */
    DONT_ROUTE(Kind.FLAG),
    /** IPV6_V6ONLY. */
    ONLY_V6(Kind.FLAG),
    /** SO_BROADCAST. */
    BROADCAST(Kind.FLAG),
    /** IP_MULTICAST_LOOP. */
    MULTICAST_LOOP_V4(Kind.FLAG),
    /** IPV6_MULTICAST_LOOP. */
    MULTICAST_LOOP_V6(Kind.FLAG),
    /** Receiving what is sent to others; there is no such option of {@code setsockopt}. */
    PROMISCUOUS(Kind.FLAG),
    /** SO_ACCEPTCONN. */
    LISTENING(Kind.FLAG),
    /** SO_ERROR. */
    LAST_ERROR(Kind.SIZE),
    /** SO_KEEPALIVE. */
    KEEP_ALIVE(Kind.FLAG),
    /** SO_LINGER. */
    LINGER(Kind.TIME),
    /** SO_OOBINLINE. */
    OOB_INLINE(Kind.FLAG),
    /** SO_RCVBUF. */
    RECV_BUF_SIZE(Kind.SIZE),
    /** SO_SNDBUF. */
    SEND_BUF_SIZE(Kind.SIZE),
    /** SO_RCVLOWAT. */
    RECV_LOWAT(Kind.SIZE),
    /** SO_SNDLOWAT. */
    SEND_LOWAT(Kind.SIZE),
    /** SO_RCVTIMEO. */
    RECV_TIMEOUT(Kind.TIME),
    /** SO_SNDTIMEO. */
    SEND_TIMEOUT(Kind.TIME),
    /** The time a connect may take; {@code setsockopt} has none. */
    CONNECT_TIMEOUT(Kind.TIME),
    /** The time an accept may take; {@code setsockopt} has none. */
    ACCEPT_TIMEOUT(Kind.TIME),
    /** IP_TTL. */
    TTL(Kind.SIZE),
    /** IP_MULTICAST_TTL. */
    MULTICAST_TTL_V4(Kind.SIZE),
    /** SO_TYPE. */
    TYPE(Kind.SIZE),
    /** SO_PROTOCOL. */
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

    /** {@return the number on the wire} */
    public int code() {
        return ordinal();
    }

    /** {@return which pair of calls carries it} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return the option of a number, or null when there is none}
     *
     * @param code the number
     */
    @Nullable
    public static SockOption of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
