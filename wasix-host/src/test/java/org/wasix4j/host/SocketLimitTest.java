package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.SocketCalls.INET4;
import static org.wasix4j.host.SocketCalls.STREAM;
import static org.wasix4j.host.SocketCalls.expect;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.types.Errno;

/** A limit of sockets, which leaves other descriptors alone. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SocketLimitTest {

    private HostHarness guest;
    private SocketCalls sockets;

    @BeforeEach
    void start() {
        guest =
                HostHarness.create(
                        process ->
                                process.withLimits(Limits.defaults().withMaxSockets(2))
                                        .withPolicy(NetworkPolicy.allowAll()));
        sockets = new SocketCalls(guest);
    }

    @AfterEach
    void stop() {
        guest.close();
    }

    private Errno open() {
        return guest.call("sock_open", INET4, STREAM, 0, guest.alloc(4));
    }

    @Test
    void one_more_is_mfile_and_a_close_makes_room() {
        int first = sockets.tcp();
        sockets.tcp();
        assertThat(open()).isEqualTo(Errno.MFILE);
        guest.ok("fd_close", first);
        assertThat(open()).isEqualTo(Errno.SUCCESS);
        assertThat(open()).isEqualTo(Errno.MFILE);
    }

    @Test
    void processes_have_their_sockets_together() {
        int first = sockets.tcp();
        GuestProcess child = guest.process().fork();
        sockets.tcp();
        child.borrow(guest.thread());
        assertThat(open()).isEqualTo(Errno.MFILE);
        // the parent has it still
        guest.ok("fd_close", first);
        assertThat(open()).isEqualTo(Errno.MFILE);
        child.giveBack(guest.thread());
        guest.ok("fd_close", first);
        assertThat(open()).isEqualTo(Errno.SUCCESS);
        child.abandon();
    }

    @Test
    void another_number_for_the_same_socket_is_no_other_socket() {
        int first = sockets.tcp();
        int second = sockets.tcp();
        int copy = guest.get("fd_dup", first);
        guest.ok("fd_close", first);
        assertThat(open()).as("the copy is open").isEqualTo(Errno.MFILE);
        guest.ok("fd_renumber", copy, second);
        assertThat(open()).as("one was closed by it").isEqualTo(Errno.SUCCESS);
    }

    @Test
    void pipes_and_event_counters_are_no_sockets_and_pairs_are_two() {
        guest.ok("fd_pipe", guest.alloc(4), guest.alloc(4));
        sockets.tcp();
        int first = guest.alloc(4);
        int second = guest.alloc(4);
        assertThat(guest.call("sock_pair", INET4, STREAM, 0, first, second)).isEqualTo(Errno.MFILE);
        assertThat(open()).as("a failed pair takes nothing").isEqualTo(Errno.SUCCESS);
    }

    @Test
    void a_connection_that_must_not_be_accepted_now_can_be_later() throws IOException {
        int listener = sockets.listener();
        int other = sockets.tcp();
        try (Socket client = new Socket("127.0.0.1", sockets.localPort(listener))) {
            client.getOutputStream().write('x');
            assertThat(sockets.tryAccept(listener)).isEqualTo(Errno.MFILE);
            guest.ok("fd_close", other);
            int out = guest.alloc(4);
            expect(sockets.tryAccept(listener, 0, out));
            assertThat(sockets.receive(guest.i32(out))).isEqualTo("x");
        }
    }
}
