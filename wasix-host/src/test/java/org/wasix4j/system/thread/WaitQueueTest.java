package org.wasix4j.system.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.thread.WaitQueue.Outcome;

@Timeout(120)
class WaitQueueTest {

    private static final int ADDRESS = 64;

    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());
    private final WaitQueue queue = process.waitQueue();
    private final Executor threads = body -> new Thread(body, "waiter").start();

    private <T> CompletableFuture<T> guest(java.util.function.Function<GuestThread, T> body) {
        GuestThread thread = process.threads().create();
        return CompletableFuture.supplyAsync(
                () -> {
                    process.threads().enter(thread);
                    try {
                        return body.apply(thread);
                    } finally {
                        process.leave(thread);
                    }
                },
                threads);
    }

    private CompletableFuture<Outcome> waiter(long deadline) {
        return guest(thread -> queue.await(thread, ADDRESS, () -> true, deadline, true));
    }

    @Test
    void who_waited_longest_is_woken_first() {
        List<CompletableFuture<Outcome>> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int before = i;
            waiters.add(waiter(GuestThread.FOREVER));
            await().until(() -> queue.waiting(ADDRESS) == before + 1);
        }
        for (CompletableFuture<Outcome> first : waiters) {
            assertThat(first).isNotDone();
            assertThat(queue.wake(ADDRESS, 1)).isEqualTo(1);
            assertThat(first.join()).isEqualTo(Outcome.WOKEN);
        }
        assertThat(queue.wake(ADDRESS, 1)).isZero();
    }

    @Test
    void a_wake_of_one_address_does_not_reach_another() {
        CompletableFuture<Outcome> waiter = waiter(GuestThread.FOREVER);
        await().until(() -> queue.waiting(ADDRESS) == 1);
        assertThat(queue.wake(ADDRESS + 4, -1)).isZero();
        assertThat(queue.wake(ADDRESS, -1)).isEqualTo(1);
        assertThat(waiter.join()).isEqualTo(Outcome.WOKEN);
    }

    @Test
    void the_end_of_the_process_ends_every_wait_and_leaves_no_waiter() {
        List<CompletableFuture<Outcome>> waiters = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiters.add(waiter(GuestThread.FOREVER));
        }
        await().until(() -> queue.waiting(ADDRESS) == 8);
        process.end(ExitReason.exited(0));
        assertThat(waiters).allSatisfy(w -> assertThat(w.join()).isEqualTo(Outcome.ENDING));
        assertThat(queue.waiting(ADDRESS)).isZero();
    }

    /** Every wake that says it woke someone has woken someone: tokens are neither lost nor made. */
    @Test
    void wakes_and_timeouts_that_race_are_counted_once() {
        AtomicLong woken = new AtomicLong();
        AtomicLong notified = new AtomicLong();
        AtomicInteger running = new AtomicInteger(6);
        List<CompletableFuture<Integer>> waiters = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int patience = i * 2_000;
            waiters.add(
                    guest(
                            thread -> {
                                for (int n = 0; n < 20_000; n++) {
                                    long deadline = System.nanoTime() + patience;
                                    if (queue.await(thread, ADDRESS, () -> true, deadline, true)
                                            == Outcome.WOKEN) {
                                        woken.incrementAndGet();
                                    }
                                }
                                return running.decrementAndGet();
                            }));
        }
        while (running.get() > 0) {
            notified.addAndGet(queue.wake(ADDRESS, 1));
        }
        waiters.forEach(CompletableFuture::join);
        assertThat(notified).hasValue(woken.get());
        assertThat(woken.get()).isPositive();
    }

    /** A lock as libc builds it on a futex: a lost wake-up would hang it, a stolen turn shows. */
    @Test
    void a_mutex_on_a_futex_keeps_threads_out_and_never_hangs() {
        AtomicInteger word = new AtomicInteger();
        int[] shared = {0};
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(
                    guest(
                            thread -> {
                                for (int n = 0; n < 20_000; n++) {
                                    lock(thread, word);
                                    shared[0]++;
                                    if (word.getAndSet(0) == 2) {
                                        queue.wake(ADDRESS, 1);
                                    }
                                }
                                return null;
                            }));
        }
        threads.forEach(CompletableFuture::join);
        assertThat(shared[0]).isEqualTo(160_000);
    }

    /**
     * Eight threads hand four turns on, for each of which somebody waits for ever: one lost
     * wake-up, or one that went to the wrong thread, and it stands still. {@code
     * -Dwasix4j.waits=1000000} makes it longer.
     */
    @Test
    @Timeout(300)
    void turns_are_handed_on_without_losing_one() {
        int waits = Integer.getInteger("wasix4j.waits", 80_000);
        AtomicInteger[] turns = new AtomicInteger[4];
        List<CompletableFuture<Integer>> players = new ArrayList<>();
        for (int pair = 0; pair < turns.length; pair++) {
            AtomicInteger turn = new AtomicInteger();
            turns[pair] = turn;
            int address = ADDRESS + 4 * (pair / 2); // two pairs share an address
            for (int side = 0; side < 2; side++) {
                int mine = side;
                players.add(guest(thread -> play(thread, address, turn, mine, waits / 8)));
            }
        }
        int sum = players.stream().mapToInt(CompletableFuture::join).sum();
        assertThat(turns).extracting(AtomicInteger::get).containsOnly(waits / 4);
        assertThat(sum).isPositive();
    }

    /** Takes each second turn; answers how often it really waited. */
    private int play(GuestThread thread, int address, AtomicInteger turn, int mine, int rounds) {
        int waited = 0;
        for (int n = 0; n < rounds; n++) {
            for (int now = turn.get(); now % 2 != mine; now = turn.get()) {
                int seen = now;
                Outcome outcome =
                        queue.await(
                                thread,
                                address,
                                () -> turn.get() == seen,
                                GuestThread.FOREVER,
                                true);
                waited += outcome == Outcome.WOKEN ? 1 : 0;
            }
            turn.incrementAndGet();
            queue.wake(address, -1);
        }
        return waited;
    }

    private void lock(GuestThread thread, AtomicInteger word) {
        if (word.compareAndSet(0, 1)) {
            return;
        }
        while (word.getAndSet(2) != 0) {
            queue.await(thread, ADDRESS, () -> word.get() == 2, GuestThread.FOREVER, true);
        }
    }
}
