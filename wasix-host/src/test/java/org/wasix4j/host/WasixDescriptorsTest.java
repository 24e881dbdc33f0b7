package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.poll.EventFd;
import org.wasix4j.types.Errno;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixDescriptorsTest {

    private static final int CLOEXEC = 1;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private static Socket client(SocketCalls calls, int listener) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), calls.localPort(listener));
    }

    private int flags(int fd) {
        int out = guest.alloc(2);
        guest.ok("fd_fdflags_get", fd, out);
        return guest.u16(out);
    }

    @Test
    void renumbering_copies_like_dup2_and_closes_what_was_there() {
        int listener = sockets.listener();
        int port = sockets.localPort(listener);
        int other = sockets.listener();
        int freed = sockets.localPort(other);
        guest.ok("fd_renumber", listener, other);
        assertThat(sockets.localPort(other)).isEqualTo(port);
        assertThat(sockets.localPort(listener)).isEqualTo(port);
        assertThat(sockets.connect(sockets.tcp(), freed)).isEqualTo(Errno.CONNREFUSED);
        guest.ok("fd_close", listener);
        assertThat(sockets.connect(sockets.tcp(), port)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void renumbering_onto_itself_succeeds_when_open_and_answers_badf_when_not() {
        int fd = sockets.tcp();
        guest.ok("fd_fdflags_set", fd, CLOEXEC);
        guest.ok("fd_renumber", fd, fd);
        assertThat(flags(fd)).isEqualTo(CLOEXEC);
        assertThat(guest.call("fd_renumber", fd, -1)).isEqualTo(Errno.BADF);
        int other = sockets.tcp();
        guest.ok("fd_close", fd);
        assertThat(guest.call("fd_renumber", fd, fd)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_renumber", fd, other)).isEqualTo(Errno.BADF);
        assertThat(sockets.status(other)).isZero();
    }

    @Test
    void renumbering_moves_in_a_guest_of_plain_preview1() {
        try (HostHarness plain = HostHarness.builder().preview1().build()) {
            plain.process().descriptors().open(null, new EventFd(0, false));
            plain.process().descriptors().open(null, new EventFd(0, false));
            assertThat(plain.call("fd_renumber", 0, 5)).isEqualTo(Errno.BADF);
            plain.ok("fd_renumber", 0, 1);
            assertThat(plain.call("fd_close", 0)).isEqualTo(Errno.BADF);
            plain.ok("fd_close", 1);
        }
    }

    @Test
    void dup2_takes_the_lowest_free_number_that_is_not_below_the_minimum() {
        int fd = sockets.tcp();
        int out = guest.alloc(4);
        guest.ok("fd_dup2", fd, 10, 0, out);
        assertThat(guest.i32(out)).isEqualTo(10);
        guest.ok("fd_dup2", fd, 10, 1, out);
        assertThat(guest.i32(out)).isEqualTo(11);
        assertThat(flags(10)).isZero();
        assertThat(flags(11)).isEqualTo(CLOEXEC);
        guest.ok("fd_dup2", fd, 0, 0, out);
        assertThat(guest.i32(out)).isEqualTo(1);
        assertThat(guest.call("fd_dup2", fd, 65536, 0, out)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_dup2", 99, 0, 0, out)).isEqualTo(Errno.BADF);
    }

    @Test
    void close_on_exec_belongs_to_the_number_and_the_nonblock_flag_to_what_it_stands_for() {
        int fd = sockets.tcp();
        int twin = guest.get("fd_dup", fd);
        guest.ok("fd_fdflags_set", fd, CLOEXEC);
        assertThat(flags(fd)).isEqualTo(CLOEXEC);
        assertThat(flags(twin)).isZero();
        sockets.nonBlocking(fd);
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", twin, stat);
        assertThat(guest.u16(stat + 2)).isEqualTo(SocketCalls.NONBLOCK);
    }

    @Test
    void accept_has_three_parameters_in_preview1() throws IOException {
        int listener = sockets.listener();
        try (Socket client = client(sockets, listener)) {
            int fd = guest.get("wasi_snapshot_preview1.sock_accept", listener, 0);
            client.getOutputStream().write('x');
            assertThat(sockets.receive(fd)).isEqualTo("x");
        }
    }

    @Test
    void accept_of_the_first_generation_has_four_and_writes_a_short_address() throws IOException {
        try (HostHarness legacy =
                HostHarness.builder()
                        .legacy()
                        .with(process -> process.withPolicy(NetworkPolicy.allowAll()))
                        .build()) {
            SocketCalls calls = new SocketCalls(legacy);
            int listener = calls.listener6();
            int out = legacy.alloc(4);
            int address = legacy.alloc(28);
            try (Socket client =
                    new Socket(InetAddress.getByName("::1"), calls.localPort(listener))) {
                legacy.ok("sock_accept", listener, 0, out, address);
                assertThat(legacy.u8(address)).isEqualTo(SocketCalls.INET6);
                assertThat(legacy.u16(address + 2)).isEqualTo(client.getLocalPort());
                assertThat(legacy.u8(address + 19)).isEqualTo(1);
                assertThat(legacy.u8(address + 20)).isEqualTo(0xEE);
            }
        }
    }
}
