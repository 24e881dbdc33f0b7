package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.runtime.internal.LoopGuest.down;
import static org.wasix4j.runtime.internal.TierGuest.eager;
import static org.wasix4j.runtime.internal.TierGuest.function;
import static org.wasix4j.runtime.internal.TierGuest.lazy;
import static org.wasix4j.runtime.internal.TierGuest.run;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;

/**
 * Programs that begin interpreted and have far more to do than an interpreter could: they end, with
 * what they answer when they were compiled before.
 */
@Timeout(90)
class InterpretedStartTest {

    private static final int MANY = 2_000_000_000;

    /** Counts the parameter down, and local 1 up. */
    private static final String LOOP =
            " loop - local.get 1 i32.const 3 i32.add local.set 1" + down(0, 0) + "end ";

    /** A loop that cannot be left, as it stands on an operand. */
    private static final String ON_OPERAND = "i32.const 5" + LOOP + "local.get 1 i32.add";

    private static final TierGuest.Function STAYS = function("stays", "i32", ON_OPERAND);

    private static void assertAnswers(int answer, int argument, TierGuest.Function... functions)
            throws InterruptedException {
        assertThat(run(lazy(functions), argument))
                .isEqualTo(new TierGuest.Outcome("exit code 0", 0, List.of("" + answer)));
    }

    private static TierGuest.Outcome assertSameAsCompiled(
            int argument, TierGuest.Function... functions) throws InterruptedException {
        TierGuest.Outcome compiled = run(eager(functions), argument);
        assertThat(run(lazy(functions), argument)).isEqualTo(compiled);
        return compiled;
    }

    @Test
    void a_long_loop_in_the_first_function() throws Exception {
        assertAnswers(3 * MANY, MANY, function("first", "i32", LOOP + "local.get 1"));
    }

    @Test
    void a_long_loop_in_another_loop() throws Exception {
        String inner = "local.get 0 local.set 2 loop - local.get 1 i32.const 3 i32.add local.set 1";
        String nested = " loop - " + inner + down(2, 0) + "end" + down(3, 0) + "end local.get 1";
        assertAnswers(
                3 * MANY,
                MANY / 1000,
                function("first", "i32 i32 i32", "i32.const 1000 local.set 3" + nested));
        assertAnswers(
                3 * MANY,
                MANY / 4,
                function("first", "i32 i32 i32", "i32.const 4 local.set 3" + nested));
    }

    @Test
    void a_long_loop_in_a_function_that_is_called() throws Exception {
        assertAnswers(
                3 * MANY + 1,
                MANY,
                function("first", "", "local.get 0 call 1 i32.const 1 i32.add"),
                function("second", "i32", LOOP + "local.get 1"));
    }

    @Test
    void a_long_loop_of_calls() throws Exception {
        String loop = " loop - local.get 1 call 1 local.set 1" + down(0, 0) + "end local.get 1";
        assertAnswers(
                MANY,
                MANY,
                function("first", "i32", loop),
                function("second", "", "local.get 0 i32.const 1 i32.add"));
    }

    @Test
    void a_long_loop_that_cannot_be_left() throws Exception {
        FunctionSurvey survey = FunctionSurvey.of(TierGuest.module(STAYS));
        assertThat(LoopContinuation.isPossible(survey, 0)).isFalse();

        assertAnswers(3 * MANY + 5, MANY, STAYS);
        assertAnswers(
                3 * MANY + 6,
                MANY,
                function("first", "", "local.get 0 call 1 i32.const 1 i32.add"),
                STAYS);
    }

    @Test
    void a_global_and_the_memory_are_the_same_on_both_sides() throws Exception {
        // what is compiled changes both, and the interpreter sees it: in the end the reverse
        String both = "global.get 0 i32.const 0 i32.load 0 i32.add";
        assertAnswers(
                18 + 15,
                4,
                function(
                        "first",
                        "",
                        "i32.const 7 global.set 0 i32.const 0 i32.const 4 i32.store 0"
                                + " local.get 0 call 1 drop "
                                + both),
                function(
                        "second",
                        "i32",
                        "i32.const 5"
                                + " loop - global.get 0 i32.const 2 i32.add global.set 0"
                                + " i32.const 0 "
                                + both
                                + " i32.const 0 i32.and i32.const 15 i32.add i32.store 0"
                                + down(0, 0)
                                + "end global.get 0 i32.const 3 i32.add global.set 0"));
    }

    @Test
    void a_long_loop_with_more_code_than_a_method_has_room_for() throws Exception {
        String much = "local.get 1 i32.const 3 i32.add local.set 1 ".repeat(20_000);
        String loop = "loop - " + much + down(0, 0) + "end ";
        int rounds = MANY / 80_000;
        int answer = 3 * 20_000 * rounds;
        assertAnswers(answer, rounds, function("first", "i32", loop + "local.get 1"));
        TierGuest.Function[] functions = {
            function("first", "", "local.get 0 call 2"),
            STAYS,
            function("large", "i32", loop + "unreachable " + much + " local.get 1")
        };
        assertThat(assertSameAsCompiled(1000, functions).status())
                .contains("in function 2 (large)");
    }

