package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.host.Polling.Event;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.Errno;

@Timeout(120)
class PollOneoffTest {

    private static final int USR1 = 10;
    private static final int ABSOLUTE = 1;
    private static final long MINUTE = 60_000_000_000L;

    private final HostHarness guest = HostHarness.create();

    @AfterEach
    void close() {
        guest.close();
    }

    private int event(long initial) {
        return guest.get("fd_event", initial, 0);
    }

    private void write(int fd, String text) {
        guest.ok("fd_write", fd, guest.iovec(text), 1, guest.alloc(4));
    }

    private long now(int clock) {
        int out = guest.alloc(8);
        guest.ok("clock_time_get", clock, 0, out);
        return guest.i64(out);
    }

    @Test
    void no_subscriptions_is_inval_and_so_are_more_than_there_can_be_descriptors() {
        assertThat(Polling.of(guest).fail()).isEqualTo(Errno.INVAL);
        assertThat(guest.call("poll_oneoff", 1024, 1024, 65537, 1024)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("poll_oneoff", 1024, 1024, -1, 1024)).isEqualTo(Errno.INVAL);
    }

    @Test
    void an_unknown_type_is_inval() {
        assertThat(Polling.of(guest).timeout(0).add(3, 0, 0, 0).fail()).isEqualTo(Errno.INVAL);
    }

    @Test
    void arrays_outside_the_memory_are_a_memory_violation() {
        int in = Polling.of(guest).timeout(0).encode();
        int out = guest.alloc(32);
        int ret = guest.alloc(4);
        assertThat(guest.call("poll_oneoff", -48, out, 1, ret)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("poll_oneoff", in, -16, 1, ret)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("poll_oneoff", in, out, 1, -2)).isEqualTo(Errno.FAULT);
    }

    @Test
    void a_timeout_of_0_and_one_of_1_are_over_at_once() {
        assertThat(Polling.of(guest).timeout(0).poll())
                .containsExactly(new Event(0, Errno.SUCCESS, 0, 0, 0));
        assertThat(Polling.of(guest).timeout(1).poll()).hasSize(1);
    }

