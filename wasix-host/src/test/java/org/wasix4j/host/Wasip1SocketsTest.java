package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SyscallSpec;

/** The socket functions that other runtimes added to preview1, by their own types. */
@Timeout(60)
class Wasip1SocketsTest {

    private static final int INET4 = 1;
    private static final int INET6 = 2;
    private static final int DGRAM = 1;
    private static final int STREAM = 2;
    private static final byte[] LOOPBACK4 = {127, 0, 0, 1};
    private static final byte[] LOOPBACK6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final int NOT_WRITTEN = 0xEEEEEEEE;

    private HostHarness guest = guest(NetworkPolicy.allowAll());

    private static HostHarness guest(NetworkPolicy policy) {
        return HostHarness.builder()
                .wasip1Sockets()
                .with(process -> process.withPolicy(policy))
                .build();
    }

    @AfterEach
    void end() {
        guest.close();
    }

    // ---- small words for the calls

    /** A record of an address: a pointer to bytes and their number. */
    private int record(byte... bytes) {
        return guest.iovec(guest.bytes(bytes), bytes.length);
    }

    /** A record of 128 bytes, which begins with the family. */
    private int storage(int family, byte... address) {
        byte[] bytes = new byte[128];
        bytes[0] = (byte) family;
        System.arraycopy(address, 0, bytes, 2, address.length);
        return record(bytes);
    }

    private byte[] bytesOf(int record, int from, int count) {
        return guest.memory().readBytes(guest.i32(record) + from, count);
    }

    private int listener() {
        int fd = guest.get("sock_open", INET4, STREAM);
        guest.ok("sock_bind", fd, record(LOOPBACK4), 0);
        guest.ok("sock_listen", fd, 16);
        return fd;
    }

    private int localPort(int fd) {
        int type = guest.alloc(4);
        int port = guest.alloc(4);
        guest.ok("sock_getlocaladdr", fd, record(new byte[16]), type, port);
        return guest.i32(port);
    }

    private String receive(int fd) {
        int buffer = guest.alloc(64);
        int size = guest.alloc(4);
        guest.ok("sock_recv", fd, guest.iovec(buffer, 64), 1, 0, size, guest.alloc(2));
        return text(buffer, guest.i32(size));
    }

    private String text(int address, int length) {
        return new String(guest.memory().readBytes(address, length), StandardCharsets.UTF_8);
    }

    // ---- streams

