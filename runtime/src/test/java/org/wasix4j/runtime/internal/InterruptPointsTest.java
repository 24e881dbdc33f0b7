package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.testmodules.TestModule;

class InterruptPointsTest {

    private static final byte[] WASM = TestModule.named("system/endless").bytes();

    private static final int SELF = 1;
    private static final int EVEN = 2;
    private static final int ODD = 3;
    private static final int LEAF = 4;
    private static final int CALLS_LEAF = 5;
    private static final int FIRST_OF_CHAIN = 6;
    private static final int CHAIN = 60;

    private final InterruptPoints points =
            new InterruptPoints(FunctionSurvey.of(WASM), RewrittenModule.Parts.NONE);

    @Test
    void recursive_calls_ask_and_calls_of_small_functions_do_not() {
        assertThat(points.walk(SELF).asksBefore(SELF)).isTrue();
        assertThat(points.walk(EVEN).asksBefore(ODD)).isTrue();
        assertThat(points.walk(ODD).asksBefore(EVEN)).isTrue();
        assertThat(points.walk(CALLS_LEAF).asksBefore(LEAF)).isFalse();
        // a call of a recursive function from outside does not
        assertThat(points.walk(CALLS_LEAF).asksBefore(SELF)).isFalse();
    }

    @Test
    void calls_that_take_long_without_any_loop_ask() {
        // each function of the chain calls the next one twice; the last one is short
        assertThat(points.walk(FIRST_OF_CHAIN).asksBefore(FIRST_OF_CHAIN + 1)).isTrue();
        int last = FIRST_OF_CHAIN + CHAIN - 1;
        assertThat(points.walk(last - 1).asksBefore(last)).isFalse();
    }

    @Test
    void a_function_that_makes_many_calls_asks_now_and_then() {
        InterruptPoints.Walk walk = points.walk(CALLS_LEAF);
        int asked = 0;
        for (int i = 0; i < 100_000; i++) {
            asked += walk.asksBefore(LEAF) ? 1 : 0;
        }
        assertThat(asked).isBetween(5, 100);
    }

    @ParameterizedTest
    @CsvSource({
        "endless, loop",
        "endless, self",
        "endless, even",
        "endless, chain",
        "endless, indirect",
        "tail-calls, even",
        "tail-calls, machine",
        "tail-calls, marks"
    })
    void whatever_runs_without_end_ends_soon_when_its_thread_is_interrupted(
            String module, String export) throws InterruptedException {
        byte[] wasm = ModuleRewriter.rewrite(TestModule.named("system/" + module).bytes()).wasm();
        Instance instance = ExecutionWays.COMPILED.instance(wasm);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread =
                new Thread(
                        () -> {
                            begun.countDown();
                            try {
                                instance.export(export)
                                        .apply(module.equals("endless") ? 1 << 30 : 1L << 62);
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                            ended.countDown();
                        });
        thread.setDaemon(true);
        thread.start();
        begun.await();
        // it takes hours, so that it is certainly under way
        assertThat(ended.await(50, TimeUnit.MILLISECONDS)).isFalse();
        thread.interrupt();
        assertThat(ended.await(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(thrown.get()).isInstanceOf(ChicoryInterruptedException.class);
    }
}
