package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;

/**
 * What is reported to a guest of a connection that its peer has reset, in the order in which a C
 * program on Linux sees it (compared there, call by call).
 */
@Timeout(60)
class ResetConnectionTest {

    private static final int HANGUP =
            EpollFlags.IN | EpollFlags.OUT | EpollFlags.RDHUP | EpollFlags.HUP;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private Socket peer;
    private int fd;

    @AfterEach
    void close() throws IOException {
        if (peer != null) {
            peer.close();
        }
        guest.close();
    }

    private void connect() throws IOException {
        int listener = sockets.listener();
        peer = sockets.client(listener);
        fd = sockets.accept(listener);
    }

    private void reset() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    private Errno lastError() {
        return Errno.values()[(int) sockets.size(fd, SockOption.LAST_ERROR.code())];
    }

    private String receive() {
        return sockets.receive(fd, 100, SockFlags.RECV_DONT_WAIT);
    }

    /** What an epoll set tells of the connection at this moment. */
    private int events() {
        EpollCalls set = new EpollCalls(guest);
        set.add(fd, EpollFlags.IN | EpollFlags.OUT | EpollFlags.RDHUP);
        int events = set.now().get(0).events();
        guest.ok("fd_close", set.fd);
        return events;
    }

    @Test
    void the_error_of_an_idle_connection_is_reported_before_anything_is_read() throws IOException {
        connect();
        assertThat(lastError()).isEqualTo(Errno.SUCCESS);
        reset();
        await().until(this::lastError, Errno.CONNRESET::equals);
        assertThat(lastError()).as("once").isEqualTo(Errno.SUCCESS);
        assertThat(events()).isEqualTo(HANGUP);
        assertThat(receive()).isEmpty();
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.PIPE);
    }

    @Test
    void a_poll_tells_the_error_and_the_hangup_of_an_idle_connection() throws IOException {
        connect();
        reset();
        await().until(() -> events() == (HANGUP | EpollFlags.ERR));
        assertThat(lastError()).isEqualTo(Errno.CONNRESET);
        assertThat(events()).isEqualTo(HANGUP);
    }

    @Test
    void what_came_before_a_reset_is_received_before_and_after_the_error_is_asked_for()
            throws IOException {
        connect();
        peer.getOutputStream().write("abc".getBytes(StandardCharsets.UTF_8));
        reset();
        await().until(this::lastError, Errno.CONNRESET::equals);
        assertThat(receive()).isEqualTo("abc");
        assertThat(receive()).isEmpty();
        connect();
        peer.getOutputStream().write("abc".getBytes(StandardCharsets.UTF_8));
        reset();
        await().until(() -> receive().equals("abc"));
        await().until(this::receive, "[connreset]"::equals);
        assertThat(receive()).isEmpty();
    }

    @Test
    void asking_a_connection_that_lives_for_its_error_takes_nothing_away() throws IOException {
        connect();
        assertThat(lastError()).isEqualTo(Errno.SUCCESS);
        peer.getOutputStream().write("abc".getBytes(StandardCharsets.UTF_8));
        await().until(() -> (events() & EpollFlags.IN) != 0);
        assertThat(lastError()).isEqualTo(Errno.SUCCESS);
        assertThat(receive()).isEqualTo("abc");
        peer.shutdownOutput();
        await().until(() -> receive().isEmpty());
        assertThat(lastError()).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.send(fd, "still")).isEqualTo(Errno.SUCCESS);
        assertThat(events()).isEqualTo(EpollFlags.IN | EpollFlags.OUT | EpollFlags.RDHUP);
        assertThat(lastError()).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void the_reset_that_answers_what_was_sent_after_the_end_is_a_hangup() throws IOException {
        connect();
        peer.close();
        await().until(() -> receive().isEmpty());
        assertThat(events()).isEqualTo(EpollFlags.IN | EpollFlags.OUT | EpollFlags.RDHUP);
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.SUCCESS);
        await().until(() -> events() == (HANGUP | EpollFlags.ERR));
        assertThat(receive()).as("the end stays the end").isEmpty();
        assertThat(lastError()).isEqualTo(Errno.PIPE);
        assertThat(events()).isEqualTo(HANGUP);
        assertThat(receive()).isEmpty();
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.PIPE);
    }

    @Test
    void the_error_of_such_a_reset_can_be_asked_for_without_a_poll() throws IOException {
        connect();
        peer.close();
        await().until(() -> receive().isEmpty());
        assertThat(sockets.send(fd, "x")).isEqualTo(Errno.SUCCESS);
        await().until(this::lastError, Errno.PIPE::equals);
    }
}
