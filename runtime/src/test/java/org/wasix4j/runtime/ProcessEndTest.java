package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;

/** A guest can be ended wherever it is, at once and without a trace. */
class ProcessEndTest {

    /** Far below any timeout, far above what it takes. */
    private static final Duration AT_ONCE = Duration.ofMillis(1500);

    private static final int SIGTERM = 15;

    private static Guest block(String where) {
        return Guest.start("system/block", where).awaitFirstLine();
    }

    private static void assertNothingLeft(Guest guest) {
        assertThat(guest.process().isAlive()).isFalse();
        assertThat(guest.process().abandonedThreads()).isZero();
        assertThat(guest.process().listeningAddresses()).isEmpty();
        assertThat(guest.hostErrors()).isEmpty();
        await().atMost(AT_ONCE)
                .untilAsserted(() -> assertThat(Guest.threadsOf("system/block")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"accept", "recv", "poll", "sleep", "futex", "calls", "loop"})
    void destroy_ends_it_while_it_is_in(String where) throws Exception {
        try (Guest guest = block(where)) {
            assertThat(guest.stdout()).isEqualTo("waiting in " + where + "\n");
            guest.process().destroy();
            ExitStatus status = guest.process().waitFor(AT_ONCE).orElseThrow();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(status.shellCode()).isEqualTo(137);
            assertNothingLeft(guest);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"accept", "recv", "poll", "sleep", "futex", "calls", "loop"})
    void stop_ends_it_without_the_grace_when_it_has_no_handler_while_it_is_in(String where)
            throws Exception {
        try (Guest guest = block(where)) {
            assertThat(guest.process().signal(SIGTERM)).isFalse();
            long start = System.nanoTime();
            ExitStatus status = guest.process().stop(Duration.ofMinutes(5));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
            assertThat(status.shellCode()).isEqualTo(128 + SIGTERM);
            assertNothingLeft(guest);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_timeout_ends_a_loop(Engine engine) throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module("system/block", engine),
                        new byte[0],
                        settings ->
                                settings.withArguments("loop")
                                        .withLimits(
                                                Limits.defaults()
                                                        .withTimeout(Duration.ofMillis(300))))) {
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.TIMED_OUT);
            assertThat(guest.awaitEnd().shellCode()).isEqualTo(124);
            assertNothingLeft(guest);
        }
    }

    @Test
    void destroy_ends_it_while_its_standard_input_has_nothing_to_read() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        InputStream silent =
                new InputStream() {
                    @Override
                    public int read() {
                        read.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return -1;
                    }
                };
        try (Guest guest =
                Guest.start(
                        Guest.module("system/block", Engine.COMPILER),
                        silent,
                        settings -> settings.withArguments("stdin"))) {
            guest.awaitFirstLine();
            read.await();
            guest.process().destroy();
            assertThat(guest.process().waitFor(AT_ONCE).orElseThrow().kind())
                    .isEqualTo(ExitStatus.Kind.KILLED);
        } finally {
            never.countDown();
        }
    }

    @Test
    void two_guests_of_one_module_end_each_for_itself() throws Exception {
        try (Guest first = block("accept");
                Guest second = block("accept")) {
            first.process().destroy();
            first.awaitEnd();
            assertThat(second.process().isAlive()).isTrue();
            assertThat(second.process().listeningAddresses()).hasSize(1);
        }
    }

    @Test
    void closing_the_handle_ends_the_guest_and_waits_for_it() {
        Guest guest = block("poll");
        guest.process().close();
        assertNothingLeft(guest);
        assertThat(guest.process().exitStatus()).isPresent();
        assertThat(guest.process().onExit()).isCompleted();
    }

    @Test
    void destroying_before_the_first_instruction_is_an_end_like_any_other() throws Exception {
        for (int i = 0; i < 20; i++) {
            Guest guest =
                    Guest.start(
                            Guest.module("system/block", Engine.COMPILER),
                            new byte[0],
                            settings ->
                                    settings.withArguments("accept")
                                            .withNetworkPolicy(NetworkPolicy.allowAll()));
            guest.process().destroy();
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertNothingLeft(guest);
        }
    }
}
