package org.wasix4j.fuzz;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.SilentCloseable;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.hostile.HostileRun;

/**
 * Sequences of host calls, led by a fuzzer; what is demanded is told at {@link HostileRun}. Jazzer
 * itself looks too: it takes a connection to a port that is not granted for a finding.
 */
class HostCallFuzzTest {

    private static final int MOST_CALLS = 60;

    /** Sequences to begin with: a fuzzer that has to grow them from nothing makes no second call. */
    private static final int SEEDS = 48;

    private static final int SEED_BYTES = 2_000;

    private static HostileRun run;

    static Stream<byte[]> seeds() {
        return LongStream.range(0, SEEDS)
                .mapToObj(
                        seed -> {
                            byte[] bytes = new byte[SEED_BYTES];
                            new SplittableRandom(seed).nextBytes(bytes);
                            return bytes;
                        });
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "180s")
    void host_calls_keep_their_word(byte[] data) throws Exception {
        if (run == null) {
            run = HostileRun.inTemporaryFolder();
        }
        try (SilentCloseable detector = BugDetectors.allowNetworkConnections(this::isGranted)) {
            run.sequence("fuzzer", new ByteChoices(data), MOST_CALLS);
        }
    }

    private boolean isGranted(String host, int port) {
        return !run.forbiddenPorts().contains(port);
    }
}
