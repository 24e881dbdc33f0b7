package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

class TcpSocketTest extends TcpScene {

    // ---- echo, both families

    @Test
    void a_client_is_accepted_and_bytes_go_both_ways() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            client.getOutputStream().write(bytes("hello"));
            assertThat(sockets.receive(peer)).isEqualTo("hello");
            assertThat(sockets.send(peer, "world")).isEqualTo(Errno.SUCCESS);
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo(bytes("world"));
            client.shutdownOutput();
            assertThat(sockets.receive(peer)).isEmpty();
            guest.ok("fd_close", peer);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void an_ipv6_client_is_accepted_and_its_address_is_reported_in_network_order()
            throws IOException {
        int listener = sockets.listener6();
        try (Socket client =
                new Socket(InetAddress.getByName("::1"), sockets.localPort(listener))) {
            int out = guest.alloc(4);
            int address = guest.alloc(110);
            guest.ok("sock_accept_v2", listener, 0, out, address);
            assertThat(guest.u8(address)).isEqualTo(SocketCalls.INET6);
            assertThat(guest.u16(address + 2)).isEqualTo(client.getLocalPort());
            assertThat(guest.read(address + 4, 16))
                    .isEqualTo(client.getLocalAddress().getAddress());
            assertThat(guest.read(address + 20, 8)).as("flow and scope").isEqualTo(new byte[8]);
            assertThat(guest.read(address + 28, 2))
                    .as("nothing is written behind the address")
                    .isEqualTo(new byte[] {(byte) 0xEE, (byte) 0xEE});
        }
    }

