package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.dylibso.chicory.wasm.Parser;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;
import org.wasix4j.runtime.internal.lowering.LoopHandover;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.testmodules.TestModule;

/** The functions of whole modules that go on in the continuation of a loop. */
@Timeout(120)
class LoopContinuationModulesTest {

    private static final int UNDIVIDED = 10_000_000;

    /** Each function goes on at one of its loops, as it is there for the n-th time. */
    private static byte[] handingOver(byte[] wasm, int chosen, int arrival) {
        byte[] changed = wasm;
        FunctionSurvey given = FunctionSurvey.of(wasm);
        int count = 0;
        for (int i = given.imported(); i < given.functions(); i++) {
            int loops = LoopHandover.loops(given, i).size();
            if (loops == 0 || !LoopContinuation.isPossible(given, i)) {
                continue;
            }
            int loop = (chosen * 7 + i) % loops;
            if (LoopHandover.isReachable(given, i, loop)) {
                changed = LoopHandover.at(FunctionSurvey.of(changed), i, loop, arrival).wasm();
                count++;
            }
        }
        assertThat(count).isGreaterThan(50);
        return changed;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "2, 3", "3, 1", "4, 2"})
    void large_functions_that_go_on_answer_as_in_v8(int chosen, int arrival) {
        byte[] whole = ModuleRewriter.rewrite(LargeFunctionsTest.WASM, UNDIVIDED).wasm();
        byte[] changed = handingOver(whole, chosen, arrival);

        assertThat(LargeFunctionsTest.wrong(Parser.parse(changed), InterpreterCode::machine))
                .isEmpty();
        if (chosen < 2) {
            RewrittenModule divided = ModuleRewriter.rewrite(changed);
            assertThat(
                            LargeFunctionsTest.wrong(
                                    Parser.parse(divided.wasm()),
                                    ModuleCompiler.compile(divided).define(true)))
                    .isEmpty();
        }
    }

    /** All that is left of all functions at all their loops, in one module. */
    private static byte[] appended(byte[] wasm) {
        byte[] changed = wasm;
        FunctionSurvey given = FunctionSurvey.of(wasm);
        for (int i = given.imported(); i < given.functions(); i++) {
            List<Integer> loops = LoopHandover.loops(given, i);
            if (!LoopContinuation.isPossible(given, i)) {
                continue;
            }
            for (int loop = 0; loop < loops.size(); loop++) {
                if (LoopHandover.isReachable(given, i, loop)) {
                    FunctionSurvey survey = FunctionSurvey.of(changed);
                    changed = LoopContinuation.append(survey, i, loop, survey.functions());
                }
            }
        }
        return changed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-hello", "echo-server", "libraries/exceptions-pie"})
    void the_continuations_of_all_loops_of_a_guest_are_valid(String name) {
        byte[] wasm = ModuleRewriter.rewrite(TestModule.named(name).bytes()).wasm();
        byte[] changed = appended(wasm);

        assertThat(FunctionSurvey.of(changed).functions())
                .isGreaterThan(FunctionSurvey.of(wasm).functions() + 10);
        assertThatCode(() -> Parser.parse(changed)).doesNotThrowAnyException();
        CompiledCode code = ModuleCompiler.compile(ModuleRewriter.rewrite(changed));
        assertThat(code.interpreted()).isEmpty();
    }
}
