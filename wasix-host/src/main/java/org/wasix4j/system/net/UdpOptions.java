package org.wasix4j.system.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/** The options of a UDP socket; setsockopt(2), udp(7), ip(7). */
final class UdpOptions extends OptionStore {

    /** IPPROTO_UDP. */
    static final int PROTOCOL = 17;

    private final AddressFamily family;

    UdpOptions(AddressFamily family) {
        this.family = family;
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
                requireInet6(family);
                if (bound) {
                    throw Errno.INVAL.exception();
                }
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
        set(option, on ? 1 : 0);
    }

    boolean getFlag(SockOption option) {
        return switch (option) {
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, KEEP_ALIVE, OOB_INLINE, BROADCAST ->
                    isOn(option);
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 -> get(option, 1) == 1;
            case LISTENING -> false;
            case ONLY_V6 -> {
                requireInet6(family);
                yield isOn(option);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    void setSize(SockOption option, long size, DatagramPort port) throws IOException {
        switch (option) {
            case RECV_BUF_SIZE -> setBuffer(option, StandardSocketOptions.SO_RCVBUF, size, port);
            case SEND_BUF_SIZE -> setBuffer(option, StandardSocketOptions.SO_SNDBUF, size, port);
            case RECV_LOWAT -> set(option, Math.max(1, bufferSize(size)));
            case TTL -> setHops(option, size, 1);
            case MULTICAST_TTL_V4 -> {
                requireHops(size, 0);
                apply(port, StandardSocketOptions.IP_MULTICAST_TTL, (int) size);
                set(option, size);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        }
    }

    /** Reads a size option, but the last error and the buffers, which the channel knows. */
    long getSize(SockOption option) {
        return switch (option) {
            case RECV_LOWAT, SEND_LOWAT -> get(option, 1);
            case TTL -> get(option, DEFAULT_TTL);
            case MULTICAST_TTL_V4 -> get(option, 1);
            case TYPE -> SockType.DGRAM.code();
            case PROTO -> PROTOCOL;
            default -> throw Errno.NOPROTOOPT.exception();
        };
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
        port.set(StandardSocketOptions.IP_MULTICAST_LOOP, get(loop, 1) == 1);
    }
}
