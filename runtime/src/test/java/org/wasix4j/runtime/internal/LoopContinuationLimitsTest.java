package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.runtime.internal.LoopGuest.HEADER;
import static org.wasix4j.runtime.internal.LoopGuest.OF_INT;
import static org.wasix4j.runtime.internal.LoopGuest.TESTED;
import static org.wasix4j.runtime.internal.LoopGuest.down;
import static org.wasix4j.runtime.internal.LoopGuest.module;

import com.dylibso.chicory.wasm.Parser;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.FlatText;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;
import org.wasix4j.runtime.internal.lowering.LoopContinuation;

/** Functions that cannot go on in the continuation of a loop. */
class LoopContinuationLimitsTest {

    private static boolean isPossible(String locals, String code) {
        return LoopContinuation.isPossible(
                FunctionSurvey.of(module("i32 : i32", locals, code)), TESTED);
    }

    private static String many(String type, int count) {
        return String.join(" ", Collections.nCopies(count, type));
    }

    @Test
    void a_function_without_loops_and_an_imported_one_are_possible() {
        assertThat(isPossible(many("i64", 500), "local.get 0")).isTrue();
        byte[] importing =
                new BinaryWriter()
                        .raw(HEADER, 0, HEADER.length)
                        .section(1, new BinaryWriter().u32(1).raw(FlatText.type(":")))
                        .section(2, new BinaryWriter().u32(1).name("a").name("b").u8(0).u32(0))
                        .toByteArray();
        assertThat(LoopContinuation.isPossible(FunctionSurvey.of(importing), 0)).isTrue();
    }

    @Test
    void a_loop_on_operands_is_not_possible() {
        String loop = " loop - " + down(0, 0) + "end ";
        assertThat(isPossible("", loop + "i32.const 1")).isTrue();
        assertThat(isPossible("", "i32.const 1" + loop)).isFalse();
        assertThat(isPossible("", "i32.const 1 block -" + loop + "end")).isFalse();
        assertThat(isPossible("", loop + "i32.const 1" + loop)).isFalse();
        assertThat(isPossible("", "i32.const 1 local.get 0 if -" + loop + "end")).isFalse();
    }

    @Test
    void a_loop_with_parameters_or_in_a_block_with_some_is_not_possible() {
        String loop = " loop - " + down(0, 0) + "end ";
        assertThat(isPossible("", "i32.const 1 loop " + OF_INT + " end")).isFalse();
        assertThat(isPossible("", "i32.const 1 block 1 drop" + loop + "end i32.const 1")).isFalse();
        assertThat(isPossible("", "i32.const 1 block 1 drop end" + loop + "i32.const 1")).isTrue();
    }

    @Test
    void more_locals_than_a_java_method_can_be_given_are_not_possible() {
        String code = "loop - end i32.const 1";
        assertThat(isPossible(many("i64", 119) + " i32", code)).isTrue();
        assertThat(isPossible(many("i64", 120), code)).isFalse();
        assertThat(isPossible(many("f32", 239), code)).isTrue();
        assertThat(isPossible(many("f32", 240), code)).isFalse();
    }

    @Test
    void vectors_and_references_that_are_never_null_are_not_possible_in_locals() {
        String code = "loop - end i32.const 1";
        assertThat(isPossible("funcref exnref", code)).isTrue();
        assertThat(isPossible("v128", code)).isFalse();
        assertThat(isPossible("ref.func", code)).isFalse();
    }

    @Test
    void code_that_is_damaged_is_not_possible() {
        assertThat(isPossible("", "loop - br 7 end i32.const 1")).isFalse();
        assertThat(isPossible("", "loop - local.get 3 drop end i32.const 1")).isFalse();
        assertThat(isPossible("", "loop - drop end i32.const 1")).isFalse();
        assertThat(isPossible("", "loop - end end i32.const 1")).isFalse();
        assertThat(isPossible("", "i32.const 1 loop -")).isFalse();
        assertThat(isPossible("", "loop 77 end i32.const 1")).isFalse();
    }

    @Test
    void a_loop_that_cannot_be_gone_on_with_is_refused() {
        byte[] wasm =
                module("i32 : i32", "", "loop - end i32.const 1 loop - end return loop - end");
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        int place = survey.functions();
        assertThat(Parser.parse(LoopContinuation.append(survey, TESTED, 0, place)))
                .satisfies(
                        module ->
                                assertThat(module.codeSection().functionBodyCount()).isEqualTo(3));
        assertThatThrownBy(() -> LoopContinuation.append(survey, TESTED, 1, place))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LoopContinuation.append(survey, TESTED, 2, place))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LoopContinuation.append(survey, TESTED, 3, place))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LoopContinuation.append(survey, TESTED, 0, place - 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
