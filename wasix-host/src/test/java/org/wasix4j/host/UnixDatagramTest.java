package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.trace.SystemObserver;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SockOption;

/** What the transcript of sockets/unix-datagrams cannot show: several guests, threads, grants. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnixDatagramTest {

    @TempDir Path folder;
    private final List<String> hostErrors = new CopyOnWriteArrayList<>();
    private Machine server;
    private Machine client;

    /** A guest with the folder as its root. */
    private final class Machine implements AutoCloseable {
        private final HostHarness guest;
        private final SocketCalls sockets;

        Machine(NetworkPolicy policy, boolean readOnly) {
            Mounts mounts = Mounts.builder().withVolume(folder, "/", readOnly).build();
            SystemObserver observer =
                    new SystemObserver() {
                        @Override
                        public void hostError(String operation, Throwable error) {
                            hostErrors.add(operation + ": " + error.getMessage());
                        }
                    };
            guest =
                    HostHarness.create(
                            mounts, process -> process.withPolicy(policy).withObserver(observer));
            sockets = new SocketCalls(guest);
        }

        int open() {
            return sockets.open(SocketCalls.UNIX, SocketCalls.DGRAM);
        }

        Errno bind(int fd, String path) {
            return guest.call("sock_bind", fd, sockets.address(path));
        }

        int bound(String path) {
            int fd = open();
            assertThat(bind(fd, path)).isEqualTo(Errno.SUCCESS);
            return fd;
        }

        Errno connect(int fd, String path) {
            return guest.call("sock_connect", fd, sockets.address(path));
        }

        Errno send(int fd, String path, String text) {
            return guest.call(
                    "sock_send_to",
                    fd,
                    guest.iovec(text),
                    1,
                    0,
                    sockets.address(path),
                    guest.alloc(4));
        }

        /** The next datagram and the sender's name: "text from /name". */
        String next(int fd) {
            int size = guest.alloc(4);
            int from = guest.alloc(110);
            int data = guest.alloc(100);
            guest.memory().write(from, new byte[110]);
            Errno errno =
                    guest.call(
                            "sock_recv_from",
                            fd,
                            guest.iovec(data, 100),
                            1,
                            0,
                            size,
                            guest.alloc(2),
                            from);
            if (errno != Errno.SUCCESS) {
                return errno.wasiName();
            }
            String name = guest.u8(from) == 0 ? "nobody" : guest.text(from + 2, 40).split("\0")[0];
            return guest.text(data, guest.i32(size)) + " from " + name;
        }

        /** Makes a queue full by sends that do not wait. */
        void fill(int fd) {
            sockets.nonBlocking(fd);
            Errno errno = Errno.SUCCESS;
            while (errno == Errno.SUCCESS) {
                errno = sockets.send(fd, "x");
            }
            assertThat(errno).isEqualTo(Errno.AGAIN);
            guest.ok("fd_fdstat_set_flags", fd, 0);
        }

        @Override
        public void close() {
            guest.close();
        }
    }

    @BeforeEach
    void start() {
        server = new Machine(NetworkPolicy.allowAll(), false);
        client = new Machine(NetworkPolicy.allowAll(), false);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    @Test
    void guests_that_share_a_folder_answer_each_other_by_name() {
        int service = server.bound("/log");
        int program = client.open();
        assertThat(client.send(program, "/log", "hello")).isEqualTo(Errno.SUCCESS);
        assertThat(server.next(service)).isEqualTo("hello from nobody");
        assertThat(client.bind(program, "/me")).isEqualTo(Errno.SUCCESS);
        assertThat(client.connect(program, "/log")).isEqualTo(Errno.SUCCESS);
        assertThat(client.sockets.send(program, "again")).isEqualTo(Errno.SUCCESS);
        assertThat(server.next(service)).isEqualTo("again from /me");
        assertThat(server.send(service, "/me", "answer")).isEqualTo(Errno.SUCCESS);
        assertThat(client.next(program)).isEqualTo("answer from /log");
    }

    @Test
    void a_receive_and_an_epoll_are_woken_by_another_guest() throws Exception {
        int service = server.bound("/log");
        CompletableFuture<String> waiting = server.guest.spawn(() -> server.next(service));
        server.guest.awaitParked(waiting);
        int program = client.open();
        client.send(program, "/log", "one");
        assertThat(waiting.get()).isEqualTo("one from nobody");
        EpollCalls set = new EpollCalls(server.guest);
        set.add(service, EpollFlags.IN | EpollFlags.ET);
        assertThat(set.now()).isEmpty();
        client.send(program, "/log", "two");
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).as("an edge is reported once").isEmpty();
        client.send(program, "/log", "three");
        assertThat(set.now()).as("another datagram, another edge").hasSize(1);
    }

    @Test
    void who_waits_for_room_is_woken_by_a_receive_and_by_the_end_of_the_receiver()
            throws Exception {
        int service = server.bound("/log");
        int connected = client.open();
        client.connect(connected, "/log");
        client.fill(connected);
        assertThat(Polling.of(client.guest).write(connected).now()).isEmpty();
        CompletableFuture<Errno> sender =
                client.guest.spawn(() -> client.sockets.send(connected, "y"));
        client.guest.awaitParked(sender);
        server.next(service);
        assertThat(sender.get()).isEqualTo(Errno.SUCCESS);
        int other = client.open();
        CompletableFuture<Errno> another =
                client.guest.spawn(() -> client.send(other, "/log", "z"));
        client.guest.awaitParked(another);
        CompletableFuture<Errno> third =
                client.guest.spawn(() -> client.sockets.send(connected, "y"));
        client.guest.awaitParked(third);
        server.guest.ok("fd_close", service);
        assertThat(another.get()).isEqualTo(Errno.CONNREFUSED);
        assertThat(third.get()).isEqualTo(Errno.CONNREFUSED);
        assertThat(client.sockets.send(connected, "y")).isEqualTo(Errno.NOTCONN);
    }

    @Test
    void who_waits_for_room_is_woken_by_a_close_and_a_shutdown_of_its_own() throws Exception {
        server.bound("/log");
        int filler = client.open();
        client.connect(filler, "/log");
        client.fill(filler);
        int closed = client.open();
        CompletableFuture<Errno> sender =
                client.guest.spawn(() -> client.send(closed, "/log", "y"));
        client.guest.awaitParked(sender);
        client.guest.ok("fd_close", closed);
        assertThat(sender.get()).isEqualTo(Errno.BADF);
        CompletableFuture<Errno> shut = client.guest.spawn(() -> client.sockets.send(filler, "y"));
        client.guest.awaitParked(shut);
        client.guest.ok("sock_shutdown", filler, 2);
        assertThat(shut.get()).isEqualTo(Errno.PIPE);
    }

    @Test
    void a_send_timeout_answers_again() {
        server.bound("/log");
        int fd = client.open();
        client.connect(fd, "/log");
        client.fill(fd);
        client.sockets.setTime(fd, SockOption.SEND_TIMEOUT.code(), 10_000_000);
        assertThat(client.sockets.send(fd, "x")).isEqualTo(Errno.AGAIN);
    }

    @Test
    void names_need_a_grant_and_a_folder_that_can_be_written() {
        server.bound("/log");
        try (Machine denied = new Machine(NetworkPolicy.denyAll(), false);
                Machine sender = new Machine(NetworkPolicy.parse("unix:allow=/log;out"), false);
                Machine reader = new Machine(NetworkPolicy.allowAll(), true)) {
            assertThat(denied.bind(denied.open(), "/mine")).isEqualTo(Errno.ACCES);
            assertThat(denied.connect(denied.open(), "/log")).isEqualTo(Errno.ACCES);
            assertThat(denied.send(denied.open(), "/log", "x")).isEqualTo(Errno.ACCES);
            assertThat(sender.send(sender.open(), "/log", "x")).isEqualTo(Errno.SUCCESS);
            assertThat(sender.bind(sender.open(), "/mine")).isEqualTo(Errno.ACCES);
            assertThat(reader.bind(reader.open(), "/mine")).isEqualTo(Errno.ROFS);
            assertThat(reader.send(reader.open(), "/log", "x")).isEqualTo(Errno.SUCCESS);
        }
        assertThat(folder.resolve("mine")).doesNotExist();
    }

    @Test
    void a_link_to_a_socket_and_a_second_name_lead_to_it() throws IOException {
        int service = server.bound("/log");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("log"));
        Files.createLink(folder.resolve("hard"), folder.resolve("log"));
        client.send(client.open(), "/link", "a");
        client.send(client.open(), "/hard", "b");
        assertThat(server.next(service)).isEqualTo("a from nobody");
        assertThat(server.next(service)).isEqualTo("b from nobody");
    }

    @Test
    void a_name_that_does_not_fit_into_an_address_of_the_host_works_all_the_same() {
        String name = "/" + "n".repeat(105);
        int service = server.bound(name);
        assertThat(client.send(client.open(), name, "x")).isEqualTo(Errno.SUCCESS);
        assertThat(server.next(service)).isEqualTo("x from nobody");
    }

    @Test
    void a_stream_of_the_host_and_a_datagram_do_not_meet() throws IOException {
        server.bound("/log");
        int stream = client.sockets.open(SocketCalls.UNIX, SocketCalls.STREAM);
        assertThat(client.connect(stream, "/log")).isEqualTo(Errno.PROTOTYPE);
        try (ServerSocketChannel outside = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            outside.bind(UnixDomainSocketAddress.of(folder.resolve("outside")));
            assertThat(client.send(client.open(), "/outside", "x")).isEqualTo(Errno.PROTOTYPE);
        }
        assertThat(client.send(client.open(), "/outside", "x")).isEqualTo(Errno.CONNREFUSED);
        assertThat(hostErrors).isEmpty();
    }

    /** The JVM has no such sockets, so another program has to make one. */
    @Test
    void a_datagram_socket_of_another_process_is_not_reached_and_that_is_reported()
            throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "no python3 here");
        Process other =
                new ProcessBuilder(
                                "/usr/bin/python3",
                                "-c",
                                "import socket,sys\n"
                                        + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
                                        + "s.bind(sys.argv[1])\n"
                                        + "print('bound',flush=True)\n"
                                        + "sys.stdin.read()",
                                folder.resolve("outside").toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("bound");
            assertThat(client.send(client.open(), "/outside", "x")).isEqualTo(Errno.AFNOSUPPORT);
            assertThat(client.connect(client.open(), "/outside")).isEqualTo(Errno.AFNOSUPPORT);
            assertThat(hostErrors)
                    .containsExactly(
                            "send to: /outside is a datagram socket of another process;"
                                    + " the JVM has unix sockets for streams only",
                            "connect: /outside is a datagram socket of another process;"
                                    + " the JVM has unix sockets for streams only");
        } finally {
            other.destroy();
        }
    }
}