    @Test
    void calls_by_the_table() throws Exception {
        String byTable = " i32.const 1 call_indirect 1 0 ";
        assertAnswers(
                3 * MANY + 6,
                MANY,
                function("first", "", "local.get 0" + byTable + "i32.const 1 i32.add"),
                STAYS);
        String loop = " loop - local.get 1" + byTable + "local.set 1" + down(0, 0) + "end ";
        assertAnswers(
                MANY / 4,
                MANY / 4,
                function("first", "i32", loop + "local.get 1"),
                function("second", "", "local.get 0 i32.const 1 i32.add"));
        assertAnswers(
                5000,
                5000,
                function("first", "", "local.get 0" + byTable),
                function(
                        "second",
                        "",
                        "local.get 0 if i32 local.get 0 i32.const 1 i32.sub"
                                + byTable
                                + "i32.const 1 i32.add else i32.const 0 end"));
    }

    @Test
    void two_results_behind_a_loop_that_was_left() throws Exception {
        byte[] wasm =
                LoopGuest.module(
                        "i32 : i32 i64", "i32", LOOP + "local.get 1 local.get 1 i64.extend_i32_u");
        for (int rounds : new int[] {1, MANY / 100}) {
            assertThat(
                            run(
                                            WasixModule.loader()
                                                    .withLazyCompilation(true)
                                                    .load("two", wasm),
                                            rounds)
                                    .results())
                    .containsExactly("" + 3 * rounds, "" + 3 * rounds);
        }
    }

    @Test
    void a_recursion_that_is_deep() throws Exception {
        assertAnswers(
                5000,
                5000,
                function(
                        "first",
                        "",
                        "local.get 0 if i32 local.get 0 i32.const 1 i32.sub call 0"
                                + " i32.const 1 i32.add else i32.const 0 end"));
    }

    @Test
    void a_recursion_without_end() throws Exception {
        TierGuest.Outcome end =
                assertSameAsCompiled(
                        1, function("first", "", "local.get 0 call 0 i32.const 1 i32.add"));
        assertThat(end.status()).contains("stack");
        String message = end.status().substring(0, end.status().indexOf(", in function"));
        end =
                run(
                        lazy(
                                function("first", "", "local.get 0 call 1 i32.const 1 i32.add"),
                                function("second", "i32", "local.get 0 call 0 " + LOOP)),
                        1);
        assertThat(end.status()).matches(Pattern.quote(message) + ", in function [01] \\(.*\\)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unreachable",
                "i32.const 1 i32.const 0 i32.div_s",
                "i32.const -2147483648 i32.const -1 i32.div_s",
                "i32.const 1 i32.const 0 i32.rem_u",
                "i32.const 65536 i32.load 0",
                "i32.const 65533 i32.const 1 i32.store 0 i32.const 1",
                "i32.const 7 i32.const 99 call_indirect 1 0"
            })
    void a_trap_at_once_in_a_function_that_is_called_and_behind_loops(String trap)
            throws Exception {
        TierGuest.Function bad = function("bad", "", trap);
        assertThat(assertSameAsCompiled(1, bad).status()).startsWith("trap: ").contains("(bad)");
        assertSameAsCompiled(
                1, function("first", "", "local.get 0 call 1 i32.const 1 i32.add"), bad);
        // in a function that is compiled, while its caller is not
        assertSameAsCompiled(
                9,
                function("first", "", "local.get 0 call 1 i32.const 1 i32.add"),
                function("second", "i32", ON_OPERAND + " drop " + trap));
        // where a loop was left
        TierGuest.Function behind = function("behind", "i32", LOOP + trap);
        TierGuest.Outcome end = assertSameAsCompiled(1_000_000, behind);
        assertThat(end.status()).contains("function 0 (behind)");
        assertSameAsCompiled(
                1_000_000,
                function("first", "", "local.get 0 call 2 i32.const 1 i32.add"),
                bad,
                behind,
                STAYS);
    }

    @Test
    void a_function_that_is_not_valid_and_never_called_does_no_harm() throws Exception {
        TierGuest.Function invalid = function("invalid", "", "i64.const 7");
        assertAnswers(
                1,
                1,
                function(
                        "first",
                        "i32",
                        "local.get 0 if - i32.const 1 return end i32.const 2 call 1"),
                invalid);
        assertAnswers(
                3_000_000,
                1_000_000,
                function("first", "i32", LOOP + "local.get 1 return local.get 0 call 1"),
                invalid);
    }

    @Test
    void a_function_that_is_not_valid_traps_when_it_is_called() throws Exception {
        TierGuest.Function invalid = function("invalid", "", "i64.const 7");
        TierGuest.Function looping = function("invalid", "i32", LOOP + "i64.const 7");
        TierGuest.Function first = function("first", "i32", LOOP + "local.get 1 call 1");
        for (int rounds : new int[] {1, 1_000_000}) {
            for (TierGuest.Function each : new TierGuest.Function[] {invalid, looping}) {
                TierGuest.Outcome end = run(lazy(first, each), rounds);
                assertThat(end.shellCode()).isEqualTo(134);
                assertThat(end.status())
                        .startsWith("trap: the function is not valid: type mismatch")
                        .contains("in function 1 (invalid)");
            }
        }
    }
}
