package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/** The options of a UDP socket; setsockopt(2), udp(7), ip(7). */
final class UdpOptions {

    /** IPPROTO_UDP. */
    static final int PROTOCOL = 17;

    private static final int MAX_TTL = 255;
    private static final int DEFAULT_TTL = 64;

    private final OptionStore store = new OptionStore();
    private final AddressFamily family;

    UdpOptions(AddressFamily family) {
        this.family = family;
    }

    boolean isOn(SockOption option) {
        return store.isOn(option);
    }

    long time(SockOption option) {
        return store.get(option);
    }

    /** The deadline of a timeout option, see {@link OptionStore#deadline}. */
    long deadline(SockOption timeout) {
        return store.deadline(timeout);
    }

    void setFlag(SockOption option, boolean on, boolean bound, DatagramPort port)
            throws IOException {
        switch (option) {
            case DONT_ROUTE, KEEP_ALIVE, OOB_INLINE -> {}
            case REUSE_ADDR -> apply(port, StandardSocketOptions.SO_REUSEADDR, on);
            case REUSE_PORT -> apply(port, StandardSocketOptions.SO_REUSEPORT, on);
            case BROADCAST -> apply(port, StandardSocketOptions.SO_BROADCAST, on);
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 ->
                    apply(port, StandardSocketOptions.IP_MULTICAST_LOOP, on);
            case ONLY_V6 -> {
                requireInet6();
                if (bound) {
                    throw Errno.INVAL.exception();
                }
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
        store.set(option, on ? 1 : 0);
    }

    boolean getFlag(SockOption option) {
        return switch (option) {
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, KEEP_ALIVE, OOB_INLINE, BROADCAST ->
                    store.isOn(option);
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 -> store.get(option, 1) == 1;
            case LISTENING -> false;
            case ONLY_V6 -> {
                requireInet6();
                yield store.isOn(option);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    private void requireInet6() {
        if (family != AddressFamily.INET6) {
            throw Errno.NOPROTOOPT.exception();
        }
    }

    void setSize(SockOption option, long size, DatagramPort port) throws IOException {
        switch (option) {
            case RECV_BUF_SIZE -> buffer(option, StandardSocketOptions.SO_RCVBUF, size, port);
            case SEND_BUF_SIZE -> buffer(option, StandardSocketOptions.SO_SNDBUF, size, port);
            case RECV_LOWAT -> store.set(option, Math.max(1, clamp(size)));
            case TTL -> {
                if (size < 1 || size > MAX_TTL) {
                    throw Errno.INVAL.exception();
                }
                store.set(option, size);
            }
            case MULTICAST_TTL_V4 -> {
                if (size < 0 || size > MAX_TTL) {
                    throw Errno.INVAL.exception();
                }
                apply(port, StandardSocketOptions.IP_MULTICAST_TTL, (int) size);
                store.set(option, size);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    private void buffer(
            SockOption option, SocketOption<Integer> carried, long size, DatagramPort port)
            throws IOException {
        long bytes = clamp(size);
        apply(port, carried, (int) bytes);
        store.set(option, bytes);
    }

    private static long clamp(long size) {
        return size < 0 || size > Integer.MAX_VALUE ? Integer.MAX_VALUE : size;
    }

    /** Reads a size option, but the last error and the buffers, which the channel knows. */
    long getSize(SockOption option) {
        return switch (option) {
            case RECV_LOWAT, SEND_LOWAT -> store.get(option, 1);
            case TTL -> store.get(option, DEFAULT_TTL);
            case MULTICAST_TTL_V4 -> store.get(option, 1);
            case TYPE -> SockType.DGRAM.code();
            case PROTO -> PROTOCOL;
            default -> throw Errno.NOPROTOOPT.exception();
        };
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

    /** Applies to a new channel what the guest has set before. */
    void applyTo(DatagramPort port) throws IOException {
        port.set(StandardSocketOptions.SO_REUSEADDR, isOn(SockOption.REUSE_ADDR));
        port.set(StandardSocketOptions.SO_REUSEPORT, isOn(SockOption.REUSE_PORT));
        port.set(StandardSocketOptions.SO_BROADCAST, isOn(SockOption.BROADCAST));
        applyStored(port, SockOption.RECV_BUF_SIZE, StandardSocketOptions.SO_RCVBUF);
        applyStored(port, SockOption.SEND_BUF_SIZE, StandardSocketOptions.SO_SNDBUF);
        applyStored(port, SockOption.MULTICAST_TTL_V4, StandardSocketOptions.IP_MULTICAST_TTL);
        SockOption loop =
                family == AddressFamily.INET6
                        ? SockOption.MULTICAST_LOOP_V6
                        : SockOption.MULTICAST_LOOP_V4;
        port.set(StandardSocketOptions.IP_MULTICAST_LOOP, store.get(loop, 1) == 1);
    }

    private void applyStored(DatagramPort port, SockOption stored, SocketOption<Integer> option)
            throws IOException {
        long value = store.get(stored);
        if (value != OptionStore.UNSET) {
            port.set(option, (int) value);
        }
    }

    private static <T> void apply(DatagramPort port, SocketOption<T> option, T value)
            throws IOException {
        if (port != null) {
            port.set(option, value);
        }
    }
}
