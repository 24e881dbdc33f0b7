package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.DivisionOnDemand;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/**
 * Functions that are divided when their class is compiled, against the answers of V8 (see {@link
 * LargeFunctionsTest}) and with calls out of their parts.
 */
@Timeout(120)
class DivisionOnDemandTest {

    private static final Loading NO_LIMIT = new Loading(0, null);
    private static final int MOST = 5_000;

    /** How many functions {@code large.wasm} has. */
    private static final int FUNCTIONS = 62;

    /** The largest one, an interpreter. */
    private static final int LARGEST = 60;

    private static CompilableModule module(byte[] wasm, int most) {
        CompilableModule whole = CompilableModule.onDemand(wasm, NO_LIMIT);
        return whole.dividedBy(new DivisionOnDemand(whole.survey(), most));
    }

    /**
     * A module whose classes come when they are asked for.
     *
     * @param classes those that were made
     */
    private record Lazy(
            CompilableModule module,
            LazyCode code,
            String mainClass,
            Map<String, ByteBuffer> classes) {

        /**
         * That of a module.
         *
         * @param refused methods that the verifier is to refuse
         */
        static Lazy of(CompilableModule module, String... refused) {
            Map<String, ByteBuffer> classes = new ConcurrentHashMap<>();
            ModuleCompiler compiler =
                    new ModuleCompiler(
                            module.survey(),
                            module.parts(),
                            RewrittenModule.Parts.NONE,
                            module.division(),
                            Set.of(),
                            null,
                            NO_LIMIT,
                            (interrupts, globals) -> {
                                UnaryOperator<byte[]> tuner =
                                        ModuleCompiler.tuner(module.rewritten(), interrupts)
                                                .apply(globals);
                                return code -> {
                                    byte[] made =
                                            LargeFunctionsTest.refused(
                                                    tuner.apply(code), Set.of(refused));
                                    String name = new ClassReader(code).getClassName();
                                    classes.put(name, ByteBuffer.wrap(made));
                                    return made;
                                };
                            });
            CompiledCode frame = compiler.frameAlone();
            LazyCode code =
                    new LazyCode(
                            new LazyLoader(frame.mainClass()),
                            frame.classes(),
                            compiler.groups().groups(),
                            compiler::groups,
                            function -> "function " + function,
                            LazyCode.QUIET_NANOS,
                            () -> {});
            return new Lazy(module, code, frame.mainClass(), classes);
        }

        List<String> wrong() {
            return LargeFunctionsTest.wrong(module.parts().skeleton(), code.machines(mainClass));
        }

        Instance instance(HostFunction... functions) {
            return Instance.builder(module.parts().skeleton())
                    .withImportValues(ImportValues.builder().addFunction(functions).build())
                    .withMachineFactory(code.machines(mainClass))
                    .build();
        }

        /** How much code each method of the classes with functions has. */
        Map<String, Integer> sizes() {
            Map<String, ByteBuffer> groups = new TreeMap<>(classes);
            groups.keySet().removeIf(name -> !name.contains("FuncGroup_"));
            return LargeFunctionsTest.sizes(groups);
        }

        long parts() {
            return sizes().keySet().stream()
                    .filter(name -> name.startsWith("func_"))
                    .filter(name -> number(name) >= module.survey().functions())
                    .count();
        }

        static int number(String method) {
            return Integer.parseInt(method.substring("func_".length()));
        }
    }

    @Test
    void they_answer_as_in_v8_and_no_method_is_too_large_for_hotspot() {
        CompilableModule module = CompilableModule.onDemand(LargeFunctionsTest.WASM, NO_LIMIT);
        assertThat(module.division()).isNotNull();
        assertThat(module.survey().functions()).isEqualTo(FUNCTIONS);
        Lazy lazy = Lazy.of(module);

        assertThat(lazy.wrong()).isEmpty();

        assertThat(lazy.code.isFlawless()).isTrue();
        assertThat(lazy.parts()).isGreaterThan(50);
        assertThat(lazy.sizes().values())
                .allMatch(size -> size < LargeFunctionsTest.LARGEST_METHOD);
    }

