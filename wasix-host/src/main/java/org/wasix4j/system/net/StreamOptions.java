package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/**
 * The options of a stream socket: which exist, in which state they can be set, what is applied to
 * the channel and what is only kept. setsockopt(2), tcp(7), unix(7), socket(7).
 */
final class StreamOptions {

    private static final int MAX_TTL = 255;
    private static final int DEFAULT_TTL = 64;

    /** What an accepted socket has from its listener, as on Linux; timeouts are not among them. */
    private static final SockOption[] INHERITED = {
        SockOption.NO_DELAY,
        SockOption.KEEP_ALIVE,
        SockOption.LINGER,
        SockOption.OOB_INLINE,
        SockOption.RECV_BUF_SIZE,
        SockOption.SEND_BUF_SIZE,
        SockOption.ONLY_V6,
        SockOption.TTL
    };

    private final OptionStore store = new OptionStore();
    private final AddressFamily family;
    private final int protocol;

    StreamOptions(AddressFamily family, int protocol) {
        this.family = family;
        this.protocol = protocol;
    }

    /** Options for an accepted socket. */
    StreamOptions inherited() {
        StreamOptions child = new StreamOptions(family, protocol);
        child.store.inherit(store, INHERITED);
        return child;
    }

    boolean isOn(SockOption option) {
        return store.isOn(option);
    }

    /** Who else may have the port. */
    Sharing sharing() {
        return new Sharing(
                isOn(SockOption.REUSE_ADDR), isOn(SockOption.REUSE_PORT), isOn(SockOption.ONLY_V6));
    }

    /** A time in nanoseconds; {@link SocketDescription#NO_TIME} when there is none. */
    long time(SockOption option) {
        return store.get(option);
    }

    /** The deadline of a timeout option, see {@link OptionStore#deadline}. */
    long deadline(SockOption timeout) {
        return store.deadline(timeout);
    }

    /** The deadline of an option of this host's own, or when that is not set of Linux's. */
    long firstDeadline(SockOption own, SockOption otherwise) {
        return store.deadline(time(own) > 0 ? own : otherwise);
    }

    /** SO_RCVBUF that the guest asked for, or 0. */
    int receiveBuffer() {
        return (int) store.get(SockOption.RECV_BUF_SIZE, 0);
    }

    /** Whether closing is to reset the connection: linger with no time. */
    boolean lingersZero() {
        return store.get(SockOption.LINGER) == 0;
    }

    /**
     * Keeps a flag.
     *
     * @param fresh whether the socket has no address yet
     */
    void setFlag(SockOption option, boolean on, boolean fresh, StreamEndpoint endpoint)
            throws IOException {
        switch (option) {
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, BROADCAST -> {}
            case NO_DELAY -> {
                requireInet();
                apply(endpoint, StandardSocketOptions.TCP_NODELAY, on);
            }
            case KEEP_ALIVE -> apply(endpoint, StandardSocketOptions.SO_KEEPALIVE, on);
            case OOB_INLINE -> {
                if (endpoint != null) {
                    endpoint.oobInline(on);
                }
            }
            case ONLY_V6 -> {
                requireInet6();
                if (!fresh) {
                    throw Errno.INVAL.exception();
                }
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
        store.set(option, on ? 1 : 0);
    }

    boolean getFlag(SockOption option, boolean listening) {
        return switch (option) {
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, BROADCAST, KEEP_ALIVE, OOB_INLINE ->
                    store.isOn(option);
            case NO_DELAY -> {
                requireInet();
                yield store.isOn(option);
            }
            case LISTENING -> listening;
            case ONLY_V6 -> {
                requireInet6();
                yield store.isOn(option);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    /** A unix socket has no protocol whose options it could have. */
    private void requireInet() {
        if (family == AddressFamily.UNIX) {
            throw Errno.NOTSUP.exception();
        }
    }

    private void requireInet6() {
        if (family != AddressFamily.INET6) {
            throw Errno.NOPROTOOPT.exception();
        }
    }

    void setSize(SockOption option, long size, StreamEndpoint endpoint) throws IOException {
        switch (option) {
            case RECV_BUF_SIZE -> {
                long bytes = bufferSize(size);
                apply(endpoint, StandardSocketOptions.SO_RCVBUF, (int) bytes);
                store.set(option, bytes);
            }
            case SEND_BUF_SIZE -> {
                long bytes = bufferSize(size);
                apply(endpoint, StandardSocketOptions.SO_SNDBUF, (int) bytes);
                store.set(option, bytes);
            }
            case RECV_LOWAT -> store.set(option, Math.max(1, bufferSize(size)));
            case TTL -> {
                requireInet();
                if (size < 1 || size > MAX_TTL) {
                    throw Errno.INVAL.exception();
                }
                store.set(option, size);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    /** setsockopt takes an int; a larger wish is the largest there is. */
    private static long bufferSize(long size) {
        return size < 0 || size > Integer.MAX_VALUE ? Integer.MAX_VALUE : size;
    }

    /**
     * Reads a size option, but {@link SockOption#LAST_ERROR}.
     *
     * @param endpoint where the present buffer sizes are asked for; a fresh socket lends one
     */
    long getSize(SockOption option, StreamEndpoint endpoint) throws IOException {
        return switch (option) {
            case RECV_BUF_SIZE -> ask(endpoint, StandardSocketOptions.SO_RCVBUF, option);
            case SEND_BUF_SIZE -> ask(endpoint, StandardSocketOptions.SO_SNDBUF, option);
            case RECV_LOWAT, SEND_LOWAT -> store.get(option, 1);
            case TTL -> store.get(option, DEFAULT_TTL);
            case TYPE -> SockType.STREAM.code();
            case PROTO -> protocol;
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    private long ask(StreamEndpoint endpoint, SocketOption<Integer> option, SockOption stored)
            throws IOException {
        Integer size = endpoint.get(option);
        return size == null ? store.get(stored, 65536) : size;
    }

    void setTime(SockOption option, long nanos) {
        requireTime(option);
        store.set(option, nanos < 0 ? OptionStore.UNSET : nanos);
    }

    long getTime(SockOption option) {
        requireTime(option);
        return store.get(option);
    }

    private static void requireTime(SockOption option) {
        switch (option) {
            case RECV_TIMEOUT, SEND_TIMEOUT, CONNECT_TIMEOUT, ACCEPT_TIMEOUT, LINGER -> {}
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    /** Applies to a new endpoint what the guest has set before. */
    void applyTo(StreamEndpoint endpoint) throws IOException {
        if (store.isOn(SockOption.NO_DELAY)) {
            endpoint.set(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (store.isOn(SockOption.KEEP_ALIVE)) {
            endpoint.set(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (store.isOn(SockOption.OOB_INLINE)) {
            endpoint.oobInline(true);
        }
        if (store.get(SockOption.RECV_BUF_SIZE) > 0) {
            endpoint.set(StandardSocketOptions.SO_RCVBUF, receiveBuffer());
        }
        if (store.get(SockOption.SEND_BUF_SIZE) > 0) {
            endpoint.set(
                    StandardSocketOptions.SO_SNDBUF, (int) store.get(SockOption.SEND_BUF_SIZE));
        }
    }

    private static <T> void apply(StreamEndpoint endpoint, SocketOption<T> option, T value)
            throws IOException {
        if (endpoint != null) {
            endpoint.set(option, value);
        }
    }
}
