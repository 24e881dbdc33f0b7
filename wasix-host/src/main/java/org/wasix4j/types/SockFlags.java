package org.wasix4j.types;

/**
 * Flags of the calls that receive, send and shut down: in POSIX MSG_* and SHUT_*.
 *
 * <p>Source: wasi-witx and wasix-witx {@code riflags}, {@code roflags}, {@code siflags}, {@code
 * sdflags}.
 */
public final class SockFlags {
    /** riflags: leave the bytes in the queue, MSG_PEEK. */
    public static final int RECV_PEEK = 1;

    /** riflags: wait for the full length, MSG_WAITALL. */
    public static final int RECV_WAITALL = 2;

    /** riflags: report the real length of a datagram, MSG_TRUNC. */
    public static final int RECV_DATA_TRUNCATED = 4;

    /** riflags: this one call does not wait, MSG_DONTWAIT. */
    public static final int RECV_DONT_WAIT = 8;

    /** Every bit that {@code riflags} knows. */
    public static final int RECV_ALL = 15;

    /** roflags: the datagram was longer than the buffers. */
    public static final int RECV_TRUNCATED = 1;

    /** siflags: this one call does not wait, MSG_DONTWAIT. */
    public static final int SEND_DONT_WAIT = 1;

    /** sdflags: no more reading, SHUT_RD. */
    public static final int SHUT_RD = 1;

    /** sdflags: no more writing, SHUT_WR. */
    public static final int SHUT_WR = 2;

    /** sdflags: neither, SHUT_RDWR. */
    public static final int SHUT_RDWR = 3;

    private SockFlags() {}

    /**
     * Checks what is to be shut down.
     *
     * @param how the flags of {@code sock_shutdown}
     * @throws ErrnoException inval when it is none of the three
     */
    public static void requireShutdown(int how) {
        if (how < SHUT_RD || how > SHUT_RDWR) {
            throw Errno.INVAL.exception();
        }
    }
}
