package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;

/** Edges of host sockets whose data the guest leaves unread; the guest epolls walks the rest. */
@Timeout(120)
class EdgesTest {

    private static final int IN = EpollFlags.IN;
    private static final int EDGES = EpollFlags.IN | EpollFlags.RDHUP | EpollFlags.ET;
    private static final long MILLISECOND = 1_000_000;
    private static final long MINUTE = 60_000 * MILLISECOND;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final EpollCalls set = new EpollCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void what_is_left_unread_is_received_in_order_however_much_it_is() throws Exception {
        int total = 3 << 20;
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            sockets.nonBlocking(fd);
            set.add(fd, EDGES);
            CompletableFuture<Void> sender =
                    CompletableFuture.runAsync(
                            () -> {
                                byte[] all = new byte[total];
                                for (int i = 0; i < total; i++) {
                                    all[i] = (byte) (i / 251);
                                }
                                try {
                                    client.getOutputStream().write(all);
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            // the guest waits, and receives nothing, until nobody tells of more
            assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
            while (!set.await(50 * MILLISECOND).isEmpty()) {
                assertThat(sockets.receive(fd, 10, 1)).hasSize(10);
            }
            int size = 20_000;
            int buffer = guest.alloc(size);
            int iovec = guest.iovec(buffer, size);
            int count = guest.alloc(4);
            int flags = guest.alloc(2);
            int done = 0;
            while (done < total) {
                Errno errno = guest.call("sock_recv", fd, iovec, 1, 0, count, flags);
                if (errno == Errno.AGAIN) {
                    assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
                    continue;
                }
                assertThat(errno).isEqualTo(Errno.SUCCESS);
                for (byte value : guest.read(buffer, guest.i32(count))) {
                    if (value != (byte) (done++ / 251)) {
                        throw new AssertionError("byte " + (done - 1) + " is " + value);
                    }
                }
            }
            sender.join();
            assertThat(set.now()).isEmpty();
            client.getOutputStream().write('x');
            assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
        }
    }

    @Test
    void data_that_nobody_receives_cost_no_time_while_nothing_more_arrives() throws IOException {
        int listener = sockets.listener();
        set.add(listener, EDGES);
        try (Socket client = sockets.client(listener);
                Socket waiting = sockets.client(listener)) {
            assertThat(set.await(MINUTE)).containsExactly(new Event(IN, listener));
            int fd = sockets.accept(listener);
            set.add(fd, EDGES);
            client.getOutputStream().write(new byte[100]);
            assertThat(set.await(MINUTE)).contains(new Event(IN, fd));
            while (!set.await(50 * MILLISECOND).isEmpty()) {
                // until both are silent
            }
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            assertThat(set.await(1000 * MILLISECOND)).isEmpty();
            assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(200 * MILLISECOND);
            assertThat(waiting.isConnected()).isTrue();
        }
    }

    @Test
    void connections_that_were_taken_in_are_accepted_first_and_reset_with_the_listener()
            throws IOException {
        int listener = sockets.listener();
        sockets.nonBlocking(listener);
        set.add(listener, EDGES);
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 36; i++) {
                clients.add(sockets.client(listener));
                // from the 33rd on nothing more is taken in, and nothing reported
                assertThat(set.await(i < 32 ? MINUTE : 0).size()).isEqualTo(i < 32 ? 1 : 0);
                assertThat(set.now()).isEmpty();
            }
            int first = sockets.accept(listener);
            clients.get(0).getOutputStream().write('x');
            assertThat(sockets.receive(first)).isEqualTo("x");
            assertThat(set.await(MINUTE)).containsExactly(new Event(IN, listener));
            guest.ok("fd_close", listener);
            for (Socket client : clients.subList(1, clients.size())) {
                assertThatThrownBy(() -> client.getInputStream().read())
                        .hasMessageContaining("reset");
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** A guest with many listeners, to which it connects itself, must not get their descriptors. */
    @Test
    void the_connections_that_all_listeners_take_in_are_few_and_all_are_accepted()
            throws IOException {
        List<Integer> listeners = new ArrayList<>();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                int listener = sockets.listener();
                sockets.nonBlocking(listener);
                listeners.add(listener);
                set.add(listener, EDGES);
                for (int k = 0; k < 8; k++) {
                    clients.add(sockets.client(listener));
                }
            }
            while (!set.await(50 * MILLISECOND).isEmpty()) {
                // until all that may be is taken in
            }
            assertThat(guest.process().net().readAheadBudget().connections()).isEqualTo(128);
            for (int listener : listeners) {
                for (int k = 0; k < 8; k++) {
                    guest.ok("fd_close", sockets.accept(listener));
                }
            }
            assertThat(guest.process().net().readAheadBudget().connections()).isZero();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** Each of the sockets looks at all that it may. */
    @Test
    void what_all_sockets_look_at_is_bounded_and_nothing_of_it_is_lost() throws IOException {
        int listener = sockets.listener();
        int count = 20;
        byte[] much = new byte[1 << 20];
        new Random(3).nextBytes(much);
        int buffer = guest.alloc(much.length);
        int vector = guest.iovec(buffer, much.length);
        int size = guest.alloc(4);
        int flags = guest.alloc(2);
        List<Socket> clients = new ArrayList<>();
        List<Integer> accepted = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Socket client = sockets.client(listener);
                clients.add(client);
                int fd = sockets.accept(listener);
                sockets.nonBlocking(fd);
                accepted.add(fd);
                Thread writer = new Thread(() -> writeAll(client, much));
                writer.setDaemon(true);
                writer.start();
                long deadline = System.nanoTime() + MINUTE;
                int seen = 0;
                // until the whole megabyte is there, or the process can hardly look further
                while (seen < much.length
                        && (seen < 4096
                                || guest.process().net().readAheadBudget().bytes() < 15 << 20)) {
                    assertThat(deadline - System.nanoTime()).isPositive();
                    Errno errno = guest.call("sock_recv", fd, vector, 1, 1, size, flags);
                    seen = errno == Errno.SUCCESS ? guest.i32(size) : 0;
                    assertThat(guest.process().net().readAheadBudget().bytes())
                            .isLessThanOrEqualTo(16 << 20);
                }
            }
            for (int fd : accepted) {
                byte[] all = new byte[much.length];
                int done = 0;
                while (done < all.length) {
                    Errno errno = guest.call("sock_recv", fd, vector, 1, 0, size, flags);
                    if (errno == Errno.SUCCESS) {
                        System.arraycopy(
                                guest.read(buffer, guest.i32(size)), 0, all, done, guest.i32(size));
                        done += guest.i32(size);
                    }
                }
                assertThat(all).isEqualTo(much);
                guest.ok("fd_close", fd);
            }
            assertThat(guest.process().net().readAheadBudget().bytes()).isZero();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static void writeAll(Socket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_peer_of_a_socket_that_is_closed_with_data_taken_in_is_reset() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            set.add(fd, EDGES);
            client.getOutputStream().write(new byte[100]);
            assertThat(set.await(MINUTE)).hasSize(1);
            assertThat(set.now()).isEmpty();
            guest.ok("fd_close", fd);
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
        }
    }

    @Test
    void several_sets_and_a_poll_are_each_notified_of_what_arrives() throws IOException {
        EpollCalls other = new EpollCalls(guest);
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            set.add(fd, EDGES);
            other.add(fd, EDGES);
            for (int i = 0; i < 3; i++) {
                client.getOutputStream().write('x');
                assertThat(set.await(MINUTE)).containsExactly(new Event(IN, fd));
                assertThat(other.await(MINUTE)).containsExactly(new Event(IN, fd));
                assertThat(set.now()).isEmpty();
                assertThat(other.now()).isEmpty();
                assertThat(Polling.of(guest).read(set.fd).now()).isEmpty();
            }
            CompletableFuture<List<Polling.Event>> poller =
                    guest.spawn(() -> Polling.of(guest).read(set.fd).timeout(MINUTE).poll());
            guest.awaitParked(poller);
            client.getOutputStream().write('x');
            assertThat(poller.join()).extracting(Polling.Event::userData).containsExactly(0L);
            assertThat(set.now()).containsExactly(new Event(IN, fd));
            assertThat(sockets.receive(fd)).isEqualTo("xxxx");
            await().until(() -> set.now().isEmpty() && other.now().size() <= 1);
        }
    }

    @Test
    void a_blocked_receive_gets_its_datagram_although_a_set_looks_at_it_too() throws IOException {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        set.add(fd, EDGES);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (DatagramSocket sender = new DatagramSocket()) {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<String> receiver = guest.spawn(() -> sockets.receive(fd));
                guest.awaitParked(receiver);
                byte[] data = {'x'};
                sender.send(new DatagramPacket(data, 1, here, sockets.localPort(fd)));
                set.await(10 * MILLISECOND);
                assertThat(receiver.join()).isEqualTo("x");
            }
        }
    }

