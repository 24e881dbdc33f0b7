package org.wasix4j.types;

/**
 * What an epoll set watches for and reports, {@code epoll_type}, and what {@code epoll_ctl} does.
 * The bits are not those of Linux.
 *
 * <p>Source: wasix-witx {@code epoll_type}, {@code epoll_ctl}.
 */
public final class EpollFlags {
    /** EPOLLIN. */
    public static final int IN = 1;

    /** EPOLLOUT. */
    public static final int OUT = 2;

    /** EPOLLRDHUP: the peer will send no more. */
    public static final int RDHUP = 4;

    /** EPOLLPRI; never reported. */
    public static final int PRI = 8;

    /** EPOLLERR, reported unasked. */
    public static final int ERR = 16;

    /** EPOLLHUP, reported unasked. */
    public static final int HUP = 32;

    /** EPOLLET: each beginning of a condition is reported once. */
    public static final int ET = 64;

    /** EPOLLONESHOT: one report, then nothing until the next change by {@code epoll_ctl}. */
    public static final int ONESHOT = 128;

    /** {@code epoll_ctl} of Rust guests: adds what is not there. */
    public static final int CTL_ADD = 0;

    /**
     * {@code epoll_ctl}: changes what is there, for Rust guests, and adds what is not there, for C
     * guests, whose libc hands its own numbers through. Serves both.
     */
    public static final int CTL_MOD_OR_ADD = 1;

    /** {@code epoll_ctl}: removes what is there. */
    public static final int CTL_DEL = 2;

    /** {@code epoll_ctl} of C guests: changes what is there. */
    public static final int CTL_MOD = 3;

    private EpollFlags() {}
}
