package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ThreadStarter.Entry;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;

class WasixThreadsTest {

    private static final long MINUTE = 60_000_000_000L;

    private static int timeout(HostHarness guest, long nanos) {
        int option = guest.alloc(16);
        guest.i64(option, nanos < 0 ? 0 : 1).i64(option + 8, nanos);
        return option;
    }

    @Test
    void a_futex_wait_on_another_value_returns_at_once_as_woken() {
        try (HostHarness guest = HostHarness.create()) {
            int word = guest.alloc(4);
            guest.i32(word, 1);
            int out = guest.alloc(1);
            guest.ok("futex_wait", word, 2, timeout(guest, -1), out);
            assertThat(guest.u8(out)).isEqualTo(1);
        }
    }

    @Test
    void a_futex_wait_tells_a_timeout_from_a_wake() {
        try (HostHarness guest = HostHarness.create()) {
            int word = guest.alloc(4);
            guest.i32(word, 1);
            int out = guest.alloc(1);
            long start = System.nanoTime();
            guest.ok("futex_wait", word, 1, timeout(guest, 20_000_000), out);
            assertThat(guest.u8(out)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);

            CompletableFuture<Integer> waiter =
                    guest.spawn(
                            () -> {
                                int woken = guest.alloc(1);
                                guest.ok("futex_wait", word, 1, timeout(guest, MINUTE), woken);
                                return guest.u8(woken);
                            });
            while (!waiter.isDone()) {
                guest.ok("futex_wake", word, out);
                assertThat(guest.u8(out)).isEqualTo(1);
            }
            assertThat(waiter.join()).isEqualTo(1);
        }
    }

