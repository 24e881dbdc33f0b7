package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnixConnectTest extends UnixSocketScene {

    private static final int USR1 = 10;

    @Test
    void the_socket_by_which_a_jvm_loads_agents_is_neither_connected_to_nor_made()
            throws IOException {
        Path attach = volume.resolve(".java_pid4711");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(attach));
            Files.createSymbolicLink(volume.resolve("l"), Path.of(".java_pid4711"));
            assertThat(connect(open(), "/.java_pid4711")).isEqualTo(Errno.ACCES);
            assertThat(connect(open(), "/run/../.java_pid4711")).isEqualTo(Errno.ACCES);
            assertThat(connect(open(), "/l")).isEqualTo(Errno.ACCES);
        }
        assertThat(bind(open(), "/run/.java_pid1")).isEqualTo(Errno.ACCES);
        assertThat(volume.resolve("run/.java_pid1")).doesNotExist();
        assertThat(bind(open(), "/run/.java_pid")).isEqualTo(Errno.SUCCESS);
    }

    /** A listener whose queue takes no more clients. */
    private int fullListener(String path) {
        int fd = open();
        assertThat(bind(fd, path)).isEqualTo(Errno.SUCCESS);
        guest.ok("sock_listen", fd, 1);
        for (int i = 0; i < 100; i++) {
            int client = open();
            sockets.nonBlocking(client);
            Errno errno = connect(client, path);
            if (errno == Errno.AGAIN) {
                assertThat(sockets.status(client)).isZero();
                guest.ok("fd_close", client);
                return fd;
            }
            assertThat(errno).isEqualTo(Errno.SUCCESS);
        }
        throw new AssertionError("the queue has no end");
    }

    @Test
    void a_blocking_connect_to_a_full_queue_waits_until_somebody_is_accepted() {
        int listener = fullListener("/run/s");
        int client = open();
        assertThat(bind(client, "/run/client")).isEqualTo(Errno.SUCCESS);
        CompletableFuture<Errno> connect = guest.spawn(() -> connect(client, "/run/s"));
        guest.awaitParked(connect);
        sockets.accept(listener);
        assertThat(connect.join()).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.send(client, "hello")).isEqualTo(Errno.SUCCESS);
        sockets.nonBlocking(listener);
        int out = guest.alloc(4);
        String heard = "";
        while (heard.isEmpty() && sockets.tryAccept(listener, 0, out) == Errno.SUCCESS) {
            int server = guest.i32(out);
            heard = sockets.receive(server, 5, 8);
            if (heard.equals("hello")) {
                int peer = guest.alloc(110);
                guest.ok("sock_addr_peer", server, peer);
                assertThat(guest.text(peer + 2, 12)).isEqualTo("/run/client\0");
            } else {
                heard = "";
            }
        }
        assertThat(heard).isEqualTo("hello");
    }

    @Test
    void a_connect_that_waits_for_room_is_ended_by_a_close_a_timeout_and_the_listeners_end() {
        int listener = fullListener("/run/s");
        int closed = open();
        CompletableFuture<Errno> connect = guest.spawn(() -> connect(closed, "/run/s"));
        guest.awaitParked(connect);
        guest.ok("fd_close", closed);
        assertThat(connect.join()).isEqualTo(Errno.BADF);
        int client = open();
        assertThat(sockets.setTime(client, SockOption.SEND_TIMEOUT.code(), 20_000_000))
                .isEqualTo(Errno.SUCCESS);
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.AGAIN);
        assertThat(sockets.setTime(client, SockOption.CONNECT_TIMEOUT.code(), 20_000_000))
                .isEqualTo(Errno.SUCCESS);
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.TIMEDOUT);
        int last = open();
        connect = guest.spawn(() -> connect(last, "/run/s"));
        guest.awaitParked(connect);
        guest.ok("fd_close", listener);
        assertThat(connect.join()).isEqualTo(Errno.CONNREFUSED);
    }

    @Test
    void a_connect_that_waits_for_room_is_interrupted_by_a_signal() {
        fullListener("/run/s");
        guest.process().signalHandler((thread, export, signal) -> true);
        guest.process().signals().handler(guest.thread(), "handler", true);
        int client = open();
        CompletableFuture<Errno> connect = guest.spawn(() -> connect(client, "/run/s"));
        guest.awaitParked(connect);
        guest.process().signals().raise(USR1);
        assertThat(connect.join()).isEqualTo(Errno.INTR);
    }

    @Test
    void a_client_with_a_name_keeps_it_when_a_connect_fails() throws IOException {
        int client = open();
        assertThat(bind(client, "/run/client")).isEqualTo(Errno.SUCCESS);
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.NOENT);
        int listener = listener("/run/s");
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.SUCCESS);
        int server = sockets.accept(listener);
        int peer = guest.alloc(110);
        guest.ok("sock_addr_peer", server, peer);
        assertThat(guest.text(peer + 2, 12)).isEqualTo("/run/client\0");
        try (var names = Files.list(volume.resolve("run"))) {
            assertThat(names)
                    .extracting(name -> name.getFileName().toString())
                    .containsExactlyInAnyOrder("client", "s");
        }
    }

    @Test
    void a_name_that_is_too_long_for_the_host_is_reached_and_taken_all_the_same()
            throws IOException {
        String path = "/run/" + "n".repeat(100);
        int listener = listener(path);
        assertThat(bind(open(), path)).isEqualTo(Errno.ADDRINUSE);
        int client = open();
        assertThat(connect(client, path)).isEqualTo(Errno.SUCCESS);
        int server = sockets.accept(listener);
        assertThat(sockets.send(client, "x")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(server)).isEqualTo("x");
        assertThat(connect(open(), path + "m")).isEqualTo(Errno.NOENT);
        try (var names = Files.list(volume.resolve("run"))) {
            assertThat(names).hasSize(1);
        }
    }
}
