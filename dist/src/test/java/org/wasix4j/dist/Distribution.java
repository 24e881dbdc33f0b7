package org.wasix4j.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The archive that was built. */
final class Distribution {

    private Distribution() {}

    /** Unpacks it into a folder, and answers the command. */
    static String unpack(Path place) throws Exception {
        String archive = System.getProperty("distribution");
        int code =
                new ProcessBuilder("tar", "xzf", archive, "-C", place.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
        assertThat(code).isZero();
        try (Stream<Path> unpacked = Files.list(place)) {
            return unpacked.findFirst().orElseThrow().resolve("bin/wasix-run").toString();
        }
    }

    /** Waits for something that another process does. */
    static void await(BooleanSupplier condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(10))
                .until(condition::getAsBoolean);
    }
}