    /**
     * Some workers leave data unread for a while; a worker that learns of more reads to the end.
     */
    @Test
    void many_threads_on_one_set_receive_all_that_arrives_at_sockets() throws Exception {
        int connections = 6;
        int rounds = 300;
        int total = connections * rounds;
        int listener = sockets.listener();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(sockets.client(listener));
            int fd = sockets.accept(listener);
            sockets.nonBlocking(fd);
            set.add(fd, EDGES);
        }
        AtomicInteger received = new AtomicInteger();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int out = guest.alloc(32);
            int count = guest.alloc(4);
            int flags = guest.alloc(4);
            int buffer = guest.iovec(guest.alloc(3), 3);
            workers.add(
                    guest.spawn(
                            () -> {
                                while (received.get() < total) {
                                    guest.ok("epoll_wait", set.fd, out, 1, 5 * MILLISECOND, count);
                                    if (guest.i32(count) == 0) {
                                        continue;
                                    }
                                    long fd = guest.i64(out + 8);
                                    // waits with something unread, and forgets nobody
                                    guest.ok("epoll_wait", set.fd, out, 1, 0, count);
                                    receiveAll(fd, buffer, count, flags, received);
                                    fd = guest.i64(out + 8);
                                    receiveAll(fd, buffer, count, flags, received);
                                }
                                return null;
                            }));
        }
        for (int i = 0; i < rounds; i++) {
            for (Socket client : clients) {
                client.getOutputStream().write(i);
            }
        }
        workers.forEach(CompletableFuture::join);
        assertThat(received).hasValue(total);
        for (Socket client : clients) {
            client.close();
        }
    }

    private void receiveAll(long fd, int iovec, int count, int flags, AtomicInteger received) {
        while (guest.call("sock_recv", fd, iovec, 1, 0, count, flags) == Errno.SUCCESS) {
            received.addAndGet(guest.i32(count));
        }
    }
}
