package org.wasix4j.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.thread.ExitReason;
import org.wasix4j.system.thread.GuestThread;

/**
 * The threads of one hostile guest, which call at once: they close, duplicate and renumber what the
 * others wait for, and one of them may end the guest in the middle of it. The seed decides what
 * each calls, and the machine in which order.
 */
final class RacingThreads {

    private static final int THREADS = 3;

    private final HostileGuest guest;
    private final long seed;
    private final int calls;
    private final CountDownLatch go = new CountDownLatch(1);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> others = new ArrayList<>();

    private RacingThreads(HostileGuest guest, long seed, int calls) {
        this.guest = guest;
        this.seed = seed;
        this.calls = calls;
    }

    /**
     * Lets a guest's threads make so many calls each; the calling one is the first of them.
     *
     * @param seed what the threads decide by
     */
    static void run(HostileGuest guest, long seed, int calls) {
        new RacingThreads(guest, seed, calls).run();
    }

    private void run() {
        Choices choices = Choices.seeded(seed);
        GuestProcess process = guest.harness().process();
        for (int i = 1; i < THREADS; i++) {
            Choices own = Choices.seeded(seed + i * 1_000_003L);
            start(process.threads().create(), own);
        }
        int last = choices.percent(50) ? choices.below(calls) : calls;
        go.countDown();
        attempt(guest.first(), last);
        if (!guest.first().isOver()) {
            switch (choices.below(4)) {
                case 0 -> attemptToExit();
                case 1 -> process.end(ExitReason.killed(9));
                case 2 -> {
                    // as when a thread is abandoned: what is open goes, whoever is in a call
                    process.end(ExitReason.killed(9));
                    process.release();
                }
                default -> {}
            }
        }
        others.forEach(guest::join);
        rethrow();
    }

    private void attemptToExit() {
        try {
            guest.first().exit();
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void start(GuestThread thread, Choices choices) {
        HostileCaller caller = guest.caller(thread, choices);
        Thread other =
                new Thread(
                        () -> {
                            guest.harness().process().threads().enter(thread);
                            try {
                                go.await();
                                attempt(caller, calls);
                            } catch (InterruptedException e) {
                                failed(e);
                            } finally {
                                guest.harness().process().leave(thread);
                            }
                        },
                        "racing thread " + thread.tid());
        other.setDaemon(true);
        other.start();
        others.add(other);
    }

    private void attempt(HostileCaller caller, int times) {
        try {
            for (int i = 0; i < times && !caller.isOver(); i++) {
                caller.step();
            }
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        failures.add(failure);
        guest.harness().process().end(ExitReason.killed(0));
    }

    private void rethrow() {
        Throwable first = failures.poll();
        if (first != null) {
            failures.forEach(first::addSuppressed);
            throw first instanceof Error error ? error : new AssertionError(first);
        }
    }
}
