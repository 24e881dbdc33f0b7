package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.host.SocketCalls.DGRAM;
import static org.wasix4j.host.SocketCalls.INET4;
import static org.wasix4j.host.SocketCalls.INET6;
import static org.wasix4j.host.SocketCalls.STREAM;
import static org.wasix4j.host.SocketCalls.expect;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.net.InProcessSwitch;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** Servers that have one port twice: 0.0.0.0 for IPv4, and [::] with IPV6_V6ONLY for IPv6. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TwoFamiliesTest {

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private static int six(SocketCalls sockets, int type) {
        int fd = sockets.open(INET6, type);
        expect(sockets.setFlag(fd, SockOption.ONLY_V6.code(), 1));
        return fd;
    }

    private void listen(int fd) {
        guest.ok("sock_listen", fd, 16);
    }

    /** That each listener gets the clients of its family, and nobody else can have the port. */
    private void serve(int four, int six) throws IOException {
        int port = sockets.localPort(four);
        assertThat(sockets.localPort(six)).isEqualTo(port);
        sockets.nonBlocking(four);
        sockets.nonBlocking(six);
        for (int i = 0; i < 20; i++) {
            try (Socket client = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
                expect(sockets.tryAccept(four));
                assertThat(sockets.tryAccept(six)).isEqualTo(Errno.AGAIN);
                assertThat(client.isConnected()).isTrue();
            }
            try (Socket client = new Socket(InetAddress.getByName("::1"), port)) {
                expect(sockets.tryAccept(six));
                assertThat(sockets.tryAccept(four)).isEqualTo(Errno.AGAIN);
                assertThat(client.isConnected()).isTrue();
            }
        }
        for (String host : new String[] {"0.0.0.0", "127.0.0.1", "::"}) {
            assertThatThrownBy(() -> new ServerSocket(port, 1, InetAddress.getByName(host)).close())
                    .as("another program on %s", host)
                    .isInstanceOf(BindException.class);
        }
        assertThat(sockets.bind(sockets.tcp(), "127.0.0.1", port)).isEqualTo(Errno.ADDRINUSE);
        assertThat(sockets.bind(six(sockets, STREAM), "::", port)).isEqualTo(Errno.ADDRINUSE);
    }

    @Test
    void a_listener_for_ipv6_joins_one_for_ipv4() throws IOException {
        int four = sockets.tcp();
        expect(sockets.bind(four, "0.0.0.0", 0));
        listen(four);
        int six = six(sockets, STREAM);
        expect(sockets.bind(six, "::", sockets.localPort(four)));
        listen(six);
        serve(four, six);
    }

    @Test
    void a_listener_for_ipv4_joins_one_for_ipv6_that_has_connections() throws IOException {
        int six = six(sockets, STREAM);
        expect(sockets.bind(six, "::", 0));
        listen(six);
        try (Socket client = new Socket(InetAddress.getByName("::1"), sockets.localPort(six))) {
            sockets.accept(six);
            int four = sockets.tcp();
            expect(sockets.bind(four, "127.0.0.1", sockets.localPort(six)));
            listen(four);
            serve(four, six);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void both_can_be_bound_before_either_listens() throws IOException {
        int four = sockets.tcp();
        expect(sockets.bind(four, "0.0.0.0", 0));
        int six = six(sockets, STREAM);
        expect(sockets.bind(six, "::", sockets.localPort(four)));
        listen(four);
        listen(six);
        serve(four, six);
    }

    @Test
    void one_of_them_can_be_closed_and_made_anew() throws IOException {
        int six = six(sockets, STREAM);
        expect(sockets.bind(six, "::", 0));
        listen(six);
        int port = sockets.localPort(six);
        for (int i = 0; i < 3; i++) {
            int four = sockets.tcp();
            expect(sockets.bind(four, "0.0.0.0", port));
            listen(four);
            serve(four, six);
            guest.ok("fd_close", four);
        }
        guest.ok("fd_close", six);
        new ServerSocket(port, 1, InetAddress.getByName("::")).close();
    }

    @Test
    void a_socket_for_both_families_leaves_no_room_for_another() {
        int four = sockets.tcp();
        expect(sockets.bind(four, "0.0.0.0", 0));
        listen(four);
        int both = sockets.open(INET6, STREAM);
        assertThat(sockets.bind(both, "::", sockets.localPort(four))).isEqualTo(Errno.ADDRINUSE);
        expect(sockets.bind(both, "::", 0));
        listen(both);
        assertThat(sockets.bind(sockets.tcp(), "0.0.0.0", sockets.localPort(both)))
                .isEqualTo(Errno.ADDRINUSE);
    }

    @Test
    void the_port_of_another_program_stays_its_own() throws IOException {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress("127.0.0.1", 0));
            assertThat(sockets.bind(six(sockets, STREAM), "::", other.getLocalPort()))
                    .as("NIO's IPv6 sockets have both families")
                    .isEqualTo(Errno.ADDRINUSE);
        }
    }

    @Test
    void datagrams_come_to_the_socket_of_their_family() throws IOException {
        int four = sockets.open(INET4, DGRAM);
        expect(sockets.bind(four, "0.0.0.0", 0));
        int six = six(sockets, DGRAM);
        int port = sockets.localPort(four);
        expect(sockets.bind(six, "::", port));
        sockets.nonBlocking(four);
        sockets.nonBlocking(six);
        try (DatagramSocket sender = new DatagramSocket()) {
            for (int i = 0; i < 20; i++) {
                send(sender, "127.0.0.1", port);
                assertThat(sockets.receive(six)).isEqualTo("[again]");
                assertThat(sockets.receive(four)).isEqualTo("127.0.0.1");
                send(sender, "::1", port);
                assertThat(sockets.receive(four)).isEqualTo("[again]");
                assertThat(sockets.receive(six)).isEqualTo("::1");
            }
        }
        assertThat(sockets.bind(sockets.open(INET4, DGRAM), "127.0.0.1", port))
                .isEqualTo(Errno.ADDRINUSE);
        guest.ok("fd_close", six);
        int both = sockets.open(INET6, DGRAM);
        assertThat(sockets.bind(both, "::", port)).isEqualTo(Errno.ADDRINUSE);
    }

    /** Over the loopback a datagram has arrived when send returns. */
    private static void send(DatagramSocket sender, String host, int port) throws IOException {
        byte[] text = host.getBytes(StandardCharsets.US_ASCII);
        sender.send(new DatagramPacket(text, text.length, InetAddress.getByName(host), port));
    }

    @Test
    void in_a_network_inside_the_process_it_is_the_same() {
        InProcessSwitch network = new InProcessSwitch();
        try (HostHarness inside =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.allowAll())
                                        .withNetwork(network))) {
            SocketCalls calls = new SocketCalls(inside);
            int four = calls.tcp();
            expect(calls.bind(four, "0.0.0.0", 80));
            inside.ok("sock_listen", four, 4);
            assertThat(calls.bind(calls.open(INET6, STREAM), "::", 80)).isEqualTo(Errno.ADDRINUSE);
            int six = six(calls, STREAM);
            expect(calls.bind(six, "::", 80));
            inside.ok("sock_listen", six, 4);
            calls.nonBlocking(four);
            calls.nonBlocking(six);
            expect(calls.connect(calls.tcp(), 80));
            assertThat(calls.tryAccept(six)).isEqualTo(Errno.AGAIN);
            expect(calls.tryAccept(four));
            int client = calls.open(INET6, STREAM);
            expect(inside.call("sock_connect", client, calls.address("::1", 80)));
            assertThat(calls.tryAccept(four)).isEqualTo(Errno.AGAIN);
            expect(calls.tryAccept(six));
        }
    }
}