    @Test
    void a_server_accepts_a_client_and_talks_to_it() throws IOException {
        int listener = listener();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), localPort(listener))) {
            int fd = guest.get("sock_accept", listener);
            client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(receive(fd)).isEqualTo("hello");
            assertThat(guest.get("sock_send", fd, guest.iovec("good day"), 1, 0)).isEqualTo(8);
            assertThat(client.getInputStream().readNBytes(8))
                    .isEqualTo("good day".getBytes(StandardCharsets.UTF_8));

            int peer = record(new byte[16]);
            int type = guest.alloc(4);
            int port = guest.alloc(4);
            guest.ok("sock_getpeeraddr", fd, peer, type, port);
            assertThat(bytesOf(peer, 0, 4)).isEqualTo(LOOPBACK4);
            assertThat(guest.i32(type)).isEqualTo(4);
            assertThat(guest.i32(port)).isEqualTo(client.getLocalPort());
        }
    }

    @Test
    void a_client_connects_by_each_form_of_an_address() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getByAddress(LOOPBACK4))) {
            for (int address : List.of(record(LOOPBACK4), storage(INET4, LOOPBACK4))) {
                int fd = guest.get("sock_open_v2", INET4, STREAM);
                guest.ok("sock_connect_v2", fd, address, server.getLocalPort());
                try (Socket accepted = server.accept()) {
                    accepted.getOutputStream().write('x');
                    assertThat(receive(fd)).isEqualTo("x");
                }
            }
        }
    }

    @Test
    void the_second_generation_tells_addresses_with_their_family() throws IOException {
        int listener = listener();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), localPort(listener))) {
            int fd = guest.get("sock_accept_v2", listener, 0);
            int peer = storage(0);
            int port = guest.alloc(4);
            guest.ok("sock_getpeeraddr_v2", fd, peer, port);
            assertThat(bytesOf(peer, 0, 6)).containsExactly(1, 0, 127, 0, 0, 1);
            assertThat(guest.i32(port)).isEqualTo(client.getLocalPort());
        }
    }

    @Test
    void ipv6_has_sixteen_bytes_and_the_type_six() {
        assumeTrue(Ipv6.isAvailable(), "this machine has no IPv6");
        int fd = guest.get("sock_open", INET6, STREAM);
        guest.ok("sock_bind", fd, record(LOOPBACK6), 0);
        int local = record(new byte[16]);
        int type = guest.alloc(4);
        int port = guest.alloc(4);
        guest.ok("sock_getlocaladdr", fd, local, type, port);
        assertThat(bytesOf(local, 0, 16)).isEqualTo(LOOPBACK6);
        assertThat(guest.i32(type)).isEqualTo(6);
        assertThat(guest.call("sock_getlocaladdr", fd, record(new byte[4]), type, port))
                .as("four bytes have no room for it")
                .isEqualTo(Errno.INVAL);
    }

    @Test
    void a_nonblocking_accept_of_the_second_generation_answers_again() {
        assertThat(guest.call("sock_accept_v2", listener(), 4, guest.alloc(4)))
                .isEqualTo(Errno.AGAIN);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 15, 17, 127, 129, -1})
    void an_address_of_another_size_is_refused(int size) {
        int fd = guest.get("sock_open", INET4, STREAM);
        int address = guest.iovec(guest.alloc(256), size);
        assertThat(guest.call("sock_bind", fd, address, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_connect", fd, address, 1)).isEqualTo(Errno.INVAL);
    }

    @Test
    void families_and_types_that_do_not_exist_are_refused() {
        int out = guest.alloc(4);
        assertThat(guest.call("sock_open", 0, STREAM, out)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(guest.call("sock_open", 9, STREAM, out)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(guest.call("sock_open", INET4, 0, out)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_open", INET4, 7, out)).isEqualTo(Errno.INVAL);
        int fd = guest.get("sock_open", INET4, STREAM);
        assertThat(guest.call("sock_bind", fd, storage(7), 0)).isEqualTo(Errno.AFNOSUPPORT);
    }

    @Test
    void the_network_is_denied_unless_it_is_granted() {
        try (HostHarness denied = guest(NetworkPolicy.denyAll())) {
            guest.close();
            guest = denied;
            int fd = guest.get("sock_open", INET4, STREAM);
            assertThat(guest.call("sock_bind", fd, record(LOOPBACK4), 0)).isEqualTo(Errno.ACCES);
            assertThat(guest.call("sock_connect", fd, record(LOOPBACK4), 9)).isEqualTo(Errno.ACCES);
        }
    }

    // ---- datagrams

    @Test
    void datagrams_go_both_ways_with_the_address_of_the_sender() throws IOException {
        int fd = guest.get("sock_open", INET4, DGRAM);
        guest.ok("sock_bind", fd, record(LOOPBACK4), 0);
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getByAddress(LOOPBACK4))) {
            peer.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
            int port = localPort(fd);
            byte[] ping = {'p', 'i', 'n', 'g'};
            peer.send(new DatagramPacket(ping, 4, InetAddress.getByAddress(LOOPBACK4), port));

            int buffer = guest.alloc(64);
            int from = storage(0);
            int size = guest.alloc(4);
            int sender = guest.alloc(4);
            guest.ok(
                    "sock_recv_from",
                    fd,
                    guest.iovec(buffer, 64),
                    1,
                    from,
                    0,
                    sender,
                    size,
                    guest.alloc(2));
            assertThat(text(buffer, guest.i32(size))).isEqualTo("ping");
            assertThat(guest.i32(sender)).isEqualTo(peer.getLocalPort());
            assertThat(bytesOf(from, 0, 6)).containsExactly(1, 0, 127, 0, 0, 1);

            int sent =
                    guest.get(
                            "sock_send_to",
                            fd,
                            guest.iovec("pong"),
                            1,
                            record(LOOPBACK4),
                            guest.i32(sender),
                            0);
            assertThat(sent).isEqualTo(4);
            DatagramPacket answer = new DatagramPacket(new byte[8], 8);
            peer.receive(answer);
            assertThat(answer.getLength()).isEqualTo(4);
        }
    }

    @Test
    void the_older_receive_tells_the_octets_alone() throws IOException {
        int fd = guest.get("sock_open", INET4, DGRAM);
        guest.ok("sock_bind", fd, record(LOOPBACK4), 0);
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getByAddress(LOOPBACK4))) {
            peer.send(
                    new DatagramPacket(
                            new byte[3], 3, InetAddress.getByAddress(LOOPBACK4), localPort(fd)));
            int from = record(new byte[4]);
            int size = guest.alloc(4);
            int iovec = guest.iovec(guest.alloc(8), 8);
            guest.ok("sock_recv_from", fd, iovec, 1, from, 0, size, guest.alloc(2));
            assertThat(guest.i32(size)).isEqualTo(3);
            assertThat(bytesOf(from, 0, 4)).isEqualTo(LOOPBACK4);
        }
    }

    // ---- options

    private int option(int fd, int name) {
        int value = guest.alloc(16);
        int length = guest.bytes((byte) 16, (byte) 0, (byte) 0, (byte) 0);
        guest.ok("sock_getsockopt", fd, 0, name, value, length);
        assertThat(guest.i32(length)).isEqualTo(4);
        return guest.i32(value);
    }

    @Test
    void options_are_numbered_and_laid_out_as_the_crate_has_them() {
        int stream = listener();
        int datagram = guest.get("sock_open", INET4, DGRAM);
        assertThat(option(stream, 1)).as("SO_TYPE").isEqualTo(STREAM);
        assertThat(option(datagram, 1)).as("SO_TYPE").isEqualTo(DGRAM);
        assertThat(option(stream, 2)).as("SO_ERROR").isZero();
        assertThat(option(stream, 13)).as("SO_ACCEPTCONN").isEqualTo(1);
        assertThat(option(datagram, 4)).as("SO_BROADCAST").isZero();
        guest.ok(
                "sock_setsockopt",
                datagram,
                0,
                4,
                guest.bytes((byte) 1, (byte) 0, (byte) 0, (byte) 0),
                4);
        assertThat(option(datagram, 4)).as("SO_BROADCAST").isEqualTo(1);
    }

    @Test
    void a_receive_timeout_is_seconds_and_microseconds() {
        int fd = guest.get("sock_open", INET4, DGRAM);
        int value = guest.alloc(16);
        guest.i64(value, 2).i64(value + 8, 500_000);
        guest.ok("sock_setsockopt", fd, 0, 11, value, 16);
        int read = guest.alloc(16);
        int length = guest.bytes((byte) 16, (byte) 0, (byte) 0, (byte) 0);
        guest.ok("sock_getsockopt", fd, 0, 11, read, length);
        assertThat(List.of(guest.i64(read), guest.i64(read + 8))).containsExactly(2L, 500_000L);

        guest.i64(value, -1);
        assertThat(guest.call("sock_setsockopt", fd, 0, 11, value, 16)).isEqualTo(Errno.DOM);
        guest.i64(value, Long.MAX_VALUE);
        guest.ok("sock_setsockopt", fd, 0, 11, value, 16);
    }

    @Test
    void linger_is_a_flag_and_seconds() {
        int fd = guest.get("sock_open", INET4, STREAM);
        int value = guest.alloc(8);
        guest.i32(value, 1).i32(value + 4, 7);
        guest.ok("sock_setsockopt", fd, 0, 9, value, 8);
        int read = guest.alloc(8);
        int length = guest.bytes((byte) 8, (byte) 0, (byte) 0, (byte) 0);
        guest.ok("sock_getsockopt", fd, 0, 9, read, length);
        assertThat(List.of(guest.i32(read), guest.i32(read + 4))).containsExactly(1, 7);
    }

    @Test
    void options_that_do_not_exist_and_short_values_are_refused() {
        int fd = guest.get("sock_open", INET4, STREAM);
        int value = guest.alloc(16);
        assertThat(guest.call("sock_setsockopt", fd, 1, 0, value, 4)).isEqualTo(Errno.NOPROTOOPT);
        assertThat(guest.call("sock_setsockopt", fd, 0, 15, value, 4)).isEqualTo(Errno.NOPROTOOPT);
        assertThat(guest.call("sock_setsockopt", fd, 0, 4, value, 3)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("sock_setsockopt", fd, 0, 14, value, 4)).isEqualTo(Errno.PERM);
        guest.ok("sock_setsockopt", fd, 0, 14, value, 0);
    }

    // ---- names

    /** A chain of records, the first of which is returned. */
    private int chain(int count) {
        int next = 0;
        for (int i = 0; i < count; i++) {
            int record = guest.alloc(28);
            int sockaddr = guest.alloc(12);
            guest.i32(sockaddr + 8, guest.alloc(26));
            guest.i32(record + 12, sockaddr).i32(record + 24, next);
            next = record;
        }
        return next;
    }

    private Errno lookUp(String node, String service, int family, int chain, int room, int count) {
        int hints = guest.alloc(28);
        guest.i32(hints, family << 16 | STREAM << 24);
        return guest.call(
                "sock_getaddrinfo",
                guest.string(node + '\0'),
                HostHarness.length(node) + 1,
                guest.string(service + '\0'),
                HostHarness.length(service) + 1,
                hints,
                guest.iovec(chain),
                room,
                count);
    }

    @Test
    void a_name_is_looked_up_into_the_records_of_the_guest() {
        int chain = chain(4);
        int count = guest.alloc(4);
        assertThat(lookUp("127.0.0.1", "8080", INET4, chain, 4, count)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.i32(count)).isEqualTo(1);
        int data = guest.i32(guest.i32(chain + 12) + 8);
        assertThat(guest.memory().readBytes(data, 6)).containsExactly(0x1f, 0x90, 127, 0, 0, 1);
        assertThat(guest.u8(guest.i32(chain + 12))).isEqualTo(INET4);
        assertThat(guest.i32(chain + 8)).isEqualTo(16);
    }

    @Test
    void without_a_node_the_address_is_the_loopback() {
        int chain = chain(2);
        int count = guest.alloc(4);
        assertThat(lookUp("", "80", INET4, chain, 2, count)).isEqualTo(Errno.SUCCESS);
        int data = guest.i32(guest.i32(chain + 12) + 8);
        assertThat(guest.memory().readBytes(data, 6)).containsExactly(0, 80, 127, 0, 0, 1);
    }

    @Test
    void look_ups_that_make_no_sense_are_refused() {
        int chain = chain(1);
        int count = guest.alloc(4);
        assertThat(lookUp("", "", 0, chain, 1, count)).isEqualTo(Errno.INVAL);
        assertThat(lookUp("127.0.0.1", "80", 0, chain, 0, count)).isEqualTo(Errno.INVAL);
        assertThat(lookUp("127.0.0.1", "65536", 0, chain, 1, count)).isEqualTo(Errno.NOENT);
        assertThat(lookUp("127.0.0.1", "http", 0, chain, 1, count)).isEqualTo(Errno.NOENT);
        assertThat(lookUp("127.0.0.1", "80", 7, chain, 1, count)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(lookUp("127.0.0.1", "80", INET4, 0x7fffffff, 1, count)).isEqualTo(Errno.FAULT);
        assertThat(guest.i32(count)).isEqualTo(NOT_WRITTEN);
    }

    // ---- hostile

    @Test
    void every_function_answers_bad_pointers_and_descriptors_with_an_errno() {
        int size = guest.memory().pages() * 65536;
        long[] odd = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, size, size - 1, size - 5};
        int fd = guest.get("sock_open", INET4, DGRAM);
        guest.ok("sock_bind", fd, record(LOOPBACK4), 0);
        guest.ok("fd_fdstat_set_flags", fd, 4); // nothing waits
        Signatures table = Signatures.wasip1Sockets();
        List<String> names = new ArrayList<>(table.names());
        assertThat(names).hasSizeGreaterThan(20);
        for (String each : names) {
            String[] words = each.split(" ");
            for (SyscallSpec spec : table.find(words[0], words[1])) {
                for (long bad : odd) {
                    long[] args = new long[spec.parameters().size()];
                    java.util.Arrays.fill(args, bad);
                    guest.call(spec.name(), args);
                    if (spec.parameters().get(0).kind().equals("fd")) {
                        args[0] = fd;
                        guest.call(spec.name(), args);
                    }
                }
                guest.resetMemory();
            }
        }
        assertThat(guest.process().isEnding()).isFalse();
    }
}
