package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.Drain;

/** When the connections of a guest count as finished, on a gentle end. */
@Timeout(60)
class DrainTest {

    private static final long PAUSE = 800_000_000;

    private final HostHarness guest =
            HostHarness.create(process -> process.withPolicy(NetworkPolicy.allowAll()));
    private final SocketCalls sockets = new SocketCalls(guest);
    private final Drain drain = drainIn(1_000_000_000);

    @AfterEach
    void close() {
        guest.close();
    }

    private Drain drainIn(long time) {
        return new Drain(() -> List.of(guest.process()), time);
    }

    /** Looks until the connections are finished, while the guest's first thread waits, too. */
    private boolean waitUntilItIsOver() {
        return waitUntilItIsOver(drain);
    }

    private boolean waitUntilItIsOver(Drain drain) {
        int reader = guest.alloc(4);
        int writer = guest.alloc(4);
        guest.ok("fd_pipe", reader, writer);
        int target = guest.iovec(guest.alloc(4), 4);
        int source = guest.iovec("over");
        int count = guest.alloc(4);
        CompletableFuture<Void> look =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                await().pollDelay(Duration.ZERO)
                                        .pollInterval(Duration.ofMillis(10))
                                        .atMost(Duration.ofSeconds(20))
                                        .until(drain::isOver);
                            } finally {
                                guest.spawn(
                                        () ->
                                                guest.call(
                                                        "fd_write",
                                                        guest.i32(writer),
                                                        source,
                                                        1,
                                                        guest.alloc(4)));
                            }
                        });
        guest.ok("fd_read", guest.i32(reader), target, 1, count);
        look.join();
        return guest.i32(count) == 4;
    }

    @Test
    void an_answer_whose_thread_sleeps_between_its_parts_is_not_cut() throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('?');
            CompletableFuture<Long> answer =
                    guest.spawn(
                            () -> {
                                sockets.receive(fd);
                                sockets.send(fd, "first");
                                guest.ok("thread_sleep", PAUSE);
                                sockets.send(fd, "second");
                                Polling.of(guest).timeout(PAUSE).poll();
                                sockets.send(fd, "third");
                                return System.nanoTime();
                            });
            assertThat(waitUntilItIsOver()).as("the whole answer was sent").isTrue();
            assertThat(answer).isDone();
        }
    }

    @Test
    void an_http_answer_may_pause_in_an_event_loop_until_it_is_as_long_as_it_says()
            throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('G');
            CompletableFuture<Long> answer =
                    guest.spawn(
                            () -> {
                                sockets.receive(fd);
                                sockets.send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123");
                                long before = System.nanoTime();
                                assertThat(Polling.of(guest).read(fd).timeout(PAUSE).poll())
                                        .extracting(Polling.Event::userData)
                                        .containsExactly(1L);
                                sockets.send(fd, "456");
                                return System.nanoTime() - before;
                            });
            assertThat(waitUntilItIsOver()).isTrue();
            assertThat(answer).isCompletedWithValueMatching(pause -> pause >= PAUSE);
        }
    }

    @Test
    void a_connection_at_rest_is_finished_though_another_thread_sleeps() throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('?');
            sockets.receive(fd);
            sockets.send(fd, "all of it");
            CompletableFuture<?> sleeper =
                    guest.spawn(() -> guest.call("thread_sleep", 60_000_000_000L));
            guest.awaitParked(sleeper);
            assertThat(waitUntilItIsOver()).isTrue();
            assertThat(sleeper).isNotDone();
        }
    }

    @Test
    void an_answer_of_another_protocol_may_pause_until_the_timer_of_the_event_loop()
            throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('*');
            CompletableFuture<Long> answer =
                    guest.spawn(
                            () -> {
                                sockets.receive(fd);
                                sockets.send(fd, "*2\r\n$3\r\n");
                                long before = System.nanoTime();
                                Polling.of(guest).read(fd).timeout(PAUSE).poll();
                                sockets.send(fd, "abc\r\n");
                                return System.nanoTime() - before;
                            });
            assertThat(waitUntilItIsOver()).isTrue();
            assertThat(answer).isCompletedWithValueMatching(pause -> pause >= PAUSE);
        }
    }

    @Test
    void an_answer_of_another_protocol_may_pause_for_a_quarter_of_the_time() throws Exception {
        int listener = sockets.listener();
        int reader = guest.alloc(4);
        int writer = guest.alloc(4);
        guest.ok("fd_pipe", reader, writer);
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('*');
            sockets.receive(fd);
            sockets.send(fd, "first");
            CompletableFuture<Void> answer =
                    guest.spawn(
                            () -> {
                                // no timer of the guest tells when this is over
                                Polling.of(guest).read(guest.i32(reader)).poll();
                                sockets.send(fd, "second");
                                return null;
                            });
            guest.awaitParked(answer);
            CompletableFuture.delayedExecutor(PAUSE, TimeUnit.NANOSECONDS)
                    .execute(
                            () ->
                                    guest.spawn(
                                            () ->
                                                    guest.call(
                                                            "fd_write",
                                                            guest.i32(writer),
                                                            guest.iovec("!"),
                                                            1,
                                                            guest.alloc(4))));
            assertThat(waitUntilItIsOver(drainIn(8_000_000_000L))).isTrue();
            assertThat(client.getInputStream().readNBytes(11)).asString().isEqualTo("firstsecond");
            assertThat(answer).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void timers_that_fire_in_vain_or_too_late_are_not_waited_for() throws Exception {
        int listener = sockets.listener();
        try (Socket client = sockets.client(listener)) {
            int fd = sockets.accept(listener);
            client.getOutputStream().write('*');
            sockets.receive(fd);
            sockets.send(fd, "all of it");
            CompletableFuture<Void> often =
                    guest.spawn(
                            () -> {
                                for (; ; ) {
                                    Polling.of(guest).read(fd).timeout(50_000_000).poll();
                                }
                            });
            CompletableFuture<?> late =
                    guest.spawn(() -> Polling.of(guest).read(fd).timeout(60 * PAUSE).poll());
            guest.awaitParked(late);
            assertThat(waitUntilItIsOver()).isTrue();
            assertThat(often).isNotDone();
            assertThat(late).isNotDone();
        }
    }
}