    @Test
    void an_ipv4_client_of_a_dual_stack_listener_is_reported_as_a_mapped_address()
            throws IOException {
        int listener = sockets.open(SocketCalls.INET6, SocketCalls.STREAM);
        assertThat(sockets.bind(listener, "::", 0)).isEqualTo(Errno.SUCCESS);
        guest.ok("sock_listen", listener, 4);
        try (Socket client =
                new Socket(InetAddress.getByName("127.0.0.1"), sockets.localPort(listener))) {
            int address = guest.alloc(110);
            guest.ok("sock_accept_v2", listener, 0, guest.alloc(4), address);
            assertThat(guest.u8(address)).isEqualTo(SocketCalls.INET6);
            assertThat(guest.read(address + 4, 16))
                    .isEqualTo(
                            new byte[] {
                                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 127, 0, 0, 1
                            });
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void a_v6_only_listener_takes_ipv4_clients_where_nobody_else_does() throws IOException {
        int listener = sockets.open(SocketCalls.INET6, SocketCalls.STREAM);
        assertThat(sockets.setFlag(listener, SockOption.ONLY_V6.code(), 1))
                .isEqualTo(Errno.SUCCESS);
        assertThat(sockets.bind(listener, "::", 0)).isEqualTo(Errno.SUCCESS);
        guest.ok("sock_listen", listener, 4);
        int port = sockets.localPort(listener);
        try (Socket four = new Socket(InetAddress.getByName("127.0.0.1"), port);
                Socket six = new Socket(InetAddress.getByName("::1"), port)) {
            List<Integer> peers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int address = guest.alloc(110);
                guest.ok("sock_accept_v2", listener, 0, guest.alloc(4), address);
                peers.add(guest.u16(address + 2));
            }
            assertThat(peers).containsExactlyInAnyOrder(four.getLocalPort(), six.getLocalPort());
        }
    }

    // ---- bind and listen

    @Test
    void a_bound_port_is_held_and_refuses_clients_until_it_listens() throws IOException {
        int fd = sockets.tcp();
        assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
        int port = sockets.localPort(fd);
        assertThat(port).isNotZero();
        assertThat(catchThrowable(() -> new Socket(LOOPBACK, port)))
                .hasMessageContaining("refused");
        assertThat(sockets.bind(sockets.tcp(), "127.0.0.1", port)).isEqualTo(Errno.ADDRINUSE);
        assertThat(sockets.bind(sockets.tcp(), "0.0.0.0", port)).isEqualTo(Errno.ADDRINUSE);
        guest.ok("sock_listen", fd, 1);
        new Socket(LOOPBACK, port).close();
    }

    @Test
    void a_port_of_another_program_is_in_use_and_the_socket_stays_fresh() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int fd = sockets.tcp();
            assertThat(sockets.bind(fd, "127.0.0.1", other.getLocalPort()))
                    .isEqualTo(Errno.ADDRINUSE);
            assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void an_address_that_is_not_ours_is_not_available() {
        assertThat(sockets.bind(sockets.tcp(), "192.0.2.1", 0)).isEqualTo(Errno.ADDRNOTAVAIL);
    }

    @Test
    void listening_again_is_a_success_and_an_unbound_socket_can_not_listen() {
        int listener = sockets.listener();
        assertThat(guest.call("sock_listen", listener, 64)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("sock_listen", listener, -1)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("sock_listen", sockets.tcp(), 1)).isEqualTo(Errno.INVAL);
    }

    @Test
    void the_port_that_wasix_libc_probes_is_not_taken_before_it_is_used() throws IOException {
        int first = sockets.tcp();
        int second = sockets.tcp();
        assertThat(sockets.bind(first, "0.0.0.0", 10275)).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.bind(second, "0.0.0.0", 10275)).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.localPort(first)).isEqualTo(10275);
        guest.ok("sock_listen", first, 1);
        new Socket(LOOPBACK, 10275).close();
        assertThat(guest.call("sock_listen", second, 1)).isEqualTo(Errno.ADDRINUSE);
    }

    @Test
    void a_closed_listener_refuses_clients_and_frees_its_port_before_close_returns()
            throws IOException {
        for (int i = 0; i < 50; i++) {
            guest.resetMemory();
            int listener = sockets.listener();
            int port = sockets.localPort(listener);
            sockets.nonBlocking(listener);
            // polled once, so that a selector watches it
            assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.AGAIN);
            guest.thread().beginWait();
            guest.thread().want(guest.process().descriptors().find(listener), 1);
            guest.thread().park(System.nanoTime());
            guest.ok("fd_close", listener);
            try (ServerSocket next = new ServerSocket()) {
                next.setReuseAddress(false);
                next.bind(new InetSocketAddress(LOOPBACK, port));
            }
        }
    }

    // ---- accept

    @Test
    void a_non_blocking_accept_answers_again_and_so_does_the_flag_on_a_blocking_listener() {
        int listener = sockets.listener();
        assertThat(sockets.tryAccept(listener, SocketCalls.NONBLOCK, guest.alloc(4)))
                .isEqualTo(Errno.AGAIN);
        sockets.nonBlocking(listener);
        assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.AGAIN);
    }

    @Test
    void an_accepted_socket_blocks_unless_the_flag_asks_otherwise() throws IOException {
        int listener = sockets.listener();
        sockets.nonBlocking(listener);
        try (Socket one = sockets.client(listener);
                Socket two = sockets.client(listener)) {
            int out = guest.alloc(24);
            int fd = guest.alloc(4);
            await().until(() -> sockets.tryAccept(listener, 0, fd) == Errno.SUCCESS);
            guest.ok("fd_fdstat_get", guest.i32(fd), out);
            assertThat(guest.u16(out + 2)).isZero();
            await().until(
                            () ->
                                    sockets.tryAccept(listener, SocketCalls.NONBLOCK, fd)
                                            == Errno.SUCCESS);
            guest.ok("fd_fdstat_get", guest.i32(fd), out);
            assertThat(guest.u16(out + 2)).isEqualTo(SocketCalls.NONBLOCK);
            assertThat(one.isConnected() && two.isConnected()).isTrue();
        }
    }

    @Test
    void closing_a_listener_wakes_a_blocked_accept_with_badf() {
        int listener = sockets.listener();
        CompletableFuture<Errno> accept = guest.spawn(() -> sockets.tryAccept(listener));
        guest.awaitParked(accept);
        guest.ok("fd_close", listener);
        assertThat(accept.join()).isEqualTo(Errno.BADF);
    }

    @Test
    void shutting_a_listener_wakes_a_blocked_accept_with_inval_and_it_can_listen_again()
            throws IOException {
        int listener = sockets.listener();
        CompletableFuture<Errno> accept = guest.spawn(() -> sockets.tryAccept(listener));
        guest.awaitParked(accept);
        guest.ok("sock_shutdown", listener, 3);
        assertThat(accept.join()).isEqualTo(Errno.INVAL);
        guest.ok("sock_listen", listener, 1);
        sockets.client(listener).close();
    }

    @Test
    void two_accepters_on_one_listener_are_both_served() throws IOException {
        int listener = sockets.listener();
        CompletableFuture<Errno> one = guest.spawn(() -> sockets.tryAccept(listener));
        CompletableFuture<Errno> two = guest.spawn(() -> sockets.tryAccept(listener));
        guest.awaitParked(one);
        try (Socket a = sockets.client(listener);
                Socket b = sockets.client(listener)) {
            assertThat(one.join()).isEqualTo(Errno.SUCCESS);
            assertThat(two.join()).isEqualTo(Errno.SUCCESS);
            assertThat(a.isConnected() && b.isConnected()).isTrue();
        }
    }

    @Test
    void an_accept_timeout_answers_timedout_and_a_receive_timeout_answers_again() {
        int listener = sockets.listener();
        assertThat(sockets.setTime(listener, SockOption.RECV_TIMEOUT.code(), 20 * MILLISECOND))
                .isEqualTo(Errno.SUCCESS);
        assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.AGAIN);
        assertThat(sockets.setTime(listener, SockOption.ACCEPT_TIMEOUT.code(), 20 * MILLISECOND))
                .isEqualTo(Errno.SUCCESS);
        assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.TIMEDOUT);
    }

    @Test
    void at_the_descriptor_limit_accept_answers_mfile_and_the_client_stays_queued()
            throws IOException {
        try (HostHarness small =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.allowAll())
                                        .withLimits(Limits.defaults().withMaxDescriptors(2)))) {
            SocketCalls calls = new SocketCalls(small);
            int listener = calls.listener();
            int second = calls.tcp();
            try (Socket client = new Socket(LOOPBACK, calls.localPort(listener))) {
                assertThat(calls.tryAccept(listener)).isEqualTo(Errno.MFILE);
                small.ok("fd_close", second);
                client.getOutputStream().write(bytes("still here"));
                assertThat(calls.receive(calls.accept(listener))).isEqualTo("still here");
            }
        }
    }

    @Test
    void a_bad_out_pointer_is_refused_before_the_connection_is_taken() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            assertThat(guest.call("sock_accept_v2", listener, 0, -4, guest.alloc(110)))
                    .isEqualTo(Errno.FAULT);
            assertThat(guest.call("sock_accept_v2", listener, 0, guest.alloc(4), -4))
                    .isEqualTo(Errno.FAULT);
            client.getOutputStream().write(bytes("x"));
            assertThat(sockets.receive(sockets.accept(listener))).isEqualTo("x");
        }
    }

    // ---- policy

    @Test
    void without_a_grant_every_use_of_an_address_is_denied() {
        try (HostHarness denied = HostHarness.create()) {
            SocketCalls calls = new SocketCalls(denied);
            int fd = calls.tcp();
            assertThat(calls.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.ACCES);
            assertThat(calls.connect(fd, 80)).isEqualTo(Errno.ACCES);
            assertThat(calls.bind(fd, "0.0.0.0", 10275))
                    .as("the probe of wasix-libc is no use of the network")
                    .isEqualTo(Errno.SUCCESS);
            assertThat(denied.call("sock_listen", fd, 1)).isEqualTo(Errno.ACCES);
        }
    }

    // ---- options

    @Test
    void options_set_on_a_listener_are_inherited_but_timeouts_are_not() throws IOException {
        int listener = sockets.listener();
        sockets.setFlag(listener, SockOption.NO_DELAY.code(), 1);
        sockets.setTime(listener, SockOption.RECV_TIMEOUT.code(), 1000 * MILLISECOND);
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            int out = guest.alloc(16);
            guest.ok("sock_get_opt_flag", peer, SockOption.NO_DELAY.code(), out);
            assertThat(guest.u8(out)).isEqualTo(1);
            guest.ok("sock_get_opt_time", peer, SockOption.RECV_TIMEOUT.code(), out);
            assertThat(guest.u8(out)).isZero();
            assertThat(client.isConnected()).isTrue();
        }
    }

    /** As Linux: what the socket(7), tcp(7) and ip(7) options of a listener are, the peer's are. */
    @Test
    void every_option_that_linux_hands_down_is_handed_down() throws IOException {
        int listener = sockets.listener();
        SockOption[] flags = {SockOption.NO_DELAY, SockOption.KEEP_ALIVE, SockOption.OOB_INLINE};
        for (SockOption flag : flags) {
            SocketCalls.expect(sockets.setFlag(listener, flag.code(), 1));
        }
        SockOption[] sizes = {SockOption.RECV_BUF_SIZE, SockOption.SEND_BUF_SIZE, SockOption.TTL};
        long[] values = {20_000, 30_000, 33};
        for (int i = 0; i < sizes.length; i++) {
            guest.ok("sock_set_opt_size", listener, sizes[i].code(), values[i]);
        }
        SocketCalls.expect(sockets.setTime(listener, SockOption.LINGER.code(), 5000 * MILLISECOND));
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            int out = guest.alloc(16);
            for (SockOption flag : flags) {
                guest.ok("sock_get_opt_flag", peer, flag.code(), out);
                assertThat(guest.u8(out)).as("%s", flag).isEqualTo(1);
            }
            for (SockOption size : sizes) {
                assertThat(sockets.size(peer, size.code()))
                        .as("%s", size)
                        .isEqualTo(sockets.size(listener, size.code()));
            }
            assertThat(sockets.size(peer, SockOption.TTL.code())).isEqualTo(33);
            guest.ok("sock_get_opt_time", peer, SockOption.LINGER.code(), out);
            assertThat(guest.u8(out)).isEqualTo(1);
            assertThat(guest.i64(out + 8)).isEqualTo(5000 * MILLISECOND);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void an_option_of_another_kind_is_inval_and_one_without_meaning_noprotoopt() {
        int fd = sockets.tcp();
        assertThat(sockets.setFlag(fd, SockOption.LINGER.code(), 1)).isEqualTo(Errno.INVAL);
        assertThat(sockets.setFlag(fd, 99, 1)).isEqualTo(Errno.INVAL);
        assertThat(sockets.setFlag(fd, SockOption.NO_DELAY.code(), 2)).isEqualTo(Errno.INVAL);
        assertThat(sockets.setFlag(fd, SockOption.PROMISCUOUS.code(), 1))
                .isEqualTo(Errno.NOPROTOOPT);
        assertThat(sockets.setFlag(fd, SockOption.ONLY_V6.code(), 1)).isEqualTo(Errno.NOPROTOOPT);
        assertThat(guest.call("sock_set_opt_size", fd, SockOption.TTL.code(), 256))
                .isEqualTo(Errno.INVAL);
        assertThat(sockets.size(fd, SockOption.RECV_BUF_SIZE.code())).isPositive();
    }
}
