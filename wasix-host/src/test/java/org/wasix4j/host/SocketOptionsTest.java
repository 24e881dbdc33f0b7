package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** Every option on every kind of socket, before and after it has a host socket under it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SocketOptionsTest {

    private static final Set<SockOption> FLAGS_OF_ALL =
            EnumSet.of(
                    SockOption.REUSE_PORT,
                    SockOption.REUSE_ADDR,
                    SockOption.DONT_ROUTE,
                    SockOption.BROADCAST,
                    SockOption.KEEP_ALIVE,
                    SockOption.OOB_INLINE);

    private static final int CLIENTS = 40;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final int out = guest.alloc(16);

    @AfterEach
    void close() {
        guest.close();
    }

    private Errno setSize(int fd, SockOption option, long value) {
        return guest.call("sock_set_opt_size", fd, option.code(), value);
    }

    /** A fresh one, and one that is bound. */
    private int[] both(boolean six, boolean stream) {
        assumeTrue(!six || Ipv6.isAvailable());
        int family = six ? SocketCalls.INET6 : SocketCalls.INET4;
        int type = stream ? SocketCalls.STREAM : SocketCalls.DGRAM;
        int bound = sockets.open(family, type);
        SocketCalls.expect(sockets.bind(bound, six ? "::1" : "127.0.0.1", 0));
        return new int[] {sockets.open(family, type), bound};
    }

    private static boolean has(SockOption flag, boolean six, boolean stream, boolean bound) {
        return switch (flag) {
            case NO_DELAY -> stream;
            case MULTICAST_LOOP_V4, MULTICAST_LOOP_V6 -> !stream;
            case ONLY_V6 -> six && !bound;
            default -> FLAGS_OF_ALL.contains(flag);
        };
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void a_flag_that_was_set_is_reported_and_any_other_has_no_meaning(boolean six, boolean stream) {
        int[] fds = both(six, stream);
        for (int i = 0; i < 2; i++) {
            int fd = fds[i];
            boolean bound = i == 1;
            for (SockOption option : SockOption.values()) {
                if (option.kind() != SockOption.Kind.FLAG) {
                    assertThat(sockets.setFlag(fd, option.code(), 1))
                            .as("%s", option)
                            .isEqualTo(Errno.INVAL);
                } else if (has(option, six, stream, bound)) {
                    for (int value : new int[] {1, 0}) {
                        SocketCalls.expect(sockets.setFlag(fd, option.code(), value));
                        guest.ok("sock_get_opt_flag", fd, option.code(), out);
                        assertThat(guest.u8(out)).as("%s", option).isEqualTo(value);
                    }
                } else {
                    assertThat(sockets.setFlag(fd, option.code(), 1))
                            .as("%s", option)
                            .isEqualTo(
                                    option == SockOption.ONLY_V6 && six
                                            ? Errno.INVAL
                                            : Errno.NOPROTOOPT);
                }
            }
            guest.ok("sock_get_opt_flag", fd, SockOption.LISTENING.code(), out);
            assertThat(guest.u8(out)).isZero();
            for (SockOption none : new SockOption[] {SockOption.PROMISCUOUS, SockOption.NO_DELAY}) {
                if (!has(none, six, stream, bound)) {
                    assertThat(guest.call("sock_get_opt_flag", fd, none.code(), out))
                            .as("%s", none)
                            .isEqualTo(Errno.NOPROTOOPT);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void sizes_have_the_limits_of_the_kernel(boolean six, boolean stream) {
        for (int fd : both(six, stream)) {
            for (SockOption buffer :
                    new SockOption[] {SockOption.RECV_BUF_SIZE, SockOption.SEND_BUF_SIZE}) {
                SocketCalls.expect(setSize(fd, buffer, 20_000));
                // Linux doubles what it is given
                assertThat(sockets.size(fd, buffer.code())).isBetween(20_000L, 40_000L);
                SocketCalls.expect(setSize(fd, buffer, 0));
                SocketCalls.expect(setSize(fd, buffer, -1));
                assertThat(sockets.size(fd, buffer.code())).isGreaterThan(40_000L);
            }
            SocketCalls.expect(setSize(fd, SockOption.RECV_LOWAT, 0));
            assertThat(sockets.size(fd, SockOption.RECV_LOWAT.code())).isEqualTo(1);
            assertThat(setSize(fd, SockOption.SEND_LOWAT, 1)).isEqualTo(Errno.NOPROTOOPT);
            assertThat(sockets.size(fd, SockOption.SEND_LOWAT.code())).isEqualTo(1);
            assertThat(sockets.size(fd, SockOption.TTL.code())).isEqualTo(64);
            requireLimits(fd, SockOption.TTL, 1);
            if (stream) {
                assertThat(setSize(fd, SockOption.MULTICAST_TTL_V4, 1)).isEqualTo(Errno.NOPROTOOPT);
                assertThat(
                                guest.call(
                                        "sock_get_opt_size",
                                        fd,
                                        SockOption.MULTICAST_TTL_V4.code(),
                                        out))
                        .isEqualTo(Errno.NOPROTOOPT);
            } else {
                assertThat(sockets.size(fd, SockOption.MULTICAST_TTL_V4.code())).isEqualTo(1);
                requireLimits(fd, SockOption.MULTICAST_TTL_V4, 0);
            }
            assertThat(sockets.size(fd, SockOption.TYPE.code())).isEqualTo(stream ? 1 : 2);
            assertThat(setSize(fd, SockOption.TYPE, 1)).isEqualTo(Errno.NOPROTOOPT);
            assertThat(sockets.size(fd, SockOption.LAST_ERROR.code())).isZero();
        }
    }

    private void requireLimits(int fd, SockOption option, int least) {
        for (long value : new long[] {least, 255}) {
            SocketCalls.expect(setSize(fd, option, value));
            assertThat(sockets.size(fd, option.code())).isEqualTo(value);
        }
        for (long value : new long[] {least - 1, 256, 1L << 32, Long.MIN_VALUE}) {
            assertThat(setSize(fd, option, value)).as("%d", value).isEqualTo(Errno.INVAL);
        }
        assertThat(sockets.size(fd, option.code())).isEqualTo(255);
    }

    @Test
    void what_was_set_on_a_fresh_datagram_socket_holds_when_it_is_bound() {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.setFlag(fd, SockOption.MULTICAST_LOOP_V4.code(), 0));
        SocketCalls.expect(setSize(fd, SockOption.MULTICAST_TTL_V4, 7));
        SocketCalls.expect(setSize(fd, SockOption.RECV_BUF_SIZE, 20_000));
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        guest.ok("sock_get_opt_flag", fd, SockOption.MULTICAST_LOOP_V4.code(), out);
        assertThat(guest.u8(out)).isZero();
        assertThat(sockets.size(fd, SockOption.MULTICAST_TTL_V4.code())).isEqualTo(7);
        assertThat(sockets.size(fd, SockOption.RECV_BUF_SIZE.code())).isBetween(20_000L, 40_000L);
    }

    /** SO_REUSEPORT: Linux gives each of them a part of who comes. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void two_that_share_a_port_listen_on_it_and_everybody_is_accepted_once() throws IOException {
        int[] listeners = new int[2];
        int port = 0;
        for (int i = 0; i < 2; i++) {
            listeners[i] = sockets.tcp();
            SocketCalls.expect(sockets.setFlag(listeners[i], SockOption.REUSE_PORT.code(), 1));
            SocketCalls.expect(sockets.bind(listeners[i], "127.0.0.1", port));
            port = sockets.localPort(listeners[i]);
        }
        assertThat(sockets.bind(sockets.tcp(), "127.0.0.1", port)).isEqualTo(Errno.ADDRINUSE);
        for (int listener : listeners) {
            SocketCalls.expect(guest.call("sock_listen", listener, 64));
            sockets.nonBlocking(listener);
        }
        Set<Integer> came = new HashSet<>();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
            came.add(clients.get(i).getLocalPort());
        }
        Set<Integer> accepted = new HashSet<>();
        Set<Integer> busy = new HashSet<>();
        int peer = guest.alloc(110);
        await().pollInSameThread()
                .until(
                        () -> {
                            for (int listener : listeners) {
                                while (guest.call("sock_accept_v2", listener, 0, out, peer)
                                        == Errno.SUCCESS) {
                                    assertThat(accepted.add(guest.u16(peer + 2))).isTrue();
                                    busy.add(listener);
                                }
                            }
                            return accepted.size() == CLIENTS;
                        });
        assertThat(accepted).isEqualTo(came);
        assertThat(busy).as("one of two for all of them is next to impossible").hasSize(2);
        for (Socket client : clients) {
            client.close();
        }
    }
}
