package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.host.EpollCalls.Event;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.types.EpollFlags;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;

@Timeout(120)
class EpollTest {

    private static final int IN = EpollFlags.IN;
    private static final int OUT = EpollFlags.OUT;
    private static final int ET = EpollFlags.ET;
    private static final int ONESHOT = EpollFlags.ONESHOT;
    private static final int USR1 = 10;
    private static final long MINUTE = 60_000_000_000L;

    private final HostHarness guest = HostHarness.create();
    private final EpollCalls set = new EpollCalls(guest);

    @AfterEach
    void close() {
        guest.close();
    }

    private int event(long initial) {
        return guest.get("fd_event", initial, FdFlags.NONBLOCK);
    }

    private void write(int fd, String text) {
        guest.ok("fd_write", fd, guest.iovec(text), 1, guest.alloc(4));
    }

    private void notify(int event) {
        write(event, "\1\0\0\0\0\0\0\0");
    }

    private Errno read(int fd) {
        return guest.call("fd_read", fd, guest.iovec(guest.alloc(8), 8), 1, guest.alloc(4));
    }

    // ---- control

    @Test
    void only_an_epoll_set_can_be_controlled_and_waited_for() {
        int event = event(0);
        int record = set.event(IN, 1);
        assertThat(guest.call("epoll_ctl", event, 0, set.fd, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_ctl", 99, 0, event, record)).isEqualTo(Errno.BADF);
        assertThat(guest.call("epoll_ctl", set.fd, 0, 99, record)).isEqualTo(Errno.BADF);
        assertThat(guest.call("epoll_ctl", set.fd, 0, set.fd, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_ctl", set.fd, 4, event, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_ctl", set.fd, 0, event, 0)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("epoll_ctl", set.fd, 0, event, -8)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("epoll_wait", event, record, 1, 0, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_wait", set.fd, record, 0, 0, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_wait", set.fd, record, -1, 0, record)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("epoll_wait", set.fd, -8, 1, 0, record)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("epoll_create", -2)).isEqualTo(Errno.FAULT);
    }

    @Test
    void both_numberings_of_the_operations_work() {
        int event = event(1);
        assertThat(set.control(3, event, IN)).isEqualTo(Errno.NOENT);
        assertThat(set.control(2, event, IN)).isEqualTo(Errno.NOENT);
        assertThat(set.control(0, event, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(set.control(0, event, IN)).isEqualTo(Errno.EXIST);
        assertThat(set.now()).isEmpty();
        assertThat(set.control(1, event, IN)).isEqualTo(Errno.SUCCESS);
        assertThat(set.now()).containsExactly(new Event(IN, event));
        assertThat(set.control(3, event, OUT)).isEqualTo(Errno.SUCCESS);
        assertThat(set.now()).containsExactly(new Event(OUT, event));
        set.remove(event);
        assertThat(set.now()).isEmpty();
        assertThat(set.control(1, event, IN)).isEqualTo(Errno.SUCCESS);
        assertThat(set.now()).hasSize(1);
    }

    @Test
    void a_closed_descriptor_leaves_the_set_and_its_number_can_be_added_again() {
        int event = event(1);
        set.add(event, IN);
        guest.ok("fd_close", event);
        assertThat(set.now()).isEmpty();
        int[] pipe = guest.pipe();
        assertThat(pipe[0]).isEqualTo(event);
        set.add(pipe[0], IN);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void a_description_stays_until_its_last_descriptor_is_closed() {
        int event = event(1);
        set.add(event, IN);
        int second = guest.get("fd_dup", event);
        guest.ok("fd_close", event);
        assertThat(set.now()).containsExactly(new Event(IN, event));
        guest.ok("fd_close", second);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void two_descriptors_of_one_description_are_two_entries() {
        int event = event(1);
        int second = guest.get("fd_dup", event);
        set.add(event, IN);
        set.add(second, IN | OUT);
        assertThat(set.now()).containsExactly(new Event(IN, event), new Event(IN | OUT, second));
        set.remove(event);
        assertThat(set.now()).containsExactly(new Event(IN | OUT, second));
    }

    @Test
    void a_duplicate_of_the_epoll_descriptor_drives_the_same_set() {
        int event = event(1);
        int second = guest.get("fd_dup", set.fd);
        guest.ok("epoll_ctl", second, 0, event, set.event(IN, 5));
        guest.ok("fd_close", second);
        assertThat(set.now()).containsExactly(new Event(IN, 5));
    }

    // ---- level, edge, oneshot

    @Test
    void a_level_is_reported_as_long_as_it_holds() {
        int[] pipe = guest.pipe();
        set.add(pipe[0], IN);
        assertThat(set.now()).isEmpty();
        write(pipe[1], "12345678x");
        assertThat(set.now()).containsExactly(new Event(IN, pipe[0]));
        assertThat(set.now()).hasSize(1);
        read(pipe[0]);
        assertThat(set.now()).hasSize(1);
        read(pipe[0]);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void several_conditions_of_a_descriptor_are_one_event() {
        int[] pipe = guest.pair();
        set.add(pipe[0], IN | OUT);
        assertThat(set.now()).containsExactly(new Event(OUT, pipe[0]));
        write(pipe[1], "x");
        assertThat(set.now()).containsExactly(new Event(IN | OUT, pipe[0]));
    }

    @Test
    void an_edge_is_reported_once_and_again_with_the_next_write() {
        int[] pipe = guest.pipe();
        set.add(pipe[0], IN | ET);
        write(pipe[1], "x");
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).isEmpty();
        write(pipe[1], "y");
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void every_write_of_a_waker_that_is_never_read_is_an_edge() {
        int event = event(0);
        set.add(event, IN | ET);
        for (int i = 0; i < 5; i++) {
            notify(event);
            assertThat(set.await(MINUTE)).containsExactly(new Event(IN, event));
            assertThat(set.now()).isEmpty();
        }
    }

    @Test
    void adding_and_changing_report_an_edge_that_holds_already() {
        int event = event(1);
        set.add(event, IN | ET);
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).isEmpty();
        set.modify(event, IN | ET);
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void writable_again_after_a_full_pipe_is_an_edge() {
        int[] pipe = guest.pipe();
        guest.ok("fd_fdstat_set_flags", pipe[1], FdFlags.NONBLOCK);
        set.add(pipe[1], OUT | ET);
        assertThat(set.now()).containsExactly(new Event(OUT, pipe[1]));
        int buffer = guest.alloc(70_000);
        guest.ok("fd_write", pipe[1], guest.iovec(buffer, 70_000), 1, guest.alloc(4));
        assertThat(set.now()).isEmpty();
        guest.ok("fd_read", pipe[0], guest.iovec(buffer, 70_000), 1, guest.alloc(4));
        assertThat(set.now()).containsExactly(new Event(OUT, pipe[1]));
    }

    @Test
    void a_oneshot_is_silent_until_it_is_changed() {
        int event = event(1);
        set.add(event, IN | ONESHOT);
        assertThat(set.now()).hasSize(1);
        notify(event);
        assertThat(set.now()).isEmpty();
        set.modify(event, IN | ONESHOT);
        assertThat(set.now()).hasSize(1);
        assertThat(set.now()).isEmpty();
    }

    @Test
    void the_end_of_a_pipe_is_a_hangup_unasked_and_the_data_can_still_be_read() {
        int[] pipe = guest.pipe();
        set.add(pipe[0], 0);
        int late = guest.get("epoll_create");
        write(pipe[1], "rest");
        int second = guest.get("fd_dup", pipe[1]);
        guest.ok("fd_close", pipe[1]);
        assertThat(set.now()).isEmpty();
        guest.ok("fd_close", second);
        assertThat(set.now()).containsExactly(new Event(EpollFlags.HUP, pipe[0]));
        set.modify(pipe[0], IN | EpollFlags.RDHUP | ET);
        assertThat(set.now()).containsExactly(new Event(IN | EpollFlags.HUP, pipe[0]));
        guest.ok("epoll_ctl", late, 0, pipe[0], set.event(IN, 1));
        int out = guest.alloc(32);
        assertThat(guest.get("epoll_wait", late, out, 1, 0)).isEqualTo(1);
        assertThat(guest.i32(out)).isEqualTo(IN | EpollFlags.HUP);
        guest.ok("fd_read", pipe[0], guest.iovec(guest.alloc(64), 64), 1, guest.alloc(4));
        assertThat(guest.get("epoll_wait", late, out, 1, 0)).isEqualTo(1);
        assertThat(guest.i32(out)).as("an empty pipe").isEqualTo(EpollFlags.HUP);
    }

    @Test
    void a_writer_without_a_reader_sees_an_error() {
        int[] pipe = guest.pipe();
        set.add(pipe[1], OUT);
        guest.ok("fd_close", pipe[0]);
        assertThat(set.now()).containsExactly(new Event(OUT | EpollFlags.ERR, pipe[1]));
    }

    @Test
    void what_does_not_fit_comes_with_the_next_wait_in_fair_order() {
        List<Integer> events = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            events.add(event(1));
            set.add(events.get(i), IN);
        }
        List<Long> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            set.await(0, 2).forEach(event -> seen.add(event.data()));
        }
        assertThat(seen).hasSize(10).doesNotHaveDuplicates();
    }

    // ---- waiting

    @Test
    void a_timeout_is_a_success_without_events() {
        long start = System.nanoTime();
        assertThat(set.await(20_000_000)).isEmpty();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    void a_write_and_an_addition_by_another_thread_end_the_wait() {
        int event = event(0);
        set.add(event, IN);
        CompletableFuture<List<Event>> waiter = guest.spawn(() -> set.await(MINUTE));
        guest.awaitWaiting(1);
        notify(event);
        assertThat(waiter.join()).containsExactly(new Event(IN, event));
        set.remove(event);
        waiter = guest.spawn(() -> set.await(MINUTE));
        guest.awaitWaiting(1);
        set.add(event, IN);
        assertThat(waiter.join()).containsExactly(new Event(IN, event));
    }

    @Test
    void closing_the_set_wakes_all_who_wait_with_badf() {
        List<CompletableFuture<Errno>> waiters = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiters.add(guest.spawn(() -> set.fail(MINUTE)));
        }
        guest.awaitWaiting(3);
        guest.ok("fd_close", set.fd);
        assertThat(waiters).allSatisfy(w -> assertThat(w.join()).isEqualTo(Errno.BADF));
    }

    @Test
    void a_signal_interrupts_the_wait_of_the_thread_that_takes_it() {
        guest.process().signalHandler((thread, export, signal) -> true);
        guest.process().signals().handler(guest.thread(), "handler", true);
        List<CompletableFuture<Errno>> waiters = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiters.add(guest.spawn(() -> set.fail(MINUTE)));
        }
        guest.awaitWaiting(3);
        guest.process().signals().raise(USR1);
        await().until(() -> waiters.stream().anyMatch(CompletableFuture::isDone));
        assertThat(waiters).filteredOn(CompletableFuture::isDone).hasSize(1);
        guest.process().end(ExitReason.exited(0));
        await().until(() -> waiters.stream().allMatch(CompletableFuture::isDone));
    }

    @Test
    void every_thread_that_waits_is_woken_when_its_own_time_has_come() {
        CompletableFuture<List<Event>> patient = guest.spawn(() -> set.await(MINUTE));
        guest.awaitWaiting(1);
        assertThat(guest.spawn(() -> set.await(10_000_000)).join()).isEmpty();
        int event = event(1);
        set.add(event, IN);
        assertThat(patient.join()).hasSize(1);
    }

    /** Each token is a edge that one of the workers must see; none may be lost. */
    @Test
    void many_threads_on_one_set_share_the_edges_and_lose_none() {
        int workers = 4;
        int pipes = 8;
        int rounds = 500;
        List<int[]> ends = new ArrayList<>();
        for (int i = 0; i < pipes; i++) {
            int[] pipe = guest.pipe();
            guest.ok("fd_fdstat_set_flags", pipe[0], FdFlags.NONBLOCK);
            set.add(pipe[0], IN | ET | ONESHOT);
            ends.add(pipe);
        }
        AtomicInteger bytes = new AtomicInteger();
        Set<Long> busy = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            int out = guest.alloc(32);
            int count = guest.alloc(4);
            int buffer = guest.iovec(guest.alloc(16), 16);
            int event = set.event(IN | ET | ONESHOT, 0);
            threads.add(
                    guest.spawn(
                            () -> {
                                while (bytes.get() < pipes * rounds) {
                                    guest.ok("epoll_wait", set.fd, out, 1, 5_000_000, count);
                                    if (guest.i32(count) == 0) {
                                        continue;
                                    }
                                    long fd = guest.i64(out + 8);
                                    assertThat(busy.add(fd)).isTrue();
                                    while (guest.call("fd_read", fd, buffer, 1, count)
                                            == Errno.SUCCESS) {
                                        bytes.addAndGet(guest.i32(count));
                                    }
                                    busy.remove(fd);
                                    guest.i64(event + 8, fd).i64(event + 16, ~fd);
                                    guest.ok("epoll_ctl", set.fd, 3, fd, event);
                                }
                                return null;
                            }));
        }
        int one = guest.iovec("x");
        int out = guest.alloc(4);
        for (int i = 0; i < rounds; i++) {
            for (int[] pipe : ends) {
                guest.ok("fd_write", pipe[1], one, 1, out);
            }
        }
        threads.forEach(CompletableFuture::join);
        assertThat(bytes).hasValue(pipes * rounds);
    }

    // ---- polled itself

    @Test
    void an_epoll_set_can_be_polled() {
        int event = event(0);
        set.add(event, IN | ET);
        assertThat(Polling.of(guest).read(set.fd).now()).isEmpty();
        notify(event);
        assertThat(Polling.of(guest).read(set.fd).now()).containsExactly(0L);
        assertThat(set.now()).hasSize(1);
        assertThat(Polling.of(guest).read(set.fd).now()).isEmpty();
        CompletableFuture<List<Polling.Event>> poller =
                guest.spawn(() -> Polling.of(guest).read(set.fd).timeout(MINUTE).poll());
        guest.awaitWaiting(1);
        notify(event);
        assertThat(poller.join()).extracting(Polling.Event::userData).containsExactly(0L);
    }

    @Test
    void a_descriptor_added_while_the_set_is_polled_is_seen() {
        CompletableFuture<List<Polling.Event>> poller =
                guest.spawn(() -> Polling.of(guest).read(set.fd).timeout(MINUTE).poll());
        guest.awaitWaiting(1);
        set.add(event(1), IN);
        assertThat(poller.join()).extracting(Polling.Event::userData).containsExactly(0L);
    }

    @Test
    void a_wait_reports_as_many_as_there_is_room_for_and_the_rest_the_next_time() {
        Set<Long> ready = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            int event = event(1);
            set.add(event, EpollFlags.IN | EpollFlags.ET);
            ready.add((long) event);
        }
        List<EpollCalls.Event> first = set.await(0, 130);
        List<EpollCalls.Event> second = set.await(0, 130);
        assertThat(first).hasSize(130);
        assertThat(second).hasSize(70);
        Set<Long> reported = new HashSet<>();
        first.forEach(event -> reported.add(event.data()));
        second.forEach(event -> reported.add(event.data()));
        assertThat(reported).isEqualTo(ready);
        assertThat(set.await(0, 130)).isEmpty();
    }
}
