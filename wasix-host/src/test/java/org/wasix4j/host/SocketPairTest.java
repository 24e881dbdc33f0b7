package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.types.Errno;

/** Pairs need no network grant: nobody else can reach them. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SocketPairTest {

    private static final int UNIX = 3;
    private static final int PEEK = 1;

    private final HostHarness guest = HostHarness.create();
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private int[] pair(int type) {
        int first = guest.alloc(4);
        int second = guest.alloc(4);
        guest.ok("sock_pair", UNIX, type, 0, first, second);
        return new int[] {guest.i32(first), guest.i32(second)};
    }

    @Test
    void bytes_go_both_ways_and_a_half_can_be_closed() {
        int[] pair = pair(SocketCalls.STREAM);
        SocketCalls.expect(sockets.send(pair[0], "ping"));
        assertThat(sockets.receive(pair[1], 2, PEEK)).isEqualTo("pi");
        assertThat(sockets.receive(pair[1])).isEqualTo("ping");
        guest.ok("sock_shutdown", pair[0], 2);
        assertThat(sockets.receive(pair[1])).isEmpty();
        SocketCalls.expect(sockets.send(pair[1], "pong"));
        assertThat(sockets.receive(pair[0])).isEqualTo("pong");
        assertThat(sockets.send(pair[0], "more")).isEqualTo(Errno.PIPE);
    }

    @Test
    void datagrams_keep_their_bounds() {
        int[] pair = pair(SocketCalls.DGRAM);
        SocketCalls.expect(sockets.send(pair[0], "one"));
        SocketCalls.expect(sockets.send(pair[0], "two"));
        assertThat(sockets.receive(pair[1])).isEqualTo("one");
        assertThat(sockets.receive(pair[1])).isEqualTo("two");
    }

    @Test
    void a_receive_waits_for_the_other_end_and_sees_it_close() {
        int[] pair = pair(SocketCalls.STREAM);
        CompletableFuture<String> received = guest.spawn(() -> sockets.receive(pair[1]));
        SocketCalls.expect(sockets.send(pair[0], "late"));
        assertThat(received.join()).isEqualTo("late");
        guest.ok("fd_close", pair[0]);
        assertThat(sockets.receive(pair[1])).isEmpty();
        assertThat(sockets.send(pair[1], "x")).isEqualTo(Errno.PIPE);
    }

    @Test
    void a_pair_is_connected_already() {
        int[] pair = pair(SocketCalls.STREAM);
        assertThat(guest.call("sock_listen", pair[0], 1)).isEqualTo(Errno.ISCONN);
        assertThat(sockets.connect(pair[0], 9)).isEqualTo(Errno.ISCONN);
        int out = guest.alloc(4);
        assertThat(guest.call("sock_pair", UNIX, 3, 0, out, out)).isEqualTo(Errno.PROTOTYPE);
        assertThat(guest.call("sock_pair", 9, SocketCalls.STREAM, 0, out, out))
                .isEqualTo(Errno.AFNOSUPPORT);
    }
}
