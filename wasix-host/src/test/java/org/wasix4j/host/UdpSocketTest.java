package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UdpSocketTest {

    private static final int PEEK = 1;
    private static final int REAL_LENGTH = 4;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final DatagramSocket peer;

    UdpSocketTest() throws IOException {
        peer = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        peer.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        peer.close();
        guest.close();
    }

    private int bound() {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
        return fd;
    }

    private void fromPeer(int fd, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        peer.send(
                new DatagramPacket(
                        bytes,
                        bytes.length,
                        InetAddress.getByName("127.0.0.1"),
                        sockets.localPort(fd)));
    }

    private String atPeer() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
        peer.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    private Errno sendTo(int fd, String text, int port) {
        return guest.call(
                "sock_send_to",
                fd,
                guest.iovec(text),
                1,
                0,
                sockets.address("127.0.0.1", port),
                guest.alloc(4));
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void hundreds_of_sockets_that_send_and_receive_share_a_few_buffers() {
        int many = 400;
        long before = directMemory();
        int first = bound();
        int last = first;
        for (int i = 1; i < many; i++) {
            int next = bound();
            assertThat(sendTo(last, "hello", sockets.localPort(next))).isEqualTo(Errno.SUCCESS);
            assertThat(sockets.receive(next)).isEqualTo("hello");
            last = next;
            if (i % 50 == 0) {
                guest.resetMemory();
            }
        }
        assertThat(directMemory() - before).isLessThan(many * 65_535L / 4);
    }

    @Test
    void a_datagram_goes_out_from_an_unbound_socket_and_the_answer_comes_back() throws IOException {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(sendTo(fd, "ping", peer.getLocalPort())).isEqualTo(Errno.SUCCESS);
        assertThat(atPeer()).isEqualTo("ping");
        fromPeer(fd, "pong");
        int buffer = guest.alloc(10);
        int size = guest.alloc(4);
        int address = guest.alloc(110);
        guest.ok(
                "sock_recv_from", fd, guest.iovec(buffer, 10), 1, 0, size, guest.alloc(2), address);
        assertThat(guest.text(buffer, guest.i32(size))).isEqualTo("pong");
        assertThat(guest.u16(address + 2)).isEqualTo(peer.getLocalPort());
    }

    @Test
    void two_senders_in_turn_get_their_own_answers() throws IOException {
        int fd = bound();
        int other = bound();
        for (int i = 0; i < 3; i++) {
            fromPeer(fd, "from the peer " + i);
            assertThat(sender(fd)).isEqualTo(peer.getLocalPort());
            assertThat(sendTo(fd, "to the peer " + i, peer.getLocalPort()))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(atPeer()).isEqualTo("to the peer " + i);
            int otherPort = sockets.localPort(other);
            assertThat(sendTo(other, "x", sockets.localPort(fd))).isEqualTo(Errno.SUCCESS);
            assertThat(sender(fd)).isEqualTo(otherPort);
            assertThat(sendTo(fd, "to the other " + i, otherPort)).isEqualTo(Errno.SUCCESS);
            assertThat(sockets.receive(other)).isEqualTo("to the other " + i);
        }
    }

    /** Receives a datagram and answers the port that it came from. */
    private int sender(int fd) {
        int address = guest.alloc(110);
        guest.ok(
                "sock_recv_from",
                fd,
                guest.iovec(guest.alloc(100), 100),
                1,
                0,
                guest.alloc(4),
                guest.alloc(2),
                address);
        return guest.u16(address + 2);
    }

    @Test
    void a_datagram_of_a_stranger_is_passed_over() throws IOException {
        NetworkPolicy policy = NetworkPolicy.parse("ipv4:allow=*:*,ipv4:deny=127.0.0.2:*");
        InetSocketAddress denied = new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0);
        try (HostHarness choosy = HostHarness.create(process -> process.withPolicy(policy));
                DatagramSocket stranger = new DatagramSocket(denied)) {
            SocketCalls calls = new SocketCalls(choosy);
            int fd = calls.open(SocketCalls.INET4, SocketCalls.DGRAM);
            assertThat(calls.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
            InetSocketAddress bound =
                    new InetSocketAddress(InetAddress.getByName("127.0.0.1"), calls.localPort(fd));
            stranger.send(new DatagramPacket(new byte[] {'n', 'o'}, 2, bound));
            peer.send(new DatagramPacket(new byte[] {'y', 'e', 's'}, 3, bound));
            assertThat(calls.receive(fd)).isEqualTo("yes");
            stranger.send(new DatagramPacket(new byte[] {'n', 'o'}, 2, bound));
            calls.nonBlocking(fd);
            assertThat(calls.receive(fd)).isEqualTo("[again]");
        }
    }

    @Test
    void a_datagram_longer_than_the_buffers_is_cut_and_that_is_reported() throws IOException {
        int fd = bound();
        fromPeer(fd, "abcdefgh");
        int one = guest.alloc(2);
        int two = guest.alloc(3);
        int size = guest.alloc(4);
        int flags = guest.alloc(2);
        guest.ok("sock_recv", fd, guest.iovec(one, 2, two, 3), 2, 0, size, flags);
        assertThat(guest.i32(size)).isEqualTo(5);
        assertThat(guest.text(one, 2) + guest.text(two, 3)).isEqualTo("abcde");
        assertThat(guest.u16(flags)).isEqualTo(1);
        fromPeer(fd, "second");
        assertThat(sockets.receive(fd)).as("the rest is lost").isEqualTo("second");
    }

    @Test
    void the_real_length_is_reported_when_asked_for() throws IOException {
        int fd = bound();
        fromPeer(fd, "abcdefgh");
        int size = guest.alloc(4);
        guest.ok(
                "sock_recv",
                fd,
                guest.iovec(guest.alloc(3), 3),
                1,
                REAL_LENGTH,
                size,
                guest.alloc(2));
        assertThat(guest.i32(size)).isEqualTo(8);
    }

    @Test
    void peek_leaves_the_datagram_and_an_empty_one_is_no_end() throws IOException {
        int fd = bound();
        fromPeer(fd, "");
        fromPeer(fd, "x");
        assertThat(sockets.receive(fd, 10, PEEK)).isEmpty();
        assertThat(sockets.receive(fd)).isEmpty();
        assertThat(sockets.receive(fd, 10, PEEK)).isEqualTo("x");
        assertThat(sockets.receive(fd)).isEqualTo("x");
        sockets.nonBlocking(fd);
        assertThat(sockets.receive(fd)).isEqualTo("[again]");
    }

    @Test
    void several_vectors_make_one_datagram() throws IOException {
        int fd = bound();
        assertThat(sockets.connect(fd, peer.getLocalPort())).isEqualTo(Errno.SUCCESS);
        guest.ok(
                "fd_write",
                fd,
                guest.iovec(guest.string("ab"), 2, guest.string("cde"), 3),
                2,
                guest.alloc(4));
        assertThat(atPeer()).isEqualTo("abcde");
    }

    @Test
    void a_connected_socket_hears_its_peer_only_and_can_still_send_elsewhere() throws IOException {
        int fd = bound();
        assertThat(sockets.connect(fd, peer.getLocalPort())).isEqualTo(Errno.SUCCESS);
        try (DatagramSocket stranger =
                new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))) {
            stranger.setSoTimeout(10_000);
            byte[] noise = {'n'};
            stranger.send(
                    new DatagramPacket(
                            noise, 1, InetAddress.getByName("127.0.0.1"), sockets.localPort(fd)));
            fromPeer(fd, "mine");
            assertThat(sendTo(fd, "past", stranger.getLocalPort())).isEqualTo(Errno.SUCCESS);
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            stranger.receive(packet);
            assertThat(packet.getLength()).isEqualTo(4);
        }
        assertThat(sockets.receive(fd)).as("nothing queued was lost").isEqualTo("mine");
        assertThat(sockets.send(fd, "still")).isEqualTo(Errno.SUCCESS);
        assertThat(atPeer()).isEqualTo("still");
    }

    @Test
    void an_association_is_dissolved_by_an_unspecified_address() {
        int fd = bound();
        assertThat(sockets.connect(fd, peer.getLocalPort())).isEqualTo(Errno.SUCCESS);
        int unspecified = guest.alloc(110);
        guest.memory().writeByte(unspecified, (byte) 0);
        guest.ok("sock_connect", fd, unspecified);
        assertThat(guest.call("sock_addr_peer", fd, guest.alloc(110))).isEqualTo(Errno.NOTCONN);
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.DESTADDRREQ);
    }

    @Test
    void a_refused_datagram_is_reported_once() {
        int fd = bound();
        int nobody = peer.getLocalPort();
        peer.close();
        assertThat(sockets.connect(fd, nobody)).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.SUCCESS);
        sockets.nonBlocking(fd);
        await().pollInSameThread().until(() -> !sockets.receive(fd).equals("[again]"));
        assertThat(sockets.receive(fd)).isEqualTo("[again]");
    }

    @Test
    void what_can_not_be_a_datagram_is_refused() {
        int fd = bound();
        int length = 65_508;
        assertThat(
                        guest.call(
                                "sock_send_to",
                                fd,
                                guest.iovec(guest.alloc(length), length),
                                1,
                                0,
                                sockets.address("127.0.0.1", peer.getLocalPort()),
                                guest.alloc(4)))
                .isEqualTo(Errno.MSGSIZE);
        assertThat(sendTo(fd, "x", 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_listen", fd, 1)).isEqualTo(Errno.NOTSUP);
        assertThat(sockets.tryAccept(fd)).isEqualTo(Errno.NOTSUP);
        assertThat(
                        guest.call(
                                "sock_send_to",
                                fd,
                                guest.iovec("x"),
                                1,
                                0,
                                sockets.address("::1", 1),
                                guest.alloc(4)))
                .isEqualTo(Errno.AFNOSUPPORT);
    }

    @Test
    void a_broadcast_needs_the_option() {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(
                        guest.call(
                                "sock_send_to",
                                fd,
                                guest.iovec("x"),
                                1,
                                0,
                                sockets.address("127.255.255.255", 9),
                                guest.alloc(4)))
                .isEqualTo(Errno.ACCES);
        assertThat(sockets.setFlag(fd, SockOption.BROADCAST.code(), 1)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void a_group_is_joined_once_and_left_once() {
        int fd = bound();
        int group = guest.bytes((byte) 239, (byte) 1, (byte) 2, (byte) 3);
        int loopback = guest.bytes((byte) 127, (byte) 0, (byte) 0, (byte) 1);
        int noGroup = guest.bytes((byte) 10, (byte) 1, (byte) 2, (byte) 3);
        guest.ok("sock_join_multicast_v4", fd, group, loopback);
        assertThat(guest.call("sock_join_multicast_v4", fd, group, loopback))
                .isEqualTo(Errno.ADDRINUSE);
        guest.ok("sock_leave_multicast_v4", fd, group, loopback);
        assertThat(guest.call("sock_leave_multicast_v4", fd, group, loopback))
                .isEqualTo(Errno.ADDRNOTAVAIL);
        assertThat(guest.call("sock_join_multicast_v4", fd, noGroup, loopback))
                .isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_join_multicast_v4", sockets.tcp(), group, loopback))
                .isEqualTo(Errno.NOPROTOOPT);
        int elsewhere = guest.bytes((byte) 192, (byte) 0, (byte) 2, (byte) 1);
        assertThat(guest.call("sock_join_multicast_v4", fd, group, elsewhere))
                .isEqualTo(Errno.NODEV);
    }

    @Test
    void without_a_grant_nothing_is_sent_or_looked_up() {
        try (HostHarness denied = HostHarness.create()) {
            SocketCalls calls = new SocketCalls(denied);
            int fd = calls.open(SocketCalls.INET4, SocketCalls.DGRAM);
            assertThat(calls.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.ACCES);
            assertThat(
                            denied.call(
                                    "sock_send_to",
                                    fd,
                                    denied.iovec("x"),
                                    1,
                                    0,
                                    calls.address("127.0.0.1", 9),
                                    denied.alloc(4)))
                    .isEqualTo(Errno.ACCES);
            assertThat(
                            denied.call(
                                    "resolve",
                                    denied.string("localhost"),
                                    9,
                                    80,
                                    denied.alloc(180),
                                    10,
                                    denied.alloc(4)))
                    .isEqualTo(Errno.ACCES);
        }
    }

    @Test
    void names_and_literals_are_resolved() {
        int records = guest.alloc(180);
        int count = guest.alloc(4);
        guest.ok("resolve", guest.string("127.0.0.9"), 9, 80, records, 10, count);
        assertThat(guest.i32(count)).isEqualTo(1);
        assertThat(guest.read(records, 6)).isEqualTo(new byte[] {1, 0, 127, 0, 0, 9});
        guest.ok("resolve", guest.string("[::1]"), 5, 80, records, 10, count);
        assertThat(guest.u8(records)).isEqualTo(2);
        assertThat(guest.u8(records + 17)).isEqualTo(1);
        guest.ok("resolve", guest.string("localhost"), 9, 80, records, 10, count);
        assertThat(guest.read(records, 6)).isEqualTo(new byte[] {1, 0, 127, 0, 0, 1});
        assertThat(guest.call("resolve", guest.string(""), 0, 80, records, 10, count))
                .isEqualTo(Errno.INVAL);
        String nowhere = "no-such-host.invalid";
        assertThat(
                        guest.call(
                                "resolve",
                                guest.string(nowhere),
                                nowhere.length(),
                                80,
                                records,
                                10,
                                count))
                .isIn(Errno.NOENT, Errno.AGAIN);
    }

    @Test
    void a_send_that_fails_binds_the_socket_all_the_same() {
        int fd = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(sockets.send(fd, "to whom?")).isEqualTo(Errno.DESTADDRREQ);
        assertThat(sockets.localPort(fd)).isNotZero();
        guest.ok("fd_close", fd);
    }

    /**
     * Each direction has a flag of its own, and a write of one must not undo the other. Two threads
     * race on the sockets of a row, which meets a lost write within some thousand sockets.
     */
    @Test
    void two_threads_that_shut_one_direction_each_shut_both() throws Exception {
        for (int round = 0; round < 20; round++) {
            int[] row = new int[200];
            for (int i = 0; i < row.length; i++) {
                row[i] = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
                assertThat(sockets.connect(row[i], peer.getLocalPort())).isEqualTo(Errno.SUCCESS);
                sockets.nonBlocking(row[i]);
                guest.resetMemory();
            }
            AtomicIntegerArray arrived = new AtomicIntegerArray(row.length);
            CompletableFuture<Errno> reading = guest.spawn(() -> shutAll(row, arrived, 1));
            CompletableFuture<Errno> writing = guest.spawn(() -> shutAll(row, arrived, 2));
            assertThat(reading.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.SUCCESS);
            assertThat(writing.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.SUCCESS);
            for (int fd : row) {
                assertThat(sockets.receive(fd)).isEmpty();
                assertThat(sockets.send(fd, "x")).isEqualTo(Errno.PIPE);
                guest.ok("fd_close", fd);
                guest.resetMemory();
            }
        }
    }

    private Errno shutAll(int[] row, AtomicIntegerArray arrived, int how) {
        Errno answer = Errno.SUCCESS;
        for (int i = 0; i < row.length && answer == Errno.SUCCESS; i++) {
            arrived.incrementAndGet(i);
            for (int spin = 0; spin < 100_000 && arrived.get(i) < 2; spin++) {
                Thread.onSpinWait();
            }
            answer = guest.call("sock_shutdown", row[i], how);
        }
        return answer;
    }
}
