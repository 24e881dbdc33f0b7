package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.Errno;

/**
 * What one thread does to a descriptor while another waits on it. What a single socket answers then
 * (accept, receive, connect and poll against close and shutdown) is in the tests of sockets and
 * waiting, and in the guest {@code threads/cancel}.
 */
@Timeout(120)
class SharedDescriptorsTest {

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final int listener = sockets.listener();
    private final int client = sockets.tcp();
    private final int server;

    SharedDescriptorsTest() {
        SocketCalls.expect(sockets.connect(client, sockets.localPort(listener)));
        server = sockets.accept(listener);
    }

    @AfterEach
    void end() {
        guest.process().end(ExitReason.exited(0));
        guest.close();
    }

    @Test
    void a_receive_goes_on_when_its_number_is_closed_and_a_copy_is_left() {
        CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(1);
        int copy = guest.get("fd_dup", server);
        guest.ok("fd_close", server);
        assertThat(receive).isNotDone();
        SocketCalls.expect(sockets.send(client, "hello"));
        assertThat(receive.join()).isEqualTo("hello");
        SocketCalls.expect(sockets.send(copy, "world"));
        assertThat(sockets.receive(client)).isEqualTo("world");
    }

    @Test
    void a_receive_is_badf_when_its_number_becomes_something_else() {
        CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(1);
        guest.ok("fd_renumber", sockets.tcp(), server);
        assertThat(receive.join()).isEqualTo("[badf]");
        assertThat(sockets.receive(client)).isEmpty();
        assertThat(sockets.receive(server)).isEqualTo("[notconn]");
    }

    @Test
    void a_receive_goes_on_when_its_number_becomes_something_else_and_a_copy_is_left() {
        guest.get("fd_dup", server);
        CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(1);
        guest.ok("fd_renumber", sockets.tcp(), server);
        assertThat(receive).isNotDone();
        SocketCalls.expect(sockets.send(client, "hello"));
        assertThat(receive.join()).isEqualTo("hello");
    }

    @Test
    void a_call_that_waits_goes_on_when_its_descriptor_becomes_non_blocking() {
        CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(1);
        sockets.nonBlocking(server);
        assertThat(sockets.receive(server)).isEqualTo("[again]");
        assertThat(receive).isNotDone();
        SocketCalls.expect(sockets.send(client, "hello"));
        assertThat(receive.join()).isEqualTo("hello");
    }

    @Test
    void one_thread_sends_while_another_waits_to_receive_on_the_same_stream() {
        CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(1);
        SocketCalls.expect(sockets.send(server, "question"));
        assertThat(sockets.receive(client)).isEqualTo("question");
        SocketCalls.expect(sockets.send(client, "answer"));
        assertThat(receive.join()).isEqualTo("answer");
    }

    @Test
    void two_threads_that_wait_on_one_stream_get_what_comes_and_both_the_end() {
        CompletableFuture<String> one = guest.spawn(() -> sockets.receive(server));
        CompletableFuture<String> two = guest.spawn(() -> sockets.receive(server));
        guest.awaitWaiting(2);
        SocketCalls.expect(sockets.send(client, "x"));
        CompletableFuture.anyOf(one, two).join();
        guest.ok("sock_shutdown", client, 2);
        assertThat(one.join() + two.join()).isEqualTo("x");
    }

    @Test
    void what_two_threads_send_at_once_is_whole_for_each_call() {
        int messages = 50;
        CyclicBarrier together = new CyclicBarrier(2);
        CompletableFuture<Void> one = guest.spawn(() -> sendAll("a".repeat(100), together));
        CompletableFuture<Void> two = guest.spawn(() -> sendAll("b".repeat(100), together));
        StringBuilder got = new StringBuilder();
        while (got.length() < 2 * messages * 100) {
            got.append(sockets.receive(client));
        }
        one.join();
        two.join();
        assertThat(got.toString()).matches("(a{100}|b{100}){100}");
    }

    private Void sendAll(String message, CyclicBarrier together) throws Exception {
        together.await();
        for (int i = 0; i < 50; i++) {
            SocketCalls.expect(sockets.send(server, message));
        }
        return null;
    }

    /** Whoever is first: the accepter has the client or badf, and the port is free after close. */
    @Test
    void accepts_and_closes_that_race_leave_neither_a_waiter_nor_the_port() throws Exception {
        for (int round = 0; round < 50; round++) {
            int racing = sockets.listener();
            int port = sockets.localPort(racing);
            CyclicBarrier together = new CyclicBarrier(2);
            CompletableFuture<Errno> accept =
                    guest.spawn(
                            () -> {
                                together.await();
                                return sockets.tryAccept(racing);
                            });
            together.await();
            guest.ok("fd_close", racing);
            assertThat(accept.join()).isEqualTo(Errno.BADF);
            int again = sockets.tcp();
            Errno bound = sockets.bind(again, "127.0.0.1", port);
            if (bound == Errno.ADDRINUSE && !hasPort(port)) {
                bound = Errno.SUCCESS; // another program of the machine got it meanwhile
            }
            assertThat(bound).isEqualTo(Errno.SUCCESS);
            guest.ok("fd_close", again);
        }
    }

    /** Whether a descriptor of this JVM is a TCP socket with this port of 127.0.0.1. */
    private static boolean hasPort(int port) throws IOException {
        String address = String.format("0100007F:%04X", port);
        Set<String> sockets =
                Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                        .map(line -> line.trim().split("\\s+"))
                        .filter(fields -> fields[1].equals(address))
                        .map(fields -> "socket:[" + fields[9] + "]")
                        .collect(Collectors.toSet());
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(
                    each -> {
                        try {
                            return sockets.contains(Files.readSymbolicLink(each).toString());
                        } catch (IOException e) {
                            return false; // closed since it was listed
                        }
                    });
        }
    }

    @Test
    void a_receive_and_a_shutdown_that_race_end_with_the_end() throws Exception {
        for (int round = 0; round < 50; round++) {
            int mine = sockets.tcp();
            SocketCalls.expect(sockets.connect(mine, sockets.localPort(listener)));
            int peer = sockets.accept(listener);
            CyclicBarrier together = new CyclicBarrier(2);
            CompletableFuture<String> receive =
                    guest.spawn(
                            () -> {
                                together.await();
                                return sockets.receive(peer);
                            });
            together.await();
            guest.ok("sock_shutdown", peer, 1);
            assertThat(receive.join()).isEmpty();
            guest.ok("fd_close", peer);
            guest.ok("fd_close", mine);
        }
    }

    @Test
    void a_member_that_is_added_and_closed_while_others_wait_disturbs_nobody() {
        EpollCalls set = new EpollCalls(guest);
        CompletableFuture<List<EpollCalls.Event>> waiting =
                guest.spawn(() -> set.await(EpollCalls.FOREVER));
        guest.awaitWaiting(1);
        for (int round = 0; round < 50; round++) {
            int member = sockets.listener();
            set.add(member, 1);
            guest.ok("fd_close", member);
        }
        assertThat(waiting).isNotDone();
        int out = 2;
        set.add(client, out); // writable at once
        assertThat(waiting.join()).containsExactly(new EpollCalls.Event(out, client));
    }
}
