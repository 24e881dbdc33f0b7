package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.host.FailingNetwork.Step;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/**
 * The errors that a listener and a connection can meet, as a guest meets them: those that this
 * machine can provoke for real, and the others with what the JVM throws for them. {@code
 * docs/ERRORS.md} has them all.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SocketErrorsTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int PRIVILEGED_PORT = 1;
    private static final int USR1 = 10;
    private static final int UNIX = 3;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private Errno listen(int fd) {
        return guest.call("sock_listen", fd, 16);
    }

    private Errno open(int family, int type, int protocol) {
        return guest.call("sock_open", family, type, protocol, guest.alloc(4));
    }

    private Errno connect(int fd, String host, int port) {
        return guest.call("sock_connect", fd, sockets.address(host, port));
    }

    // ---- opening

    @Test
    void reasons_why_something_cannot_be_opened_have_messages_of_their_own() {
        assertThat(open(0, SocketCalls.STREAM, 0)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(open(9, SocketCalls.STREAM, 0)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(open(SocketCalls.INET4, 3, 0)).isEqualTo(Errno.PROTOTYPE);
        assertThat(open(SocketCalls.INET4, 4, 0)).isEqualTo(Errno.PROTOTYPE);
        assertThat(open(SocketCalls.INET4, 0, 0)).isEqualTo(Errno.INVAL);
        assertThat(open(SocketCalls.INET4, SocketCalls.STREAM, 17)).isEqualTo(Errno.PROTONOSUPPORT);
        assertThat(open(SocketCalls.INET4, SocketCalls.DGRAM, 132)).isEqualTo(Errno.PROTONOSUPPORT);
        assertThat(open(UNIX, SocketCalls.STREAM, 17)).isEqualTo(Errno.PROTONOSUPPORT);
        assertThat(open(UNIX, SocketCalls.DGRAM, 6)).isEqualTo(Errno.PROTONOSUPPORT);
        assertThat(open(UNIX, 4, 0)).isEqualTo(Errno.PROTOTYPE);
    }

    @Test
    void a_unix_socket_has_the_protocol_that_wasix_libc_asks_for() {
        assertThat(open(UNIX, SocketCalls.STREAM, 6)).isEqualTo(Errno.SUCCESS);
        assertThat(open(UNIX, SocketCalls.DGRAM, 17)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void without_ipv6_on_the_machine_its_family_is_not_supported() {
        try (HostHarness four =
                HostHarness.create(
                        process -> process.withNetwork(new FailingNetwork(Step.NOTHING, null)))) {
            assertThat(
                            four.call(
                                    "sock_open",
                                    SocketCalls.INET6,
                                    SocketCalls.STREAM,
                                    0,
                                    four.alloc(4)))
                    .isEqualTo(Errno.AFNOSUPPORT);
        }
    }

    @Test
    void beyond_the_limit_of_descriptors_nothing_can_be_opened() {
        try (HostHarness small =
                HostHarness.create(
                        process -> process.withLimits(Limits.defaults().withMaxDescriptors(1)))) {
            SocketCalls calls = new SocketCalls(small);
            int fd = calls.tcp();
            assertThat(
                            small.call(
                                    "sock_open",
                                    SocketCalls.INET4,
                                    SocketCalls.STREAM,
                                    0,
                                    small.alloc(4)))
                    .isEqualTo(Errno.MFILE);
            small.ok("fd_close", fd);
            assertThat(calls.tcp()).isZero();
        }
    }

    // ---- binding and listening

    @Test
    void a_port_below_the_unprivileged_ones_needs_permission() {
        String refusal = refusalOfTheMachine(PRIVILEGED_PORT);
        assumeTrue(
                refusal.startsWith("Permission denied"),
                "root, or a machine without privileged ports, can bind port 1");
        assertThat(sockets.bind(sockets.tcp(), "127.0.0.1", PRIVILEGED_PORT))
                .isEqualTo(Errno.ACCES);
    }

    private static String refusalOfTheMachine(int port) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.bind(new InetSocketAddress("127.0.0.1", port));
            return "none";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void an_address_in_use_is_reported_at_bind_and_the_socket_can_bind_another()
            throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
            int fd = sockets.tcp();
            assertThat(sockets.bind(fd, "127.0.0.1", taken.getLocalPort()))
                    .isEqualTo(Errno.ADDRINUSE);
            assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void two_guests_can_not_bind_one_port() {
        int listener = sockets.listener();
        try (HostHarness other =
                HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()))) {
            SocketCalls calls = new SocketCalls(other);
            assertThat(calls.bind(calls.tcp(), "127.0.0.1", sockets.localPort(listener)))
                    .isEqualTo(Errno.ADDRINUSE);
        }
    }

    @Test
    void binding_again_is_invalid() {
        int fd = sockets.tcp();
        SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
        assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.INVAL);
        assertThat(sockets.bind(sockets.listener(), "127.0.0.1", 0)).isEqualTo(Errno.INVAL);
        int datagrams = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        SocketCalls.expect(sockets.bind(datagrams, "127.0.0.1", 0));
        assertThat(sockets.bind(datagrams, "127.0.0.1", 0)).isEqualTo(Errno.INVAL);
    }

    @Test
    void an_address_of_another_family_is_not_supported() {
        assertThat(sockets.bind(sockets.tcp(), "::1", 0)).isEqualTo(Errno.AFNOSUPPORT);
        int six = sockets.open(SocketCalls.INET6, SocketCalls.STREAM);
        assertThat(sockets.bind(six, "127.0.0.1", 0)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(connect(sockets.tcp(), "::1", 9)).isEqualTo(Errno.AFNOSUPPORT);
    }

    @Test
    void only_a_bound_stream_socket_can_listen() throws IOException {
        assertThat(listen(99)).isEqualTo(Errno.BADF);
        int event = guest.get("fd_event", 0, 0);
        assertThat(listen(event)).isEqualTo(Errno.NOTSOCK);
        assertThat(sockets.setFlag(event, SockOption.REUSE_ADDR.code(), 1))
                .isEqualTo(Errno.NOTSOCK);
        assertThat(listen(sockets.open(SocketCalls.INET4, SocketCalls.DGRAM)))
                .isEqualTo(Errno.NOTSUP);
        assertThat(listen(sockets.tcp())).isEqualTo(Errno.INVAL);
        int client = sockets.tcp();
        SocketCalls.expect(sockets.connect(client, sockets.localPort(sockets.listener())));
        assertThat(listen(client)).isEqualTo(Errno.ISCONN);
    }

    @Test
    void any_backlog_is_legal_and_listening_again_is_a_success() throws IOException {
        for (int backlog : new int[] {0, -1, 1, Integer.MAX_VALUE}) {
            int fd = sockets.tcp();
            SocketCalls.expect(sockets.bind(fd, "127.0.0.1", 0));
            assertThat(guest.call("sock_listen", fd, backlog)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("sock_listen", fd, 5)).isEqualTo(Errno.SUCCESS);
            try (Socket client = new Socket(LOOPBACK, sockets.localPort(fd))) {
                assertThat(sockets.accept(fd)).isPositive();
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void no_timeout_is_too_big() {
        int fd = sockets.tcp();
        assertThat(sockets.setTime(fd, SockOption.RECV_TIMEOUT.code(), -1))
                .isEqualTo(Errno.SUCCESS);
        assertThat(sockets.setTime(fd, SockOption.CONNECT_TIMEOUT.code(), Long.MAX_VALUE))
                .isEqualTo(Errno.SUCCESS);
    }

    // ---- connecting

    /** A listener whose queue is full, so that attempts to connect stay under way. */
    private static final class FullListener implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        private final List<Socket> queued = new ArrayList<>();

        FullListener() throws IOException {
            for (int i = 0; i < 2; i++) {
                queued.add(new Socket(LOOPBACK, server.getLocalPort()));
            }
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : queued) {
                socket.close();
            }
            server.close();
        }
    }

    @Test
    void a_connection_that_is_under_way_is_in_progress_and_then_already() throws IOException {
        try (FullListener full = new FullListener()) {
            int fd = sockets.tcp();
            sockets.nonBlocking(fd);
            assertThat(sockets.connect(fd, full.port())).isEqualTo(Errno.INPROGRESS);
            assertThat(sockets.connect(fd, full.port())).isEqualTo(Errno.ALREADY);
            assertThat(listen(fd)).isEqualTo(Errno.INVAL);
            assertThat(sockets.receive(fd)).isEqualTo("[again]");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void the_local_address_of_an_attempt_is_that_of_the_connection() throws IOException {
        try (FullListener full = new FullListener()) {
            int fd = sockets.tcp();
            sockets.nonBlocking(fd);
            assertThat(sockets.connect(fd, full.port())).isEqualTo(Errno.INPROGRESS);
            int port = sockets.localPort(fd);
            assertThat(port).isPositive();
            int other = sockets.tcp();
            sockets.nonBlocking(other);
            assertThat(sockets.connect(other, full.port())).isEqualTo(Errno.INPROGRESS);
            assertThat(sockets.localPort(other)).as("which of two is not known").isZero();
            guest.ok("fd_close", other);
            assertThat(sockets.localPort(fd)).isEqualTo(port);
            full.server.accept().close();
            full.server.accept().close();
            try (Socket accepted = full.server.accept()) {
                assertThat(accepted.getPort()).isEqualTo(port);
                await().until(() -> sockets.status(fd) == 1);
                assertThat(sockets.localPort(fd)).isEqualTo(port);
            }
        }
    }

    @Test
    void a_signal_interrupts_a_connect_which_goes_on() throws IOException {
        guest.process().signalHandler((thread, export, signal) -> true);
        guest.process().signals().handler(guest.thread(), "handler", true);
        try (FullListener full = new FullListener()) {
            int fd = sockets.tcp();
            CompletableFuture<Errno> answer = guest.spawn(() -> sockets.connect(fd, full.port()));
            await().until(
                            () -> {
                                int waiting = 0;
                                for (GuestThread thread : guest.process().threads()) {
                                    waiting += thread.isWaiting() ? 1 : 0;
                                }
                                return waiting == 1;
                            });
            guest.process().signals().raise(USR1);
            for (GuestThread thread : guest.process().threads()) {
                thread.wake();
            }
            assertThat(answer.join()).isEqualTo(Errno.INTR);
            assertThat(sockets.status(fd)).as("opening").isZero();
        }
    }

    @Test
    void what_is_connected_or_listens_can_not_be_connected() {
        int listener = sockets.listener();
        int port = sockets.localPort(listener);
        int client = sockets.tcp();
        SocketCalls.expect(sockets.connect(client, port));
        assertThat(sockets.connect(client, port)).isEqualTo(Errno.ISCONN);
        assertThat(sockets.connect(listener, port)).isEqualTo(Errno.ISCONN);
        assertThat(sockets.connect(guest.get("fd_event", 0, 0), port)).isEqualTo(Errno.NOTSOCK);
        assertThat(sockets.connect(99, port)).isEqualTo(Errno.BADF);
        assertThat(sockets.connect(sockets.tcp(), 0)).isEqualTo(Errno.CONNREFUSED);
    }

    @Test
    void a_listener_that_closes_resets_the_connections_in_its_queue() {
        int listener = sockets.listener();
        int client = sockets.tcp();
        SocketCalls.expect(sockets.connect(client, sockets.localPort(listener)));
        guest.ok("fd_close", listener);
        assertThat(sockets.receive(client)).isEqualTo("[connreset]");
        assertThat(sockets.receive(client)).isEmpty();
    }

    /** What the machine says to an attempt of its own; a sandbox may answer for the world. */
    private static Exception answerOfTheMachine(String host) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, 9), 500);
            return new IOException("connected");
        } catch (IOException e) {
            return e;
        }
    }

    @Test
    void a_network_that_can_not_be_reached_has_its_own_error() {
        String host =
                Stream.of("255.255.255.255", "127.255.255.255", "224.0.0.1", "240.0.0.1")
                        .filter(
                                address ->
                                        String.valueOf(answerOfTheMachine(address).getMessage())
                                                .startsWith("Network is unreachable"))
                        .findFirst()
                        .orElse(null);
        assumeTrue(host != null, "there is a route to every IPv4 address");
        assertThat(connect(sockets.tcp(), host, 9)).isEqualTo(Errno.NETUNREACH);
    }

    @Test
    void a_host_that_can_not_be_reached_has_its_own_error() {
        int fd = sockets.open(SocketCalls.INET6, SocketCalls.STREAM);
        SocketCalls.expect(sockets.setTime(fd, SockOption.CONNECT_TIMEOUT.code(), 5_000_000_000L));
        Errno answer = connect(fd, "2001:db8::1", 9);
        assumeFalse(
                Set.of(Errno.TIMEDOUT, Errno.NETUNREACH, Errno.SUCCESS, Errno.CONNREFUSED)
                        .contains(answer),
                "there is no route that ends at nobody");
        assertThat(answer).isEqualTo(Errno.HOSTUNREACH);
    }

    @Test
    void an_unbound_local_address_can_not_be_bound() {
        assertThat(sockets.bind(sockets.tcp(), "192.0.2.1", 0)).isEqualTo(Errno.ADDRNOTAVAIL);
        int datagrams = sockets.open(SocketCalls.INET4, SocketCalls.DGRAM);
        assertThat(sockets.bind(datagrams, "192.0.2.1", 0)).isEqualTo(Errno.ADDRNOTAVAIL);
    }

    // ---- with what the JVM throws

    static Stream<Arguments> thrownAtABoundAddress() {
        return Stream.of(
                Arguments.of(new BindException("Address already in use"), Errno.ADDRINUSE),
                Arguments.of(new BindException("Permission denied"), Errno.ACCES),
                Arguments.of(new SocketException("Network is down"), Errno.NETDOWN),
                Arguments.of(new SocketException("No buffer space available"), Errno.NOBUFS),
                Arguments.of(new SocketException("Cannot allocate memory"), Errno.NOMEM),
                Arguments.of(new SocketException("Too many open files in system"), Errno.NFILE),
                Arguments.of(new SocketException("Too many open files"), Errno.MFILE),
                Arguments.of(new SocketException("Operation not permitted"), Errno.PERM),
                Arguments.of(new SocketException("Protocol family unavailable"), Errno.AFNOSUPPORT),
                Arguments.of(new SocketException("said in another language"), Errno.IO),
                Arguments.of(new UnsupportedOperationException("an option"), Errno.NOPROTOOPT),
                Arguments.of(new IllegalStateException("surprise"), Errno.IO));
    }

    @ParameterizedTest
    @MethodSource("thrownAtABoundAddress")
    void what_fails_at_bind_leaves_the_socket_unbound(Exception thrown, Errno errno) {
        try (Failing failing = new Failing(Step.BIND, thrown)) {
            int fd = failing.calls.tcp();
            assertThat(failing.calls.bind(fd, "127.0.0.1", 0)).isEqualTo(errno);
            assertThat(failing.calls.status(fd)).as("opening").isZero();
            assertThat(failing.reported).containsExactly("bind 127.0.0.1:0: " + thrown);
        }
    }

    @ParameterizedTest
    @MethodSource("thrownAtABoundAddress")
    void what_fails_at_listen_leaves_the_socket_bound(Exception thrown, Errno errno) {
        try (Failing failing = new Failing(Step.LISTEN, thrown)) {
            int fd = failing.calls.tcp();
            SocketCalls.expect(failing.calls.bind(fd, "127.0.0.1", 0));
            assertThat(failing.guest.call("sock_listen", fd, 1)).isEqualTo(errno);
            assertThat(failing.guest.call("sock_listen", fd, 1)).isEqualTo(errno);
            assertThat(failing.reported)
                    .hasSize(2)
                    .allSatisfy(
                            each ->
                                    assertThat(each)
                                            .startsWith("listen 127.0.0.1:")
                                            .endsWith(": " + thrown));
        }
    }

    /** What a network does every day, which is not reported to the host's owner. */
    private static final Set<Errno> EVERYDAY =
            Set.of(
                    Errno.CONNREFUSED,
                    Errno.TIMEDOUT,
                    Errno.CONNRESET,
                    Errno.NETUNREACH,
                    Errno.HOSTUNREACH);

    static Stream<Arguments> thrownAtAConnection() {
        return Stream.of(
                Arguments.of(new BindException("Permission denied"), Errno.ACCES),
                Arguments.of(new SocketException("Operation not permitted"), Errno.PERM),
                Arguments.of(new BindException("Address already in use"), Errno.ADDRINUSE),
                Arguments.of(
                        new BindException("Cannot assign requested address"), Errno.ADDRNOTAVAIL),
                Arguments.of(new ConnectException("Connection refused"), Errno.CONNREFUSED),
                Arguments.of(new ConnectException("Connection timed out"), Errno.TIMEDOUT),
                Arguments.of(new SocketException("Connection reset"), Errno.CONNRESET),
                Arguments.of(new SocketException("Network is unreachable"), Errno.NETUNREACH),
                Arguments.of(new NoRouteToHostException("No route to host"), Errno.HOSTUNREACH),
                Arguments.of(new SocketException("No buffer space available"), Errno.NOBUFS),
                Arguments.of(new SocketException("Resource temporarily unavailable"), Errno.NOBUFS),
                Arguments.of(new SocketException("said in another language"), Errno.IO));
    }

    @ParameterizedTest
    @MethodSource("thrownAtAConnection")
    void what_fails_at_connect_is_reported_and_another_attempt_is_made(
            Exception thrown, Errno errno) {
        try (Failing failing = new Failing(Step.CONNECT, thrown)) {
            int fd = failing.calls.tcp();
            assertThat(failing.calls.connect(fd, 9)).isEqualTo(errno);
            assertThat(failing.calls.status(fd)).as("failed").isEqualTo(3);
            assertThat(failing.calls.connect(fd, 9)).isEqualTo(errno);
            List<String> twice = List.of("connect: " + thrown, "connect: " + thrown);
            assertThat(failing.reported).isEqualTo(EVERYDAY.contains(errno) ? List.of() : twice);
        }
    }

    @ParameterizedTest
    @MethodSource("thrownAtABoundAddress")
    void what_fails_when_a_channel_is_opened_is_reported_by_connect(Exception thrown, Errno errno) {
        try (Failing failing = new Failing(Step.OPEN, thrown)) {
            assertThat(failing.calls.connect(failing.calls.tcp(), 9)).isEqualTo(errno);
        }
    }

    @Test
    void a_fault_at_accept_is_reported_and_the_listener_goes_on() {
        IOException full = new IOException("Too many open files");
        try (Failing failing = new Failing(Step.ACCEPT, full)) {
            int fd = failing.calls.tcp();
            SocketCalls.expect(failing.calls.bind(fd, "127.0.0.1", 0));
            failing.guest.ok("sock_listen", fd, 1);
            assertThat(failing.calls.tryAccept(fd)).isEqualTo(Errno.MFILE);
            assertThat(failing.calls.status(fd)).as("opened").isEqualTo(1);
        }
    }

    /** A guest on a network on which something fails, and what its host was reported. */
    private static final class Failing implements AutoCloseable {
        private final List<String> reported = new ArrayList<>();
        private final HostHarness guest;
        private final SocketCalls calls;

        Failing(Step step, Exception error) {
            SystemObserver observer =
                    new SystemObserver() {
                        @Override
                        public void hostError(String operation, Throwable thrown) {
                            reported.add(operation + ": " + thrown);
                        }
                    };
            guest =
                    HostHarness.create(
                            process ->
                                    process.withPolicy(NetworkPolicy.allowAll())
                                            .withNetwork(new FailingNetwork(step, error))
                                            .withObserver(observer));
            calls = new SocketCalls(guest);
        }

        @Override
        public void close() {
            guest.close();
        }
    }
}