    @Test
    void the_earliest_of_several_clocks_ends_the_wait_and_only_it_is_reported() {
        long start = System.nanoTime();
        List<Event> events =
                Polling.of(guest).timeout(MINUTE).clock(0, 20_000_000, 0).timeout(-1).poll();
        assertThat(events).extracting(Event::userData).containsExactly(1L);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    void absolute_times_are_those_of_their_own_clock_and_the_past_is_now() {
        for (int clock = 0; clock < 2; clock++) {
            long start = System.nanoTime();
            long then = now(clock) + 20_000_000;
            assertThat(Polling.of(guest).clock(clock, then, ABSOLUTE).poll()).hasSize(1);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
            assertThat(Polling.of(guest).clock(clock, 1, ABSOLUTE).timeout(MINUTE).poll())
                    .extracting(Event::userData)
                    .containsExactly(0L);
        }
    }

    @Test
    void a_clock_that_cannot_be_waited_for_is_an_event_with_inval() {
        assertThat(Polling.of(guest).clock(2, 0, 0).clock(9, MINUTE, 0).clock(1, MINUTE, 0).poll())
                .containsExactly(
                        new Event(0, Errno.INVAL, 0, 0, 0), new Event(1, Errno.INVAL, 0, 0, 0));
    }

    @Test
    void a_descriptor_that_is_not_open_is_an_event_with_badf_and_keeps_its_type() {
        assertThat(Polling.of(guest).read(99).write(98).timeout(MINUTE).poll())
                .containsExactly(
                        new Event(0, Errno.BADF, 1, 0, 0), new Event(1, Errno.BADF, 2, 0, 0));
    }

    @Test
    void a_negative_descriptor_is_ignored() {
        assertThat(Polling.of(guest).read(-1).write(-5).timeout(1_000_000).poll())
                .extracting(Event::userData)
                .containsExactly(2L);
    }

    @Test
    void a_call_with_ignored_descriptors_only_waits_until_something_interrupts_it() {
        guest.process().signalHandler((thread, export, signal) -> true);
        guest.process().signals().handler(guest.thread(), "handler", true);
        CompletableFuture<Errno> poller = guest.spawn(() -> Polling.of(guest).read(-1).fail());
        guest.process().signals().raise(guest.process().threads().get(2), USR1);
        assertThat(poller.join()).isEqualTo(Errno.INTR);
    }

    @Test
    void a_poll_that_was_refused_half_way_leaves_nothing_to_the_next_one() {
        int[] pipe = guest.pipe();
        CompletableFuture<Errno> poller =
                guest.spawn(
                        () -> {
                            assertThat(Polling.of(guest).read(pipe[0]).add(77, 0, 0, 0).fail())
                                    .isEqualTo(Errno.INVAL);
                            guest.ok("fd_close", pipe[0]);
                            return Polling.of(guest).timeout(MINUTE).fail();
                        });
        await().until(() -> guest.process().descriptors().find(pipe[0]) == null);
        GuestThread waiting = guest.process().threads().get(2);
        await().until(() -> waiting.isWaiting());
        guest.process().end(ExitReason.exited(0));
        assertThat(poller).failsWithin(Duration.ofSeconds(20));
    }

    @Test
    void readable_bytes_are_exact_and_do_not_wait() {
        int[] pipe = guest.pipe();
        assertThat(Polling.of(guest).read(pipe[0]).timeout(0).poll())
                .extracting(Event::userData)
                .containsExactly(1L);
        write(pipe[1], "hello");
        assertThat(Polling.of(guest).read(pipe[0]).timeout(0).poll().get(0))
                .isEqualTo(new Event(0, Errno.SUCCESS, 1, 5, 0));
    }

    @Test
    void both_directions_of_one_descriptor_are_two_events_in_order() {
        int[] pipe = guest.pair();
        write(pipe[1], "x");
        assertThat(Polling.of(guest).write(pipe[0]).read(pipe[0]).timeout(MINUTE).poll())
                .containsExactly(
                        new Event(0, Errno.SUCCESS, 2, 65536, 0),
                        new Event(1, Errno.SUCCESS, 1, 1, 0));
    }

    @Test
    void a_write_by_another_thread_ends_the_wait() {
        int[] pipe = guest.pipe();
        CompletableFuture<List<Event>> poller =
                guest.spawn(() -> Polling.of(guest).read(pipe[0]).timeout(MINUTE).poll());
        write(pipe[1], "now");
        assertThat(poller.join()).containsExactly(new Event(0, Errno.SUCCESS, 1, 3, 0));
    }

    @Test
    void an_eventfd_wakes_a_poller_and_is_readable_while_its_counter_is_not_0() {
        int event = event(0);
        int full = event(-2);
        assertThat(Polling.of(guest).read(event).write(event).write(full).read(full).now())
                .containsExactly(1L, 3L);
        CompletableFuture<List<Event>> poller =
                guest.spawn(() -> Polling.of(guest).read(event).timeout(MINUTE).poll());
        write(event, "\1\0\0\0\0\0\0\0");
        assertThat(poller.join()).containsExactly(new Event(0, Errno.SUCCESS, 1, 8, 0));
    }

    @Test
    void the_end_of_a_pipe_is_a_hangup_after_the_data_and_only_with_the_last_writer() {
        int[] pipe = guest.pipe();
        int second = guest.get("fd_dup", pipe[1]);
        write(pipe[1], "rest");
        guest.ok("fd_close", pipe[1]);
        assertThat(Polling.of(guest).read(pipe[0]).timeout(0).poll().get(0).hangup()).isFalse();
        guest.ok("fd_close", second);
        assertThat(Polling.of(guest).read(pipe[0]).timeout(MINUTE).poll())
                .containsExactly(new Event(0, Errno.SUCCESS, 1, 4, 1));
        int got = guest.alloc(4);
        guest.ok("fd_read", pipe[0], guest.iovec(guest.alloc(8), 8), 1, got);
        assertThat(guest.i32(got)).isEqualTo(4);
        assertThat(Polling.of(guest).read(pipe[0]).write(pipe[0]).timeout(MINUTE).poll())
                .containsExactly(
                        new Event(0, Errno.SUCCESS, 1, 0, 1), new Event(1, Errno.SUCCESS, 2, 0, 1));
    }

    @Test
    void a_descriptor_closed_by_another_thread_while_polled_is_an_event_with_badf() {
        int[] pipe = guest.pipe();
        int[] other = guest.pipe();
        CompletableFuture<List<Event>> poller =
                guest.spawn(
                        () ->
                                Polling.of(guest)
                                        .read(other[0])
                                        .read(pipe[0])
                                        .timeout(MINUTE)
                                        .poll());
        guest.ok("fd_close", pipe[0]);
        assertThat(poller.join()).containsExactly(new Event(1, Errno.BADF, 1, 0, 0));
    }

    @Test
    void a_clock_is_never_reported_in_place_of_a_descriptor_that_is_ready() {
        int[] pipe = guest.pipe();
        write(pipe[1], "x");
        for (int i = 0; i < 100; i++) {
            assertThat(Polling.of(guest).timeout(0).read(pipe[0]).poll())
                    .extracting(Event::userData)
                    .contains(1L);
        }
    }

    @Test
    void a_signal_interrupts_the_wait_but_not_when_something_is_ready() {
        int[] pipe = guest.pair();
        guest.process().signalHandler((thread, export, signal) -> true);
        guest.process().signals().handler(guest.thread(), "handler", true);
        guest.process().signals().raise(guest.thread(), USR1);
        assertThat(Polling.of(guest).write(pipe[0]).poll()).hasSize(1);
        guest.process().signals().raise(guest.thread(), USR1);
        assertThat(Polling.of(guest).read(pipe[0]).timeout(MINUTE).fail()).isEqualTo(Errno.INTR);
    }

    @Test
    void the_layout_of_wasi_unstable_has_its_clock_8_bytes_further() {
        try (HostHarness old = HostHarness.builder().snapshot0().build()) {
            long start = System.nanoTime();
            assertThat(Polling.snapshot0(old).read(99).timeout(MINUTE).poll())
                    .containsExactly(new Event(0, Errno.BADF, 1, 0, 0));
            assertThat(Polling.snapshot0(old).timeout(MINUTE).clock(0, 10_000_000, 0).poll())
                    .containsExactly(new Event(1, Errno.SUCCESS, 0, 0, 0));
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(10_000_000);
        }
    }

    @Test
    void the_subscriptions_may_be_overwritten_by_the_events() {
        int in = Polling.of(guest).timeout(0).timeout(0).encode();
        int ret = guest.alloc(4);
        guest.ok("poll_oneoff", in, in, 2, ret);
        assertThat(guest.i32(ret)).isEqualTo(2);
        assertThat(guest.i64(in + 32)).isEqualTo(1);
    }

    @Test
    void the_waker_of_an_old_mio_is_reported_once_for_each_write() {
        try (HostHarness legacy = HostHarness.builder().legacy().build()) {
            int waker = legacy.get("fd_event", 0, 0);
            assertThat(pollWaker(legacy, waker)).as("nothing was written").isZero();
            for (int round = 0; round < 2; round++) {
                int one = legacy.alloc(8);
                legacy.i64(one, 1);
                legacy.ok("fd_write", waker, legacy.iovec(one, 8), 1, legacy.alloc(4));
                assertThat(pollWaker(legacy, waker)).isEqualTo(1);
                assertThat(pollWaker(legacy, waker)).as("reported already, never read").isZero();
            }
            assertThat(Polling.of(legacy).read(waker).timeout(0).poll())
                    .as("for everyone else it is ready as long as it is not read")
                    .extracting(Polling.Event::bytes)
                    .contains(8L);
        }
    }

    /** How often the descriptor is in the events, under user data of all ones. */
    private static int pollWaker(HostHarness guest, int waker) {
        int in = Polling.of(guest).read(waker).timeout(0).encode();
        guest.i64(in, -1);
        int out = guest.alloc(64);
        int events = guest.get("poll_oneoff", in, out, 2);
        int found = 0;
        for (int i = 0; i < events; i++) {
            found += guest.i64(out + 32 * i) == -1 ? 1 : 0;
        }
        return found;
    }
}
