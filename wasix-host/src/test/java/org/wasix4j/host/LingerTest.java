package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/**
 * How a connection ends: a close that waits for the peer, and what is reported to the host of
 * resets.
 */
@Timeout(120)
class LingerTest {

    private static final long MILLISECOND = 1_000_000;
    private static final long MINUTE = 60_000 * MILLISECOND;
    private static final int CHUNK = 65_536;

    private final List<String> reported = new CopyOnWriteArrayList<>();
    private final HostHarness guest =
            HostHarness.create(
                    process ->
                            process.withPolicy(NetworkPolicy.allowAll())
                                    .withObserver(
                                            new SystemObserver() {
                                                @Override
                                                public void hostError(String what, Throwable e) {
                                                    reported.add(what + ": " + e);
                                                }
                                            }));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    /** A client with room for little. */
    private Socket client(int listener) throws IOException {
        Socket client = new Socket();
        client.setReceiveBufferSize(4096);
        client.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), sockets.localPort(listener)));
        return client;
    }

    /** Sends until there is no more room; how many bytes it took. */
    private long fill(int fd) {
        sockets.nonBlocking(fd);
        int iovec = guest.iovec(guest.alloc(CHUNK), CHUNK);
        int count = guest.alloc(4);
        long sent = 0;
        while (guest.call("sock_send", fd, iovec, 1, 0, count) == Errno.SUCCESS) {
            sent += guest.i32(count);
        }
        return sent;
    }

    private static long drain(Socket client) throws IOException {
        byte[] buffer = new byte[CHUNK];
        long total = 0;
        for (int read; (read = client.getInputStream().read(buffer)) >= 0; ) {
            total += read;
        }
        return total;
    }

    @Test
    void a_close_with_a_linger_time_waits_until_the_peer_has_everything() throws IOException {
        int listener = sockets.listener();
        try (Socket client = client(listener)) {
            int fd = sockets.accept(listener);
            long sent = fill(fd);
            SocketCalls.expect(sockets.setTime(fd, SockOption.LINGER.code(), MINUTE));
            CompletableFuture<Errno> close = guest.spawn(() -> guest.call("fd_close", fd));
            guest.awaitParked(close);
            assertThat(guest.call("sock_status", fd, guest.alloc(4))).isEqualTo(Errno.BADF);
            assertThat(drain(client)).isEqualTo(sent);
            assertThat(close.join()).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void when_the_linger_time_is_over_close_returns_and_the_rest_is_sent_all_the_same()
            throws IOException {
        int listener = sockets.listener();
        try (Socket client = client(listener)) {
            int fd = sockets.accept(listener);
            long sent = fill(fd);
            SocketCalls.expect(sockets.setTime(fd, SockOption.LINGER.code(), 50 * MILLISECOND));
            long start = System.nanoTime();
            guest.ok("fd_close", fd);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50 * MILLISECOND);
            assertThat(drain(client)).isEqualTo(sent);
        }
    }

    @Test
    void a_close_with_a_linger_time_and_nothing_unsent_does_not_wait_for_the_peer_to_close()
            throws IOException {
        int listener = sockets.listener6();
        try (Socket client = new Socket("::1", sockets.localPort(listener))) {
            int fd = sockets.accept(listener);
            SocketCalls.expect(sockets.setTime(fd, SockOption.LINGER.code(), 60 * MINUTE));
            SocketCalls.expect(sockets.send(fd, "bye"));
            guest.ok("fd_close", fd);
            assertThat(drain(client)).isEqualTo(3);
        }
    }

    @Test
    void a_peer_that_resets_is_no_error_of_the_host() throws IOException {
        int listener = sockets.listener();
        int fd;
        try (Socket client = sockets.client(listener)) {
            fd = sockets.accept(listener);
            client.setSoLinger(true, 0);
        }
        assertThat(sockets.receive(fd)).isEqualTo("[connreset]");
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.PIPE);
        guest.ok("fd_close", fd);
        int port = sockets.localPort(listener);
        guest.ok("fd_close", listener);
        assertThat(sockets.connect(sockets.tcp(), port)).isEqualTo(Errno.CONNREFUSED);
        assertThat(reported).isEmpty();
    }
}
