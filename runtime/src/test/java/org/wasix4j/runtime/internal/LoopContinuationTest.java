package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.runtime.internal.LoopGuest.PAIR;
import static org.wasix4j.runtime.internal.LoopGuest.down;
import static org.wasix4j.runtime.internal.LoopGuest.module;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Functions that go on in the continuation of a loop, at each of their loops and each time that
 * they arrive there, against the same functions as they are.
 */
@Timeout(120)
class LoopContinuationTest {

    private static final int PROGRAMS = 8;

    private static int check(byte[] wasm) {
        return LoopRuns.check(wasm, 6, n -> true);
    }

    private static int check(String locals, String code) {
        return check(module("i32 : i32", locals, code));
    }

    @Test
    void a_loop_in_a_function() {
        int checked =
                check(
                        "i32 i64",
                        "i32.const 5 local.set 1 i32.const 99 call 0"
                                + " loop - local.get 0 call 0 local.get 2 i64.const 7 i64.add"
                                + " local.set 2"
                                + down(1, 0)
                                + "end local.get 2 i32.wrap_i64");
        assertThat(checked).isEqualTo(6 * 5);
    }

    @Test
    void loops_in_loops() {
        int checked =
                check(
                        "i32 i32 i32",
                        "i32.const 4 local.set 1 loop -"
                                + " local.get 1 i32.eqz if - i32.const 77 return end"
                                + " local.get 1 i32.const 1 i32.sub local.tee 1 call 0"
                                + " i32.const 2 local.set 2 block - loop - local.get 2 call 0"
                                + " i32.const 2 local.set 3 loop - local.get 3 call 0"
                                + " local.get 0 i32.const 4 i32.eq br_if 2"
                                + " local.get 0 i32.const 5 i32.eq br_if 3"
                                + down(3, 0)
                                + "end"
                                + down(2, 0)
                                + "end end local.get 1 br_if 0 end local.get 3");
        assertThat(checked).isGreaterThan(50);
    }

    @Test
    void loops_in_either_arm_of_a_condition() {
        String arms =
                "local.get 0 i32.const 1 i32.and if i32 i32.const 1 call 0"
                        + " loop i32 local.get 1 call 0"
                        + down(1, 0)
                        + "local.get 0 i32.const 10 i32.add end i32.const 2 call 0"
                        + " else i32.const 3 call 0 local.get 0 i32.const 2 i32.and if -"
                        + " loop - local.get 1 i32.const 7 i32.add call 0"
                        + down(1, 0)
                        + "end end i32.const 5 call 0 local.get 1 end";
        assertThat(check("i32", "i32.const 3 local.set 1 " + arms)).isGreaterThan(6);
        assertThat(
                        check(
                                "i32 i32 i32",
                                "i32.const 3 local.set 2 loop - i32.const 2 local.set 1 "
                                        + arms
                                        + " local.set 3 local.get 3 call 0 local.get 0"
                                        + " i32.const 1 i32.add local.set 0"
                                        + down(2, 0)
                                        + "end local.get 3"))
                .isGreaterThan(40);
    }

    @Test
    void a_loop_in_the_condition_of_a_loop() {
        int checked =
                check(
                        "i32 i32",
                        "i32.const 4 local.set 1 loop - block - i32.const 6 call 0"
                                + " loop i32 local.get 2 i32.const 1 i32.add local.tee 2"
                                + " i32.const 3 i32.rem_u br_if 0 local.get 2 i32.const 2 i32.and"
                                + " end if - local.get 2 call 0 br 1 end i32.const 8 call 0 end"
                                + down(1, 0)
                                + "end local.get 2");
        assertThat(checked).isGreaterThan(20);
    }

    @Test
    void a_branch_out_of_several_blocks_with_values() {
        int checked =
                check(
                        module(
                                "i32 : i32 i64",
                                "i32 i32",
                                "i32.const 5 local.set 1 block "
                                        + PAIR
                                        + " i32.const 1 call 0"
                                        + " loop - i32.const 2 call 0 block - local.get 2 call 0"
                                        + " loop - local.get 2 i32.const 1 i32.add local.tee 2"
                                        + " i32.const 3 i32.and br_if 0"
                                        + " local.get 0 local.get 2 i32.const 6 i32.gt_u"
                                        + " if - local.get 2 i64.const 12 br 4 end call 0"
                                        + " local.get 0 i32.const 3 i32.eq br_if 1"
                                        + " local.get 2 i32.const 9 i32.eq if -"
                                        + " i32.const 9 i64.const 9 return end"
                                        + " end end"
                                        + down(1, 0)
                                        + "end i32.const 3 i64.const 4 end"
                                        + " i64.const 1 i64.add"));
        assertThat(checked).isGreaterThan(30);
    }