    @Test
    void divided_into_many_parts_that_lie_in_one_another_they_answer_as_in_v8() {
        Lazy lazy = Lazy.of(module(LargeFunctionsTest.WASM, 400));

        assertThat(lazy.wrong()).isEmpty();

        assertThat(lazy.code.isFlawless()).isTrue();
        assertThat(lazy.parts()).isGreaterThan(300);
    }

    @Test
    void a_function_of_which_a_part_is_refused_is_compiled_whole() {
        Lazy lazy = Lazy.of(module(LargeFunctionsTest.WASM, MOST), "func_" + (FUNCTIONS + 61));

        assertThat(lazy.wrong()).isEmpty();

        assertThat(lazy.code.isFlawless()).isTrue();
        assertThat(lazy.sizes().keySet())
                .contains("func_61", "func_" + (FUNCTIONS + LARGEST))
                .doesNotContain("func_" + (FUNCTIONS + 61));
    }

    @Test
    void a_function_that_is_refused_whole_too_is_interpreted_and_the_others_are_divided() {
        Lazy lazy = Lazy.of(module(LargeFunctionsTest.WASM, MOST), "func_" + LARGEST, "func_3");

        assertThat(lazy.wrong()).isEmpty();

        assertThat(lazy.code.late(LARGEST)).isNotNull();
        assertThat(lazy.code.late(3)).isNotNull();
        assertThat(lazy.code.late(61)).isNull();
    }

    // ---- calls out of parts

    private static final int IMPORTED = 2;
    private static final int LARGE = IMPORTED + 1;
    private static final int STATEMENTS = 1_500;
    private static final int[] LOOP = {0x03, 0x40, 0x0c, 0, 0x0b};
    private static final int[] TRAP = {0x00};

    /**
     * Function 3 computes with its argument and function 1, which is imported, in many statements.
     * Some of these are behind a condition: when the argument is 1 there is a loop without end,
     * when it is 2 a trap; when it is greater than 3, calls of itself, each of which does the same
     * twice with an argument that is smaller by one.
     */
    private static byte[] calling(int fillers) {
        BinaryWriter types = new BinaryWriter().u32(2).u8(0x60).u32(1).u8(0x7f).u32(1).u8(0x7f);
        types.u8(0x60).u32(0).u32(0);
        BinaryWriter imports = new BinaryWriter().u32(IMPORTED);
        imports.name("env").name("other").u8(0).u32(1);
        imports.name("env").name("double").u8(0).u32(0);
        BinaryWriter body = new BinaryWriter().u32(1).u32(1).u8(0x7f);
        for (int i = 0; i < STATEMENTS; i++) {
            // sum = sum * 31 + double(i)
            body.u8(0x20).u32(1).u8(0x41).signed(31).u8(0x6c);
            body.u8(0x41).signed(i).u8(0x10).u32(1).u8(0x6a).u8(0x21).u32(1);
            if (i % 500 == 250) {
                when(body, 0x46, 1, LOOP);
                when(body, 0x46, 2, TRAP);
                when(body, 0x4a, 3);
            }
        }
        body.u8(0x20).u32(1).u8(0x0b);
        BinaryWriter functions = new BinaryWriter().u32(2 + fillers).u32(1).u32(0);
        BinaryWriter code = new BinaryWriter().u32(2 + fillers);
        code.sized(new BinaryWriter().u32(0).u8(0x0b)).sized(body);
        for (int i = 0; i < fillers; i++) {
            functions.u32(1);
            BinaryWriter filler = new BinaryWriter().u32(0);
            for (int nop = 0; nop < 10_000; nop++) {
                filler.u8(0x01);
            }
            code.sized(filler.u8(0x0b));
        }
        BinaryWriter exports = new BinaryWriter().u32(1).name("large").u8(0).u32(LARGE);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(2, imports)
                .section(3, functions)
                .section(7, exports)
                .section(10, code)
                .toByteArray();
    }

    /** Code for when the argument compares to a number; without code: calls of the function. */
    private static void when(BinaryWriter body, int comparison, int number, int... code) {
        body.u8(0x20).u32(0).u8(0x41).signed(number).u8(comparison).u8(0x04).u8(0x40);
        for (int each : code) {
            body.u8(each);
        }
        for (int i = 0; code.length == 0 && i < 2; i++) {
            body.u8(0x20).u32(0).u8(0x41).signed(1).u8(0x6b).u8(0x10).u32(LARGE).u8(0x1a);
        }
        body.u8(0x0b);
    }

