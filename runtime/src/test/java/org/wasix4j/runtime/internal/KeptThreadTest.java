package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.wasix4j.system.clock.Clocks;
import org.wasix4j.types.ClockId;

class KeptThreadTest {

    private static final long STACK = 1 << 20;

    private final BlockingQueue<String> names = new LinkedBlockingQueue<>();

    @Test
    void a_thread_that_is_kept_runs_the_next_body_under_its_name() throws Exception {
        Thread first;
        Thread second;
        int attempts = 0;
        do {
            // a machine that is busy may take longer than the thread waits
            names.clear();
            first = run("one", STACK, true);
            second = run("two", STACK, true);
        } while (second != first && ++attempts < 100);

        assertThat(second).isSameAs(first);
        assertThat(names).containsExactly("one", "two");
        first.join(10_000);
        assertThat(first.isAlive()).isFalse();
    }

    @Test
    void the_cpu_time_of_a_kept_thread_begins_anew_with_each_body() throws Exception {
        Clocks clocks = new Clocks();
        AtomicLong used = new AtomicLong();
        Runnable computes =
                () -> {
                    do {
                        used.set(clocks.now(ClockId.THREAD_CPUTIME));
                    } while (used.get() < 50_000_000);
                };
        Thread first;
        Thread second;
        int attempts = 0;
        do {
            first = run("one", STACK + 5, true, computes);
            second =
                    run("two", STACK + 5, true, () -> used.set(clocks.now(ClockId.THREAD_CPUTIME)));
        } while (second != first && ++attempts < 100);

        assertThat(second).isSameAs(first);
        assertThat(used.get()).isBetween(1L, 49_999_999L);
    }

    @Test
    void a_thread_that_is_not_kept_ends() throws Exception {
        Thread first = run("one", STACK + 1, false);
        first.join(10_000);
        Thread second = run("two", STACK + 1, false);

        assertThat(first.isAlive()).isFalse();
        assertThat(second).isNotSameAs(first);
    }

    @Test
    void a_body_that_needs_another_stack_gets_another_thread() throws Exception {
        Thread first = run("one", STACK + 2, true);

        assertThat(run("two", STACK + 3, false)).isNotSameAs(first);
    }

    @Test
    void a_thread_ends_by_what_its_body_throws() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        KeptThread.start(
                () -> {
                    Thread.currentThread().setUncaughtExceptionHandler((t, e) -> threads.add(t));
                    KeptThread.keep();
                    throw new IllegalStateException("test");
                },
                "one",
                STACK + 4);

        Thread thread = threads.poll(10, TimeUnit.SECONDS);
        assertThat(thread).isNotNull();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    /** Runs a body; returns when its thread waits for the next, or ends. */
    private Thread run(String name, long stack, boolean keep) throws InterruptedException {
        return run(name, stack, keep, () -> {});
    }

    private Thread run(String name, long stack, boolean keep, Runnable body)
            throws InterruptedException {
        BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();
        KeptThread.start(
                () -> {
                    Thread thread = Thread.currentThread();
                    names.add(thread.getName());
                    body.run();
                    if (keep) {
                        KeptThread.keep();
                    }
                    ran.add(thread);
                },
                name,
                stack);
        Thread thread = ran.poll(10, TimeUnit.SECONDS);
        assertThat(thread).isNotNull();
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (keep
                && thread.isAlive()
                && thread.getState() != Thread.State.TIMED_WAITING
                && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return thread;
    }
}
