package org.wasix4j.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs guests that call at random on one ground, each for a number of calls, and looks after each
 * whether anything outside the grants was touched.
 */
public final class HostileRun implements AutoCloseable {

    final Ground ground;
    private final Watchdog watchdog = new Watchdog();

    HostileRun(Path directory) throws IOException {
        ground = new Ground(directory);
    }

    /** A run on a folder that is left to the system. */
    public static HostileRun inTemporaryFolder() throws IOException {
        return new HostileRun(Files.createTempDirectory("hostile"));
    }

    /** One guest from its start to its end. */
    public void sequence(String name, Choices choices, int calls) throws IOException {
        ground.layVolume();
        run(new HostileGuest(name, choices, ground), calls);
        ground.check(name);
    }

    /** Lets a guest make its calls, and closes it. */
    void run(HostileGuest guest, int calls) {
        watchdog.add(guest);
        try (guest) {
            for (int i = 0; i < calls && !guest.isOver() && guest.hasMore(); i++) {
                guest.step();
            }
        } finally {
            watchdog.remove(guest);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            watchdog.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ground.close();
    }
}
