package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.SocketCalls.DGRAM;
import static org.wasix4j.host.SocketCalls.INET6;
import static org.wasix4j.host.SocketCalls.STREAM;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** A guest with rules tries every way out: each time acces, and the host gets an event. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class WaysOutTest {

    private final List<Decision> denials = new CopyOnWriteArrayList<>();
    private ServerSocket open;
    private ServerSocket forbidden;
    private HostHarness guest;
    private SocketCalls sockets;

    @BeforeEach
    void listenHere() throws IOException {
        open = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        forbidden = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void close() throws IOException {
        if (guest != null) {
            guest.close();
        }
        open.close();
        forbidden.close();
    }

    /** {@code OPEN} in the rules is the port of the server that may be reached. */
    private void grant(String rules) {
        String text = rules.replace("OPEN", Integer.toString(open.getLocalPort()));
        SystemObserver observer =
                new SystemObserver() {
                    @Override
                    public void denied(Decision decision) {
                        denials.add(decision);
                    }
                };
        guest =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.parse(text))
                                        .withObserver(observer));
        sockets = new SocketCalls(guest);
    }

    private Errno connect(int family, String host, int port) {
        return guest.call(
                "sock_connect", sockets.open(family, STREAM), address(family, host, port));
    }

    /** A record with exactly these octets: the JVM would turn v4-mapped into IPv4. */
    private int address(int family, String host, int port) {
        int record = sockets.address(host.replace("::ffff:", ""), port);
        if (family == INET6 && guest.u8(record) != INET6) {
            byte[] inner = guest.read(record + 4, 4);
            byte[] mapped = new byte[24];
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
            System.arraycopy(inner, 0, mapped, 12, 4);
            guest.memory().writeByte(record, (byte) INET6);
            guest.memory().write(record + 4, mapped);
        }
        return record;
    }

    private Errno sendTo(int fd, int address) {
        return guest.call("sock_send_to", fd, guest.iovec("x"), 1, 0, address, guest.alloc(4));
    }

    @Test
    void the_one_granted_server_is_reached() {
        grant("ipv4:allow=127.0.0.1:OPEN/out");
        assertThat(sockets.connect(sockets.tcp(), open.getLocalPort())).isEqualTo(Errno.SUCCESS);
        assertThat(denials).isEmpty();
    }

    @Test
    void another_port_is_refused_in_every_spelling_of_the_address() {
        grant("ipv4:allow=127.0.0.1:OPEN/out,ipv6:allow=*:*");
        int port = forbidden.getLocalPort();
        assertThat(connect(SocketCalls.INET4, "127.0.0.1", port)).isEqualTo(Errno.ACCES);
        assertThat(connect(SocketCalls.INET4, "127.0.0.2", open.getLocalPort()))
                .isEqualTo(Errno.ACCES);
        assertThat(connect(SocketCalls.INET4, "0.0.0.0", port)).isEqualTo(Errno.ACCES);
        assertThat(connect(INET6, "::ffff:127.0.0.1", port)).isEqualTo(Errno.ACCES);
        assertThat(connect(INET6, "::ffff:0.0.0.0", port)).isEqualTo(Errno.ACCES);
        assertThat(connect(INET6, "::127.0.0.1", port)).isEqualTo(Errno.ACCES);
        assertThat(connect(INET6, "64:ff9b::7f00:1", port)).isEqualTo(Errno.ACCES);
        assertThat(denials).hasSize(7);
    }

    @Test
    void a_name_with_a_loopback_address_opens_nothing() {
        grant("dns:allow=*:*");
        int records = guest.alloc(18 * 8);
        int count = guest.alloc(4);
        guest.ok("resolve", guest.string("localhost"), 9, 80, records, 8, count);
        assertThat(guest.i32(count)).isPositive();
        assertThat(sockets.connect(sockets.tcp(), open.getLocalPort())).isEqualTo(Errno.ACCES);
        assertThat(denials.get(0).reason()).contains("names open public addresses only");
    }

    @Test
    void a_name_without_a_rule_is_not_looked_up() {
        grant("dns:allow=*.localhost:*,ipv4:allow=127.0.0.1:*");
        assertThat(
                        guest.call(
                                "resolve",
                                guest.string("localhost"),
                                9,
                                80,
                                guest.alloc(18),
                                1,
                                guest.alloc(4)))
                .isEqualTo(Errno.ACCES);
        assertThat(denials).singleElement().asString().startsWith("resolve localhost denied");
    }

    @Test
    void listening_on_another_address_is_refused() {
        grant("ipv4:allow=127.0.0.1:0/in");
        int fd = sockets.tcp();
        assertThat(sockets.bind(fd, "0.0.0.0", 0)).isEqualTo(Errno.ACCES);
        assertThat(sockets.bind(fd, "127.0.0.1", forbidden.getLocalPort() ^ 1))
                .isEqualTo(Errno.ACCES);
        assertThat(sockets.bind(sockets.open(INET6, STREAM), "::", 0)).isEqualTo(Errno.ACCES);
        assertThat(
                        guest.call(
                                "sock_bind",
                                sockets.open(INET6, STREAM),
                                address(INET6, "::ffff:0.0.0.0", 0)))
                .isEqualTo(Errno.ACCES);
        assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.bind(fd, "0.0.0.0", 0)).isEqualTo(Errno.INVAL);
        guest.ok("sock_listen", fd, 1);
    }

    @Test
    void a_granted_port_of_the_systems_choice_serves() throws IOException {
        grant("ipv4:allow=127.0.0.1:0/in");
        int listener = sockets.listener();
        try (Socket client = new Socket("127.0.0.1", sockets.localPort(listener))) {
            client.getOutputStream().write('x');
            assertThat(sockets.receive(sockets.accept(listener))).isEqualTo("x");
        }
        assertThat(denials).isEmpty();
    }

    @Test
    void a_forbidden_client_is_closed_and_the_next_one_accepted() throws IOException {
        grant("ipv4:allow=*:0/in,ipv4:deny=127.0.0.2:*/in");
        int listener = sockets.tcp();
        SocketCalls.expect(sockets.bind(listener, "0.0.0.0", 0));
        guest.ok("sock_listen", listener, 8);
        int port = sockets.localPort(listener);
        try (Socket unwelcome = new Socket();
                Socket welcome = new Socket()) {
            unwelcome.bind(new InetSocketAddress("127.0.0.2", 0));
            unwelcome.connect(new InetSocketAddress("127.0.0.1", port));
            welcome.connect(new InetSocketAddress("127.0.0.1", port));
            welcome.getOutputStream().write('w');
            assertThat(sockets.receive(sockets.accept(listener))).isEqualTo("w");
            unwelcome.setSoTimeout(10_000);
            assertThat(ended(unwelcome)).isTrue();
        }
        assertThat(denials).singleElement().asString().startsWith("accept 127.0.0.2:");
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void a_connection_to_a_denied_local_address_of_a_wildcard_is_closed() throws IOException {
        grant("ipv4:allow=*:0/in,ipv4:deny=127.0.0.2:*/in");
        int listener = sockets.tcp();
        SocketCalls.expect(sockets.bind(listener, "0.0.0.0", 0));
        guest.ok("sock_listen", listener, 8);
        sockets.nonBlocking(listener);
        int port = sockets.localPort(listener);
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress("127.0.0.1", 0));
            client.connect(new InetSocketAddress("127.0.0.2", port));
            client.setSoTimeout(10_000);
            assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.AGAIN);
            assertThat(ended(client)).isTrue();
        }
    }

    @Test
    void a_connected_datagram_socket_sends_nowhere_else() throws IOException {
        grant("ipv4:allow=127.0.0.1:OPEN");
        try (DatagramSocket friend =
                        new DatagramSocket(
                                open.getLocalPort(), InetAddress.getByName("127.0.0.1"));
                DatagramSocket stranger =
                        new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            int fd = sockets.open(SocketCalls.INET4, DGRAM);
            SocketCalls.expect(sockets.connect(fd, friend.getLocalPort()));
            assertThat(sendTo(fd, sockets.address("127.0.0.1", stranger.getLocalPort())))
                    .isEqualTo(Errno.ACCES);
            assertThat(sockets.connect(fd, stranger.getLocalPort())).isEqualTo(Errno.ACCES);
            assertThat(sendTo(fd, sockets.address("0.0.0.0", stranger.getLocalPort())))
                    .isEqualTo(Errno.ACCES);
            SocketCalls.expect(sockets.send(fd, "x"));
            DatagramPacket packet = new DatagramPacket(new byte[9], 9);
            friend.setSoTimeout(10_000);
            friend.receive(packet);
            assertThat(packet.getLength()).isEqualTo(1);
        }
    }

    @Test
    void only_answers_come_in_where_no_rule_lets_others_in() throws IOException {
        grant("ipv4:allow=127.0.0.1:OPEN/out");
        try (DatagramSocket friend =
                        new DatagramSocket(
                                open.getLocalPort(), InetAddress.getByName("127.0.0.1"));
                DatagramSocket stranger =
                        new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            int fd = sockets.open(SocketCalls.INET4, DGRAM);
            SocketCalls.expect(sendTo(fd, sockets.address("127.0.0.1", friend.getLocalPort())));
            int port = sockets.localPort(fd);
            send(stranger, "stranger", port);
            send(friend, "friend", port);
            assertThat(sockets.receive(fd)).isEqualTo("friend");
            // what waits when the peer changes is kept, and still not for the guest
            send(stranger, "stranger", port);
            SocketCalls.expect(sockets.connect(fd, friend.getLocalPort()));
            send(friend, "again", port);
            assertThat(sockets.receive(fd)).isEqualTo("again");
        }
        assertThat(denials)
                .hasSize(2)
                .allSatisfy(denial -> assertThat(denial.toString()).startsWith("receive from 127"));
    }

    private static void send(DatagramSocket from, String text, int port) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        from.send(
                new DatagramPacket(bytes, bytes.length, InetAddress.getByName("127.0.0.1"), port));
    }

    @Test
    void a_group_is_not_joined_without_a_rule() {
        grant("ipv4:allow=127.0.0.1:*");
        int fd = sockets.open(SocketCalls.INET4, DGRAM);
        int group = guest.bytes(new byte[] {(byte) 224, 0, 0, (byte) 251});
        int any = guest.bytes(new byte[4]);
        assertThat(guest.call("sock_join_multicast_v4", fd, group, any)).isEqualTo(Errno.ACCES);
        assertThat(denials).singleElement().asString().startsWith("join 224.0.0.251:0 denied");
    }

    @Test
    void without_a_rule_nothing_goes() {
        grant("unix:allow=/nowhere");
        int tcp = sockets.tcp();
        int udp = sockets.open(SocketCalls.INET4, DGRAM);
        assertThat(sockets.connect(tcp, open.getLocalPort())).isEqualTo(Errno.ACCES);
        assertThat(sockets.bind(tcp, "127.0.0.1", 0)).isEqualTo(Errno.ACCES);
        assertThat(sockets.connect(udp, open.getLocalPort())).isEqualTo(Errno.ACCES);
        assertThat(sendTo(udp, sockets.address("127.0.0.1", open.getLocalPort())))
                .isEqualTo(Errno.ACCES);
        assertThat(sockets.setFlag(udp, SockOption.BROADCAST.code(), 1)).isEqualTo(Errno.SUCCESS);
        assertThat(sendTo(udp, sockets.address("255.255.255.255", 9))).isEqualTo(Errno.ACCES);
    }
}
