package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Factories of an embedder's that do more, or less, than they should. */
@Timeout(120)
class ThreadFactoryTest {

    private static Guest start(String module, GuestThreadFactory factory, String... arguments) {
        return Guest.start(
                Guest.module(module, Engine.COMPILER),
                new byte[0],
                settings -> settings.withArguments(arguments).withThreadFactory(factory));
    }

    private static Thread daemon(Runnable body, String name, long stack) {
        Thread thread = new Thread(null, body, name, stack);
        thread.setDaemon(true);
        return thread;
    }

    @ParameterizedTest
    @CsvSource({
        "threads/lifecycle, many 100, '100 threads\nended\n'",
        "threads/lifecycle, churn 50, '50 threads, one after another\n'",
        "threads/lifecycle, mutex 8000, '8000\n'"
    })
    void threads_that_the_factory_has_started_run_the_guest_once(
            String module, String arguments, String output) throws Exception {
        GuestThreadFactory starting =
                (body, name, stack) -> {
                    Thread thread = daemon(body, name, stack);
                    thread.start();
                    return thread;
                };
        try (Guest guest = start(module, starting, arguments.split(" "))) {
            assertThat(guest.awaitEnd().shellCode()).as(guest.toString()).isZero();
            assertThat(guest.stdout()).isEqualTo(output);
        }
    }

    @Test
    void contexts_run_on_threads_that_the_factory_has_started() throws Exception {
        Executor threads = body -> daemon(body, "executor", 0).start();
        AtomicInteger made = new AtomicInteger();
        GuestThreadFactory handingOn =
                (body, name, stack) -> {
                    made.incrementAndGet();
                    threads.execute(body);
                    return daemon(() -> {}, name, stack);
                };
        String expected;
        try (Guest guest = start("processes/contexts", ThreadFactoryTest::daemon)) {
            assertThat(guest.awaitEnd().shellCode()).as(guest.toString()).isEqualTo(5);
            expected = guest.stdout();
        }
        try (Guest guest = start("processes/contexts", handingOn)) {
            assertThat(guest.awaitEnd().shellCode()).as(guest.toString()).isEqualTo(5);
            assertThat(guest.stdout()).isEqualTo(expected);
        }
        assertThat(made).hasValueGreaterThan(1);
    }

    @ParameterizedTest
    @CsvSource({"null", "throws", "dead"})
    void a_thread_that_the_factory_does_not_make_is_refused_and_the_guest_goes_on(String how)
            throws Exception {
        AtomicInteger made = new AtomicInteger();
        GuestThreadFactory failing =
                (body, name, stack) -> {
                    if (made.getAndIncrement() == 0) {
                        return daemon(body, name, stack);
                    }
                    if (how.equals("throws")) {
                        throw new IllegalStateException("no more threads");
                    }
                    if (how.equals("null")) {
                        return null;
                    }
                    Thread dead = daemon(() -> {}, name, stack);
                    dead.start();
                    return dead;
                };
        try (Guest guest = start("threads/lifecycle", failing, "many", "10")) {
            // what the program makes of it is its own affair; it ends, and by itself
            assertThat(guest.awaitEnd().kind())
                    .as(guest.toString())
                    .isIn(ExitStatus.Kind.EXITED, ExitStatus.Kind.TRAPPED);
            assertThat(made).hasValueGreaterThan(1);
        }
    }
}
