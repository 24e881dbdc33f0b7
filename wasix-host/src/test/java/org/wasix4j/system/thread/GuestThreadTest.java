package org.wasix4j.system.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.ProcessSettings;
import org.wasix4j.system.wait.Pollable;
import org.wasix4j.system.wait.Readiness;
import org.wasix4j.types.Errno;

@Timeout(120)
class GuestThreadTest {

    /** A counter of tokens that can be waited for; nothing of it is known to the kernel. */
    private static final class Tokens extends Pollable {
        private final AtomicInteger left = new AtomicInteger();

        @Override
        public int readiness(int interest) {
            return left.get() > 0 ? Readiness.READ : 0;
        }

        @Override
        public boolean isClosed() {
            return false;
        }

        void put() {
            left.incrementAndGet();
            signal(Readiness.READ);
        }

        boolean take() {
            return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        }
    }

    private final GuestProcess process = new GuestProcess(ProcessSettings.defaults());

    private <T> CompletableFuture<T> run(GuestThread thread, java.util.function.Supplier<T> body) {
        return CompletableFuture.supplyAsync(
                () -> {
                    process.threads().enter(thread);
                    try {
                        return body.get();
                    } finally {
                        process.leave(thread);
                    }
                },
                task -> new Thread(task, "guest").start());
    }

    @Test
    void a_wake_before_the_park_is_not_lost() {
        GuestThread thread = process.threads().create();
        thread.wake();
        CompletableFuture<ParkResult> parked =
                run(
                        thread,
                        () -> {
                            thread.beginWait();
                            return thread.park(GuestThread.FOREVER);
                        });
        assertThat(parked.join()).isEqualTo(ParkResult.READY);
    }

    @Test
    void a_deadline_ends_a_park_and_not_too_early() {
        GuestThread thread = process.threads().create();
        long start = System.nanoTime();
        CompletableFuture<ParkResult> parked =
                run(
                        thread,
                        () -> {
                            thread.beginWait();
                            return thread.park(start + 20_000_000);
                        });
        assertThat(parked.join()).isEqualTo(ParkResult.TIMEOUT);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    void a_signal_that_may_not_interrupt_leaves_the_thread_parked() {
        GuestThread thread = process.threads().create();
        process.signals().handler(thread, "handler", true);
        CompletableFuture<ParkResult> parked =
                run(
                        thread,
                        () -> {
                            thread.beginWait();
                            ParkResult result;
                            do {
                                result = thread.park(GuestThread.FOREVER, false);
                            } while (result == ParkResult.READY);
                            return result;
                        });
        await().until(thread::isWaiting);
        process.signals().raise(thread, 10);
        assertThat(parked).isNotDone();
        process.end(ExitReason.exited(0));
        assertThat(parked.join()).isEqualTo(ParkResult.ENDING);
    }

    @Test
    void signals_of_an_older_wait_do_not_wake() {
        GuestThread thread = process.threads().create();
        Tokens old = new Tokens();
        Tokens now = new Tokens();
        CompletableFuture<Boolean> waiter =
                run(
                        thread,
                        () -> {
                            thread.beginWait();
                            thread.want(old, Readiness.READ);
                            return thread.awaitOrThrow(now, Readiness.READ, GuestThread.FOREVER);
                        });
        await().until(thread::isWaiting);
        old.put();
        assertThat(waiter).isNotDone();
        now.put();
        assertThat(waiter.join()).isTrue();
    }

    /** A lost wake-up would leave a taker parked for ever. */
    @Test
    void no_token_is_left_behind_by_many_takers_and_putters() {
        int each = 30_000;
        Tokens tokens = new Tokens();
        CompletableFuture<?>[] takers = new CompletableFuture<?>[4];
        for (int i = 0; i < takers.length; i++) {
            GuestThread thread = process.threads().create();
            takers[i] =
                    run(
                            thread,
                            () -> {
                                for (int n = 0; n < each; n++) {
                                    while (!tokens.take()) {
                                        thread.awaitOrThrow(
                                                tokens, Readiness.READ, GuestThread.FOREVER);
                                    }
                                }
                                return null;
                            });
        }
        CompletableFuture<?>[] putters = new CompletableFuture<?>[2];
        for (int i = 0; i < putters.length; i++) {
            putters[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int n = 0; n < each * takers.length / putters.length; n++) {
                                    tokens.put();
                                    if (n % 64 == 0) {
                                        Thread.yield();
                                    }
                                }
                            },
                            task -> new Thread(task, "putter").start());
        }
        CompletableFuture.allOf(putters).join();
        CompletableFuture.allOf(takers).join();
        assertThat(tokens.take()).isFalse();
    }

    @Test
    void threads_are_limited_also_when_many_ask_at_once() {
        GuestProcess small =
                new GuestProcess(
                        ProcessSettings.defaults()
                                .withLimits(Limits.defaults().withMaxThreads(10)));
        AtomicInteger refused = new AtomicInteger();
        CompletableFuture<?>[] askers = new CompletableFuture<?>[4];
        for (int i = 0; i < askers.length; i++) {
            askers[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int n = 0; n < 10; n++) {
                                    try {
                                        small.threads().create();
                                    } catch (org.wasix4j.types.ErrnoException e) {
                                        assertThat(e.errno()).isEqualTo(Errno.AGAIN);
                                        refused.incrementAndGet();
                                    }
                                }
                            },
                            task -> new Thread(task, "asker").start());
        }
        CompletableFuture.allOf(askers).join();
        assertThat(small.threads().count()).isEqualTo(10);
        assertThat(refused).hasValue(30);
        assertThatThrownBy(small.threads()::create).isSameAs(Errno.AGAIN.exception());
    }
}