    private static final HostFunction DOUBLE =
            new HostFunction(
                    "env",
                    "double",
                    FunctionType.of(List.of(ValType.I32), List.of(ValType.I32)),
                    (instance, arguments) -> new long[] {2 * (int) arguments[0]});

    private static final HostFunction OTHER =
            new HostFunction(
                    "env", "other", FunctionType.empty(), (instance, arguments) -> new long[0]);

    private static final Lazy CALLING = Lazy.of(CompilableModule.onDemand(calling(40), NO_LIMIT));

    private static int answer() {
        int sum = 0;
        for (int i = 0; i < STATEMENTS; i++) {
            sum = sum * 31 + 2 * i;
        }
        return sum;
    }

    @Test
    void parts_call_functions_that_are_imported_and_their_own_function() {
        Instance instance = CALLING.instance(DOUBLE, OTHER);

        assertThat((int) instance.export("large").apply(0)[0]).isEqualTo(answer());
        assertThat((int) instance.export("large").apply(5)[0]).isEqualTo(answer());
        assertThat(CALLING.parts()).isGreaterThan(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60})
    void a_loop_and_a_recursion_in_parts_end_when_the_thread_is_interrupted(int argument)
            throws InterruptedException {
        Instance instance = CALLING.instance(DOUBLE, OTHER);
        instance.export("large").apply(0);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread =
                new Thread(
                        () -> {
                            begun.countDown();
                            try {
                                instance.export("large").apply(argument);
                            } catch (RuntimeException e) {
                                thrown.set(e);
                            }
                        });
        thread.setDaemon(true);
        thread.start();
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        thread.join(50);
        assertThat(thread.isAlive()).isTrue();

        thread.interrupt();

        thread.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown.get()).isInstanceOf(ChicoryInterruptedException.class);
    }

    @Test
    void a_call_out_of_a_part_asks_as_one_out_of_the_function_does() {
        InterruptPoints points =
                new InterruptPoints(CALLING.module.survey(), RewrittenModule.Parts.NONE);
        int all = CALLING.module.survey().functions();
        int part = LARGE + all;
        points.addPart(part, 1_000, List.of());
        points.addPart(part + all, 1_000, List.of(part, LARGE));
        points.addPart(part + 2 * all, 30_000, List.of());

        assertThat(points.walk(part).asksBefore(LARGE)).isTrue();
        assertThat(points.walk(LARGE).asksBefore(LARGE)).isTrue();
        assertThat(points.walk(part).asksBefore(LARGE - 1)).isFalse();
        assertThat(points.walk(LARGE).asksBefore(part)).isFalse();
        assertThat(points.walk(LARGE).asksBefore(part + all)).isFalse();
        assertThat(points.walk(LARGE).asksBefore(part + 2 * all)).isTrue();
        InterruptPoints.Walk walk = points.walk(LARGE);
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            asked += walk.asksBefore(part) ? 1 : 0;
        }
        assertThat(asked).isBetween(4, 6);
    }

    @Test
    void a_trap_in_a_part_is_one_of_its_function() {
        Instance instance = CALLING.instance(DOUBLE, OTHER);
        LoadedModule loaded =
                new LoadedModule(
                        CALLING.module.parts().skeleton(),
                        CALLING.code.machines(CALLING.mainClass),
                        null);

        assertThatThrownBy(() -> instance.export("large").apply(2))
                .isInstanceOf(TrapException.class)
                .satisfies(
                        thrown -> {
                            String method =
                                    Arrays.stream(thrown.getStackTrace())
                                            .map(StackTraceElement::getMethodName)
                                            .filter(name -> name.startsWith("func_"))
                                            .findFirst()
                                            .orElseThrow();
                            assertThat(Lazy.number(method))
                                    .isGreaterThan(CALLING.module.survey().functions());
                            assertThat(Traps.reason(loaded, instance, null, thrown).message())
                                    .endsWith("in function " + LARGE);
                        });
    }
}
