package org.wasix4j.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guests that call host functions at random. A failure names the seed of its guest and its last
 * calls.
 *
 * <p>{@code -Dwasix.hostile.seed=N} begins at another seed, {@code -Dwasix.hostile.guests=N} runs
 * more guests of {@code -Dwasix.hostile.calls=N} calls each.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class HostileGuestTest {

    private static final long SEED = Long.getLong("wasix.hostile.seed", 20261122);
    private static final int GUESTS = Integer.getInteger("wasix.hostile.guests", 24);
    private static final int CALLS = Integer.getInteger("wasix.hostile.calls", 600);

    @TempDir Path directory;
    private HostileRun hostile;
    private HostResources before;

    @BeforeEach
    void start() throws IOException {
        hostile = new HostileRun(directory);
        // what is loaded and opened once is not a guest's
        hostile.run(guest(SEED - 1, hostile.machine), CALLS);
        before = HostResources.now();
    }

    @AfterEach
    void end(TestInfo test) throws IOException {
        hostile.close();
        System.out.println(test.getDisplayName() + ": seeds from " + SEED + ", " + hostile.tally());
    }

    private HostileGuest guest(long seed, Neighbours neighbours) {
        return guest(seed, neighbours, HostileGuest.Mode.ALONE);
    }

    private HostileGuest guest(long seed, Neighbours neighbours, HostileGuest.Mode mode) {
        return new HostileGuest(
                "seed " + seed, Choices.seeded(seed), hostile.ground, neighbours, mode);
    }

    /** Looks whether anything was touched or is left. */
    private void check(String when) throws IOException {
        hostile.check(when);
        before.requireNoMore("after " + when);
    }

    /** Runs something with guests on several threads at once, and waits for all of them. */
    private static void together(List<Runnable> guests) throws Exception {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (Runnable guest : guests) {
            running.add(
                    CompletableFuture.runAsync(
                            guest,
                            command -> {
                                Thread thread = new Thread(command, "hostile guest");
                                thread.setDaemon(true);
                                thread.start();
                            }));
        }
        for (CompletableFuture<Void> each : running) {
            each.get(20, TimeUnit.MINUTES);
        }
    }

    @Test
    void nothing_but_an_errno_or_an_end_comes_out_of_random_calls() throws IOException {
        for (int i = 0; i < GUESTS; i++) {
            long seed = SEED + i;
            hostile.ground.layVolume();
            hostile.run(guest(seed, hostile.machine), CALLS);
            check("seed " + seed);
        }
        assertThat(hostile.tally().functions()).hasSizeGreaterThan(150);
    }

    @Test
    void two_guests_on_one_volume_and_the_same_ports_do_no_better() throws Exception {
        for (int i = 0; i < GUESTS / 4; i++) {
            long seed = SEED + 100_000 + i * 2L;
            hostile.ground.layVolume();
            together(
                    List.of(
                            () -> hostile.run(guest(seed, hostile.machine), CALLS),
                            () -> hostile.run(guest(seed + 1, hostile.machine), CALLS)));
            check("seeds " + seed + " and the next");
        }
    }

    /** Nothing of the machine is used then, and no port of the network is held in the end. */
    @Test
    void guests_in_one_network_inside_the_process_reach_each_other_and_nothing_else()
            throws Exception {
        for (int i = 0; i < GUESTS / 3; i++) {
            long seed = SEED + 300_000 + i * 2L;
            hostile.ground.layVolume();
            try (Neighbours inside = new InProcessNeighbours()) {
                together(
                        List.of(
                                () -> hostile.run(guest(seed, inside), CALLS),
                                () -> hostile.run(guest(seed + 1, inside), CALLS)));
                inside.check("seeds " + seed + " and the next");
            }
            check("seeds " + seed + " and the next");
        }
    }

    @Test
    void threads_of_one_guest_that_race_find_no_gap_between_two_steps() throws Exception {
        for (int i = 0; i < GUESTS; i++) {
            long seed = SEED + 400_000 + i;
            hostile.ground.layVolume();
            if (i % 3 == 0) {
                try (Neighbours inside = new InProcessNeighbours()) {
                    race(seed, inside);
                    inside.check("seed " + seed);
                }
            } else {
                race(seed, hostile.machine);
            }
            check("seed " + seed);
        }
    }

    private void race(long seed, Neighbours neighbours) {
        hostile.race(guest(seed, neighbours, HostileGuest.Mode.RACED), seed, CALLS / 3);
    }

    @Test
    void two_guests_of_which_each_has_threads_that_race_do_no_better() throws Exception {
        for (int i = 0; i < GUESTS / 6; i++) {
            long seed = SEED + 500_000 + i * 2L;
            hostile.ground.layVolume();
            try (Neighbours inside = new InProcessNeighbours()) {
                together(List.of(() -> race(seed, inside), () -> race(seed + 1, inside)));
                inside.check("seeds " + seed + " and the next");
            }
            check("seeds " + seed + " and the next");
        }
    }

    /**
     * The guest's stack is nearly used up when it calls: the call is done, or the process ends by a
     * trap before anything was changed; what it holds is given back in both cases.
     */
    @Test
    void calls_on_a_nearly_exhausted_stack_end_in_a_trap_or_are_done() throws Exception {
        HostClasses.initialise();
        onSmallStack(SEED + 200_000);
        before = HostResources.now();
        int traps = 0;
        for (int i = 0; i < GUESTS; i++) {
            hostile.ground.layVolume();
            traps += onSmallStack(SEED + 200_000 + i);
            check("stack, seed " + (SEED + 200_000 + i));
        }
        System.out.println(traps + " ended by a trap");
        assertThat(traps).isPositive();
    }

    private int onSmallStack(long seed) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicInteger traps = new AtomicInteger();
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            try {
                                HostileGuest guest =
                                        guest(seed, hostile.machine, HostileGuest.Mode.DEEP);
                                hostile.run(guest, CALLS);
                                traps.set(guest.isTrapped() ? 1 : 0);
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                        },
                        "small stack",
                        1 << 20);
        thread.setDaemon(true);
        thread.start();
        thread.join();
        if (thrown.get() != null) {
            throw new AssertionError("seed " + seed, thrown.get());
        }
        return traps.get();
    }
}
