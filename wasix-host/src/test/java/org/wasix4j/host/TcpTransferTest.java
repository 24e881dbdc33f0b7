package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

class TcpTransferTest extends TcpScene {

    @Test
    void peek_leaves_the_bytes_and_waitall_waits_for_all_of_them() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            client.getOutputStream().write(bytes("abc"));
            assertThat(sockets.receive(peer, 2, 1)).isEqualTo("ab");
            assertThat(sockets.receive(peer, 100, 1)).isEqualTo("abc");
            CompletableFuture<String> all = guest.spawn(() -> sockets.receive(peer, 6, 2));
            guest.awaitParked(all);
            client.getOutputStream().write(bytes("def"));
            assertThat(all.join()).isEqualTo("abcdef");
        }
    }

    @Test
    void a_reset_is_reported_once_and_then_comes_the_end() throws IOException {
        int listener = sockets.listener();
        Socket client = sockets.client(listener);
        int peer = sockets.accept(listener);
        client.setSoLinger(true, 0);
        client.close();
        assertThat(sockets.receive(peer)).isEqualTo("[connreset]");
        assertThat(sockets.receive(peer)).isEmpty();
        assertThat(sockets.send(peer, "x")).isEqualTo(Errno.PIPE);
        assertThat(guest.call("sock_shutdown", peer, 2)).isEqualTo(Errno.NOTCONN);
        assertThat(sockets.status(peer)).isEqualTo(3);
    }

    @Test
    void linger_zero_resets_the_peer() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            assertThat(sockets.setTime(peer, SockOption.LINGER.code(), 0)).isEqualTo(Errno.SUCCESS);
            guest.ok("fd_close", peer);
            assertThat(catchThrowable(() -> client.getInputStream().read()))
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void a_half_closed_connection_still_carries_the_answer() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            guest.ok("sock_shutdown", peer, 2);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write(bytes("late"));
            assertThat(sockets.receive(peer)).isEqualTo("late");
            assertThat(sockets.send(peer, "x")).isEqualTo(Errno.PIPE);
            guest.ok("sock_shutdown", peer, 2);
        }
    }

    @Test
    void shutting_the_read_side_wakes_a_blocked_receive_with_the_end() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            CompletableFuture<String> receive = guest.spawn(() -> sockets.receive(peer));
            guest.awaitParked(receive);
            guest.ok("sock_shutdown", peer, 1);
            assertThat(receive.join()).isEmpty();
            assertThat(client.isClosed()).isFalse();
        }
    }

    @Test
    void a_blocking_send_sends_everything() throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.slowClient(listener)) {
            int peer = sockets.accept(listener);
            sockets.keepLittle(peer);
            int length = 8 << 20;
            int buffer = guest.alloc(length);
            int sent = guest.alloc(4);
            CompletableFuture<Errno> send =
                    guest.spawn(
                            () ->
                                    guest.call(
                                            "sock_send",
                                            peer,
                                            guest.iovec(buffer, length),
                                            1,
                                            0,
                                            sent));
            guest.awaitParked(send);
            assertThat(client.getInputStream().readNBytes(length)).hasSize(length);
            assertThat(send.join()).isEqualTo(Errno.SUCCESS);
            assertThat(guest.i32(sent)).isEqualTo(length);
        }
    }

    @Test
    void a_non_blocking_send_into_a_full_buffer_is_short_and_then_again() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.slowClient(listener)) {
            int peer = sockets.accept(listener);
            sockets.keepLittle(peer);
            sockets.nonBlocking(peer);
            int length = 8 << 20;
            int vector = guest.iovec(guest.alloc(length), length);
            int sent = guest.alloc(4);
            guest.ok("sock_send", peer, vector, 1, 0, sent);
            assertThat(guest.i32(sent)).isBetween(1, length - 1);
            await().until(() -> guest.call("sock_send", peer, vector, 1, 0, sent) == Errno.AGAIN);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void a_receive_timeout_answers_again() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            sockets.setTime(peer, SockOption.RECV_TIMEOUT.code(), 20 * MILLISECOND);
            assertThat(sockets.receive(peer)).isEqualTo("[again]");
            client.getOutputStream().write(bytes("x"));
            assertThat(sockets.receive(peer)).isEqualTo("x");
        }
    }

    @Test
    void several_vectors_are_filled_from_one_receive() throws IOException {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int peer = sockets.accept(listener);
            client.getOutputStream().write(bytes("abcdefgh"));
            int one = guest.alloc(3);
            int two = guest.alloc(5);
            int size = guest.alloc(4);
            assertThat(sockets.receive(peer, 8, 1)).isEqualTo("abcdefgh");
            guest.ok("fd_read", peer, guest.iovec(one, 3, 0, 0, two, 5), 3, size);
            assertThat(guest.i32(size)).isEqualTo(8);
            assertThat(guest.text(one, 3) + guest.text(two, 5)).isEqualTo("abcdefgh");
        }
    }
}
