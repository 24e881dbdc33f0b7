package org.wasix4j.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.types.Errno;

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
    private Ground ground;

    private int calls;
    private int denials;
    private int attempts;
    private final Set<String> called = new TreeSet<>();
    private final Set<String> unknown = new TreeSet<>();
    private final int[] errnos = new int[Errno.values().length];

    @BeforeEach
    void start() throws IOException {
        hostile = new HostileRun(directory);
        ground = hostile.ground;
    }

    @AfterEach
    void end() throws IOException {
        hostile.close();
    }

    private void run(HostileGuest guest) {
        try {
            hostile.run(guest, CALLS);
        } finally {
            count(guest);
        }
    }

    private synchronized void count(HostileGuest guest) {
        calls += guest.calls;
        denials += guest.denials;
        attempts += guest.attempts();
        called.addAll(guest.called);
        unknown.addAll(guest.unknownErrors);
        for (int i = 0; i < errnos.length; i++) {
            errnos[i] += guest.errnos[i];
        }
    }

    private HostileGuest guest(long seed) {
        return new HostileGuest("seed " + seed, Choices.seeded(seed), ground);
    }

    private void report(String what) {
        StringBuilder answers = new StringBuilder();
        for (Errno errno : Errno.values()) {
            if (errnos[errno.code()] > 0) {
                answers.append(' ')
                        .append(errno.wasiName())
                        .append('=')
                        .append(errnos[errno.code()]);
            }
        }
        System.out.println(
                what
                        + ": seeds from "
                        + SEED
                        + ", "
                        + calls
                        + " calls of "
                        + called.size()
                        + " functions, "
                        + attempts
                        + " attempts to leave the grants, "
                        + denials
                        + " denied by policy;"
                        + answers);
        unknown.forEach(each -> System.out.println("  answered io: " + each));
    }

    @Test
    void nothing_but_an_errno_or_an_end_comes_out_of_random_calls() throws IOException {
        run(guest(SEED - 1));
        HostResources before = HostResources.now();
        for (int i = 0; i < GUESTS; i++) {
            long seed = SEED + i;
            ground.layVolume();
            run(guest(seed));
            ground.check("seed " + seed);
            noTemporaryNamesAreLeft();
            before.requireNoMore("after seed " + seed);
        }
        report("hostile guests");
        assertThat(called).hasSizeGreaterThan(150);
    }

    private void noTemporaryNamesAreLeft() throws IOException {
        try (Stream<Path> files = Files.walk(ground.volume)) {
            assertThat(files.filter(f -> f.getFileName().toString().startsWith(".wasix")))
                    .isEmpty();
        }
    }

    @Test
    void two_guests_on_one_volume_and_the_same_ports_do_no_better() throws Exception {
        run(guest(SEED - 1));
        HostResources before = HostResources.now();
        for (int i = 0; i < GUESTS / 4; i++) {
            ground.layVolume();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int k = 0; k < 2; k++) {
                long seed = SEED + 100_000 + i * 2L + k;
                running.add(
                        CompletableFuture.runAsync(
                                () -> run(guest(seed)),
                                command -> {
                                    Thread thread = new Thread(command, "guest " + seed);
                                    thread.setDaemon(true);
                                    thread.start();
                                }));
            }
            for (CompletableFuture<Void> each : running) {
                each.get(20, TimeUnit.MINUTES);
            }
            ground.check("guests of round " + i);
            noTemporaryNamesAreLeft();
            before.requireNoMore("after round " + i);
        }
        report("two guests");
    }

    /**
     * The guest's stack is nearly used up when it calls: the call is done, or the process ends by a
     * trap before anything was changed; what it holds is given back in both cases.
     */
    @Test
    void calls_on_a_nearly_exhausted_stack_end_in_a_trap_or_are_done() throws Exception {
        run(guest(SEED - 1));
        onSmallStack(SEED + 200_000);
        HostResources before = HostResources.now();
        int traps = 0;
        for (int i = 0; i < GUESTS / 2; i++) {
            ground.layVolume();
            traps += onSmallStack(SEED + 200_000 + i);
            ground.check("stack, seed " + (SEED + 200_000 + i));
            before.requireNoMore("after stack, seed " + (SEED + 200_000 + i));
        }
        System.out.println(
                "stacks: seeds from " + (SEED + 200_000) + ", " + traps + " ended by a trap");
        assertThat(traps).isPositive();
    }

    private int onSmallStack(long seed) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicInteger traps = new AtomicInteger();
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            HostileGuest guest = guest(seed).onNearlyExhaustedStacks();
                            try {
                                run(guest);
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                            traps.set(guest.trapped() ? 1 : 0);
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