    @Test
    void waking_all_wakes_every_thread_that_waits() {
        try (HostHarness guest = HostHarness.create()) {
            int word = guest.alloc(4);
            guest.i32(word, 1);
            List<CompletableFuture<Integer>> waiters = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiters.add(
                        guest.spawn(
                                () -> {
                                    int woken = guest.alloc(1);
                                    guest.ok("futex_wait", word, 1, timeout(guest, MINUTE), woken);
                                    return guest.u8(woken);
                                }));
            }
            await().until(() -> guest.process().waitQueue().waiting(word) == 3);
            guest.ok("futex_wake_all", word, guest.alloc(1));
            assertThat(waiters).allSatisfy(waiter -> assertThat(waiter.join()).isEqualTo(1));
        }
    }

    @Test
    void a_futex_outside_the_memory_is_a_memory_violation() {
        try (HostHarness guest = HostHarness.create()) {
            int out = guest.alloc(1);
            assertThat(guest.call("futex_wait", -4, 0, timeout(guest, 0), out))
                    .isEqualTo(Errno.FAULT);
            assertThat(guest.call("futex_wake", -4, out)).isEqualTo(Errno.FAULT);
        }
    }

    @Test
    void a_timeout_that_is_neither_none_nor_some_is_invalid() {
        try (HostHarness guest = HostHarness.create()) {
            int word = guest.alloc(4);
            guest.i32(word, 1);
            int timeout = timeout(guest, MINUTE);
            guest.i64(timeout, 2);
            assertThat(guest.call("futex_wait", word, 1, timeout, guest.alloc(1)))
                    .isEqualTo(Errno.INVAL);
            guest.i64(timeout, 1).i64(timeout + 8, 0);
            int out = guest.alloc(1);
            guest.ok("futex_wait", word, 1, timeout, out);
            assertThat(guest.u8(out)).as("no time at all is over at once").isZero();
        }
    }

    @Test
    void the_first_thread_has_the_number_of_the_process() {
        try (HostHarness guest = HostHarness.create(p -> p.withPid(5))) {
            assertThat(guest.get("thread_id")).isEqualTo(5);
            assertThat(guest.spawn(() -> guest.get("thread_id")).join()).isEqualTo(6);
            assertThat(guest.get("thread_parallelism")).isPositive();
        }
    }

    @Test
    void without_a_starter_there_is_one_thread_only() {
        try (HostHarness guest = HostHarness.create()) {
            int record = guest.alloc(64);
            int tid = guest.alloc(4);
            assertThat(guest.call("thread_spawn_v2", record, tid)).isEqualTo(Errno.NOTSUP);
            assertThat((int) guest.invoke("thread-spawn", record)[0])
                    .isEqualTo(-Errno.NOTSUP.code());
            assertThat(guest.process().threads().count()).isEqualTo(1);
        }
    }

    @Test
    void every_form_of_thread_creation_reaches_the_starter() {
        try (HostHarness guest = HostHarness.create();
                HostHarness legacy = HostHarness.builder().legacy().build()) {
            List<String> started = new ArrayList<>();
            for (GuestProcess process : List.of(guest.process(), legacy.process())) {
                process.threadStarter(
                        (thread, entry, argument) ->
                                started.add(thread.tid() + " " + entry + " " + argument));
            }
            int record = guest.alloc(64);
            assertThat(guest.invoke("thread-spawn", record)).containsExactly(2);
            assertThat(guest.get("thread_spawn_v2", record)).isEqualTo(3);
            assertThat(legacy.get("thread_spawn", 0x1_0000_0002L, 0, 0, 0)).isEqualTo(2);
            assertThat(legacy.get("thread_spawn", record)).isEqualTo(3);
            assertThat(started)
                    .containsExactly(
                            "2 " + Entry.WASI_THREAD_START + " " + record,
                            "3 " + Entry.WASI_THREAD_START + " " + record,
                            "2 " + Entry.START_THREAD + " " + 0x1_0000_0002L,
                            "3 " + Entry.WASI_THREAD_START + " " + record);
        }
    }

    @Test
    void a_thread_that_could_not_be_started_leaves_no_trace() {
        try (HostHarness guest =
                HostHarness.create(p -> p.withLimits(Limits.defaults().withMaxThreads(2)))) {
            guest.process()
                    .threadStarter(
                            (thread, entry, argument) -> {
                                throw Errno.NOTCAPABLE.exception();
                            });
            int record = guest.alloc(64);
            for (int i = 0; i < 3; i++) {
                assertThat((int) guest.invoke("thread-spawn", record)[0])
                        .isEqualTo(-Errno.NOTCAPABLE.code());
            }
            guest.process().threadStarter((thread, entry, argument) -> {});
            guest.invoke("thread-spawn", record);
            assertThat((int) guest.invoke("thread-spawn", record)[0])
                    .isEqualTo(-Errno.AGAIN.code());
        }
    }

    @Test
    void join_returns_when_the_thread_has_ended_and_at_once_when_it_is_gone() {
        try (HostHarness guest = HostHarness.create()) {
            CountDownLatch go = new CountDownLatch(1);
            CompletableFuture<Integer> identity = new CompletableFuture<>();
            CompletableFuture<Boolean> thread =
                    guest.spawn(
                            () -> {
                                identity.complete(guest.thread().tid());
                                go.await();
                                return true;
                            });
            int tid = identity.join();
            CompletableFuture<Errno> joiner = guest.spawn(() -> guest.call("thread_join", tid));
            assertThat(joiner).isNotDone();
            go.countDown();
            assertThat(joiner.join()).isEqualTo(Errno.SUCCESS);
            assertThat(thread.join()).isTrue();
            guest.ok("thread_join", tid);
            assertThat(guest.call("thread_join", guest.thread().tid())).isEqualTo(Errno.DEADLK);
        }
    }

    @Test
    void thread_exit_unwinds_the_calling_thread_only() {
        try (HostHarness guest = HostHarness.create()) {
            assertThatThrownBy(() -> guest.invoke("thread_exit", 0)).isSameAs(Unwind.THREAD);
            assertThat(guest.process().isEnding()).isFalse();
        }
    }

    @Test
    void thread_local_values_belong_to_a_thread_and_a_key() {
        try (HostHarness guest = HostHarness.builder().legacy().build()) {
            int key = guest.get("thread_local_create", 0);
            int other = guest.get("thread_local_create", 0);
            assertThat(other).isNotEqualTo(key);
            guest.ok("thread_local_set", key, 0x1234_5678_9ABCL);
            int out = guest.alloc(8);
            guest.ok("thread_local_get", key, out);
            assertThat(guest.i64(out)).isEqualTo(0x1234_5678_9ABCL);
            guest.ok("thread_local_get", other, out);
            assertThat(guest.i64(out)).isZero();
            guest.spawn(
                            () -> {
                                int mine = guest.alloc(8);
                                guest.ok("thread_local_get", key, mine);
                                assertThat(guest.i64(mine)).isZero();
                                return null;
                            })
                    .join();
            guest.ok("thread_local_destroy", key);
            assertThat(guest.call("thread_local_set", key, 1)).isEqualTo(Errno.INVAL);
            assertThat(guest.call("thread_local_destroy", key)).isEqualTo(Errno.INVAL);
        }
    }
}
