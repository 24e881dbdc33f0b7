package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/**
 * The options of a stream socket: which exist, in which state they can be set, what is applied to
 * the channel and what is only kept. setsockopt(2), tcp(7), unix(7), socket(7).
 */
final class StreamOptions extends OptionStore {

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

    private final StreamSocket socket;

    StreamOptions(StreamSocket socket) {
        this.socket = socket;
    }

    /** Takes over what an accepted socket has from its listener. */
    void inherit(StreamOptions listener) {
        inherit(listener, INHERITED);
    }

    /** How the port may be shared. */
    Sharing sharing() {
        return new Sharing(
                isOn(SockOption.REUSE_ADDR), isOn(SockOption.REUSE_PORT), isOn(SockOption.ONLY_V6));
    }

    /** The deadline of an option of this host's own, or when that is not set of Linux's. */
    long firstDeadline(SockOption own, SockOption otherwise) {
        return deadline(get(own) > 0 ? own : otherwise);
    }

    /** SO_RCVBUF that the guest asked for, or 0. */
    int receiveBuffer() {
        return (int) get(SockOption.RECV_BUF_SIZE, 0);
    }

    /** Whether closing is to reset the connection: linger with no time. */
    boolean lingersZero() {
        return get(SockOption.LINGER) == 0;
    }

    @Override
    public void setFlag(SockOption option, boolean on) {
        StreamPhase now = socket.phase();
        try {
            setFlag(option, on, now instanceof StreamPhase.Fresh, now.endpoint());
        } catch (IOException e) {
            throw socket.translate("setsockopt", e);
        }
    }

    private void setFlag(
            SockOption option, boolean on, boolean fresh, @Nullable StreamEndpoint endpoint)
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
                requireInet6(socket.family());
                if (!fresh) {
                    throw Errno.INVAL.exception();
                }
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
        set(option, on ? 1 : 0);
    }

    @Override
    public boolean getFlag(SockOption option) {
        return switch (option) {
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, BROADCAST, KEEP_ALIVE, OOB_INLINE ->
                    isOn(option);
            case NO_DELAY -> {
                requireInet();
                yield isOn(option);
            }
            case LISTENING -> socket.phase() instanceof Listening;
            case ONLY_V6 -> {
                requireInet6(socket.family());
                yield isOn(option);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    /** A unix socket has no protocol whose options it could have. */
    private void requireInet() {
        if (socket.family() == AddressFamily.UNIX) {
            throw Errno.NOTSUP.exception();
        }
    }

    @Override
    public void setSize(SockOption option, long size) {
        try {
            setSize(option, size, socket.phase().endpoint());
        } catch (IOException e) {
            throw socket.translate("setsockopt", e);
        }
    }

    private void setSize(SockOption option, long size, @Nullable StreamEndpoint endpoint)
            throws IOException {
        switch (option) {
            case RECV_BUF_SIZE ->
                    setBuffer(option, StandardSocketOptions.SO_RCVBUF, size, endpoint);
            case SEND_BUF_SIZE ->
                    setBuffer(option, StandardSocketOptions.SO_SNDBUF, size, endpoint);
            case RECV_LOWAT -> set(option, Math.max(1, bufferSize(size)));
            case TTL -> {
                requireInet();
                setHops(option, size, 1);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    @Override
    public long getSize(SockOption option) {
        try {
            return switch (option) {
                case RECV_BUF_SIZE -> bufferSize(StandardSocketOptions.SO_RCVBUF, option);
                case SEND_BUF_SIZE -> bufferSize(StandardSocketOptions.SO_SNDBUF, option);
                case RECV_LOWAT, SEND_LOWAT -> get(option, 1);
                case TTL -> get(option, DEFAULT_TTL);
                case TYPE -> SockType.STREAM.code();
                case PROTO -> socket.protocol();
                case LAST_ERROR -> lastError().code();
                default -> throw Errno.NOPROTOOPT.exception();
            };
        } catch (IOException e) {
            throw socket.translate("getsockopt", e);
        }
    }

    /** The present size of a buffer; a socket without an endpoint opens one to find out. */
    private long bufferSize(SocketOption<Integer> option, SockOption stored) throws IOException {
        StreamEndpoint endpoint = socket.phase().endpoint();
        if (endpoint != null) {
            return ask(endpoint, option, stored);
        }
        StreamEndpoint lent = socket.network.open(socket.family());
        try {
            applyTo(lent);
            return ask(lent, option, stored);
        } finally {
            socket.closeQuietly(lent, false);
        }
    }

    private long ask(StreamEndpoint endpoint, SocketOption<Integer> option, SockOption stored)
            throws IOException {
        Integer size = endpoint.get(option);
        return size == null ? get(stored, 65536) : size;
    }

    /** SO_ERROR: the pending error, which the guest has then seen. */
    private Errno lastError() {
        StreamPhase now = socket.phaseNow();
        Errno error = null;
        if (now instanceof StreamPhase.Failed failed) {
            error = failed.take();
        } else if (now instanceof Connection connection) {
            error = connection.takeError();
            if (connection.reads.hasAhead()) {
                // the kernel does not report it to waiting threads
                socket.signal(Readiness.READ);
            }
            socket.consumed();
        }
        return error == null ? Errno.SUCCESS : error;
    }

    /** Applies to a new endpoint what the guest has set before. */
    void applyTo(StreamEndpoint endpoint) throws IOException {
        applyIfOn(endpoint, SockOption.NO_DELAY, StandardSocketOptions.TCP_NODELAY);
        applyIfOn(endpoint, SockOption.KEEP_ALIVE, StandardSocketOptions.SO_KEEPALIVE);
        if (isOn(SockOption.OOB_INLINE)) {
            endpoint.oobInline(true);
        }
        applyStored(endpoint, SockOption.RECV_BUF_SIZE, StandardSocketOptions.SO_RCVBUF);
        applyStored(endpoint, SockOption.SEND_BUF_SIZE, StandardSocketOptions.SO_SNDBUF);
    }
}
