package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.net.Network;
import org.wasix4j.system.net.StreamEndpoint;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SockOption;

class TcpConnectTest extends TcpScene {

    @Test
    void a_blocking_connect_to_a_closed_port_is_refused_and_the_socket_can_try_again()
            throws IOException {
        int fd = sockets.tcp();
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            port = gone.getLocalPort();
        }
        assertThat(sockets.connect(fd, port)).isEqualTo(Errno.CONNREFUSED);
        assertThat(sockets.status(fd)).isEqualTo(3);
        try (ServerSocket back = new ServerSocket(0, 1, LOOPBACK)) {
            assertThat(sockets.connect(fd, back.getLocalPort())).isEqualTo(Errno.SUCCESS);
            assertThat(sockets.connect(fd, back.getLocalPort())).isEqualTo(Errno.ISCONN);
            assertThat(sockets.status(fd)).isEqualTo(1);
        }
    }

    @Test
    void a_failed_connect_in_the_background_is_reported_once_by_the_last_error()
            throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            port = gone.getLocalPort();
        }
        int fd = sockets.tcp();
        sockets.nonBlocking(fd);
        assertThat(sockets.connect(fd, port)).isIn(Errno.INPROGRESS, Errno.CONNREFUSED);
        await().until(() -> sockets.status(fd) == 3);
        assertThat(sockets.size(fd, SockOption.LAST_ERROR.code()))
                .isIn((long) Errno.CONNREFUSED.code(), 0L);
        assertThat(sockets.size(fd, SockOption.LAST_ERROR.code())).isZero();
        assertThat(sockets.receive(fd)).isEqualTo("[notconn]");
    }

    @Test
    void a_failed_connect_in_the_background_is_reported_once_by_the_next_receive()
            throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            port = gone.getLocalPort();
        }
        int fd = sockets.tcp();
        sockets.nonBlocking(fd);
        if (sockets.connect(fd, port) == Errno.INPROGRESS) {
            await().until(() -> sockets.status(fd) == 3);
            assertThat(sockets.receive(fd)).isEqualTo("[connrefused]");
        }
        assertThat(sockets.receive(fd)).isEqualTo("[notconn]");
    }

    @Test
    void a_connect_keeps_the_port_that_was_bound() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            int fd = sockets.tcp();
            assertThat(sockets.bind(fd, "127.0.0.1", 0)).isEqualTo(Errno.SUCCESS);
            int port = sockets.localPort(fd);
            assertThat(sockets.connect(fd, server.getLocalPort())).isEqualTo(Errno.SUCCESS);
            assertThat(sockets.localPort(fd)).isEqualTo(port);
            try (Socket accepted = server.accept()) {
                assertThat(accepted.getPort()).isEqualTo(port);
            }
        }
    }

    @Test
    void a_connect_timeout_ends_an_attempt_that_nobody_answers() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, LOOPBACK)) {
            List<Socket> queued = new ArrayList<>();
            try {
                for (int i = 0; i < 2; i++) {
                    queued.add(new Socket(LOOPBACK, full.getLocalPort()));
                }
                int fd = sockets.tcp();
                sockets.setTime(fd, SockOption.CONNECT_TIMEOUT.code(), 50 * MILLISECOND);
                assertThat(sockets.connect(fd, full.getLocalPort())).isEqualTo(Errno.TIMEDOUT);
            } finally {
                for (Socket socket : queued) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void closing_wakes_a_blocked_connect_with_badf() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, LOOPBACK);
                Socket one = new Socket(LOOPBACK, full.getLocalPort());
                Socket two = new Socket(LOOPBACK, full.getLocalPort())) {
            int fd = sockets.tcp();
            CompletableFuture<Errno> connect =
                    guest.spawn(() -> sockets.connect(fd, full.getLocalPort()));
            guest.awaitParked(connect);
            guest.ok("fd_close", fd);
            assertThat(connect.join()).isEqualTo(Errno.BADF);
            assertThat(one.isConnected() && two.isConnected()).isTrue();
        }
    }

    /**
     * A network whose peers answer while connect has not returned yet, as those in this JVM can.
     *
     * @param outcome what the attempt comes to: null is success
     */
    private static Network answering(IOException outcome) {
        AtomicReference<IntConsumer> listener = new AtomicReference<>();
        StreamEndpoint endpoint =
                (StreamEndpoint)
                        Proxy.newProxyInstance(
                                StreamEndpoint.class.getClassLoader(),
                                new Class<?>[] {StreamEndpoint.class},
                                (proxy, method, arguments) -> {
                                    switch (method.getName()) {
                                        case "onReadiness" ->
                                                listener.set((IntConsumer) arguments[0]);
                                        case "connect" -> {
                                            listener.get().accept(-1);
                                            return false;
                                        }
                                        case "carrier" -> {
                                            return proxy;
                                        }
                                        case "local" -> {
                                            return InetAddr.any(AddressFamily.INET4, 1);
                                        }
                                        case "finishConnect" -> {
                                            if (outcome != null) {
                                                throw outcome;
                                            }
                                            return true;
                                        }
                                        default -> {}
                                    }
                                    Class<?> type = method.getReturnType();
                                    return type == boolean.class
                                            ? (Object) false
                                            : type == int.class ? (Object) 0 : null;
                                });
        return new FailingNetwork(FailingNetwork.Step.NOTHING, null) {
            @Override
            public StreamEndpoint open(AddressFamily family) {
                return endpoint;
            }
        };
    }

    @Test
    void an_answer_that_comes_while_connect_begins_is_not_lost() {
        try (HostHarness here =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.allowAll())
                                        .withNetwork(answering(null)))) {
            SocketCalls calls = new SocketCalls(here);
            assertThat(calls.connect(calls.tcp(), 9)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void a_refusal_that_comes_while_connect_begins_is_not_lost() {
        try (HostHarness here =
                HostHarness.create(
                        process ->
                                process.withPolicy(NetworkPolicy.allowAll())
                                        .withNetwork(
                                                answering(
                                                        new ConnectException(
                                                                "Connection refused"))))) {
            SocketCalls calls = new SocketCalls(here);
            assertThat(calls.connect(calls.tcp(), 9)).isEqualTo(Errno.CONNREFUSED);
            int waiting = calls.tcp();
            calls.nonBlocking(waiting);
            EpollCalls set = new EpollCalls(here);
            set.add(waiting, EpollFlags.OUT | EpollFlags.ET);
            set.now();
            assertThat(calls.connect(waiting, 9)).isEqualTo(Errno.INPROGRESS);
            assertThat(set.await(EpollCalls.FOREVER)).hasSize(1);
            assertThat(calls.size(waiting, SockOption.LAST_ERROR.code()))
                    .isEqualTo(Errno.CONNREFUSED.code());
        }
    }
}
