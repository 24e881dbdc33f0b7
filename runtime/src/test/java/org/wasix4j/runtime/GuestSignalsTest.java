package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Signals from outside reach a guest that asked for them, and end one that cannot handle them. */
class GuestSignalsTest {

    private static final int HUP = 1;
    private static final int TERM = 15;
    private static final int WINCH = 28;

    @Test
    void a_guest_with_a_handler_hears_of_each_signal_and_goes_on() {
        try (Guest guest = Guest.start("system/signals").awaitFirstLine()) {
            assertThat(guest.process().signal(HUP)).isTrue();
            await().atMost(Guest.SOON).until(() -> guest.stdout().contains("signal 1\n"));
            assertThat(guest.process().signal(WINCH)).isTrue();
            await().atMost(Guest.SOON).until(() -> guest.stdout().contains("signal 28\n"));
            assertThat(guest.process().isAlive()).isTrue();
        }
    }

    @Test
    void a_guest_that_ends_on_a_signal_has_its_own_exit_code() throws Exception {
        try (Guest guest = Guest.start("system/signals", "9").awaitFirstLine()) {
            ExitStatus status = guest.process().stop(Duration.ofMinutes(1));
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.EXITED);
            assertThat(status.code()).isEqualTo(9);
            assertThat(guest.stdout()).endsWith("signal 15\n");
        }
    }

    /** As wasix-libc's, in a program that has not set one: on Linux it would end by the signal. */
    @ParameterizedTest
    @CsvSource({"empty", "type"})
    void a_handler_that_finds_nothing_to_call_ends_the_guest_by_the_signal(String what)
            throws Exception {
        try (Guest guest = Guest.start("system/no-handler", what).awaitFirstLine()) {
            assertThat(guest.process().signal(TERM)).isTrue();
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(status.shellCode()).isEqualTo(143);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_signal_that_is_ignored_by_default_and_has_no_handler_is_ignored(Engine engine)
            throws Exception {
        try (Guest guest =
                Guest.start(
                                Guest.module("system/no-handler", engine),
                                new byte[0],
                                settings -> settings.withArguments("empty"))
                        .awaitFirstLine()) {
            long before = guest.process().metrics().syscalls();
            guest.process().signal(WINCH);
            // it sleeps again
            await().until(() -> guest.process().metrics().syscalls() > before);
            assertThat(guest.process().isAlive()).isTrue();
            guest.process().signal(TERM);
            assertThat(guest.awaitEnd().shellCode()).isEqualTo(143);
        }
    }

    @Test
    void a_trap_further_down_in_a_handler_is_a_trap() throws Exception {
        try (Guest guest = Guest.start("system/no-handler", "deep").awaitFirstLine()) {
            guest.process().signal(TERM);
            ExitStatus status = guest.awaitEnd();
            assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
            assertThat(status.message()).contains("uninitialized element");
        }
    }
}
