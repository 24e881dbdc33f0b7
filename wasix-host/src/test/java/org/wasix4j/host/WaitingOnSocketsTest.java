package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;

/** poll_oneoff and epoll on TCP sockets: what only the kernel knows. */
@Timeout(120)
class WaitingOnSocketsTest {

    private static final int IN = EpollFlags.IN;
    private static final int OUT = EpollFlags.OUT;
    private static final int RDHUP = EpollFlags.RDHUP;
    private static final int HUP = EpollFlags.HUP;
    private static final int ET = EpollFlags.ET;
    private static final long MINUTE = 60_000_000_000L;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final EpollCalls set = new EpollCalls(guest);
    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        guest.close();
    }

    private Socket client(int listener) throws IOException {
        Socket client = new Socket(LOOPBACK, sockets.localPort(listener));
        clients.add(client);
        return client;
    }

    /** An accepted non-blocking socket; its client is the last of the clients. */
    private int accepted() throws IOException {
        int listener = sockets.listener();
        client(listener);
        int fd = sockets.accept(listener);
        sockets.nonBlocking(fd);
        guest.ok("fd_close", listener);
        return fd;
    }

    private Socket peer() {
        return clients.get(clients.size() - 1);
    }

    private void write(String text) throws IOException {
        peer().getOutputStream().write(text.getBytes());
    }

    private List<Polling.Event> poll(int fd) {
        return Polling.of(guest).read(fd).timeout(MINUTE).poll();
    }

    // ---- poll_oneoff

    @Test
    void a_listener_is_readable_when_a_client_waits() throws IOException {
        int listener = sockets.listener();
        assertThat(Polling.of(guest).read(listener).write(listener).now()).isEmpty();
        client(listener);
        assertThat(poll(listener).get(0)).isEqualTo(new Polling.Event(0, Errno.SUCCESS, 1, 1, 0));
        sockets.accept(listener);
        assertThat(Polling.of(guest).read(listener).now()).isEmpty();
    }

    @Test
    void queued_bytes_are_counted_exactly_and_a_half_close_is_no_hangup() throws IOException {
        int fd = accepted();
        assertThat(Polling.of(guest).read(fd).write(fd).now()).containsExactly(1L);
        write("hello");
        assertThat(poll(fd).get(0)).isEqualTo(new Polling.Event(0, Errno.SUCCESS, 1, 5, 0));
        assertThat(sockets.receive(fd)).isEqualTo("hello");
        peer().shutdownOutput();
        assertThat(poll(fd).get(0)).isEqualTo(new Polling.Event(0, Errno.SUCCESS, 1, 0, 0));
        assertThat(Polling.of(guest).write(fd).now()).containsExactly(0L);
    }

    @Test
    void a_reset_is_a_hangup_and_the_error_is_left_to_the_read() throws IOException {
        int fd = accepted();
        peer().setSoLinger(true, 0);
        peer().close();
        Polling.Event event = poll(fd).get(0);
        assertThat(event.error()).isEqualTo(Errno.SUCCESS);
        assertThat(event.hangup()).isTrue();
        assertThat(sockets.receive(fd)).isEqualTo("[connreset]");
    }

    @Test
    void a_connection_in_progress_becomes_writable() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, LOOPBACK)) {
            int fd = sockets.tcp();
            sockets.nonBlocking(fd);
            Errno errno = sockets.connect(fd, server.getLocalPort());
            assertThat(errno).isIn(Errno.INPROGRESS, Errno.SUCCESS);
            List<Polling.Event> events = Polling.of(guest).write(fd).timeout(MINUTE).poll();
            assertThat(events).containsExactly(new Polling.Event(0, Errno.SUCCESS, 2, 65536, 0));
            assertThat(sockets.status(fd)).isEqualTo(1);
        }
    }

    @Test
    void two_hundred_idle_sockets_and_one_busy_one_are_polled_right_again_and_again()
            throws IOException {
        int listener = sockets.listener();
        List<Integer> idle = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            client(listener);
            idle.add(sockets.accept(listener));
        }
        Polling all = Polling.of(guest);
        idle.forEach(all::read);
        all.timeout(MINUTE);
        for (int i = 0; i < 50; i++) {
            int busy = i * 37 % idle.size();
            clients.get(busy).getOutputStream().write('x');
            assertThat(all.poll()).extracting(Polling.Event::userData).containsExactly((long) busy);
            assertThat(sockets.receive(idle.get(busy))).isEqualTo("x");
        }
    }

    @Test
    void closing_a_polled_socket_from_another_thread_is_badf() throws IOException {
        int fd = accepted();
        CompletableFuture<List<Polling.Event>> poller = guest.spawn(() -> poll(fd));
        guest.awaitWaiting(1);
        guest.ok("fd_close", fd);
        assertThat(poller.join()).containsExactly(new Polling.Event(0, Errno.BADF, 1, 0, 0));
    }

    @Test
    void waiting_to_write_to_a_peer_that_has_half_closed_uses_no_processor_time()
            throws IOException {
        int fd = accepted();
        int length = 4 << 20;
        int iov = guest.iovec(guest.alloc(length), length);
        while (guest.call("fd_write", fd, iov, 1, guest.alloc(4)) == Errno.SUCCESS) {
            // until the buffers are full
        }
        peer().shutdownOutput();
        assertThat(Polling.of(guest).read(fd).timeout(MINUTE).poll()).hasSize(1);
        CompletableFuture<Long> waiter =
                guest.spawn(
                        () -> {
                            long before = cpuTime();
                            Polling.of(guest).write(fd).timeout(300_000_000).poll();
                            return cpuTime() - before;
                        });
        assertThat(waiter.join()).isLessThan(100_000_000);
    }

    private static long cpuTime() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    // ---- epoll

    @Test
    void a_level_on_a_socket_is_reported_until_it_is_read() throws IOException {
        int fd = accepted();
        set.add(fd, IN | RDHUP);
        assertThat(set.now()).isEmpty();
        write("data");
        assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
        assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
        sockets.receive(fd);
        assertThat(set.now()).isEmpty();
        peer().shutdownOutput();
        assertThat(set.await(MINUTE)).containsExactly(new Event(IN | RDHUP, fd));
        assertThat(set.now()).containsExactly(new Event(IN | RDHUP, fd));
        guest.ok("sock_shutdown", fd, 2);
        assertThat(set.now()).containsExactly(new Event(IN | RDHUP | HUP, fd));
    }

    @Test
    void an_edge_on_a_socket_comes_again_after_the_guest_has_drained_it() throws IOException {
        int fd = accepted();
        set.add(fd, IN | OUT | RDHUP | ET);
        assertThat(set.await(MINUTE)).containsExactly(new Event(OUT, fd));
        assertThat(set.now()).isEmpty();
        for (int i = 0; i < 20; i++) {
            write("data");
            assertThat(set.await(MINUTE)).extracting(Event::data).containsExactly((long) fd);
            assertThat(sockets.receive(fd)).isEqualTo("data");
            assertThat(sockets.receive(fd)).isEqualTo("[again]");
            assertThat(set.now()).isEmpty();
        }
        peer().close();
        assertThat(set.await(MINUTE))
                .singleElement()
                .satisfies(
                        e -> {
                            assertThat(e.events() & (IN | RDHUP)).isEqualTo(IN | RDHUP);
                        });
    }

    @Test
    void an_edge_comes_again_after_a_read_that_left_bytes() throws IOException {
        int fd = accepted();
        set.add(fd, IN | ET);
        write("12345678");
        assertThat(set.await(MINUTE)).hasSize(1);
        assertThat(sockets.receive(fd, 4, 0)).isEqualTo("1234");
        write("9");
        assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
    }

    @Test
    void writable_again_is_an_edge_when_the_peer_has_made_room() throws IOException {
        int fd = accepted();
        set.add(fd, OUT | ET);
        assertThat(set.await(MINUTE)).hasSize(1);
        int length = 4 << 20;
        int iov = guest.iovec(guest.alloc(length), length);
        int out = guest.alloc(4);
        while (guest.call("fd_write", fd, iov, 1, out) == Errno.SUCCESS) {
            assertThat(guest.i32(out)).isPositive();
        }
        assertThat(set.now()).isEmpty();
        CompletableFuture<List<Event>> waiter = guest.spawn(() -> set.await(MINUTE));
        guest.awaitWaiting(1);
        CompletableFuture<Long> drained =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return peer().getInputStream().skip(3 << 20);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        assertThat(waiter.join()).containsExactly(new Event(OUT, fd));
        drained.join();
    }

    @Test
    void a_refused_connection_is_error_and_hangup() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 5, LOOPBACK)) {
            port = server.getLocalPort();
        }
        int fd = sockets.tcp();
        sockets.nonBlocking(fd);
        Errno errno = sockets.connect(fd, port);
        if (errno == Errno.INPROGRESS) {
            set.add(fd, IN | OUT | ET);
            List<Event> events = set.await(MINUTE);
            assertThat(events).hasSize(1);
            assertThat(events.get(0).events() & (EpollFlags.ERR | HUP))
                    .isEqualTo(EpollFlags.ERR | HUP);
        } else {
            assertThat(errno).isEqualTo(Errno.CONNREFUSED);
        }
    }

    @Test
    void closing_a_listener_that_another_thread_waits_for_frees_its_port_at_once()
            throws Exception {
        for (int round = 0; round < 20; round++) {
            EpollCalls shared = new EpollCalls(guest);
            int listener = sockets.listener();
            int port = sockets.localPort(listener);
            shared.add(listener, IN);
            int rouser = guest.get("fd_event", 0, 0);
            shared.add(rouser, IN);
            CompletableFuture<List<Event>> waiter = guest.spawn(() -> shared.await(MINUTE));
            guest.awaitWaiting(1);
            guest.ok("fd_close", listener);
            try (ServerSocket again = new ServerSocket()) {
                again.setReuseAddress(false);
                again.bind(new InetSocketAddress(LOOPBACK, port));
            }
            assertThat(waiter).isNotDone();
            guest.ok("fd_write", rouser, guest.iovec("\1\0\0\0\0\0\0\0"), 1, guest.alloc(4));
            assertThat(waiter.join()).containsExactly(new Event(IN, rouser));
            guest.ok("fd_close", shared.fd);
        }
    }

    @Test
    void one_socket_in_two_sets_and_a_poll_is_reported_to_all() throws IOException {
        int fd = accepted();
        EpollCalls other = new EpollCalls(guest);
        set.add(fd, IN);
        other.add(fd, IN | ET);
        CompletableFuture<List<Event>> first = guest.spawn(() -> set.await(MINUTE));
        CompletableFuture<List<Event>> second = guest.spawn(() -> other.await(MINUTE));
        CompletableFuture<List<Polling.Event>> third = guest.spawn(() -> poll(fd));
        guest.awaitWaiting(3);
        write("x");
        assertThat(first.join()).hasSize(1);
        assertThat(second.join()).hasSize(1);
        assertThat(third.join()).hasSize(1);
    }

    @Test
    void a_poll_over_an_epoll_set_hears_of_its_sockets() throws IOException {
        int fd = accepted();
        set.add(fd, IN);
        CompletableFuture<List<Polling.Event>> poller = guest.spawn(() -> poll(set.fd));
        guest.awaitWaiting(1);
        write("x");
        assertThat(poller.join()).extracting(Polling.Event::userData).containsExactly(0L);
        assertThat(set.now()).hasSize(1);
        sockets.receive(fd);
        assertThat(Polling.of(guest).read(set.fd).now()).isEmpty();
    }

    @Test
    void a_set_without_anything_to_do_uses_no_processor_time() throws IOException {
        int fd = accepted();
        set.add(fd, RDHUP);
        write("data that nobody asks for");
        CompletableFuture<Long> waiter =
                guest.spawn(
                        () -> {
                            long before = cpuTime();
                            set.await(300_000_000);
                            return cpuTime() - before;
                        });
        assertThat(waiter.join()).isLessThan(100_000_000);
    }

    /** Four workers echo for many clients through one edge-triggered set. */
    @Test
    void an_echo_server_of_several_threads_on_one_set_answers_everybody() throws Exception {
        int listener = sockets.listener();
        int port = sockets.localPort(listener);
        int connections = 24;
        int rounds = 40;
        AtomicInteger stop = new AtomicInteger();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(guest.spawn(() -> serve(stop)));
        }
        List<SocketChannel> peers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            peers.add(SocketChannel.open(new InetSocketAddress(LOOPBACK, port)));
            int fd = sockets.accept(listener);
            sockets.nonBlocking(fd);
            set.add(fd, IN | RDHUP | ET);
        }
        for (int round = 0; round < rounds; round++) {
            ByteBuffer message = ByteBuffer.wrap(("round " + round + "\n").getBytes());
            for (SocketChannel peer : peers) {
                peer.write(message.duplicate());
            }
            for (SocketChannel peer : peers) {
                ByteBuffer answer = ByteBuffer.allocate(message.capacity());
                while (answer.hasRemaining() && peer.read(answer) >= 0) {
                    // more is to come
                }
                assertThat(answer.flip()).isEqualTo(message);
            }
        }
        stop.set(1);
        workers.forEach(CompletableFuture::join);
        for (SocketChannel peer : peers) {
            peer.close();
        }
    }

    private Void serve(AtomicInteger stop) {
        int out = guest.alloc(32 * 4);
        int count = guest.alloc(4);
        int data = guest.alloc(64);
        int into = guest.iovec(data, 64);
        int from = guest.alloc(8);
        Set<Long> seen = new HashSet<>();
        while (stop.get() == 0) {
            guest.ok("epoll_wait", set.fd, out, 4, 20_000_000, count);
            int events = guest.i32(count);
            for (int i = 0; i < events; i++) {
                long fd = guest.i64(out + i * 32 + 8);
                seen.add(fd);
                while (guest.call("fd_read", fd, into, 1, count) == Errno.SUCCESS
                        && guest.i32(count) > 0) {
                    guest.i32(from, data).i32(from + 4, guest.i32(count));
                    guest.ok("fd_write", fd, from, 1, count);
                }
            }
        }
        return null;
    }
}
