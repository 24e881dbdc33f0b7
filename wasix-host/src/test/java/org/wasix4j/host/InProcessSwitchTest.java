package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.wasix4j.host.SocketCalls.DGRAM;
import static org.wasix4j.host.SocketCalls.INET4;
import static org.wasix4j.host.SocketCalls.INET6;
import static org.wasix4j.host.SocketCalls.STREAM;
import static org.wasix4j.host.SocketCalls.expect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/** Two guests in one network inside the process: everything a socket does, and nothing outside. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InProcessSwitchTest {

    private final InProcessSwitch network = new InProcessSwitch();
    private final List<HostHarness> guests = new ArrayList<>();
    private final List<Decision> denials = new CopyOnWriteArrayList<>();

    private final HostHarness serverGuest = guest(NetworkPolicy.allowAll());
    private final HostHarness clientGuest = guest(NetworkPolicy.allowAll());
    private final SocketCalls server = new SocketCalls(serverGuest);
    private final SocketCalls client = new SocketCalls(clientGuest);

    private HostHarness guest(NetworkPolicy policy) {
        HostHarness guest =
                HostHarness.create(
                        process ->
                                process.withNetwork(network)
                                        .withPolicy(policy)
                                        .withObserver(
                                                new SystemObserver() {
                                                    @Override
                                                    public void denied(Decision decision) {
                                                        denials.add(decision);
                                                    }
                                                }));
        guests.add(guest);
        return guest;
    }

    @AfterEach
    void close() {
        guests.forEach(HostHarness::close);
    }

    /** A connection: the server's end and the client's. */
    private int[] connected() {
        int listener = server.listener();
        int fd = client.tcp();
        expect(client.connect(fd, server.localPort(listener)));
        return new int[] {server.accept(listener), fd};
    }

    private static void awaitWaiting(HostHarness guest) {
        await().until(
                        () -> {
                            for (var thread : guest.process().threads()) {
                                if (thread.isWaiting()) {
                                    return true;
                                }
                            }
                            return false;
                        });
    }

    @Test
    void two_guests_talk_and_nothing_is_opened_on_the_machine() throws Exception {
        long before = openDescriptors();
        int[] ends = connected();
        expect(client.send(ends[1], "question"));
        assertThat(server.receive(ends[0])).isEqualTo("question");
        expect(server.send(ends[0], "answer"));
        assertThat(client.receive(ends[1])).isEqualTo("answer");
        assertThat(openDescriptors()).isEqualTo(before);
    }

    private static long openDescriptors() throws Exception {
        try (var open = java.nio.file.Files.list(java.nio.file.Path.of("/proc/self/fd"))) {
            return open.map(InProcessSwitchTest::target)
                    .filter(t -> t.startsWith("socket"))
                    .count();
        }
    }

    private static String target(java.nio.file.Path link) {
        try {
            return java.nio.file.Files.readSymbolicLink(link).toString();
        } catch (java.io.IOException e) {
            return "";
        }
    }

    @Test
    void nobody_at_a_port_refuses() {
        assertThat(client.connect(client.tcp(), 80)).isEqualTo(Errno.CONNREFUSED);
    }

    @Test
    void another_network_has_its_own_ports() {
        int port = server.localPort(server.listener());
        try (HostHarness other =
                HostHarness.create(
                        process ->
                                process.withNetwork(new InProcessSwitch())
                                        .withPolicy(NetworkPolicy.allowAll()))) {
            SocketCalls calls = new SocketCalls(other);
            assertThat(calls.connect(calls.tcp(), port)).isEqualTo(Errno.CONNREFUSED);
            expect(calls.bind(calls.tcp(), "127.0.0.1", port));
        }
    }

    @Test
    void a_port_is_taken_once_and_free_after_the_close() {
        int first = server.tcp();
        expect(server.bind(first, "0.0.0.0", 80));
        assertThat(client.bind(client.tcp(), "127.0.0.1", 80)).isEqualTo(Errno.ADDRINUSE);
        expect(serverGuest.call("sock_listen", first, 5));
        assertThat(client.bind(client.tcp(), "127.0.0.1", 80)).isEqualTo(Errno.ADDRINUSE);
        serverGuest.ok("fd_close", first);
        int second = client.tcp();
        expect(client.bind(second, "127.0.0.1", 80));
        expect(clientGuest.call("sock_listen", second, 5));
    }

    @Test
    void two_that_share_an_address_cannot_both_listen() {
        int first = server.tcp();
        int second = client.tcp();
        server.setFlag(first, SockOption.REUSE_ADDR.code(), 1);
        client.setFlag(second, SockOption.REUSE_ADDR.code(), 1);
        expect(server.bind(first, "127.0.0.1", 80));
        expect(client.bind(second, "127.0.0.1", 80));
        expect(serverGuest.call("sock_listen", first, 5));
        assertThat(clientGuest.call("sock_listen", second, 5)).isEqualTo(Errno.ADDRINUSE);
        int third = client.tcp();
        client.setFlag(third, SockOption.REUSE_ADDR.code(), 1);
        assertThat(client.bind(third, "127.0.0.1", 80)).isEqualTo(Errno.ADDRINUSE);
    }

    @Test
    void a_listener_on_the_wildcard_is_reached_at_every_address() {
        int listener = server.open(INET6, STREAM);
        expect(server.bind(listener, "::", 53));
        expect(serverGuest.call("sock_listen", listener, 5));
        int fd = client.tcp();
        expect(clientGuest.call("sock_connect", fd, client.address("8.8.8.8", 53)));
        int fd6 = client.open(INET6, STREAM);
        expect(clientGuest.call("sock_connect", fd6, client.address("2001:db8::1", 53)));
        int out = serverGuest.alloc(4);
        int peer = serverGuest.alloc(110);
        expect(serverGuest.call("sock_accept_v2", listener, 0, out, peer));
        assertThat(serverGuest.u8(peer)).isEqualTo(INET6);
        assertThat(serverGuest.read(peer + 4, 16))
                .as("v4-mapped")
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1);
        assertThat(server.localPort(serverGuest.i32(out))).isEqualTo(53);
        expect(serverGuest.call("sock_accept_v2", listener, 0, out, peer));
    }

    @Test
    void a_blocking_accept_and_a_blocking_receive_are_woken() throws Exception {
        int listener = server.listener();
        int port = server.localPort(listener);
        CompletableFuture<String> received =
                serverGuest.spawn(() -> server.receive(server.accept(listener)));
        awaitWaiting(serverGuest);
        int fd = client.tcp();
        expect(client.connect(fd, port));
        awaitWaiting(serverGuest);
        expect(client.send(fd, "late"));
        assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("late");
    }

    @Test
    void a_half_close_is_the_end_of_the_stream_and_the_other_way_goes_on() {
        int[] ends = connected();
        expect(client.send(ends[1], "last words"));
        clientGuest.ok("sock_shutdown", ends[1], SockFlags.SHUT_WR);
        assertThat(client.send(ends[1], "more")).isEqualTo(Errno.PIPE);
        assertThat(server.receive(ends[0])).isEqualTo("last words");
        assertThat(server.receive(ends[0])).isEmpty();
        expect(server.send(ends[0], "answer"));
        assertThat(client.receive(ends[1])).isEqualTo("answer");
    }

    @Test
    void a_close_is_an_end_and_one_with_unread_data_a_reset() {
        int[] plain = connected();
        clientGuest.ok("fd_close", plain[1]);
        assertThat(server.receive(plain[0])).isEmpty();
        assertThat(server.send(plain[0], "too late")).isEqualTo(Errno.PIPE);

        int[] rude = connected();
        expect(client.send(rude[1], "before"));
        expect(server.send(rude[0], "never read"));
        clientGuest.ok("fd_close", rude[1]);
        assertThat(server.receive(rude[0])).as("what came before").isEqualTo("before");
        assertThat(server.receive(rude[0])).isEqualTo("[" + Errno.CONNRESET + "]");
        assertThat(server.receive(rude[0])).as("reported once").isEmpty();
    }

    @Test
    void linger_of_no_time_resets() {
        int[] ends = connected();
        expect(client.setTime(ends[1], SockOption.LINGER.code(), 0));
        clientGuest.ok("fd_close", ends[1]);
        assertThat(server.size(ends[0], SockOption.LAST_ERROR.code()))
                .isEqualTo(Errno.CONNRESET.code());
        assertThat(server.size(ends[0], SockOption.LAST_ERROR.code())).isZero();
    }

    @Test
    void a_peek_leaves_and_a_full_stream_would_block_until_it_is_read() throws Exception {
        int[] ends = connected();
        client.nonBlocking(ends[1]);
        expect(client.send(ends[1], "x".repeat(65536)));
        assertThat(client.send(ends[1], "y")).isEqualTo(Errno.AGAIN);
        clientGuest.ok("fd_fdstat_set_flags", ends[1], 0);
        CompletableFuture<Errno> sent = clientGuest.spawn(() -> client.send(ends[1], "y"));
        awaitWaiting(clientGuest);
        assertThat(server.receive(ends[0], 65536, SockFlags.RECV_WAITALL)).hasSize(65536);
        assertThat(sent.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.SUCCESS);
        assertThat(server.receive(ends[0], 3, SockFlags.RECV_PEEK)).isEqualTo("y");
        assertThat(server.receive(ends[0])).isEqualTo("y");
    }

    @Test
    void timeouts_end_a_receive_and_an_accept() {
        int[] ends = connected();
        expect(server.setTime(ends[0], SockOption.RECV_TIMEOUT.code(), 1_000_000));
        assertThat(server.receive(ends[0])).isEqualTo("[" + Errno.AGAIN + "]");
        int listener = server.listener();
        expect(server.setTime(listener, SockOption.ACCEPT_TIMEOUT.code(), 1_000_000));
        assertThat(server.tryAccept(listener)).isEqualTo(Errno.TIMEDOUT);
    }

    @Test
    void behind_a_full_queue_a_connection_waits_for_room() throws Exception {
        int listener = server.tcp();
        expect(server.bind(listener, "127.0.0.1", 0));
        expect(serverGuest.call("sock_listen", listener, 1));
        int port = server.localPort(listener);
        expect(client.connect(client.tcp(), port));
        expect(client.connect(client.tcp(), port));
        int third = client.tcp();
        client.nonBlocking(third);
        assertThat(client.connect(third, port)).isEqualTo(Errno.INPROGRESS);
        assertThat(client.connect(third, port)).isEqualTo(Errno.ALREADY);
        CompletableFuture<Errno> fourth =
                clientGuest.spawn(() -> client.connect(client.tcp(), port));
        awaitWaiting(clientGuest);
        server.accept(listener);
        assertThat(Polling.of(clientGuest).write(third).poll()).hasSize(1);
        assertThat(client.size(third, SockOption.LAST_ERROR.code())).isZero();
        server.accept(listener);
        assertThat(fourth.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void those_who_wait_are_refused_and_those_in_the_queue_reset_when_the_listener_closes()
            throws Exception {
        int listener = server.tcp();
        expect(server.bind(listener, "127.0.0.1", 0));
        expect(serverGuest.call("sock_listen", listener, 1));
        int port = server.localPort(listener);
        int queued = client.tcp();
        expect(client.connect(queued, port));
        expect(client.connect(client.tcp(), port));
        CompletableFuture<Errno> waits =
                clientGuest.spawn(() -> client.connect(client.tcp(), port));
        awaitWaiting(clientGuest);
        serverGuest.ok("fd_close", listener);
        assertThat(waits.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.CONNREFUSED);
        assertThat(client.receive(queued)).isEqualTo("[" + Errno.CONNRESET + "]");
        assertThat(client.connect(client.tcp(), port)).isEqualTo(Errno.CONNREFUSED);
    }

    @Test
    void epoll_tells_edges_once() {
        int listener = server.listener();
        server.nonBlocking(listener);
        EpollCalls epoll = new EpollCalls(serverGuest);
        epoll.add(listener, EpollFlags.IN | EpollFlags.ET);
        assertThat(epoll.now()).isEmpty();
        int fd = client.tcp();
        expect(client.connect(fd, server.localPort(listener)));
        assertThat(epoll.now()).containsExactly(new EpollCalls.Event(EpollFlags.IN, listener));
        assertThat(epoll.now()).isEmpty();
        int accepted = server.accept(listener);
        server.nonBlocking(accepted);
        epoll.add(accepted, EpollFlags.IN | EpollFlags.RDHUP | EpollFlags.ET);
        assertThat(epoll.now()).isEmpty();
        expect(client.send(fd, "one"));
        assertThat(epoll.now()).containsExactly(new EpollCalls.Event(EpollFlags.IN, accepted));
        assertThat(epoll.now()).isEmpty();
        expect(client.send(fd, "two"));
        assertThat(epoll.now())
                .as("a new edge")
                .containsExactly(new EpollCalls.Event(EpollFlags.IN, accepted));
        assertThat(server.receive(accepted)).isEqualTo("onetwo");
        clientGuest.ok("fd_close", fd);
        assertThat(epoll.now())
                .containsExactly(new EpollCalls.Event(EpollFlags.IN | EpollFlags.RDHUP, accepted));
    }

    @Test
    void datagrams_go_between_guests_with_their_senders() {
        int receiver = server.open(INET4, DGRAM);
        expect(server.bind(receiver, "0.0.0.0", 53));
        int sender = client.open(INET4, DGRAM);
        expect(sendTo(sender, "127.0.0.1", 53, "query"));
        assertThat(Polling.of(serverGuest).read(receiver).poll()).hasSize(1);
        int from = serverGuest.alloc(110);
        int buffer = serverGuest.alloc(10);
        int size = serverGuest.alloc(4);
        serverGuest.ok(
                "sock_recv_from",
                receiver,
                serverGuest.iovec(buffer, 10),
                1,
                0,
                size,
                serverGuest.alloc(2),
                from);
        assertThat(serverGuest.text(buffer, serverGuest.i32(size))).isEqualTo("query");
        assertThat(serverGuest.u16(from + 2)).isEqualTo(client.localPort(sender));
        expect(server.connect(receiver, client.localPort(sender)));
        expect(server.send(receiver, "reply"));
        assertThat(client.receive(sender)).isEqualTo("reply");
    }

    private Errno sendTo(int fd, String host, int port, String text) {
        return clientGuest.call(
                "sock_send_to",
                fd,
                clientGuest.iovec(text),
                1,
                0,
                client.address(host, port),
                clientGuest.alloc(4));
    }

    @Test
    void datagrams_to_nobody_are_lost_and_a_connected_sender_learns_of_it() {
        int lonely = client.open(INET4, DGRAM);
        expect(sendTo(lonely, "127.0.0.1", 9, "lost"));
        expect(client.connect(lonely, 9));
        expect(client.send(lonely, "lost"));
        assertThat(client.receive(lonely)).isEqualTo("[" + Errno.CONNREFUSED + "]");
    }

    @Test
    void a_blocking_receive_of_a_datagram_is_woken() throws Exception {
        int receiver = server.open(INET4, DGRAM);
        expect(server.bind(receiver, "127.0.0.1", 0));
        int port = server.localPort(receiver);
        CompletableFuture<String> received = serverGuest.spawn(() -> server.receive(receiver));
        awaitWaiting(serverGuest);
        expect(sendTo(client.open(INET4, DGRAM), "127.0.0.1", port, "hey"));
        assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("hey");
    }

    @Test
    void the_policy_applies_and_no_name_leaves_the_process() {
        int port = server.localPort(server.listener());
        HostHarness strict = guest(NetworkPolicy.parse("dns:allow=*:*,ipv4:allow=127.0.0.1:1/out"));
        SocketCalls calls = new SocketCalls(strict);
        assertThat(calls.connect(calls.tcp(), port)).isEqualTo(Errno.ACCES);
        assertThat(calls.connect(calls.tcp(), 1)).isEqualTo(Errno.CONNREFUSED);
        assertThat(calls.bind(calls.tcp(), "127.0.0.1", 0)).isEqualTo(Errno.ACCES);
        assertThat(denials).hasSize(2);
        int out = strict.alloc(18 * 4);
        String name = "example.org";
        assertThat(
                        strict.call(
                                "resolve",
                                strict.string(name),
                                name.length(),
                                80,
                                out,
                                4,
                                strict.alloc(4)))
                .isEqualTo(Errno.NOENT);
        int count = strict.alloc(4);
        strict.ok("resolve", strict.string("localhost"), 9, 80, out, 4, count);
        assertThat(strict.i32(count)).isEqualTo(2);
    }

    @Test
    void a_denied_query_of_getaddrinfo_is_not_reported() {
        HostHarness denied = guest(NetworkPolicy.denyAll());
        SocketCalls calls = new SocketCalls(denied);
        int datagrams = calls.open(INET4, DGRAM);
        assertThat(calls.connect(datagrams, 65_535)).isEqualTo(Errno.ACCES);
        assertThat(denials).isEmpty();
        assertThat(calls.connect(datagrams, 65_534)).isEqualTo(Errno.ACCES);
        assertThat(denials).hasSize(1);
        assertThat(calls.connect(calls.tcp(), 65_535)).isEqualTo(Errno.ACCES);
        assertThat(denials).hasSize(2);
    }

    @Test
    void a_client_that_the_policy_of_the_server_forbids_is_closed() {
        HostHarness strict =
                guest(NetworkPolicy.parse("ipv4:allow=*:8080/in,ipv4:deny=127.0.0.0/8:*/in"));
        SocketCalls calls = new SocketCalls(strict);
        int listener = calls.tcp();
        expect(calls.bind(listener, "10.0.0.1", 8080));
        expect(strict.call("sock_listen", listener, 5));
        int fd = client.tcp();
        expect(clientGuest.call("sock_connect", fd, client.address("10.0.0.1", 8080)));
        calls.nonBlocking(listener);
        assertThat(calls.tryAccept(listener)).isEqualTo(Errno.AGAIN);
        assertThat(client.receive(fd)).isEqualTo("[" + Errno.CONNRESET + "]");
        assertThat(denials).singleElement().asString().startsWith("accept 127.0.0.1:");
    }

    @Test
    void the_end_of_a_guest_is_the_end_of_its_connections() {
        int[] ends = connected();
        expect(server.send(ends[0], "bye"));
        serverGuest.process().release();
        assertThat(client.receive(ends[1])).isEqualTo("bye");
        assertThat(client.receive(ends[1])).isEmpty();
    }

    @Test
    void connections_that_wait_are_accepted_after_a_stop_and_nobody_new_comes() throws Exception {
        int listener = server.listener();
        int port = server.localPort(listener);
        int early = client.tcp();
        expect(client.connect(early, port));
        serverGuest.process().stopAccepting();
        assertThat(client.connect(client.tcp(), port)).isEqualTo(Errno.CONNREFUSED);
        int accepted = server.accept(listener);
        expect(client.send(early, "served"));
        assertThat(server.receive(accepted)).isEqualTo("served");
        server.nonBlocking(listener);
        assertThat(server.tryAccept(listener)).isEqualTo(Errno.AGAIN);
        assertThat(serverGuest.call("fd_fdstat_set_flags", listener, FdFlags.NONBLOCK))
                .isEqualTo(Errno.SUCCESS);
        // to listen again is a success, to which nobody comes
        int second = server.listener();
        assertThat(client.connect(client.tcp(), server.localPort(second)))
                .isEqualTo(Errno.CONNREFUSED);
    }
}
