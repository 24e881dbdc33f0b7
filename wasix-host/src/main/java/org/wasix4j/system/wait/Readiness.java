package org.wasix4j.system.wait;

import java.nio.channels.SelectionKey;

/**
 * Readiness of a descriptor as bits. The first two are also what a caller asks for; the others are
 * reported unasked, as POLLHUP and POLLERR are.
 */
public final class Readiness {
    /** A read, receive or accept would not block, POLLIN. */
    public static final int READ = 1;

    /** A write or send would not block, POLLOUT. */
    public static final int WRITE = 2;

    /** Both directions are gone, POLLHUP. */
    public static final int HANGUP = 4;

    /** An error is pending, or the reader of a pipe is gone, POLLERR. */
    public static final int ERROR = 8;

    /** The peer will send no more, POLLRDHUP. */
    public static final int READ_HANGUP = 16;

    /** The conditions that a caller asks for. */
    public static final int ASKED = READ | WRITE;

    private Readiness() {}

    /** What a selector is asked for to learn of conditions, as NIO's operations. */
    public static int selectOps(int conditions) {
        return ((conditions & READ) != 0 ? SelectionKey.OP_READ : 0)
                | ((conditions & WRITE) != 0 ? SelectionKey.OP_WRITE : 0);
    }
}
