package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.SockOption;

/**
 * A peer that sends urgent data (MSG_OOB). As on Linux the byte is not in the stream unless the
 * receiver wants it inline; it cannot be received otherwise here, so it is not reported (Linux:
 * POLLPRI). On the loopback it is there when the peer's send returns.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UrgentDataTest {

    private static final int IN = EpollFlags.IN;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private Socket peer;
    private int fd;

    @BeforeEach
    void connect() throws IOException {
        int listener = sockets.listener();
        peer = sockets.client(listener);
        peer.setTcpNoDelay(true);
        fd = sockets.accept(listener);
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        guest.close();
    }

    private void inline() {
        SocketCalls.expect(sockets.setFlag(fd, SockOption.OOB_INLINE.ordinal(), 1));
    }

    private void write(String text) throws IOException {
        peer.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String receiveAll() {
        StringBuilder all = new StringBuilder();
        sockets.nonBlocking(fd);
        for (; ; ) {
            String part = sockets.receive(fd);
            if (part.equals("[again]") || part.isEmpty()) {
                return all.toString();
            }
            all.append(part);
        }
    }

    @Test
    void an_urgent_byte_is_not_in_the_stream() throws IOException {
        write("ab");
        peer.sendUrgentData('Y');
        write("cd");
        assertThat(receiveAll()).isEqualTo("abcd");
    }

    @Test
    void an_urgent_byte_is_in_the_stream_when_it_is_wanted_there() throws IOException {
        inline();
        write("ab");
        peer.sendUrgentData('Y');
        write("cd");
        assertThat(receiveAll()).isEqualTo("abYcd");
    }

    @Test
    void what_a_listener_wants_inline_its_connections_have_inline() throws IOException {
        int listener = sockets.tcp();
        SocketCalls.expect(sockets.setFlag(listener, SockOption.OOB_INLINE.ordinal(), 1));
        SocketCalls.expect(sockets.bind(listener, "127.0.0.1", 0));
        guest.ok("sock_listen", listener, 1);
        try (Socket other = sockets.client(listener)) {
            int inline = sockets.accept(listener);
            other.sendUrgentData('X');
            assertThat(sockets.receive(inline)).isEqualTo("X");
        }
    }

    @Test
    void an_urgent_byte_alone_makes_nothing_readable_and_what_follows_it_does() throws Exception {
        sockets.nonBlocking(fd);
        EpollCalls set = new EpollCalls(guest);
        set.add(fd, IN | EpollFlags.PRI | EpollFlags.ET);
        peer.sendUrgentData('X');
        assertThat(set.now()).isEmpty();
        assertThat(Polling.of(guest).read(fd).now()).isEmpty();
        assertThat(sockets.receive(fd)).isEqualTo("[again]");
        // from here on FIONREAD counts up to the mark: nothing, and there is something to read
        write("cd");
        assertThat(set.await(-1)).containsExactly(new Event(IN, fd));
        assertThat(sockets.receive(fd, 1, 1)).as("a look").isEqualTo("c");
        assertThat(Polling.of(guest).read(fd).poll()).hasSize(1);
        assertThat(sockets.receive(fd)).isEqualTo("cd");
        assertThat(sockets.receive(fd)).isEqualTo("[again]");
        write("e");
        assertThat(set.await(-1)).containsExactly(new Event(IN, fd));
        assertThat(sockets.receive(fd)).isEqualTo("e");
    }

    @Test
    void who_waits_to_receive_waits_on_when_an_urgent_byte_comes() throws Exception {
        CompletableFuture<String> receiver = guest.spawn(() -> sockets.receive(fd));
        guest.awaitParked(receiver);
        peer.sendUrgentData('X');
        guest.awaitParked(receiver);
        write("a");
        assertThat(receiver.get(20, TimeUnit.SECONDS)).isEqualTo("a");
    }

    @Test
    void an_inline_urgent_byte_wakes_who_waits_to_receive() throws Exception {
        inline();
        CompletableFuture<String> receiver = guest.spawn(() -> sockets.receive(fd));
        guest.awaitParked(receiver);
        peer.sendUrgentData('X');
        assertThat(receiver.get(20, TimeUnit.SECONDS)).isEqualTo("X");
    }

    @Test
    void after_an_urgent_byte_comes_the_plain_end() throws Exception {
        peer.sendUrgentData('Z');
        peer.close();
        assertThat(Polling.of(guest).read(fd).poll()).hasSize(1);
        assertThat(sockets.receive(fd)).isEmpty();
    }
}
