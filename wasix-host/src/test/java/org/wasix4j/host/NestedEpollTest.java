package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;

/** Epoll sets that hold epoll sets; what Linux answers to the same calls was looked up with gcc. */
@Timeout(60)
class NestedEpollTest {

    private static final int IN = 1;
    private static final int EDGE = EpollFlags.ET;
    private static final long MINUTE = 60_000_000_000L;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private EpollCalls[] sets(int count) {
        EpollCalls[] sets = new EpollCalls[count];
        for (int i = 0; i < count; i++) {
            sets[i] = new EpollCalls(guest);
        }
        return sets;
    }

    private void write(int fd, String text) {
        guest.ok("fd_write", fd, guest.iovec(text), 1, guest.alloc(4));
    }

    private void read(int fd) {
        guest.ok("fd_read", fd, guest.iovec(guest.alloc(64), 64), 1, guest.alloc(4));
    }

    @Test
    void five_sets_may_be_in_a_row_and_none_in_a_circle() {
        EpollCalls[] sets = sets(6);
        for (int i = 0; i < 4; i++) {
            sets[i].add(sets[i + 1].fd, IN);
        }
        assertThat(sets[4].control(0, sets[5].fd, IN)).isEqualTo(Errno.LOOP);
        assertThat(sets[2].control(0, sets[0].fd, IN)).isEqualTo(Errno.LOOP);
        assertThat(sets[0].control(0, sets[0].fd, IN)).isEqualTo(Errno.INVAL);
        assertThat(sets[0].control(0, sets[1].fd, IN)).isEqualTo(Errno.EXIST);
        sets[0].remove(sets[1].fd);
        sets[4].add(sets[5].fd, IN);
    }

    @Test
    void a_pipe_at_the_end_of_a_row_makes_all_of_them_ready() {
        EpollCalls[] sets = sets(5);
        for (int i = 0; i < 4; i++) {
            sets[i].add(sets[i + 1].fd, IN);
        }
        int[] pipe = guest.pipe();
        sets[4].add(pipe[0], IN);
        assertThat(sets[0].now()).isEmpty();
        write(pipe[1], "x");
        assertThat(sets[0].now()).containsExactly(new Event(IN, sets[1].fd));
        assertThat(sets[0].now()).containsExactly(new Event(IN, sets[1].fd));
        assertThat(Polling.of(guest).read(sets[0].fd).now()).containsExactly(0L);
        assertThat(sets[4].now()).containsExactly(new Event(IN, pipe[0]));
        read(pipe[0]);
        assertThat(sets[0].now()).isEmpty();
        assertThat(Polling.of(guest).read(sets[0].fd).now()).isEmpty();
    }

    @Test
    void what_only_the_kernel_knows_wakes_who_waits_for_the_outer_set() throws Exception {
        EpollCalls[] sets = sets(3);
        sets[0].add(sets[1].fd, IN);
        sets[1].add(sets[2].fd, IN);
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            sets[2].add(fd, IN);
            for (int i = 0; i < 3; i++) {
                CompletableFuture<List<Event>> waiter = guest.spawn(() -> sets[0].await(MINUTE));
                guest.awaitParked(waiter);
                client.getOutputStream().write('x');
                assertThat(waiter.get(20, TimeUnit.SECONDS))
                        .containsExactly(new Event(IN, sets[1].fd));
                assertThat(sets[1].now()).containsExactly(new Event(IN, sets[2].fd));
                assertThat(sets[2].now()).containsExactly(new Event(IN, fd));
                assertThat(sockets.receive(fd)).isEqualTo("x");
                assertThat(sets[0].now()).isEmpty();
            }
        }
    }

    @Test
    void an_edge_of_the_outer_set_is_reported_once_for_each_arrival() throws IOException {
        EpollCalls[] sets = sets(2);
        int[] pipe = guest.pipe();
        sets[1].add(pipe[0], IN);
        sets[0].add(sets[1].fd, IN | EDGE);
        write(pipe[1], "x");
        assertThat(sets[0].now()).hasSize(1);
        assertThat(sets[0].now()).isEmpty();
        write(pipe[1], "y");
        assertThat(sets[0].now()).hasSize(1);
        assertThat(sets[0].now()).isEmpty();
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            read(pipe[0]);
            sets[1].remove(pipe[0]);
            sets[1].add(fd, IN);
            sets[0].now();
            for (int i = 0; i < 3; i++) {
                client.getOutputStream().write('x');
                assertThat(sets[0].await(MINUTE)).hasSize(1);
                assertThat(sets[0].now()).isEmpty();
            }
        }
    }

    @Test
    void a_set_that_is_closed_leaves_and_what_was_waiting_goes_on() {
        EpollCalls[] sets = sets(2);
        int[] pipe = guest.pipe();
        sets[0].add(sets[1].fd, IN);
        sets[0].add(pipe[0], IN);
        CompletableFuture<List<Event>> waiter = guest.spawn(() -> sets[0].await(MINUTE));
        guest.awaitParked(waiter);
        guest.ok("fd_close", sets[1].fd);
        write(pipe[1], "x");
        assertThat(waiter.join()).containsExactly(new Event(IN, pipe[0]));
    }

    @Test
    void sets_that_would_have_to_be_looked_at_too_often_are_refused() {
        EpollCalls[] top = sets(12);
        EpollCalls[] middle = sets(12);
        EpollCalls[] bottom = sets(12);
        Errno last = Errno.SUCCESS;
        for (EpollCalls upper : top) {
            for (EpollCalls lower : middle) {
                upper.add(lower.fd, IN);
            }
        }
        for (int i = 0; i < 144 && last == Errno.SUCCESS; i++) {
            last = middle[i / 12].control(0, bottom[i % 12].fd, IN);
        }
        assertThat(last).isIn(Errno.SUCCESS, Errno.INVAL);
        assertThat(top[0].now()).isEmpty();
    }
}
