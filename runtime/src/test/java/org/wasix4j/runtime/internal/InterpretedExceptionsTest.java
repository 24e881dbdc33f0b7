package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.runtime.internal.LoopGuest.down;
import static org.wasix4j.runtime.internal.TierGuest.eager;
import static org.wasix4j.runtime.internal.TierGuest.function;
import static org.wasix4j.runtime.internal.TierGuest.lazy;
import static org.wasix4j.runtime.internal.TierGuest.run;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exceptions, and values of all types, between what is interpreted and what is compiled. */
@Timeout(90)
class InterpretedExceptionsTest {

    private static final int MANY = 1_000_000;

    /** Counts the parameter down, and local 1 up: it is left, and goes on in compiled code. */
    private static final String LOOP =
            " loop - local.get 1 i32.const 3 i32.add local.set 1" + down(0, 0) + "end ";

    /** Calls function 1 and answers what it answers or throws. */
    private static final String CATCHING =
            "block i32 try_table - catch:0:0 local.get 0 call 1 br 1 end i32.const -1 end";

    private static final String COUNT =
            " i32.const 0 i32.const 0 i32.load 0 i32.const 1 i32.add i32.store 0 ";

    private static void assertAnswers(int answer, int argument, TierGuest.Function... functions)
            throws InterruptedException {
        TierGuest.Outcome expected =
                new TierGuest.Outcome("exit code 0", 0, List.of(String.valueOf(answer)));
        assertThat(run(eager(functions), argument)).isEqualTo(expected);
        assertThat(run(lazy(functions), argument)).isEqualTo(expected);
    }

    @Test
    void one_that_compiled_code_throws_is_caught_by_an_interpreted_function() throws Exception {
        // a function with a loop on an operand is never interpreted
        assertAnswers(
                28,
                9,
                function("first", "", CATCHING + " i32.const 1 i32.add"),
                function("second", "i32", "i32.const 5" + LOOP + "local.get 1 throw 0"));
    }

    @Test
    void one_that_passes_an_interpreted_function_is_caught_further_out() throws Exception {
        assertAnswers(
                28,
                9,
                function("first", "", CATCHING + " i32.const 1 i32.add"),
                function("second", "", "local.get 0 call 2 i32.const 100 i32.add"),
                function("third", "i32", "i32.const 5" + LOOP + "local.get 1 throw 0"));
    }

    @Test
    void one_that_is_thrown_and_caught_behind_a_loop_that_was_left() throws Exception {
        assertAnswers(
                3 * MANY + 2,
                MANY,
                function(
                        "first",
                        "i32",
                        "block i32 try_table - catch:0:0"
                                + LOOP
                                + "local.get 1 throw 0 end i32.const -1 end i32.const 2 i32.add"));
    }

    @Test
    void one_that_a_handler_throws_again_behind_a_loop_is_not_caught_by_it_twice()
            throws Exception {
        String second =
                "block i32 try_table - catch:0:0"
                        + LOOP
                        + "local.get 1 throw 0 end i32.const -1 end drop"
                        + COUNT
                        + "i32.const 77 throw 0";
        assertAnswers(
                7701,
                MANY,
                function(
                        "first",
                        "",
                        CATCHING + " i32.const 100 i32.mul i32.const 0 i32.load 0 i32.add"),
                function("second", "i32", second));
    }

    @Test
    void one_that_leaves_a_loop_that_was_left_is_caught_further_out() throws Exception {
        assertAnswers(
                3 * MANY + 1,
                MANY,
                function("first", "", CATCHING + " i32.const 1 i32.add"),
                function("second", "i32", LOOP + "local.get 1 throw 0"));
    }

    @Test
    void many_of_them_while_code_is_made() throws Exception {
        String loop =
                "loop - block - block i32 try_table - catch:0:0 local.get 0 call 1 local.set 2"
                        + " br 2 end i32.const 0 end local.get 1 i32.add local.set 1 end"
                        + down(0, 0)
                        + "end local.get 1 i32.const 7 i32.mul local.get 2 i32.add";
        String odd =
                "local.get 0 i32.const 1 i32.and if - i32.const 1 throw 0 end"
                        + " local.get 0 i32.const 5 i32.add";
        assertAnswers(
                MANY / 10 / 2 * 7 + 7,
                MANY / 10,
                function("first", "i32 i32", loop),
                function("second", "", odd));
    }

    @Test
    void one_that_nobody_catches_ends_the_program_as_always() throws Exception {
        for (int rounds : new int[] {1, MANY}) {
            TierGuest.Function first = function("first", "i32", LOOP + "local.get 1 throw 0");
            TierGuest.Outcome end = run(eager(first), rounds);
            assertThat(end.shellCode()).isEqualTo(134);
            assertThat(run(lazy(first), rounds)).isEqualTo(end);
        }
    }

    @Test
    void a_reference_to_one_is_thrown_again_behind_a_loop_that_was_left() throws Exception {
        String second =
                "block exnref try_table - catch_all_ref:0 i32.const 42 throw 0 end unreachable end"
                        + " local.set 2"
                        + LOOP
                        + "local.get 2 throw_ref";
        assertAnswers(
                43,
                MANY,
                function("first", "", CATCHING + " i32.const 1 i32.add"),
                function("second", "i32 exnref", second));
        assertAnswers(
                43,
                MANY,
                function(
                        "first",
                        "i32 exnref",
                        "block i32 try_table - catch:0:0 "
                                + second
                                + " end i32.const -1 end i32.const 1 i32.add"));
    }

    @Test
    void a_reference_to_a_function_and_numbers_of_all_types_are_kept_when_a_loop_is_left()
            throws Exception {
        assertAnswers(
                3 * MANY + 5 - 6 + 7 + 1,
                MANY,
                function(
                        "first",
                        "i32 funcref i64 f32 f64 exnref",
                        "i32.const 1 table.get 0 local.set 2 i64.const 5000000000 local.set 3"
                                + " i32.const -6 f32.convert_i32_s local.set 4"
                                + " i32.const 7 f64.convert_i32_s local.set 5"
                                + LOOP
                                + "i32.const 0 local.get 2 table.set 0"
                                + " local.get 1 i32.const 0 call_indirect 1 0"
                                + " local.get 3 i64.const 1000000000 i64.div_s i32.wrap_i64 i32.add"
                                + " local.get 4 i32.trunc_f32_s i32.add"
                                + " local.get 5 i32.trunc_f64_s i32.add"
                                + " local.get 6 ref.is_null i32.add"),
                function("second", "", "local.get 0"));
    }
}
