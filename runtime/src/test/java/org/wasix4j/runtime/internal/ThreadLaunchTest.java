package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ThreadLaunchTest {

    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void a_factory_that_starts_its_threads_itself_runs_the_body_once() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Thread> made = new AtomicReference<>();
        ThreadLaunch launch =
                new ThreadLaunch(
                        () -> {
                            runs.incrementAndGet();
                            begun.countDown();
                        });
        launch.start(
                (body, name, stack) -> {
                    Thread thread = new Thread(body, name);
                    thread.start();
                    await(begun);
                    made.set(thread);
                    return thread;
                },
                "started",
                0);
        made.get().join();
        launch.run();
        assertThat(runs).hasValue(1);
    }

    @Test
    void a_body_whose_start_has_failed_never_runs() throws Exception {
        AtomicReference<Runnable> kept = new AtomicReference<>();
        ThreadLaunch launch = new ThreadLaunch(runs::incrementAndGet);
        Thread other = new Thread(() -> {});
        other.start();
        assertThatThrownBy(
                        () ->
                                launch.start(
                                        (body, name, stack) -> {
                                            kept.set(body);
                                            return other;
                                        },
                                        "other",
                                        0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("started already");
        kept.get().run();
        assertThat(runs).hasValue(0);
    }

    @Test
    void a_factory_that_makes_nothing_is_reported() {
        assertThatThrownBy(
                        () ->
                                new ThreadLaunch(runs::incrementAndGet)
                                        .start((body, name, stack) -> null, "none", 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has made no thread");
    }

    @Test
    void times_beyond_what_nanoseconds_can_say_are_long() {
        Duration huge = Duration.ofSeconds(Long.MAX_VALUE);
        assertThat(Times.nanos(huge)).isEqualTo(Long.MAX_VALUE);
        assertThat(Times.nanos(huge.negated())).isZero();
        assertThat(Times.deadlineIn(huge) - System.nanoTime()).isPositive();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
