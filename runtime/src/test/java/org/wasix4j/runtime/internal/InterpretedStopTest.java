package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.wasix4j.runtime.internal.TierGuest.function;
import static org.wasix4j.runtime.internal.TierGuest.lazy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.runtime.ExitStatus;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.WasixProcess;

/** Programs without end that begin interpreted can be ended, wherever they are. */
@Timeout(90)
class InterpretedStopTest {

    private static final int TIMES = 25;

    private static final String LOOP = "loop - br 0 end unreachable";
    private static final String ON_OPERAND = "i32.const 1 " + LOOP;
    private static final String CALLS = "loop - local.get 0 call 1 drop br 0 end unreachable";
    private static final String RECURSION =
            "local.get 0 i32.const 2 i32.lt_s if i32 local.get 0 else"
                    + " local.get 0 i32.const 1 i32.sub call 0"
                    + " local.get 0 i32.const 2 i32.sub call 0 i32.add end";

    /** So that the recursion takes ages. */
    private static final int ARGUMENT = 100;

    private static TierGuest.Function[] functions(String code) {
        return new TierGuest.Function[] {
            function("first", "", code), function("second", "", "local.get 0")
        };
    }

    /** Compilers of programs of other tests, which may wait for minutes. */
    private Set<Thread> others = Set.of();

    private static Set<Thread> compilers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("wasix4j-compiler-"))
                .collect(Collectors.toSet());
    }

    @BeforeEach
    void note_compilers() {
        others = compilers();
    }

    @AfterEach
    void no_compiler_is_left() {
        await().atMost(Guest.SOON).untilAsserted(() -> assertThat(others).containsAll(compilers()));
    }

    @ParameterizedTest
    @ValueSource(strings = {LOOP, ON_OPERAND, CALLS, RECURSION})
    void it_is_ended_after_moments_of_all_lengths(String code) throws Exception {
        for (int i = 0; i < TIMES; i++) {
            try (WasixProcess process =
                    TierGuest.start(lazy(functions(code)), ARGUMENT, new ArrayList<>())) {
                // from when it is interpreted on, while it waits for code, until it runs in that
                assertThat(process.waitFor(Duration.ofMillis(i * i / 3))).isEmpty();

                process.destroy();

                ExitStatus status = process.waitFor(Guest.SOON).orElseThrow();
                assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
                assertThat(process.abandonedThreads()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LOOP, ON_OPERAND, CALLS, RECURSION})
    void its_time_is_up(String code) throws Exception {
        for (int time : new int[] {1, 300}) {
            Limits limits = Limits.defaults().withTimeout(Duration.ofMillis(time));
            try (WasixProcess process =
                    TierGuest.start(
                            lazy(functions(code)),
                            ARGUMENT,
                            new ArrayList<>(),
                            settings -> settings.withLimits(limits))) {
                ExitStatus status = process.waitFor(Guest.SOON).orElseThrow();
                assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TIMED_OUT);
                assertThat(process.abandonedThreads()).isZero();
            }
        }
    }
}
