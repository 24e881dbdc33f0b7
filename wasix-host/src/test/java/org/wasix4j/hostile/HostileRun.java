package org.wasix4j.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs guests that call at random on one ground, and looks after each whether anything outside the
 * grants was touched.
 */
public final class HostileRun implements AutoCloseable {

    final Ground ground;
    final Neighbours machine;
    private final Watchdog watchdog = new Watchdog();
    private final Tally tally = new Tally();

    HostileRun(Path directory) throws IOException {
        ground = new Ground(directory);
        machine = new MachineNeighbours();
    }

    /** A run on a folder that is left to the system. */
    public static HostileRun inTemporaryFolder() throws IOException {
        return new HostileRun(Files.createTempDirectory("hostile"));
    }

    /** Ports of this machine to which no guest may connect. */
    public List<Integer> forbiddenPorts() {
        return machine.forbiddenPorts();
    }

    /**
     * One sequence from its start to its end: of a guest on the machine's network, or in one inside
     * the process, or of two that share it and take turns.
     */
    public void sequence(String name, Choices choices, int calls) throws IOException {
        ground.layVolume();
        if (choices.percent(60)) {
            run(guest(name, choices, machine), calls);
        } else {
            try (Neighbours inside = new InProcessNeighbours()) {
                if (choices.percent(50)) {
                    run(guest(name, choices, inside), calls);
                } else {
                    takeTurns(guest(name, choices, inside), guest(name, choices, inside), calls);
                }
                inside.check(name);
            }
        }
        check(name);
    }

    HostileGuest guest(String name, Choices choices, Neighbours neighbours) {
        return new HostileGuest(name, choices, ground, neighbours);
    }

    /** Lets a guest make its calls, and closes it. */
    void run(HostileGuest guest, int calls) {
        run(guest, running -> step(running, calls));
    }

    private static void step(HostileGuest guest, int calls) {
        HostileCaller caller = guest.first();
        for (int i = 0; i < calls && !caller.isOver() && caller.hasMore(); i++) {
            caller.step();
        }
    }

    /** Lets the threads of a guest make their calls, and closes it. */
    void race(HostileGuest guest, long seed, int calls) {
        run(guest, running -> RacingThreads.run(running, seed, calls));
    }

    private void run(HostileGuest guest, Consumer<HostileGuest> body) {
        watchdog.add(guest);
        try (guest) {
            body.accept(guest);
        } finally {
            watchdog.remove(guest);
            tally.add(guest.tally());
        }
    }

    /** Two guests that one thread runs, a call of this and a call of that. */
    private void takeTurns(HostileGuest one, HostileGuest other, int calls) {
        run(
                other,
                second ->
                        run(
                                one,
                                first -> {
                                    for (int i = 0; i < calls; i++) {
                                        step(first, 1);
                                        step(second, 1);
                                    }
                                }));
    }

    /** Fails when anything of this machine was touched that was not granted. */
    void check(String when) throws IOException {
        ground.check(when);
        machine.check(when);
    }

    /** What the guests did that have run so far. */
    Tally tally() {
        return tally;
    }

    @Override
    public void close() throws IOException {
        watchdog.close();
        machine.close();
        ground.close();
    }
}
