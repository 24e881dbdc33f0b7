package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;

/**
 * A poll that asks for the same as the last one of its thread goes on with that one's wait, and
 * what is reported is taken from the kernel at once. Neither may be seen.
 */
@Timeout(120)
class RepeatedPollTest {

    private static final int STEPS = 150;
    private static final int SHUT_WR = 2;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    /** The descriptors of the random walk; one in a place can be closed and opened again. */
    private final int[] fds = new int[10];

    /** Whether it is waited for room, too. */
    private boolean writes;

    @AfterEach
    void close() {
        guest.close();
    }

    private int[] connected() {
        int listener = sockets.listener();
        int client = sockets.tcp();
        SocketCalls.expect(sockets.connect(client, sockets.localPort(listener)));
        int server = sockets.accept(listener);
        guest.ok("fd_close", listener);
        sockets.nonBlocking(client);
        sockets.nonBlocking(server);
        return new int[] {client, server};
    }

    /** Which of the descriptors are ready, as events of the form "number of the subscription". */
    private List<Long> ready() {
        Polling polling = Polling.of(guest);
        for (int fd : fds) {
            polling.read(fd);
            if (writes) {
                polling.write(fd);
            }
        }
        return polling.now();
    }

    private void open(int place) {
        int[] two =
                switch (place) {
                    case 0, 2 -> connected();
                    case 4 -> guest.pipe();
                    case 6 -> new int[] {guest.get("fd_event", 0, 4), guest.get("fd_event", 0, 4)};
                    default -> {
                        int receiver = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
                        int sender = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
                        yield new int[] {receiver, sender};
                    }
                };
        sockets.nonBlocking(two[0]);
        sockets.nonBlocking(two[1]);
        fds[place] = two[0];
        fds[place + 1] = two[1];
    }

    private void sendTo(int fd, int port) {
        guest.call(
                "sock_send_to",
                fd,
                guest.iovec("datagram"),
                1,
                0,
                sockets.address("127.0.0.1", port),
                guest.alloc(4));
    }

