package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.net.SocketDescription;
import org.wasix4j.system.net.SocketPair;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;
import org.wasix4j.types.SockFlags;
import org.wasix4j.types.SockOption;
import org.wasix4j.types.SockType;

@Timeout(120)
class SocketPairTest {

    private final HostHarness guest = HostHarness.create();
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private int[] pair(SockType type) {
        SocketDescription[] pair =
                SocketPair.open(guest.process().net(), AddressFamily.UNIX, type, 0);
        return guest.process().descriptors().install(guest.thread(), pair[0], pair[1]);
    }

    private Errno refused(AddressFamily family, SockType type, int protocol) {
        try {
            SocketPair.open(guest.process().net(), family, type, protocol);
            return Errno.SUCCESS;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    @Test
    void families_types_and_protocols_are_checked() {
        assertThat(refused(AddressFamily.INET4, SockType.STREAM, 6)).isEqualTo(Errno.SUCCESS);
        assertThat(refused(null, SockType.STREAM, 0)).isEqualTo(Errno.AFNOSUPPORT);
        assertThat(refused(AddressFamily.UNIX, null, 0)).isEqualTo(Errno.INVAL);
        assertThat(refused(AddressFamily.UNIX, SockType.RAW, 0)).isEqualTo(Errno.PROTOTYPE);
        assertThat(refused(AddressFamily.UNIX, SockType.STREAM, 17))
                .isEqualTo(Errno.PROTONOSUPPORT);
    }

    @Test
    void a_stream_pair_carries_bytes_both_ways_by_every_call() {
        int[] pair = pair(SockType.STREAM);
        sockets.send(pair[0], "hello");
        assertThat(sockets.receive(pair[1], 2, SockFlags.RECV_PEEK)).isEqualTo("he");
        assertThat(sockets.receive(pair[1], 100, 0)).isEqualTo("hello");
        guest.ok("fd_write", pair[1], guest.iovec("back"), 1, guest.alloc(4));
        assertThat(sockets.receive(pair[0])).isEqualTo("back");
        assertThat(sockets.receive(pair[0], 10, SockFlags.RECV_DONT_WAIT)).isEqualTo("[again]");
        assertThat(sockets.status(pair[0])).isEqualTo(1);
        assertThat(sockets.size(pair[0], SockOption.TYPE.code())).isEqualTo(1);
        assertThat(guest.call("sock_listen", pair[0], 1)).isEqualTo(Errno.ISCONN);
    }

    @Test
    void a_receive_for_all_waits_for_all() {
        int[] pair = pair(SockType.STREAM);
        CompletableFuture<String> all =
                guest.spawn(() -> sockets.receive(pair[1], 6, SockFlags.RECV_WAITALL));
        sockets.send(pair[0], "abc");
        sockets.send(pair[0], "defg");
        assertThat(all.join()).isEqualTo("abcdef");
    }

    @Test
    void a_half_close_lets_the_answer_through() {
        int[] pair = pair(SockType.STREAM);
        sockets.send(pair[0], "request");
        guest.ok("sock_shutdown", pair[0], SockFlags.SHUT_WR);
        assertThat(sockets.send(pair[0], "more")).isEqualTo(Errno.PIPE);
        assertThat(sockets.receive(pair[1])).isEqualTo("request");
        assertThat(sockets.receive(pair[1])).isEmpty();
        assertThat(sockets.send(pair[1], "answer")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(pair[0])).isEqualTo("answer");
        guest.ok("fd_close", pair[1]);
        assertThat(sockets.receive(pair[0])).isEmpty();
        assertThat(sockets.status(pair[0])).isEqualTo(2);
    }

    @Test
    void a_receive_timeout_answers_again() {
        int[] pair = pair(SockType.STREAM);
        sockets.setTime(pair[0], SockOption.RECV_TIMEOUT.code(), 10_000_000);
        assertThat(sockets.receive(pair[0])).isEqualTo("[again]");
    }

    @Test
    void a_datagram_pair_keeps_boundaries_and_tells_truncation() {
        int[] pair = pair(SockType.DGRAM);
        sockets.send(pair[0], "first");
        sockets.send(pair[0], "");
        sockets.send(pair[0], "third");
        assertThat(Polling.of(guest).read(pair[1]).timeout(0).poll().get(0).bytes()).isEqualTo(5);
        int flags = guest.alloc(2);
        int size = guest.alloc(4);
        int iov = guest.iovec(guest.alloc(2), 2);
        guest.ok("sock_recv", pair[1], iov, 1, 0, size, flags);
        assertThat(guest.i32(size)).isEqualTo(2);
        assertThat(guest.u16(flags)).isEqualTo(SockFlags.RECV_TRUNCATED);
        assertThat(Polling.of(guest).read(pair[1]).timeout(0).poll().get(0).bytes()).isZero();
        assertThat(sockets.receive(pair[1])).isEmpty();
        assertThat(sockets.receive(pair[1])).isEqualTo("third");
        assertThat(sockets.receive(pair[1], 10, SockFlags.RECV_DONT_WAIT)).isEqualTo("[again]");
    }

    @Test
    void a_full_datagram_pair_makes_the_sender_wait() {
        int[] pair = pair(SockType.DGRAM);
        sockets.nonBlocking(pair[0]);
        int sent = 0;
        while (sockets.send(pair[0], "x") == Errno.SUCCESS) {
            sent++;
        }
        assertThat(sent).isEqualTo(256);
        assertThat(Polling.of(guest).write(pair[0]).now()).isEmpty();
        guest.ok("fd_fdstat_set_flags", pair[0], 0);
        CompletableFuture<Errno> sender = guest.spawn(() -> sockets.send(pair[0], "y"));
        guest.awaitParked(sender);
        sockets.receive(pair[1]);
        assertThat(sender.join()).isEqualTo(Errno.SUCCESS);
        sockets.setTime(pair[0], SockOption.SEND_TIMEOUT.code(), 10_000_000);
        assertThat(sockets.send(pair[0], "z")).isEqualTo(Errno.AGAIN);
    }

    @Test
    void a_datagram_socket_without_its_peer_ends_and_refuses() {
        int[] pair = pair(SockType.DGRAM);
        sockets.send(pair[0], "last");
        guest.ok("fd_close", pair[0]);
        assertThat(sockets.receive(pair[1])).isEqualTo("last");
        assertThat(sockets.receive(pair[1])).isEmpty();
        assertThat(sockets.send(pair[1], "x")).isEqualTo(Errno.CONNREFUSED);
    }

    @Test
    void pairs_and_pipes_can_be_watched_and_messages_sent_over_pipes() {
        int[] pair = pair(SockType.STREAM);
        EpollCalls set = new EpollCalls(guest);
        set.add(pair[0], EpollFlags.IN | EpollFlags.RDHUP | EpollFlags.ET);
        sockets.send(pair[1], "x");
        assertThat(set.now()).hasSize(1);
        guest.ok("fd_close", pair[1]);
        assertThat(set.now())
                .containsExactly(
                        new EpollCalls.Event(
                                EpollFlags.IN | EpollFlags.RDHUP | EpollFlags.HUP, pair[0]));
        int a = guest.alloc(4);
        int b = guest.alloc(4);
        guest.ok("fd_pipe", a, b);
        assertThat(sockets.send(guest.i32(b), "over a pipe")).isEqualTo(Errno.SUCCESS);
        assertThat(sockets.receive(guest.i32(a), 4, SockFlags.RECV_PEEK)).isEqualTo("over");
        assertThat(sockets.receive(guest.i32(a))).isEqualTo("over a pipe");
        assertThat(guest.call("sock_shutdown", guest.i32(a), 3)).isEqualTo(Errno.NOTSOCK);
    }

    @Test
    void options_are_taken_and_given_back() {
        SocketDescription socket =
                SocketPair.open(guest.process().net(), AddressFamily.UNIX, SockType.STREAM, 0)[0];
        socket.options().setFlag(SockOption.KEEP_ALIVE, true);
        assertThat(socket.options().getFlag(SockOption.KEEP_ALIVE)).isTrue();
        assertThat(socket.options().getSize(SockOption.SEND_BUF_SIZE)).isEqualTo(65536);
        socket.options().setSize(SockOption.SEND_BUF_SIZE, 1000);
        assertThat(socket.options().getSize(SockOption.SEND_BUF_SIZE)).isEqualTo(1000);
        assertThatThrownBy(() -> socket.options().setSize(SockOption.TTL, 4))
                .isSameAs(Errno.NOPROTOOPT.exception());
    }
}
