package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.ParkResult;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/**
 * What a thread has seen it does not have the kernel watch. When another thread uses that up, the
 * one that waits looks again; and what another has taken from the kernel is reported to all.
 */
@Timeout(120)
class UsedUpByOthersTest {

    private static final long SECOND = 1_000_000_000;
    private static final long MINUTE = 60 * SECOND;
    private static final int BOTH = Readiness.READ | Readiness.WRITE;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final EpollCalls set = new EpollCalls(guest);
    private final EpollCalls other = new EpollCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    /** Who takes an error that the network has reported. */
    enum Taker {
        OPTION,
        RECEIVE,
        SEND
    }

    private void take(Taker taker, int fd) {
        switch (taker) {
            case OPTION ->
                    assertThat(sockets.size(fd, SockOption.LAST_ERROR.code()))
                            .isEqualTo(Errno.CONNREFUSED.code());
            case RECEIVE -> assertThat(sockets.receive(fd)).isEqualTo("[connrefused]");
            default -> assertThat(sockets.send(fd, "x")).isEqualTo(Errno.CONNREFUSED);
        }
    }

    private OpenDescription description(int fd) {
        return guest.process().descriptors().get(fd);
    }

    private int udp() {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        return fd;
    }

    /** A datagram socket whose peer does not exist. */
    private int connectedToNobody() throws IOException {
        int fd = udp();
        int nobody;
        try (DatagramSocket gone = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = gone.getLocalPort();
        }
        SocketCalls.expect(sockets.connect(fd, nobody));
        return fd;
    }

    private void send(DatagramSocket sender, String text, int fd) throws IOException {
        byte[] data = text.getBytes(StandardCharsets.US_ASCII);
        InetAddress here = InetAddress.getLoopbackAddress();
        sender.send(new DatagramPacket(data, data.length, here, sockets.localPort(fd)));
    }

    /** Waits for what this thread has seen already, until another does something. */
    private ParkResult seenThenUsedUp(int fd, int interest, Callable<?> use) {
        GuestThread thread = guest.thread();
        thread.beginWait();
        thread.want(description(fd), interest);
        CompletableFuture<?> user = guest.spawn(use);
        ParkResult result = thread.park(System.nanoTime() + 20 * SECOND);
        assertThat(user).succeedsWithin(Duration.ofSeconds(20));
        return result;
    }

    @ParameterizedTest
    @EnumSource
    void a_thread_that_waits_for_room_looks_again_when_another_takes_the_error(Taker taker)
            throws IOException {
        int fd = connectedToNobody();
        sockets.nonBlocking(fd);
        set.add(fd, EpollFlags.IN);
        SocketCalls.expect(sockets.send(fd, "x"));
        assertThat(set.await(MINUTE)).hasSize(1);
        ParkResult result =
                seenThenUsedUp(
                        fd,
                        Readiness.WRITE,
                        () -> {
                            take(taker, fd);
                            return null;
                        });
        assertThat(result).isEqualTo(ParkResult.READY);
    }

    @ParameterizedTest
    @EnumSource
    void a_set_reports_what_arrives_after_another_thread_has_taken_the_error(Taker taker)
            throws IOException {
        int fd = udp();
        sockets.nonBlocking(fd);
        InetAddress here = InetAddress.getLoopbackAddress();
        int port;
        try (DatagramSocket peer = new DatagramSocket(0, here)) {
            port = peer.getLocalPort();
            SocketCalls.expect(sockets.connect(fd, port));
            set.add(fd, EpollFlags.IN | EpollFlags.ET);
            send(peer, "a", fd);
            assertThat(set.await(MINUTE)).containsExactly(new Event(EpollFlags.IN, fd));
        }
        SocketCalls.expect(sockets.send(fd, "x"));
        await().pollInSameThread().until(() -> !set.now().isEmpty());
        assertThat(set.now()).isEmpty();
        CompletableFuture<List<Event>> waiter = guest.spawn(() -> set.await(MINUTE));
        guest.awaitParked(waiter);
        if (taker == Taker.RECEIVE) {
            // the error first, the datagram stays
            assertThat(sockets.receive(fd)).isEqualTo("[connrefused]");
        } else {
            take(taker, fd);
        }
        try (DatagramSocket peer = new DatagramSocket(port, here)) {
            send(peer, "b", fd);
            assertThat(waiter).succeedsWithin(Duration.ofSeconds(20));
            assertThat(waiter.join()).containsExactly(new Event(EpollFlags.IN, fd));
        }
    }

