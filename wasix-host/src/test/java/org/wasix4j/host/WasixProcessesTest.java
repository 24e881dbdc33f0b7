package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;

class WasixProcessesTest {

    private static final int ABRT = 6;
    private static final int USR1 = 10;
    private static final int ALRM = 14;
    private static final int TERM = 15;
    private static final int CHLD = 17;
    private static final long MINUTE = 60_000_000_000L;

    /** Names a handler: the harness's module exports only its memory. */
    private static List<String> handle(HostHarness guest) {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        guest.process()
                .signalHandler(
                        (thread, export, signal) -> {
                            seen.add(export + " " + signal + " on " + thread.tid());
                            return true;
                        });
        guest.process().signals().handler(guest.thread(), "__wasm_signal", true);
        return seen;
    }

    @Test
    void an_exit_ends_the_process_with_the_code_and_does_not_return() {
        try (HostHarness guest = HostHarness.create()) {
            assertThatThrownBy(() -> guest.invoke("proc_exit2", 3)).isSameAs(Unwind.PROCESS);
            assertThat(guest.process().exitReason()).isEqualTo(ExitReason.exited(3));
            assertThatThrownBy(() -> guest.call("sched_yield")).isSameAs(Unwind.PROCESS);
        }
    }

    @Test
    void an_exit_wakes_a_thread_that_sleeps_for_ever() {
        try (HostHarness guest = HostHarness.create()) {
            CompletableFuture<Errno> sleeper = guest.spawn(() -> guest.call("thread_sleep", -1));
            assertThatThrownBy(() -> guest.invoke("proc_exit", 0)).isSameAs(Unwind.PROCESS);
            assertThatThrownBy(sleeper::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(Unwind.PROCESS);
        }
    }

    @Test
    void a_guest_is_alone_without_children() {
        try (HostHarness guest = HostHarness.create(p -> p.withPid(7))) {
            assertThat(guest.get("proc_id")).isEqualTo(7);
            assertThat(guest.get("proc_parent", 7)).isZero();
            assertThat(guest.call("proc_parent", 8, guest.alloc(4))).isEqualTo(Errno.SRCH);
            assertThat(guest.call("proc_join", guest.alloc(8), 0, guest.alloc(6)))
                    .isEqualTo(Errno.CHILD);
            assertThat(guest.call("proc_join", guest.alloc(4), guest.alloc(4)))
                    .isEqualTo(Errno.CHILD);
            assertThat(guest.get("proc_signals_sizes_get")).isZero();
            guest.ok("proc_signals_get", 0);
            assertThat(guest.call("proc_snapshot")).isEqualTo(Errno.NOTSUP);
        }
    }

    @Test
    void signal_0_asks_whether_a_process_exists() {
        try (HostHarness guest = HostHarness.create()) {
            guest.ok("proc_signal", 1, 0);
            assertThat(guest.call("proc_signal", 99, 0)).isEqualTo(Errno.SRCH);
            assertThat(guest.call("proc_signal", 1, 65)).isEqualTo(Errno.INVAL);
            assertThat(guest.call("proc_raise", -1)).isEqualTo(Errno.INVAL);
            assertThat(guest.call("thread_signal", 99, 0)).isEqualTo(Errno.SRCH);
        }
    }

    @Test
    void a_signal_without_a_handler_has_its_default_action() {
        try (HostHarness guest = HostHarness.create()) {
            guest.ok("proc_raise", CHLD);
            guest.ok("proc_signal", 1, CHLD);
            assertThatThrownBy(() -> guest.call("proc_raise", TERM)).isSameAs(Unwind.PROCESS);
            assertThat(guest.process().exitReason()).isEqualTo(ExitReason.killed(TERM));
        }
    }

    @Test
    void a_raised_signal_was_handled_when_the_call_returns() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            guest.ok("proc_raise", USR1);
            assertThat(seen).containsExactly("__wasm_signal 10 on 1");
            assertThat(guest.process().exitReason()).isNull();
        }
    }

    @Test
    void the_number_that_libc_has_for_its_first_thread_means_the_first_thread() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            guest.ok("thread_signal", 0x3fffffff, USR1);
            guest.ok("thread_signal", 0, TERM);
            assertThat(seen).containsExactly("__wasm_signal 10 on 1", "__wasm_signal 15 on 1");
        }
    }

    @Test
    void a_name_that_is_not_exported_holds_signals_back_on_its_thread_only() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            int name = guest.string("__wasm_signal_blocked");
            guest.invoke("callback_signal", name, HostHarness.length("__wasm_signal_blocked"));
            guest.ok("proc_raise", USR1);
            assertThat(seen).isEmpty();
            int other =
                    guest.spawn(
                                    () -> {
                                        guest.ok("proc_raise", TERM);
                                        return guest.thread().tid();
                                    })
                            .join();
            assertThat(seen).containsExactly("__wasm_signal 15 on " + other);
            guest.process().signals().handler(guest.thread(), "__wasm_signal", true);
            guest.ok("sched_yield");
            assertThat(seen).endsWith("__wasm_signal 10 on 1");
        }
    }

    @Test
    void a_signal_for_a_sleeping_thread_interrupts_its_sleep_and_no_other() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            CompletableFuture<GuestThread> identity = new CompletableFuture<>();
            CompletableFuture<Errno> sleeper =
                    guest.spawn(
                            () -> {
                                identity.complete(guest.thread());
                                return guest.call("thread_sleep", MINUTE);
                            });
            CompletableFuture<Errno> other = guest.spawn(() -> guest.call("thread_sleep", MINUTE));
            int tid = identity.join().tid();
            guest.ok("thread_signal", tid, USR1);
            assertThat(sleeper.join()).isEqualTo(Errno.INTR);
            assertThat(seen).containsExactly("__wasm_signal 10 on " + tid);
            assertThat(other).isNotDone();
            guest.process().end(ExitReason.exited(0));
        }
    }

    @Test
    void a_thread_can_be_sent_the_signals_above_31_too() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            guest.ok("thread_signal", 0, 40);
            guest.ok("thread_signal", 0, 64);
            assertThat(seen).containsExactly("__wasm_signal 40 on 1", "__wasm_signal 64 on 1");
            assertThat(guest.call("thread_signal", 0, 65)).isEqualTo(Errno.INVAL);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_cancellation_of_a_thread_ends_its_wait_with_and_without_a_handler(boolean handler) {
        try (HostHarness guest = HostHarness.create()) {
            if (handler) {
                handle(guest);
            }
            int reader = guest.alloc(4);
            guest.ok("fd_pipe", reader, guest.alloc(4));
            int iov = guest.iovec(guest.alloc(4), 4);
            CompletableFuture<GuestThread> identity = new CompletableFuture<>();
            CompletableFuture<Errno> waiting =
                    guest.spawn(
                            () -> {
                                identity.complete(guest.thread());
                                return guest.call(
                                        "fd_read", guest.i32(reader), iov, 1, guest.alloc(4));
                            });
            guest.ok("thread_signal", identity.join().tid(), 33);
            assertThat(waiting.join()).isEqualTo(Errno.INTR);
            assertThat(guest.process().isEnding()).isFalse();
        }
    }

    @Test
    void a_signal_for_the_process_is_taken_by_one_thread() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            List<CompletableFuture<Errno>> sleepers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sleepers.add(guest.spawn(() -> guest.call("thread_sleep", MINUTE)));
            }
            guest.process().signals().raise(TERM);
            await().until(() -> seen.size() == 1);
            await().until(() -> sleepers.stream().anyMatch(CompletableFuture::isDone));
            assertThat(sleepers).filteredOn(CompletableFuture::isDone).hasSize(1);
            guest.process().end(ExitReason.exited(0));
        }
    }

    @Test
    void a_signal_does_not_interrupt_its_own_handler() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = new ArrayList<>();
            int[] depth = {0};
            guest.process()
                    .signalHandler(
                            (thread, export, signal) -> {
                                depth[0]++;
                                seen.add(signal + " at depth " + depth[0]);
                                if (seen.size() < 3) {
                                    guest.ok("proc_raise", USR1);
                                }
                                depth[0]--;
                                return true;
                            });
            guest.process().signals().handler(guest.thread(), "__wasm_signal", true);
            guest.ok("proc_raise", USR1);
            assertThat(seen).containsExactly("10 at depth 1", "10 at depth 1", "10 at depth 1");
        }
    }

    /** What wasix-libc does in abort(3), also from its own handler for signals that end. */
    private static void abort(HostHarness guest) {
        guest.process().signals().handler(guest.thread(), "__wasm_signal_blocked", false);
        guest.ok("thread_signal", 1, ABRT);
        guest.invoke("proc_exit2", 127);
    }

    @Test
    void abort_ends_the_process_by_its_signal() {
        try (HostHarness guest = HostHarness.create()) {
            handle(guest);
            assertThatThrownBy(() -> abort(guest)).isSameAs(Unwind.PROCESS);
            assertThat(guest.process().exitReason()).isEqualTo(ExitReason.killed(ABRT));
        }
    }

    @Test
    void an_exit_with_127_is_no_abort() {
        try (HostHarness guest = HostHarness.create()) {
            handle(guest);
            guest.process().signals().handler(guest.thread(), "__wasm_signal_blocked", false);
            assertThatThrownBy(() -> guest.invoke("proc_exit2", 127)).isSameAs(Unwind.PROCESS);
            assertThat(guest.process().exitReason()).isEqualTo(ExitReason.exited(127));
        }
    }

    @Test
    void an_abort_for_want_of_a_handler_is_the_end_by_the_signal_that_came() {
        try (HostHarness guest = HostHarness.create()) {
            handle(guest);
            guest.process()
                    .signalHandler(
                            (thread, export, signal) -> {
                                abort(guest);
                                return true;
                            });
            assertThatThrownBy(() -> guest.call("proc_raise", TERM)).isSameAs(Unwind.PROCESS);
            assertThat(guest.process().exitReason()).isEqualTo(ExitReason.killed(TERM));
        }
    }

    @Test
    void a_guest_that_aborts_when_the_host_asks_it_to_end_goes_on() {
        try (HostHarness guest = HostHarness.create()) {
            handle(guest);
            guest.process()
                    .signalHandler(
                            (thread, export, signal) -> {
                                abort(guest);
                                return true;
                            });
            guest.process().signals().request(TERM);
            guest.ok("sched_yield");
            assertThat(guest.process().exitReason()).isNull();
            assertThat(guest.process().signals().isRefused(TERM)).isTrue();
        }
    }

    @Test
    void an_interval_timer_interrupts_sleeps_until_it_is_taken_away() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            guest.ok("proc_raise_interval", ALRM, 5_000_000, 1);
            for (int i = 0; i < 3; i++) {
                assertThat(guest.call("thread_sleep", MINUTE)).isEqualTo(Errno.INTR);
            }
            guest.ok("proc_raise_interval", ALRM, 0, 0);
            assertThat(seen).hasSizeGreaterThanOrEqualTo(3);
            guest.ok("sched_yield");
            int before = seen.size();
            guest.ok("thread_sleep", 30_000_000);
            assertThat(seen).hasSize(before);
        }
    }

    @Test
    void an_alarm_rings_once() {
        try (HostHarness guest = HostHarness.create()) {
            List<String> seen = handle(guest);
            guest.ok("proc_raise_interval", ALRM, 1, 0);
            while (seen.isEmpty()) {
                guest.call("thread_sleep", 1_000_000);
            }
            guest.ok("thread_sleep", 10_000_000);
            assertThat(seen).containsExactly("__wasm_signal 14 on 1");
        }
    }
}