    private void step(Random random) {
        int place = random.nextInt(fds.length);
        int fd = fds[place];
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> guest.call("fd_write", fd, guest.iovec("12345678"), 1, guest.alloc(4));
            case 3, 4 -> {
                int length = 1 + random.nextInt(12);
                guest.call(
                        "fd_read", fd, guest.iovec(guest.alloc(length), length), 1, guest.alloc(4));
            }
            case 5 -> sockets.receive(fd, 3, 1);
            case 6 -> guest.call("sock_shutdown", fd, SHUT_WR);
            case 7 -> {
                if (place >= 8) {
                    // binds by itself
                    sendTo(fd, sockets.localPort(fds[place ^ 1]));
                } else {
                    guest.call("fd_write", fd, guest.iovec("12345678"), 1, guest.alloc(4));
                }
            }
            default -> {
                int first = place & ~1;
                guest.ok("fd_close", fds[first]);
                guest.ok("fd_close", fds[first + 1]);
                open(first);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_poll_that_is_repeated_finds_what_a_thread_finds_that_polls_for_the_first_time(
            long seed) {
        Random random = new Random(seed);
        writes = seed > 1;
        for (int place = 0; place < fds.length; place += 2) {
            open(place);
        }
        for (int i = 0; i < STEPS; i++) {
            guest.resetMemory();
            step(random);
            int step = i;
            await().pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .untilAsserted(
                            () -> {
                                List<Long> first = guest.spawn(this::ready).join();
                                assertThat(ready()).as("step %d", step).isEqualTo(first);
                            });
        }
    }

    @Test
    void a_socket_that_gets_its_port_by_sending_is_watched_by_the_next_poll() {
        int first = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        int second = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(second, "127.0.0.1", 0));
        assertThat(Polling.of(guest).read(first).now()).isEmpty();
        sendTo(first, sockets.localPort(second));
        sendTo(second, sockets.localPort(first));
        await().pollInSameThread()
                .until(() -> Polling.of(guest).read(first).now().equals(List.of(0L)));
    }

    @Test
    void a_poll_of_fewer_descriptors_reports_none_of_those_before() {
        int[] pair = connected();
        int[] pipe = guest.pipe();
        guest.call("fd_write", pipe[1], guest.iovec("x"), 1, guest.alloc(4));
        for (int i = 0; i < 2; i++) {
            Polling more = Polling.of(guest).read(pair[0]).read(pair[1]).read(pipe[0]);
            assertThat(more.now()).containsExactly(2L);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(Polling.of(guest).read(pair[0]).now()).isEmpty();
        }
    }

    @Test
    void what_was_reported_and_not_read_is_reported_again() {
        int[] pair = connected();
        SocketCalls.expect(sockets.send(pair[0], "hello"));
        EpollCalls set = new EpollCalls(guest);
        set.add(pair[1], EpollFlags.IN);
        for (int i = 0; i < 3; i++) {
            assertThat(set.await(-1)).hasSize(1);
        }
        assertThat(sockets.receive(pair[1], 3, 0)).isEqualTo("hel");
        assertThat(set.now()).hasSize(1);
        assertThat(sockets.receive(pair[1], 3, 0)).isEqualTo("lo");
        assertThat(set.now()).isEmpty();
        SocketCalls.expect(sockets.send(pair[0], "again"));
        assertThat(set.await(-1)).hasSize(1);
        assertThat(sockets.receive(pair[1])).isEqualTo("again");
    }

    @Test
    void more_than_the_host_takes_at_once_is_received_in_order_whichever_way_is_waited() {
        int[] pair = connected();
        String text = String.join("", java.util.Collections.nCopies(500, "0123456789"));
        EpollCalls set = new EpollCalls(guest);
        set.add(pair[1], EpollFlags.IN);
        for (int i = 0; i < 2; i++) {
            SocketCalls.expect(sockets.send(pair[0], text));
            StringBuilder received = new StringBuilder();
            while (received.length() < text.length()) {
                assertThat(i == 0 ? set.await(-1) : Polling.of(guest).read(pair[1]).poll())
                        .hasSize(1);
                String some = sockets.receive(pair[1], 3000, 0);
                assertThat(some).doesNotStartWith("[");
                received.append(some);
            }
            assertThat(received.toString()).isEqualTo(text);
        }
        assertThat(sockets.receive(pair[1])).isEqualTo("[" + Errno.AGAIN + "]");
    }

    @Test
    void many_connections_that_are_ready_at_once_are_all_reported_and_lose_nothing() {
        List<int[]> pairs = new ArrayList<>();
        EpollCalls set = new EpollCalls(guest);
        for (int i = 0; i < 60; i++) {
            pairs.add(connected());
            set.add(pairs.get(i)[1], EpollFlags.IN);
        }
        for (int round = 0; round < 3; round++) {
            guest.resetMemory();
            Polling polling = Polling.of(guest);
            for (int[] pair : pairs) {
                SocketCalls.expect(sockets.send(pair[0], "round " + round));
                polling.read(pair[1]);
            }
            if (round == 1) {
                await().pollInSameThread().until(() -> polling.now().size() == pairs.size());
            } else {
                await().pollInSameThread().until(() -> set.now().size() == pairs.size());
            }
            for (int[] pair : pairs) {
                assertThat(sockets.receive(pair[1])).isEqualTo("round " + round);
            }
            assertThat(set.now()).isEmpty();
        }
    }

    @Test
    void the_end_of_a_stream_and_a_reset_are_reported_after_what_came_before_them() {
        int[] pair = connected();
        EpollCalls set = new EpollCalls(guest);
        set.add(pair[1], EpollFlags.IN | EpollFlags.RDHUP);
        SocketCalls.expect(sockets.send(pair[0], "last"));
        assertThat(set.await(-1)).hasSize(1);
        guest.ok("fd_close", pair[0]);
        assertThat(sockets.receive(pair[1], 2, 0)).isEqualTo("la");
        assertThat(set.now()).hasSize(1);
        assertThat(sockets.receive(pair[1])).isEqualTo("st");
        await().pollInSameThread().until(() -> set.now().size() == 1);
        assertThat(set.now().get(0).events() & EpollFlags.RDHUP).isNotZero();
        assertThat(sockets.receive(pair[1])).isEmpty();
    }
}
