package org.wasix4j.system.net;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

/** The options of a UDP socket; setsockopt(2), udp(7), ip(7). */
final class UdpOptions extends OptionStore {

    /** IPPROTO_UDP. */
    static final int PROTOCOL = 17;

    private final UdpSocket socket;

    UdpOptions(UdpSocket socket) {
        this.socket = socket;
    }

    @Override
    public void setFlag(SockOption option, boolean on) {
        synchronized (socket.lock) {
            try {
                setFlag(option, on, socket.port());
            } catch (IOException e) {
                throw socket.translate("setsockopt", e);
            }
        }
    }

    private void setFlag(SockOption option, boolean on, @Nullable DatagramPort port)
            throws IOException {
        switch (option) {
            case DONT_ROUTE, KEEP_ALIVE, OOB_INLINE -> {}
            case REUSE_ADDR -> apply(port, StandardSocketOptions.SO_REUSEADDR, on);
            case REUSE_PORT -> apply(port, StandardSocketOptions.SO_REUSEPORT, on);
            case BROADCAST -> apply(port, StandardSocketOptions.SO_BROADCAST, on);
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 ->
                    apply(port, StandardSocketOptions.IP_MULTICAST_LOOP, on);
            case ONLY_V6 -> {
                requireInet6(socket.family());
                if (socket.isBound()) {
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
            case REUSE_PORT, REUSE_ADDR, DONT_ROUTE, KEEP_ALIVE, OOB_INLINE, BROADCAST ->
                    isOn(option);
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 -> get(option, 1) == 1;
            case LISTENING -> false;
            case ONLY_V6 -> {
                requireInet6(socket.family());
                yield isOn(option);
            }
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    @Override
    public void setSize(SockOption option, long size) {
        synchronized (socket.lock) {
            try {
                setSize(option, size, socket.port());
            } catch (IOException e) {
                throw socket.translate("setsockopt", e);
            }
        }
    }

    private void setSize(SockOption option, long size, @Nullable DatagramPort port)
            throws IOException {
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

    @Override
    public long getSize(SockOption option) {
        return switch (option) {
            case RECV_BUF_SIZE -> bufferSize(StandardSocketOptions.SO_RCVBUF);
            case SEND_BUF_SIZE -> bufferSize(StandardSocketOptions.SO_SNDBUF);
            case RECV_LOWAT, SEND_LOWAT -> get(option, 1);
            case TTL -> get(option, DEFAULT_TTL);
            case MULTICAST_TTL_V4 -> get(option, 1);
            case TYPE -> SockType.DGRAM.code();
            case PROTO -> PROTOCOL;
            case LAST_ERROR -> socket.input().takeError().code();
            default -> throw Errno.NOPROTOOPT.exception();
        };
    }

    private long bufferSize(SocketOption<Integer> option) {
        synchronized (socket.lock) {
            try {
                return socket.open().bufferSize(option);
            } catch (IOException e) {
                throw socket.translate("getsockopt", e);
            }
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
                socket.family() == AddressFamily.INET6
                        ? SockOption.MULTICAST_LOOP_V6
                        : SockOption.MULTICAST_LOOP_V4;
        port.set(StandardSocketOptions.IP_MULTICAST_LOOP, get(loop, 1) == 1);
    }
}
