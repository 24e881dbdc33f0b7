package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnixSocketTest extends UnixSocketScene {

    @Test
    void two_sockets_of_a_guest_talk_through_a_name() {
        int listener = listener("/run/s");
        int client = open();
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.SUCCESS);
        int server = sockets.accept(listener);
        assertThat(sockets.send(client, "hello")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(server, 2, 1)).isEqualTo("he");
        assertThat(sockets.receive(server)).isEqualTo("hello");
        guest.ok("sock_shutdown", server, 2);
        assertThat(sockets.receive(client)).isEmpty();
        int out = guest.alloc(110);
        guest.ok("sock_addr_local", server, out);
        assertThat(guest.u8(out)).isEqualTo(UNIX);
        assertThat(guest.text(out + 2, 7)).isEqualTo("/run/s\0");
        guest.ok("sock_addr_peer", client, out);
        assertThat(guest.text(out + 2, 7)).isEqualTo("/run/s\0");
        assertThat(sockets.size(server, SockOption.TYPE.code())).isEqualTo(1);
    }

    @Test
    void a_program_of_the_host_can_connect_and_leaves_no_other_name_behind() throws IOException {
        int listener = listener("/run/s");
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(volume.resolve("run/s")));
            int server = sockets.accept(listener);
            client.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            assertThat(sockets.receive(server)).isEqualTo("x");
        }
        try (var names = Files.list(volume.resolve("run"))) {
            assertThat(names)
                    .extracting(name -> name.getFileName().toString())
                    .containsExactly("s");
        }
    }

    @Test
    void a_bound_name_refuses_clients_until_it_listens_and_is_taken() {
        int fd = open();
        assertThat(bind(fd, "/run/s")).isEqualTo(Errno.SUCCESS);
        assertThat(connect(open(), "/run/s")).isEqualTo(Errno.CONNREFUSED);
        assertThat(bind(open(), "/run/s")).isEqualTo(Errno.ADDRINUSE);
        assertThat(bind(fd, "/run/t")).isEqualTo(Errno.INVAL);
        guest.ok("sock_listen", fd, 1);
        assertThat(connect(open(), "/run/s")).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void a_closed_listener_leaves_its_name_and_refuses_clients() {
        int listener = listener("/run/s");
        guest.ok("fd_close", listener);
        assertThat(Files.exists(volume.resolve("run/s"), LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(connect(open(), "/run/s")).isEqualTo(Errno.CONNREFUSED);
        assertThat(bind(open(), "/run/s")).isEqualTo(Errno.ADDRINUSE);
    }

    @Test
    void paths_answer_what_posix_says() throws IOException {
        Files.writeString(volume.resolve("file"), "x");
        Files.createSymbolicLink(volume.resolve("loop"), Path.of("loop"));
        assertThat(bind(open(), "/nowhere/s")).isEqualTo(Errno.NOENT);
        assertThat(bind(open(), "/file/s")).isEqualTo(Errno.NOTDIR);
        assertThat(bind(open(), "/loop/s")).isEqualTo(Errno.LOOP);
        assertThat(bind(open(), "/ro/s")).isEqualTo(Errno.ROFS);
        assertThat(bind(open(), "/file")).isEqualTo(Errno.ADDRINUSE);
        assertThat(connect(open(), "/nowhere")).isEqualTo(Errno.NOENT);
        assertThat(connect(open(), "/file")).isEqualTo(Errno.CONNREFUSED);
        assertThat(bind(open(), "")).isEqualTo(Errno.INVAL);
        assertThat(sockets.bind(open(), "127.0.0.1", 0)).isEqualTo(Errno.AFNOSUPPORT);
    }

    @Test
    void a_path_outside_the_directories_is_refused() throws IOException {
        Files.createSymbolicLink(volume.resolve("out"), outside);
        try (var server = java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(outside.resolve("secret")));
            Files.createSymbolicLink(volume.resolve("direct"), outside.resolve("secret"));
            assertThat(connect(open(), "/out/secret")).isNotEqualTo(Errno.SUCCESS);
            assertThat(connect(open(), "/direct")).isNotEqualTo(Errno.SUCCESS);
            assertThat(connect(open(), "/../secret")).isNotEqualTo(Errno.SUCCESS);
            assertThat(bind(open(), "/out/mine")).isNotEqualTo(Errno.SUCCESS);
            assertThat(bind(open(), "/run/../../mine"))
                    .as("above the root is the root, as in a chroot")
                    .isEqualTo(Errno.SUCCESS);
        }
        assertThat(Files.exists(outside.resolve("mine"), LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(Files.exists(volume.resolve("mine"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void a_pair_is_connected_from_the_beginning_and_takes_two_numbers_or_none() {
        int one = guest.alloc(4);
        int two = guest.alloc(4);
        guest.ok("sock_pair", UNIX, SocketCalls.STREAM, 0, one, two);
        assertThat(sockets.send(guest.i32(one), "there")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(guest.i32(two))).isEqualTo("there");
        assertThat(sockets.send(guest.i32(two), "back")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(guest.i32(one))).isEqualTo("back");
        guest.ok("fd_close", guest.i32(one));
        assertThat(sockets.receive(guest.i32(two))).isEmpty();
        assertThat(sockets.send(guest.i32(two), "x")).isEqualTo(Errno.PIPE);
        assertThat(guest.call("sock_pair", 0, SocketCalls.STREAM, 0, one, two))
                .isEqualTo(Errno.AFNOSUPPORT);
        assertThat(guest.call("sock_pair", UNIX, 3, 0, one, two)).isEqualTo(Errno.PROTOTYPE);
        assertThat(guest.call("sock_pair", UNIX, SocketCalls.STREAM, 17, one, two))
                .isEqualTo(Errno.PROTONOSUPPORT);
        try (HostHarness small =
                HostHarness.create(
                        process -> process.withLimits(Limits.defaults().withMaxDescriptors(1)))) {
            int first = small.alloc(4);
            int second = small.alloc(4);
            assertThat(small.call("sock_pair", UNIX, SocketCalls.STREAM, 0, first, second))
                    .isEqualTo(Errno.MFILE);
            assertThat(small.process().descriptors().size()).isZero();
        }
    }

    @Test
    void a_blocked_accept_is_woken_by_a_close() {
        int listener = listener("/run/s");
        CompletableFuture<Errno> accept = guest.spawn(() -> sockets.tryAccept(listener));
        guest.ok("fd_close", listener);
        assertThat(accept.join()).isEqualTo(Errno.BADF);
    }

    @Test
    void without_a_grant_there_are_no_unix_sockets() {
        Mounts mounts = Mounts.builder().withVolume(volume, "/", false).build();
        try (HostHarness denied = HostHarness.create(mounts, process -> process)) {
            int fd = denied.get("sock_open", UNIX, SocketCalls.STREAM, 0);
            int record = denied.alloc(110);
            denied.memory().write(record, new byte[110]);
            denied.memory().writeByte(record, (byte) UNIX);
            denied.memory().write(record + 2, "/run/d".getBytes(StandardCharsets.UTF_8));
            assertThat(denied.call("sock_bind", fd, record)).isEqualTo(Errno.ACCES);
            assertThat(volume.resolve("run/d")).doesNotExist();
        }
    }

    @Test
    void a_file_is_sent_in_part_and_its_offset_moves_only_when_it_was_given() throws IOException {
        byte[] content = new byte[3 << 20];
        new java.util.Random(7).nextBytes(content);
        Files.write(volume.resolve("data"), content);
        String name = "data";
        int opened = guest.alloc(4);
        guest.ok("path_open", 0, 0, guest.string(name), name.length(), 0, 2 | 4 | 32, 0, 0, opened);
        int file = guest.i32(opened);
        int listener = sockets.listener();
        try (java.net.Socket client =
                new java.net.Socket(
                        java.net.InetAddress.getLoopbackAddress(), sockets.localPort(listener))) {
            int server = sockets.accept(listener);
            int sent = guest.alloc(8);
            CompletableFuture<Errno> all =
                    guest.spawn(
                            () ->
                                    guest.call(
                                            "sock_send_file",
                                            server,
                                            file,
                                            0,
                                            content.length + 100,
                                            sent));
            assertThat(client.getInputStream().readNBytes(content.length)).isEqualTo(content);
            assertThat(all.join()).isEqualTo(Errno.SUCCESS);
            assertThat(guest.i64(sent)).isEqualTo(content.length);
            int offset = guest.alloc(8);
            guest.ok("fd_tell", file, offset);
            assertThat(guest.i64(offset)).isEqualTo(content.length);
            guest.ok("sock_send_file", server, file, 5, 10, sent);
            assertThat(guest.i64(sent)).isEqualTo(10);
            assertThat(client.getInputStream().readNBytes(10))
                    .isEqualTo(java.util.Arrays.copyOfRange(content, 5, 15));
            guest.ok("fd_tell", file, offset);
            assertThat(guest.i64(offset)).isEqualTo(content.length);
            guest.ok("sock_send_file", server, file, content.length + 5L, 10, sent);
            assertThat(guest.i64(sent)).isZero();
            assertThat(guest.call("sock_send_file", server, 0, 0, 10, sent)).isEqualTo(Errno.ISDIR);
            assertThat(guest.call("sock_send_file", server, server, 0, 10, sent))
                    .isEqualTo(Errno.INVAL);
            assertThat(guest.call("sock_send_file", sockets.tcp(), file, 0, 10, sent))
                    .isEqualTo(Errno.NOTCONN);
            assertThat(guest.call("sock_send_file", file, file, 0, 10, sent)).isEqualTo(Errno.BADF);
        }
    }

    @Test
    void listening_does_not_follow_a_link_that_was_turned_to_a_read_only_volume()
            throws IOException {
        Path precious = Files.writeString(outside.resolve("ro/s"), "precious");
        link("run", "/now");
        int fd = open();
        assertThat(bind(fd, "/now/s")).isEqualTo(Errno.SUCCESS);
        guest.ok("path_unlink_file", 0, guest.string("now"), 3);
        link("ro", "/now");
        guest.ok("sock_listen", fd, 1);
        assertThat(precious).hasContent("precious");
        int client = open();
        assertThat(connect(client, "/run/s")).isEqualTo(Errno.SUCCESS);
    }

    private void link(String text, String path) {
        guest.ok(
                "path_symlink",
                guest.string(text),
                text.length(),
                0,
                guest.string(path.substring(1)),
                path.length() - 1);
    }

    @Test
    void listening_leaves_alone_what_has_taken_the_name_meanwhile() throws IOException {
        int fd = open();
        assertThat(bind(fd, "/run/s")).isEqualTo(Errno.SUCCESS);
        Files.delete(volume.resolve("run/s"));
        Path other = Files.writeString(volume.resolve("run/s"), "a file");
        guest.ok("sock_listen", fd, 1);
        assertThat(other).hasContent("a file");
        try (var names = Files.list(volume.resolve("run"))) {
            assertThat(names).containsExactly(other);
        }
    }

    @Test
    void a_relative_name_stays_where_it_was_bound_when_the_guest_goes_elsewhere() {
        int fd = open();
        assertThat(bind(fd, "run/s")).isEqualTo(Errno.SUCCESS);
        guest.ok("chdir", guest.string("/run"), 4);
        guest.ok("sock_listen", fd, 1);
        assertThat(connect(open(), "/run/s")).isEqualTo(Errno.SUCCESS);
    }
}
