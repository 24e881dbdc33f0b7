package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.runtime.internal.ExecutionWays.COMPILED;
import static org.wasix4j.runtime.internal.ExecutionWays.INTERPRETED;
import static org.wasix4j.runtime.internal.LoopGuest.TESTED;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;
import org.wasix4j.runtime.internal.lowering.LoopHandover;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;

/**
 * Runs functions that go on in the continuation of a loop, at each of their loops and each time
 * that they arrive there, against the same functions as they are.
 */
final class LoopRuns {

    /** So often a loop is arrived at in a run, the further times are left out. */
    private static final int MOST_ARRIVALS = 40;

    private LoopRuns() {}

    /**
     * What a run gives: the results or how it ended, the trace, and a part of the memory.
     *
     * @param arrivals where the number of arrivals goes
     */
    private static String outcome(
            byte[] wasm, ExecutionWays way, long argument, int counter, int[] arrivals) {
        LinearMemory memory =
                new LinearMemory(new MemoryLimits(1, 1), Memory.RUNTIME_MAX_PAGES, true);
        try {
            Instance instance =
                    Instance.builder(Parser.parse(wasm))
                            .withMemoryFactory(limits -> memory)
                            .withMachineFactory(way.machines(wasm))
                            .build();
            String outcome = outcome(instance, argument);
            arrivals[0] = counter < 0 ? 0 : (int) instance.global(counter).getValue();
            return outcome;
        } finally {
            memory.free();
        }
    }

    private static String outcome(Instance instance, long argument) {
        String answer;
        try {
            answer = Arrays.toString(instance.export("f").apply(argument));
        } catch (RuntimeException e) {
            answer = e.getClass().getName();
        }
        byte[] memory = instance.memory().readBytes(0, 64);
        return answer
                + " "
                + instance.exports().global("trace").getValue()
                + " "
                + Arrays.toString(memory);
    }

    /**
     * Runs a function as it is and with each handing over; answers how many of these there were.
     *
     * @param arguments with how many arguments, from 0 on
     * @param wanted the arrivals at a loop that are tried, from 1 on
     */
    static int check(byte[] given, int arguments, IntPredicate wanted) {
        byte[] wasm = ModuleRewriter.rewrite(given).wasm();
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        assertThat(LoopContinuation.isPossible(survey, TESTED)).isTrue();
        int checked = 0;
        int loops = LoopHandover.loops(survey, TESTED).size();
        for (long argument = 0; argument < arguments; argument++) {
            int[] arrivals = new int[1];
            String plain = outcome(wasm, INTERPRETED, argument, -1, arrivals);
            for (int loop = 0; loop < loops; loop++) {
                if (!LoopHandover.isReachable(survey, TESTED, loop)) {
                    continue;
                }
                for (int n = 1; n <= MOST_ARRIVALS; n++) {
                    if (!wanted.test(n)) {
                        continue;
                    }
                    LoopHandover changed = LoopHandover.at(survey, TESTED, loop, n);
                    assertThat(
                                    outcome(
                                            changed.wasm(),
                                            n % 4 == 0 ? INTERPRETED : COMPILED,
                                            argument,
                                            changed.arrivals(),
                                            arrivals))
                            .as("argument %s, loop %s, arrival %s", argument, loop, n)
                            .isEqualTo(plain);
                    if (arrivals[0] < n) {
                        break;
                    }
                    checked++;
                }
            }
        }
        return checked;
    }
}
