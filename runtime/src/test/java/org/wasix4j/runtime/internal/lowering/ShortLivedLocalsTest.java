package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.wasm.Parser;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortLivedLocalsTest {

    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private static final int I32_ADD = 0x6a;
    private static final int I32_MUL = 0x6c;
    private static final int I32_AND = 0x71;
    private static final int I32_LESS = 0x48;
    private static final int I64_ADD = 0x7c;
    private static final int I64_MUL = 0x7e;
    private static final int I32_WRAP = 0xa7;
    private static final int I64_EXTEND = 0xac;
    private static final int EMPTY = 0x40;

    /** The parameter, which decides how often loops go round, and the sum of all values. */
    private static final int PARAMETER = 0;

    private static final int SUM = 1;

    /** A function "f" from i32 to i64. */
    private static byte[] module(BinaryWriter locals, BinaryWriter code) {
        BinaryWriter body = new BinaryWriter().raw(locals).raw(code);
        return new BinaryWriter()
                .raw(HEADER, 0, HEADER.length)
                .section(1, new BinaryWriter().u32(1).u8(0x60).u32(1).u8(0x7f).u32(1).u8(0x7e))
                .section(3, new BinaryWriter().u32(1).u32(0))
                .section(7, new BinaryWriter().u32(1).name("f").u8(0).u32(0))
                .section(10, new BinaryWriter().u32(1).sized(body))
                .toByteArray();
    }

    private static long run(byte[] wasm, int argument) {
        return Instance.builder(Parser.parse(wasm))
                .withMachineFactory(InterpreterMachine::new)
                .build()
                .export("f")
                .apply(argument)[0];
    }

    private static int locals(byte[] wasm) {
        return Parser.parse(wasm).codeSection().getFunctionBody(0).localTypes().size();
    }

    /** Code as compilers write it without optimising, in blocks, loops and branches at random. */
    private static final class Program {

        private final Random random;
        private final Code code = new Code(new BinaryWriter());
        private final List<Integer> ints = new ArrayList<>();
        private final List<Integer> longs = new ArrayList<>();
        private int depth;
        private int recent = 2;

        Program(long seed, int each) {
            random = new Random(seed);
            for (int i = 0; i < each; i++) {
                ints.add(2 + i);
                longs.add(2 + each + i);
            }
        }

        private int one(List<Integer> locals) {
            return locals.get(random.nextInt(locals.size()));
        }

        /** Some values of which each is made of the one before. */
        private void stretch() {
            int before = one(ints);
            // mostly set first, now and then what was set last in the code before
            if (random.nextInt(6) > 0) {
                code.i32(random.nextInt()).set(before);
            } else {
                before = recent;
            }
            for (int i = random.nextInt(6); i >= 0; i--) {
                int next = one(ints);
                code.get(before).i32(random.nextInt(99)).op(I32_ADD);
                if (random.nextBoolean()) {
                    code.tee(next).op(Instruction.DROP);
                } else {
                    code.set(next);
                }
                before = next;
            }
            recent = before;
            int wide = one(longs);
            code.get(before).op(I64_EXTEND).set(wide);
            code.get(SUM).i64(31).op(I64_MUL).get(wide).op(I64_ADD).set(SUM);
            if (random.nextInt(8) == 0) {
                // set and never read
                code.get(wide).op(I32_WRAP).set(one(ints));
            }
        }

        private void branch() {
            if (depth > 0) {
                code.get(one(ints)).op(Instruction.BR_IF, 0);
            }
        }

        void statements(int count) {
            for (int i = 0; i < count; i++) {
                stretch();
                if (depth > 3 || random.nextInt(3) > 0) {
                    continue;
                }
                boolean loop = random.nextInt(3) == 0;
                code.op(loop ? Instruction.LOOP : Instruction.BLOCK).out().u8(EMPTY);
                depth++;
                statements(3);
                if (loop) {
                    // at random, and not for ever
                    code.get(PARAMETER).i32(-1).op(I32_ADD).tee(PARAMETER);
                    code.i32(0x9e3779b1).op(I32_MUL).i32(0).op(I32_LESS);
                    code.i32(0).get(PARAMETER).op(I32_LESS).op(I32_AND);
                    code.op(Instruction.BR_IF, 0);
                } else {
                    branch();
                    stretch();
                }
                depth--;
                code.op(Instruction.END);
            }
        }

        byte[] module() {
            code.get(SUM).op(Instruction.END);
            BinaryWriter locals = new BinaryWriter().u32(3).u32(1).u8(0x7e);
            locals.u32(ints.size()).u8(0x7f).u32(longs.size()).u8(0x7e);
            return ShortLivedLocalsTest.module(locals, code.out());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void a_function_computes_the_same_with_fewer_locals(int seed) {
        Program program = new Program(seed, 400);
        program.statements(150);
        byte[] wasm = program.module();
        byte[] shared = share(wasm).wasm();

        assertThat(locals(shared)).isLessThan(locals(wasm) / 2);
        for (int argument : new int[] {0, 2, 300}) {
            assertThat(run(shared, argument)).isEqualTo(run(wasm, argument));
        }
    }

    @Test
    void values_that_are_needed_at_the_same_time_have_places_of_their_own() {
        // 250 locals of which each is set, and then all are added
        Code code = new Code(new BinaryWriter());
        for (int i = 0; i < 250; i++) {
            code.i64(1L << i % 60).set(1 + i);
        }
        code.i64(0);
        for (int i = 0; i < 250; i++) {
            code.get(1 + i).op(I64_ADD);
        }
        code.op(Instruction.END);
        byte[] wasm = module(new BinaryWriter().u32(1).u32(250).u8(0x7e), code.out());
        byte[] shared = share(wasm).wasm();
        assertThat(locals(shared)).isEqualTo(250);
        assertThat(run(shared, 0)).isEqualTo(run(wasm, 0));
    }

    @Test
    void references_keep_their_places_and_a_number_that_is_none_is_left_to_the_engine() {
        Code code = new Code(new BinaryWriter());
        code.op(Instruction.REF_NULL).out().u8(0x70);
        code.set(201).i64(5).set(3).get(3).op(Instruction.END);
        BinaryWriter locals = new BinaryWriter().u32(2).u32(200).u8(0x7e).u32(2);
        ValueTypes.write(locals, 0x70);
        byte[] wasm = module(locals, code.out());
        byte[] shared = share(wasm).wasm();
        assertThat(locals(shared)).isEqualTo(2);
        assertThat(run(shared, 0)).isEqualTo(5);

        Code wrong = new Code(new BinaryWriter()).get(1000).op(Instruction.END);
        byte[] invalid = module(new BinaryWriter().u32(1).u32(200).u8(0x7e), wrong.out());
        assertThat(share(invalid).wasm()).isSameAs(invalid);
        assertThatCode(() -> Parser.parse(invalid)).isNotNull();
    }

    private static ModuleIndex share(byte[] wasm) {
        ModuleIndex module = new ModuleIndex(wasm);
        return ShortLivedLocals.share(module, FunctionSurvey.ofGiven(module).features());
    }
}
