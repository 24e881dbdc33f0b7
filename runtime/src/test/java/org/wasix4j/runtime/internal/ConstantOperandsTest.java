package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Some instructions become something else when an operand is a constant: the answers are the same.
 * Those without constants are compared with another engine by {@link VectorsTest}.
 */
class ConstantOperandsTest {

    private static final int I32 = 0x7f;
    private static final int V128 = 0x7b;
    private static final int VOID = 0x40;
    private static final int SWIZZLE = 0x0e;
    private static final int FIRST_COMPARISON = 0x23;
    private static final int COMPARISONS = 20;

    private static final int LOCAL_GET = 0x20;
    private static final int LOCAL_SET = 0x21;
    private static final int BLOCK = 0x02;
    private static final int LOOP = 0x03;
    private static final int IF = 0x04;
    private static final int ELSE = 0x05;
    private static final int END = 0x0b;
    private static final int BR_IF = 0x0d;

    /** The bodies of functions, all of the type (v128, v128) -> v128. */
    private final List<BinaryWriter> functions = new ArrayList<>();

    /** What the rewriter appended to the last module. */
    private Collection<String> helpers;

    private final Random random = new Random(15);

    private Instance instance(ExecutionWays way, boolean number) {
        BinaryWriter types = new BinaryWriter().u32(1).u8(0x60).u32(2);
        types.u8(number ? I32 : V128).u8(V128).u32(1).u8(V128);
        BinaryWriter numbers = new BinaryWriter().u32(functions.size());
        BinaryWriter exports = new BinaryWriter().u32(functions.size());
        BinaryWriter bodies = new BinaryWriter().u32(functions.size());
        for (int i = 0; i < functions.size(); i++) {
            numbers.u32(0);
            exports.name(Integer.toString(i)).u8(0).u32(i);
            bodies.sized(functions.get(i));
        }
        RewrittenModule rewritten =
                ModuleRewriter.rewrite(
                        new BinaryWriter()
                                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                                .section(1, types)
                                .section(3, numbers)
                                .section(7, exports)
                                .section(10, bodies)
                                .toByteArray());
        helpers = rewritten.helpers().values();
        return way.instance(rewritten.wasm());
    }

    private static BinaryWriter constant(BinaryWriter out, long low, long high) {
        out.u8(0xfd).u32(0x0c);
        for (int i = 0; i < 64; i += 8) {
            out.u8((int) (low >>> i));
        }
        for (int i = 0; i < 64; i += 8) {
            out.u8((int) (high >>> i));
        }
        return out;
    }

    private static BinaryWriter vector(BinaryWriter out, int operation) {
        return out.u8(0xfd).u32(operation);
    }

    private int add(BinaryWriter code) {
        functions.add(new BinaryWriter().u32(1).u32(1).u8(V128).raw(code).u8(END));
        return functions.size() - 1;
    }

    /** An operation on the two parameters. */
    private int ofVariables(int operation) {
        BinaryWriter code = new BinaryWriter().u8(LOCAL_GET).u32(0).u8(LOCAL_GET).u32(1);
        return add(vector(code, operation));
    }

    /** An operation on the parameter and the constant that a local keeps, in a loop. */
    private int ofConstant(int operation, int constant, long low, long high) {
        BinaryWriter code = constant(new BinaryWriter(), low, high).u8(LOCAL_SET).u32(2);
        code.u8(LOOP).u8(V128);
        for (int i = 0; i < 2; i++) {
            code.u8(LOCAL_GET).u32(i == constant ? 2 : i);
        }
        return add(vector(code, operation).u8(END));
    }

    private record Pair(int plain, int special, int place, long low, long high) {}

    private void compare(List<Pair> pairs, ExecutionWays way) {
        Instance instance = instance(way, false);
        for (Pair pair : pairs) {
            for (int i = 0; i < 40; i++) {
                long[] arguments = {value(i), value(i), value(i), value(i)};
                arguments[2 * pair.place] = pair.low;
                arguments[2 * pair.place + 1] = pair.high;
                long[] wanted = instance.export(Integer.toString(pair.plain)).apply(arguments);
                assertThat(instance.export(Integer.toString(pair.special)).apply(arguments))
                        .as("%s of %s", pair, Arrays.toString(arguments))
                        .containsExactly(wanted);
            }
        }
    }

    /** Bytes near the constants and the borders, or any. */
    private long value(int round) {
        long all = 0;
        for (int i = 0; i < 64; i += 8) {
            int[] some = {0, 1, 9, 10, 15, 16, 0x7f, 0x80, 0x81, 0xfe, 0xff};
            long each = round % 2 == 0 ? some[random.nextInt(some.length)] : random.nextInt(256);
            all |= each << i;
        }
        return all;
    }

