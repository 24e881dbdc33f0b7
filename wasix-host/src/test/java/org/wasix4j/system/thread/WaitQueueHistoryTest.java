package org.wasix4j.system.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.thread.WaitHistory.Operation;
import org.wasix4j.system.thread.WaitQueue.Outcome;

/**
 * Many short races on one address, each of them explained by the queue that futex(2) describes: a
 * check for linearizability. {@code -Dwasix4j.rounds=N} makes it longer.
 */
@Timeout(300)
class WaitQueueHistoryTest {

    private static final int ADDRESS = 4096;
    private static final int THREADS = 3;
    private static final int OPERATIONS = 4;
    private static final int ROUNDS = Integer.getInteger("wasix4j.rounds", 3000);

    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());
    private final WaitQueue queue = process.waitQueue();
    private final AtomicInteger word = new AtomicInteger();
    private final AtomicInteger racing = new AtomicInteger();
    private volatile WaitHistory history = new WaitHistory();

    @Test
    void every_race_on_an_address_has_an_order_that_explains_it() throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(THREADS + 1);
        List<CompletableFuture<Void>> racers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            GuestThread thread = process.threads().create();
            Random random = new Random(i);
            racers.add(
                    CompletableFuture.runAsync(
                            () -> race(thread, random, barrier),
                            body -> new Thread(body, "racer").start()));
        }
        int[] outcomes = new int[Outcome.values().length];
        for (int round = 0; round < ROUNDS; round++) {
            history = new WaitHistory();
            word.set(0);
            racing.set(THREADS);
            barrier.await();
            while (racing.get() > 0) {
                Thread.onSpinWait();
            }
            assertThat(history.isExplained()).as("%s", history).isTrue();
            assertThat(queue.waiting(ADDRESS)).isZero();
            history.outcomes().forEach(outcome -> outcomes[outcome.ordinal()]++);
        }
        CompletableFuture.allOf(racers.toArray(new CompletableFuture<?>[0])).join();
        // else it has raced for nothing
        assertThat(outcomes[Outcome.WOKEN.ordinal()]).isPositive();
        assertThat(outcomes[Outcome.NOT_EQUAL.ordinal()]).isPositive();
        assertThat(outcomes[Outcome.TIMED_OUT.ordinal()]).isPositive();
    }

    private void race(GuestThread thread, Random random, CyclicBarrier barrier) {
        process.threads().enter(thread);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                barrier.await();
                WaitHistory recorded = history;
                for (int i = 0; i < OPERATIONS; i++) {
                    act(thread, random, recorded);
                }
                racing.decrementAndGet();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            process.leave(thread);
        }
    }

    private void act(GuestThread thread, Random random, WaitHistory recorded) {
        int choice = random.nextInt(8);
        if (choice == 0) {
            int value = random.nextInt(2);
            Operation store = recorded.store(value);
            word.set(value);
            recorded.ended(store, 0, null);
        } else if (choice <= 3) {
            int most = 1 + random.nextInt(2);
            Operation wake = recorded.wake(most);
            recorded.ended(wake, queue.wake(ADDRESS, most), null);
        } else {
            int expected = random.nextInt(6) == 0 ? 1 : 0;
            long patience = random.nextInt(3) * 20_000L;
            Operation wait = recorded.await(expected);
            Outcome outcome =
                    queue.await(
                            thread,
                            ADDRESS,
                            () -> word.get() == expected,
                            System.nanoTime() + patience,
                            true);
            recorded.ended(wait, 0, outcome);
        }
    }

    // ---- the check itself finds what is wrong

    private static WaitHistory twoWaitersAndAWake(Outcome first, Outcome second, int recorded) {
        WaitHistory history = new WaitHistory();
        Operation one = history.await(0);
        Operation before = history.wake(0);
        history.ended(before, 0, null);
        Operation late = history.await(0);
        Operation wake = history.wake(1);
        history.ended(wake, recorded, null);
        history.ended(late, 0, second);
        history.ended(one, 0, first);
        return history;
    }

    @Test
    void a_wake_that_reported_a_thread_and_woke_none_is_found() {
        assertThat(twoWaitersAndAWake(Outcome.WOKEN, Outcome.TIMED_OUT, 1).isExplained()).isTrue();
        assertThat(twoWaitersAndAWake(Outcome.TIMED_OUT, Outcome.TIMED_OUT, 1).isExplained())
                .isFalse();
    }

    @Test
    void a_wake_that_wakes_more_than_it_reported_is_found() {
        assertThat(twoWaitersAndAWake(Outcome.WOKEN, Outcome.WOKEN, 1).isExplained()).isFalse();
        assertThat(twoWaitersAndAWake(Outcome.WOKEN, Outcome.TIMED_OUT, 0).isExplained()).isFalse();
    }

    @Test
    void a_wake_that_passes_over_who_waits_is_found() {
        WaitHistory history = new WaitHistory();
        Operation wait = history.await(0);
        Operation in = history.wake(1);
        history.ended(in, 1, null); // so the wait was in the queue
        history.ended(wait, 0, Outcome.WOKEN);
        Operation again = history.await(0);
        history.ended(again, 0, Outcome.WOKEN); // and nobody has woken this one
        assertThat(history.isExplained()).isFalse();
    }

    @Test
    void a_wait_that_began_after_the_wake_cannot_have_had_it() {
        WaitHistory history = new WaitHistory();
        Operation patient = history.await(0);
        Operation wake = history.wake(1);
        history.ended(wake, 1, null);
        Operation thief = history.await(0);
        history.ended(thief, 0, Outcome.WOKEN);
        history.ended(patient, 0, Outcome.TIMED_OUT);
        assertThat(history.isExplained()).isFalse();
    }

    @Test
    void a_value_that_was_never_there_is_found() {
        WaitHistory history = new WaitHistory();
        Operation wait = history.await(0);
        history.ended(wait, 0, Outcome.NOT_EQUAL);
        assertThat(history.isExplained()).isFalse();
    }
}
