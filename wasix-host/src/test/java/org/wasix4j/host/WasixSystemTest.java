package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.ClockId;
import org.wasix4j.types.Errno;

class WasixSystemTest {

    private static final int OUTSIDE = -8;

    @Test
    void arguments_come_as_pointers_to_strings_with_a_nul_behind_each() {
        try (HostHarness guest =
                HostHarness.create(p -> p.withArguments(List.of("server", "", "grün")))) {
            int count = guest.alloc(4);
            int bytes = guest.alloc(4);
            guest.ok("args_sizes_get", count, bytes);
            assertThat(guest.i32(count)).isEqualTo(3);
            assertThat(guest.i32(bytes)).isEqualTo(7 + 1 + 6);

            int argv = guest.alloc(12);
            int buffer = guest.alloc(14);
            guest.ok("args_get", argv, buffer);
            assertThat(guest.text(buffer, 14)).isEqualTo("server\0\0grün\0");
            assertThat(guest.i32(argv)).isEqualTo(buffer);
            assertThat(guest.i32(argv + 4)).isEqualTo(buffer + 7);
            assertThat(guest.i32(argv + 8)).isEqualTo(buffer + 8);
        }
    }

    @Test
    void the_environment_comes_as_key_value_pairs_in_order() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("B", "2");
        variables.put("A", "");
        try (HostHarness guest = HostHarness.create(p -> p.withEnvironment(variables))) {
            int environ = guest.alloc(8);
            int buffer = guest.alloc(7);
            guest.ok("environ_get", environ, buffer);
            assertThat(guest.text(buffer, 7)).isEqualTo("B=2\0A=\0");
        }
    }

    @Test
    void strings_that_do_not_fit_into_the_memory_are_not_written_at_all() {
        try (HostHarness guest = HostHarness.create(p -> p.withArguments(List.of("server")))) {
            int argv = guest.alloc(4);
            assertThat(guest.call("args_get", argv, OUTSIDE)).isEqualTo(Errno.FAULT);
            assertThat(guest.i32(argv)).isEqualTo(0xEEEEEEEE);
            assertThat(guest.call("args_sizes_get", argv, OUTSIDE + 6)).isEqualTo(Errno.FAULT);
        }
    }

    @Test
    void the_clocks_go_and_an_unknown_one_is_inval() {
        try (HostHarness guest = HostHarness.create()) {
            int out = guest.alloc(8);
            for (ClockId clock : ClockId.values()) {
                guest.ok("clock_time_get", clock.code(), 0, out);
                assertThat(guest.i64(out)).as(clock.name()).isPositive();
                guest.ok("clock_res_get", clock.code(), out);
                assertThat(guest.i64(out)).as(clock.name()).isBetween(1L, 1_000_000L);
            }
            guest.ok("clock_time_get", 0, 0, out);
            assertThat(guest.i64(out) / 1_000_000)
                    .isCloseTo(
                            System.currentTimeMillis(),
                            org.assertj.core.data.Offset.offset(5_000L));
            assertThat(guest.call("clock_time_get", 4, 0, out)).isEqualTo(Errno.INVAL);
            assertThat(guest.call("clock_res_get", -1, out)).isEqualTo(Errno.INVAL);
            assertThat(guest.call("clock_time_set", 0, 5)).isEqualTo(Errno.PERM);
        }
    }

    @Test
    void random_bytes_fill_exactly_the_buffer() {
        try (HostHarness guest = HostHarness.create()) {
            int length = 10_001;
            int buffer = guest.alloc(length + 8);
            guest.ok("random_get", buffer, length);
            byte[] bytes = guest.read(buffer, length);
            assertThat(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).chars())
                    .filteredOn(b -> b == 0xEE)
                    .hasSizeLessThan(length / 50);
            assertThat(guest.u8(buffer + length)).isEqualTo(0xEE);
            guest.ok("random_get", buffer, 0);
            assertThat(guest.call("random_get", buffer, -1)).isEqualTo(Errno.FAULT);
        }
    }

    @Test
    void without_a_terminal_there_is_a_size_but_nothing_to_set() {
        try (HostHarness guest = HostHarness.create()) {
            int tty = guest.alloc(24);
            guest.ok("tty_get", tty);
            assertThat(guest.i32(tty)).isEqualTo(80);
            assertThat(guest.u8(tty + 16)).isZero();
            assertThat(guest.call("tty_set", tty)).isEqualTo(Errno.NOTTY);
            guest.ok("sched_yield");
        }
    }
}