    @Test
    void comparisons_with_constants_answer_what_they_do_with_variables() {
        long[] constants = {
            0,
            0x0a0a0a0a0a0a0a0aL,
            0x7f7f7f7f7f7f7f7fL,
            0x7fff7fff7fff7fffL,
            0x8080808080808080L,
            0x8000800080008000L,
            0xf0f1f2f3f4f5f6f7L,
            0x00017f1011121314L,
            0x1080ff007f0fe000L,
            -1
        };
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < COMPARISONS; i++) {
            int plain = ofVariables(FIRST_COMPARISON + i);
            for (long low : constants) {
                long high = i % 2 == 0 ? low : Long.rotateLeft(low, 16);
                for (int place = 0; place < 2; place++) {
                    int special = ofConstant(FIRST_COMPARISON + i, place, low, high);
                    pairs.add(new Pair(plain, special, place, low, high));
                }
            }
        }
        compare(pairs, ExecutionWays.COMPILED);
        assertThat(helpers)
                .contains("lt_u8_small_bits", "ge_s16_great_bits", "lt_u8_bits", "ge_s16_bits");
    }

    @Test
    void bytes_are_looked_up_in_constant_tables_as_in_variable_ones() {
        long[][] tables = {
            // "0123456789abcdef"
            {0x3736353433323130L, 0x6665646362613938L},
            // what is added to six bits for base64
            {0xfcfcfcfcfcfcfc47L, 0x00004141f0edfcfcL},
            {0x0706050403020100L, 0x0f0e0d0c0b0a0908L},
            {0, 0},
            {-1, 0},
            {0xff, 0xff00000000000000L},
            {random.nextLong(), random.nextLong()},
            {random.nextLong(), 0x0101010101010101L},
            {0x8080808080800000L, 0x80808080ffff8080L}
        };
        List<Pair> pairs = new ArrayList<>();
        int plain = ofVariables(SWIZZLE);
        for (long[] table : tables) {
            int special = ofConstant(SWIZZLE, 0, table[0], table[1]);
            pairs.add(new Pair(plain, special, 0, table[0], table[1]));
        }
        compare(pairs, ExecutionWays.COMPILED);
        compare(pairs, ExecutionWays.INTERPRETED);
        assertThat(helpers).filteredOn(name -> name.startsWith("swizzle_")).hasSize(9);
    }

    private static final long A = 0x1111111111111111L;
    private static final long B = 0x2222222222222222L;

    private static BinaryWriter keep(BinaryWriter out, long value) {
        return constant(out, value, value).u8(LOCAL_SET).u32(2);
    }

    /** {@code local.get 2} and the second parameter. */
    private static BinaryWriter use(BinaryWriter out) {
        return vector(out.u8(LOCAL_GET).u32(2).u8(LOCAL_GET).u32(1), 0x51);
    }

    private static BinaryWriter branchIf(BinaryWriter out) {
        return out.u8(LOCAL_GET).u32(0).u8(BR_IF).u32(0);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0, 2"})
    void a_local_with_a_constant_has_what_was_set_last(int condition, int round) {
        // set again in one branch of an if
        BinaryWriter code = keep(new BinaryWriter(), A).u8(LOCAL_GET).u32(0).u8(IF).u8(VOID);
        int either = add(use(keep(code, B).u8(END)));
        // set in one branch, read in the other
        code = keep(new BinaryWriter(), A).u8(LOCAL_GET).u32(0).u8(IF).u8(VOID);
        keep(code, B).u8(ELSE);
        int other = add(use(use(code).u8(LOCAL_SET).u32(2).u8(END)));
        // a branch to the end of the block leaves before it is set
        code = branchIf(new BinaryWriter().u8(BLOCK).u8(VOID));
        int skipped = add(use(keep(code, A).u8(END)));
        // set behind where it is read, in a loop that is gone through twice
        code = keep(new BinaryWriter(), A).u8(LOOP).u8(V128);
        use(code);
        keep(code, B).u8(LOCAL_GET).u32(0).u8(0x41).u8(0).u8(LOCAL_SET).u32(0).u8(0x0d).u32(0);
        int looped = add(code.u8(END));
        Instance instance = instance(ExecutionWays.COMPILED, true);
        long mask = 0x0f0f0f0f00000000L + round;

        for (int[] expected :
                new int[][] {
                    {either, condition == 0 ? 0 : 1},
                    {other, condition == 0 ? 2 : 1},
                    {skipped, condition == 0 ? 0 : 3},
                }) {
            long value = new long[] {A, B, A ^ mask, 0}[expected[1]] ^ mask;
            assertThat(instance.export(Integer.toString(expected[0])).apply(condition, mask, mask))
                    .as("function %d", expected[0])
                    .containsExactly(value, value);
        }
        long last = (condition == 0 ? A : B) ^ mask;
        assertThat(instance.export(Integer.toString(looped)).apply(condition, mask, mask))
                .containsExactly(last, last);
    }
}