    @Test
    void a_switch_in_a_loop_that_is_left_and_repeated_by_it() {
        int checked =
                check(
                        "i32 i32",
                        "block - loop - block - block - block -"
                                + " local.get 1 i32.const 1 i32.add local.tee 1 local.get 0"
                                + " i32.add i32.const 5 i32.rem_u br_table 0,1,3,2,4 end"
                                + " i32.const 1 call 0 br 2 end i32.const 2 call 0"
                                + " loop - local.get 2 i32.const 1 i32.add local.tee 2"
                                + " i32.const 1 i32.and br_table 2,0 end end"
                                + " i32.const 3 call 0 local.get 1 i32.const 30 i32.lt_u br_if 0"
                                + " end end local.get 1");
        assertThat(checked).isGreaterThan(20);
    }

    @Test
    void a_loop_in_a_try_whose_exception_is_caught_behind_or_thrown_on() {
        String body =
                "block - block i32 try_table - catch:0:0,catch_all:1"
                        + " i32.const 4 call 0 loop - local.get 1 call 0"
                        + " local.get 1 local.get 0 i32.eq if - i32.const 50 throw 0 end"
                        + down(1, 0)
                        + "end end br 1 end local.set 2 end local.get 2 call 0";
        assertThat(check("i32 i32", "i32.const 3 local.set 1 " + body + " local.get 2"))
                .isGreaterThan(10);
        assertThat(
                        check(
                                "i32 i32 i32",
                                "i32.const 3 local.set 3 loop - i32.const 2 local.set 1 "
                                        + body
                                        + down(3, 0)
                                        + "end local.get 2 throw 0"))
                .isGreaterThan(20);
    }

    @Test
    void a_try_in_front_of_the_loop_in_a_loop_and_one_in_its_body() {
        int checked =
                check(
                        "i32 i32 i32",
                        "i32.const 3 local.set 1 loop - block - block i32"
                                + " try_table i32 catch:0:0"
                                + " local.get 1 local.get 0 i32.gt_u if - i32.const 5 throw 0 end"
                                + " i32.const 6 end end call 0 i32.const 3 local.set 2"
                                + " loop - block i32 try_table - catch:0:0,catch_all:2"
                                + " local.get 2 throw 0 end unreachable end call 0"
                                + down(2, 0)
                                + "end end"
                                + down(1, 0)
                                + "end local.get 1");
        assertThat(checked).isGreaterThan(40);
    }

    @Test
    void code_that_is_never_reached_and_a_loop_without_end() {
        int checked =
                check(
                        "i32 i32",
                        "loop i32 block - block - local.get 1 br_if 0 i32.const 1 local.set 1 br 1"
                                + " loop - i32.const 4 br_if 3 br 0 end i32.const 1 drop end"
                                + " i32.const 2 call 0 br 0 i32.add drop end"
                                + " loop - local.get 2 i32.const 1 i32.add local.tee 2"
                                + " i32.const 12 i32.gt_u if - local.get 2 return"
                                + " local.get 1 br_if 0 br 2 end"
                                + " local.get 2 i32.const 3 i32.rem_u br_if 0 br 1 end"
                                + " i32.const 4 call 0 br 0 end");
        assertThat(checked).isGreaterThan(40);
    }

    @Test
    void a_trap_and_what_was_written_to_memory_before() {
        int checked =
                check(
                        "i32",
                        "loop - local.get 1 local.get 1 i32.store 0 i32.const 40 i32.const 5"
                                + " local.get 1 local.get 0 i32.sub i32.div_s i32.store 0"
                                + " local.get 1 i32.const 4 i32.add local.tee 1 i32.const 20"
                                + " i32.lt_u br_if 0 end i32.const 0 i32.load 0");
        assertThat(checked).isGreaterThan(15);
    }

    @Test
    void a_function_that_calls_itself_and_locals_of_all_types() {
        int checked =
                check(
                        "i32 i64 f32 f64 funcref exnref",
                        "i32.const 2 local.set 1 ref.func 0 local.set 5"
                                + " local.get 0 f32.convert_i32_s local.set 3"
                                + " local.get 0 f64.convert_i32_s local.set 4"
                                + " loop - local.get 1 call 0"
                                + " local.get 0 if - local.get 0 i32.const 1 i32.sub call 1"
                                + " call 0 end local.get 3 local.get 3 f32.add local.set 3"
                                + " local.get 4 local.get 4 f64.add local.set 4"
                                + " local.get 2 i64.const 3 i64.sub local.set 2"
                                + down(1, 0)
                                + "end local.get 5 ref.is_null local.get 6 ref.is_null i32.add"
                                + " local.get 3 i32.trunc_f32_s i32.add"
                                + " local.get 4 i32.trunc_f64_s i32.add"
                                + " local.get 2 i32.wrap_i64 i32.add");
        assertThat(checked).isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void programs_at_random(int batch) {
        int checked = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            String code = LoopPrograms.code((long) batch * PROGRAMS + seed);
            checked +=
                    LoopRuns.check(
                            module("i32 : i32", LoopPrograms.LOCALS, code),
                            2,
                            n -> n < 4 || n == 7 || n == 20);
        }
        assertThat(checked).isGreaterThan(PROGRAMS);
    }
}
