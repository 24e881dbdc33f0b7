package org.wasix4j.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.wasix4j.hostile.HostileRun;

/** Sequences of host calls, led by a fuzzer; what is demanded is told at {@link HostileRun}. */
class HostCallFuzzTest {

    private static final int MOST_CALLS = 60;

    private static HostileRun run;

    @FuzzTest(maxDuration = "180s")
    void host_calls_keep_their_word(FuzzedDataProvider data) throws Exception {
        if (run == null) {
            run = HostileRun.inTemporaryFolder();
        }
        run.sequence("fuzzer", new FuzzedChoices(data), MOST_CALLS);
    }
}
