package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;
import org.wasix4j.testmodules.TestModule;

class TailCallsTest {

    private static final int I32 = 0x7f;
    private static final int VOID = 0x40;

    /**
     * Function 0 adds the numbers from its first parameter down to 1 by tail calls of itself, and
     * traps when its own local is not zero at first. Function 1 throws. Function 2 calls function 1
     * out of a try that catches everything, by number, function 4 by the table; function 3 calls
     * one of them in a try and answers 100 when it catches, and what it was given else.
     */
    private static final byte[] WASM =
            ModuleRewriter.rewrite(
                            new BinaryWriter()
                                    .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                                    .section(1, types())
                                    .section(3, numbers(0, 1, 1, 1, 1))
                                    .section(4, new BinaryWriter().u32(1).u8(0x70).u8(0).u32(5))
                                    .section(13, new BinaryWriter().u32(1).u8(0).u32(2))
                                    .section(7, exports())
                                    .section(9, elements())
                                    .section(10, bodies())
                                    .toByteArray())
                    .wasm();

    private static BinaryWriter numbers(int... numbers) {
        BinaryWriter out = new BinaryWriter().u32(numbers.length);
        for (int number : numbers) {
            out.u32(number);
        }
        return out;
    }

    private static BinaryWriter types() {
        BinaryWriter out = new BinaryWriter().u32(3);
        out.u8(0x60).u32(2).u8(I32).u8(I32).u32(1).u8(I32);
        out.u8(0x60).u32(1).u8(I32).u32(1).u8(I32);
        return out.u8(0x60).u32(0).u32(0);
    }

    private static BinaryWriter exports() {
        return new BinaryWriter().u32(2).name("sum").u8(0).u32(0).name("caught").u8(0).u32(3);
    }

    private static BinaryWriter elements() {
        BinaryWriter out = new BinaryWriter().u32(1).u32(0).u8(0x41).u8(0).u8(0x0b);
        return out.raw(numbers(0, 1, 2, 3, 4));
    }

    private static BinaryWriter bodies() {
        BinaryWriter sum = new BinaryWriter().u32(1).u32(1).u8(I32);
        sum.u8(0x20).u8(2).u8(0x04).u8(VOID).u8(0x00).u8(0x0b).u8(0x41).u8(1).u8(0x21).u8(2);
        // to the function's own end, with what was added up
        sum.u8(0x20).u8(1).u8(0x20).u8(0).u8(0x45).u8(0x0d).u8(0).u8(0x1a);
        sum.u8(0x20).u8(0).u8(0x41).u8(1).u8(0x6b).u8(0x20).u8(1).u8(0x20).u8(0).u8(0x6a);
        sum.u8(0x12).u32(0).u8(0x0b);
        BinaryWriter thrower = new BinaryWriter().u32(0).u8(0x08).u32(0).u8(0x0b);
        BinaryWriter all = new BinaryWriter().u32(5).sized(sum).sized(thrower);
        all.sized(leaver(new BinaryWriter().u8(0x12).u32(1)));
        BinaryWriter caller = new BinaryWriter().u32(0).u8(0x02).u8(VOID).u8(0x1f).u8(VOID);
        caller.u32(1).u8(2).u32(0);
        caller.u8(0x41).u8(7).u8(0x20).u8(0).u8(0x11).u32(1).u32(0).u8(0x0f);
        caller.u8(0x0b).u8(0x0b).u8(0x41).signed(100).u8(0x0b);
        all.sized(caller);
        return all.sized(leaver(new BinaryWriter().u8(0x41).u8(1).u8(0x13).u32(1).u32(0)));
    }

    /** {@code block try_table (catch_all 0) local.get 0 CALL end end i32.const 50 end}. */
    private static BinaryWriter leaver(BinaryWriter call) {
        BinaryWriter out = new BinaryWriter().u32(0).u8(0x02).u8(VOID).u8(0x1f).u8(VOID);
        out.u32(1).u8(2).u32(0).u8(0x20).u8(0).raw(call);
        return out.u8(0x0b).u8(0x0b).u8(0x41).u8(50).u8(0x0b);
    }

    private static Instance instance(ExecutionWays way) {
        return Instance.builder(Parser.parse(WASM)).withMachineFactory(way.machines(WASM)).build();
    }

    @ParameterizedTest
    @EnumSource
    void a_function_calls_itself_to_any_depth(ExecutionWays way) {
        long sum = instance(way).export("sum").apply(1_000_000, 0)[0];

        assertThat((int) sum).isEqualTo((int) (1_000_000L * 1_000_001 / 2));
    }

    @ParameterizedTest
    @EnumSource
    void a_tail_call_leaves_the_try_that_it_is_in(ExecutionWays way) {
        Instance instance = instance(way);

        assertThat(instance.export("caught").apply(2)).containsExactly(100);
        assertThat(instance.export("caught").apply(4)).containsExactly(100);
    }

    /** The numbers of steps on both sides of what the rewriter makes of a chain. */
    private static final long[] STEPS = {0, 1, 5, 99, 100, 101, 102, 1000, 1_000_000};

    /** By export: the answers of V8 for these numbers. */
    private static final Map<String, long[]> ANSWERS =
            Map.of(
                    "even",
                    new long[] {1, 0, 0, 0, 1, 0, 1, 1, 1},
                    "machine",
                    new long[] {0, 1, 11, 1651, 1687, 1723, 1754, 167565, 166667163593L},
                    "pairs",
                    new long[] {5, 6, 20, 4955, 5055, 5156, 5258, 500505, 500000500005L},
                    "marks",
                    new long[] {1, 3, 9, 150, 151, 153, 154, 1501, 1500001},
                    "caught",
                    new long[] {80, 80, 80, 80, 80, 80, 80, 80, 80},
                    "ending 3",
                    new long[] {
                        7,
                        1000008,
                        11000012,
                        1651000106,
                        1687000107,
                        1723000108,
                        1754000109,
                        167565001007L,
                        166667163594000007L
                    },
                    "ending 4",
                    new long[] {
                        8,
                        1001006,
                        11011010,
                        1652652524,
                        1688688718,
                        1724724722,
                        1755755723,
                        167732733288L,
                        166833997424882580L
                    });

    @ParameterizedTest
    @EnumSource
    void functions_call_each_other_at_their_ends_to_any_depth(ExecutionWays way) {
        RewrittenModule module =
                ModuleRewriter.rewrite(TestModule.named("system/tail-calls").bytes());
        Instance instance = way.instance(module.wasm());

        // a million interpreted steps would take too long
        int count = way == ExecutionWays.COMPILED ? STEPS.length : STEPS.length - 1;
        ANSWERS.forEach(
                (export, answers) -> {
                    String[] words = export.split(" ");
                    for (int i = 0; i < count; i++) {
                        long[] arguments =
                                words.length == 1
                                        ? new long[] {STEPS[i]}
                                        : new long[] {STEPS[i], Long.parseLong(words[1]), STEPS[i]};
                        assertThat(instance.export(words[0]).apply(arguments))
                                .as("%s of %d", export, STEPS[i])
                                .containsExactly(answers[i]);
                    }
                });
        assertThat(module.tails().deep()).isZero();
    }
}