    @Test
    void an_error_is_reported_to_every_set() throws IOException {
        int fd = connectedToNobody();
        set.add(fd, EpollFlags.IN);
        other.add(fd, EpollFlags.IN);
        assertThat(other.now()).isEmpty();
        SocketCalls.expect(sockets.send(fd, "x"));
        Event error = new Event(EpollFlags.ERR, fd);
        assertThat(set.await(MINUTE)).containsExactly(error);
        assertThat(other.await(MINUTE)).containsExactly(error);
    }

    @Test
    void a_datagram_that_another_looks_at_is_reported_to_a_set() throws IOException {
        int fd = udp();
        set.add(fd, EpollFlags.IN);
        assertThat(set.now()).isEmpty();
        try (DatagramSocket sender = new DatagramSocket()) {
            send(sender, "x", fd);
            assertThat(sockets.receive(fd, 1, SockFlags.RECV_PEEK)).isEqualTo("x");
            assertThat(set.await(20 * SECOND)).hasSize(1);
            assertThat(sockets.receive(fd)).isEqualTo("x");
            assertThat(set.now()).isEmpty();
            send(sender, "y", fd);
            await().pollInSameThread()
                    .until(
                            () -> {
                                sockets.size(fd, SockOption.LAST_ERROR.code());
                                return !Polling.of(guest).read(fd).now().isEmpty();
                            });
            assertThat(set.await(20 * SECOND)).hasSize(1);
        }
    }

    @Test
    void a_receive_of_an_unbound_socket_gets_the_answer_to_what_another_thread_sends()
            throws IOException {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        CompletableFuture<String> receiver = guest.spawn(() -> sockets.receive(fd));
        guest.awaitParked(receiver);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (DatagramSocket peer = new DatagramSocket(0, here)) {
            guest.ok(
                    "sock_send_to",
                    fd,
                    guest.iovec("x"),
                    1,
                    0,
                    sockets.address("127.0.0.1", peer.getLocalPort()),
                    guest.alloc(4));
            DatagramPacket request = new DatagramPacket(new byte[1], 1);
            peer.receive(request);
            peer.send(request);
            assertThat(receiver).succeedsWithin(Duration.ofSeconds(20));
            assertThat(receiver.join()).isEqualTo("x");
        }
    }

    @Test
    void a_thread_that_waits_looks_again_when_another_binds_the_socket_by_sending()
            throws IOException {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            int to = sockets.address("127.0.0.1", peer.getLocalPort());
            assertThat(
                            seenThenUsedUp(
                                    fd,
                                    BOTH,
                                    () -> {
                                        int count = guest.alloc(4);
                                        int data = guest.iovec("x");
                                        guest.ok("sock_send_to", fd, data, 1, 0, to, count);
                                        return null;
                                    }))
                    .isEqualTo(ParkResult.READY);
        }
    }

    @Test
    void a_reset_that_a_poll_has_found_is_reported_to_a_set() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            set.add(fd, EpollFlags.OUT | EpollFlags.IN);
            assertThat(set.now()).containsExactly(new Event(EpollFlags.OUT, fd));
            client.setSoLinger(true, 0);
            client.close();
            assertThat(Polling.of(guest).read(fd).timeout(MINUTE).poll()).hasSize(1);
            int all = EpollFlags.IN | EpollFlags.OUT | EpollFlags.ERR | EpollFlags.HUP;
            assertThat(set.await(20 * SECOND)).containsExactly(new Event(all, fd));
        }
    }

    @Test
    void a_thread_that_waits_looks_again_when_another_receives_a_part_of_all_it_wants()
            throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('x');
            assertThat(sockets.receive(fd, 1, SockFlags.RECV_PEEK)).isEqualTo("x");
            GuestThread thread = guest.thread();
            thread.beginWait();
            thread.want(description(fd), Readiness.READ);
            CompletableFuture<String> receiver =
                    guest.spawn(() -> sockets.receive(fd, 2, SockFlags.RECV_WAITALL));
            assertThat(thread.park(System.nanoTime() + 20 * SECOND)).isEqualTo(ParkResult.READY);
            client.getOutputStream().write('y');
            assertThat(receiver).succeedsWithin(Duration.ofSeconds(20));
            assertThat(receiver.join()).isEqualTo("xy");
        }
    }
}
