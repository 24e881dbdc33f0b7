package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.FunctionSurvey;

/** Classes that are compiled when they are asked for. */
@Timeout(60)
class LazyCodeTest {

    private static final int PER_CLASS = 16;
    private static final int GROUPS = 14;
    private static final int FUNCTIONS = GROUPS * PER_CLASS - 5;
    private static final byte I32 = 0x7f;
    private static final byte I64 = 0x7e;

    private final byte[] wasm = module();
    private final CountDownLatch complete = new CountDownLatch(1);

    /**
     * Function k of group 0, {@code deep<k>}, calls itself so many times and then the first
     * function of group k, {@code leaf<k>}, which returns k.
     */
    private static byte[] module() {
        BinaryWriter functions = new BinaryWriter().u32(FUNCTIONS);
        BinaryWriter exports = new BinaryWriter().u32(2 * GROUPS - 1);
        BinaryWriter code = new BinaryWriter().u32(FUNCTIONS);
        for (int i = 0; i < FUNCTIONS; i++) {
            BinaryWriter body = new BinaryWriter().u32(0);
            if (i < GROUPS) {
                functions.u32(1);
                exports.name("deep" + i).u8(0).u32(i);
                body.u8(0x20).u32(0).u8(0x45).u8(0x04).u8(I64);
                body.u8(0x10).u32(Math.max(GROUPS, i * PER_CLASS));
                body.u8(0x05).u8(0x20).u32(0).u8(0x41).u8(1).u8(0x6b).u8(0x10).u32(i);
                body.u8(0x42).u8(1).u8(0x7c).u8(0x0b);
            } else {
                functions.u32(0);
                if (i % PER_CLASS == 0) {
                    exports.name("leaf" + i / PER_CLASS).u8(0).u32(i);
                }
                body.u8(0x42).signed(i / PER_CLASS);
            }
            code.sized(body.u8(0x0b));
        }
        BinaryWriter types = new BinaryWriter().u32(2);
        types.u8(0x60).u32(0).u32(1).u8(I64);
        types.u8(0x60).u32(1).u8(I32).u32(1).u8(I64);
        // the last function is in a table
        BinaryWriter table = new BinaryWriter().u32(1).u8(0x70).u8(0).u32(1);
        BinaryWriter elements = new BinaryWriter().u32(1).u32(0).u8(0x41).u32(0).u8(0x0b);
        elements.u32(1).u32(FUNCTIONS - 1);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(3, functions)
                .section(4, table)
                .section(7, exports)
                .section(9, elements)
                .section(10, code)
                .toByteArray();
    }

    /** An instance whose classes come when they are asked for, by way of a tuner. */
    private Instance instance(UnaryOperator<byte[]> tuner) {
        return instance(lazy(tuner));
    }

    private LazyCode lazy(UnaryOperator<byte[]> tuner) {
        return lazy(tuner, LazyCode.QUIET_NANOS);
    }

    private LazyCode lazy(UnaryOperator<byte[]> tuner, long quiet) {
        FunctionSurvey survey = FunctionSurvey.of(wasm);
        ModuleParts parts = new ModuleParts(wasm, survey);
        ModuleCompiler compiler =
                new ModuleCompiler(survey, parts, Set.of(), null, new Loading(0, null), tuner);
        CompiledCode frame = compiler.frameAlone();
        stripped = parts.skeleton();
        LazyCode code =
                new LazyCode(
                        new LazyLoader(frame.mainClass()),
                        frame.classes(),
                        GROUPS,
                        compiler::groups,
                        function -> "function " + function,
                        quiet,
                        complete::countDown);
        mainClass = frame.mainClass();
        return code;
    }

    private String mainClass;

    /** The module without the bodies of its functions, as it runs. */
    private WasmModule stripped;

    private Instance instance(LazyCode code) {
        return Instance.builder(stripped).withMachineFactory(code.machines(mainClass)).build();
    }

    private static long call(Instance instance, String function, long... arguments) {
        return instance.export(function).apply(arguments)[0];
    }

    private static boolean isGroup(byte[] code, int group) {
        return new ClassReader(code).getClassName().endsWith("FuncGroup_" + group);
    }

    @Test
    void a_function_that_nothing_names_is_called_by_its_number() {
        Instance instance = instance(code -> code);
        Machine machine = instance.getMachine();

        for (int i = 0; i < 2; i++) {
            assertThat(machine.call(3 * PER_CLASS + 1, new long[0])).containsExactly(3);
            assertThat(machine.call(3 * PER_CLASS, new long[0])).containsExactly(3);
        }
        assertThatThrownBy(() -> machine.call(FUNCTIONS, new long[0]))
                .isInstanceOf(InvalidException.class)
                .hasMessage("unknown function " + FUNCTIONS);
        assertThatThrownBy(() -> machine.call(-1, new long[0]))
                .isInstanceOf(InvalidException.class);
    }

    @Test
    void a_function_answers_before_the_others_are_compiled() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger compiled = new AtomicInteger();
        Instance instance =
                instance(
                        code -> {
                            if (isGroup(code, GROUPS - 1)) {
                                await(gate);
                            }
                            compiled.incrementAndGet();
                            return code;
                        });

        assertThat(call(instance, "leaf7")).isEqualTo(7);
        assertThat(call(instance, "deep9", 3)).isEqualTo(9 + 3);
        assertThat(complete.getCount()).isEqualTo(1);

        gate.countDown();
        assertThat(complete.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 1; i < GROUPS; i++) {
            assertThat(call(instance, "leaf" + i)).isEqualTo(i);
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_nobody_calls_is_compiled_too_and_then_there_are_no_threads_left()
            throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Instance instance = instance(code -> code);
        List<Thread> compilers = compilersBesides(before);
        assertThat(compilers).isNotEmpty();

        assertThat(complete.await(30, TimeUnit.SECONDS)).isTrue();

        requireEnd(compilers);
        assertThat(call(instance, "leaf3")).isEqualTo(3);
    }

    private static List<Thread> compilersBesides(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .filter(thread -> thread.getName().startsWith("wasix4j-compiler"))
                .toList();
    }

    private static void requireEnd(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void when_a_class_fails_the_others_are_compiled_and_a_call_of_it_starts_a_thread_again()
            throws InterruptedException {
        int last = GROUPS - 1;
        AtomicBoolean full = new AtomicBoolean(true);
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        LazyCode code =
                lazy(
                        each -> {
                            if (isGroup(each, last) && full.get()) {
                                throw new OutOfMemoryError("a test");
                            }
                            return each;
                        });
        Instance instance = instance(code);
        List<Thread> compilers = compilersBesides(before);
        assertThatThrownBy(() -> call(instance, "leaf" + last))
                .isInstanceOf(OutOfMemoryError.class);
        requireEnd(compilers);
        for (int i = 0; i < GROUPS; i++) {
            assertThat(code.classes().containsKey(mainClass + "FuncGroup_" + i))
                    .isEqualTo(i != last);
        }

        full.set(false);

        assertThat(call(instance, "leaf" + last)).isEqualTo(last);
        assertThat(complete.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_call_that_overflows_the_stack_traps_and_the_next_one_works() {
        Instance instance = instance(code -> code);
        call(instance, "deep0", 0);
        int depth = 1_000;
        // to where the stack ends, in smaller and smaller steps; each group is called at one depth
        // for the first time, with less and less room
        int step = 65_536;
        int overflows = 0;
        for (int i = 1; i < GROUPS; i++) {
            try {
                assertThat(call(instance, "deep" + i, depth + step)).isEqualTo(i + depth + step);
                depth += step;
            } catch (ChicoryException e) {
                assertThat(e).hasMessage("call stack exhausted");
                overflows++;
                step = Math.max(1, step / 2);
                // whatever was begun down there has left nothing behind
                assertThat(call(instance, "leaf" + i)).isEqualTo(i);
                assertThat(call(instance, "deep" + i, 10)).isEqualTo(i + 10);
            }
        }
        assertThat(overflows).isPositive();
    }

    @Test
    void who_waits_can_be_interrupted_and_the_next_call_works() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Instance instance =
                instance(
                        code -> {
                            if (isGroup(code, 5)) {
                                begun.countDown();
                                await(gate);
                            }
                            return code;
                        });
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread guest =
                new Thread(
                        () -> {
                            try {
                                call(instance, "leaf5");
                                end.complete(null);
                            } catch (RuntimeException | Error e) {
                                end.complete(e);
                            }
                        });
        guest.start();
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

        guest.interrupt();

        assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(ChicoryInterruptedException.class);
        gate.countDown();
        assertThat(call(instance, "leaf5")).isEqualTo(5);
    }

    @Test
    void threads_that_ask_for_the_same_class_get_one_that_was_compiled_once()
            throws InterruptedException, ExecutionException, TimeoutException {
        AtomicInteger compiled = new AtomicInteger();
        LazyCode code =
                lazy(
                        each -> {
                            if (isGroup(each, 4)) {
                                compiled.incrementAndGet();
                            }
                            return each;
                        });
        Instance first = instance(code);
        Instance second = instance(code);
        List<CompletableFuture<Long>> answers =
                IntStream.range(0, 8)
                        .mapToObj(i -> i % 2 == 0 ? first : second)
                        .map(each -> CompletableFuture.supplyAsync(() -> call(each, "leaf4")))
                        .toList();

        for (CompletableFuture<Long> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(4);
        }
        assertThat(compiled).hasValue(1);
    }

    @Test
    void a_full_heap_fails_the_call_and_not_the_next_one() {
        AtomicInteger attempts = new AtomicInteger();
        Instance instance =
                instance(
                        code -> {
                            if (isGroup(code, 2) && attempts.incrementAndGet() == 1) {
                                throw new OutOfMemoryError("a test");
                            }
                            return code;
                        });

        assertThatThrownBy(() -> call(instance, "deep2", 5)).isInstanceOf(OutOfMemoryError.class);

        assertThat(call(instance, "deep2", 5)).isEqualTo(2 + 5);
    }

    @Test
    void a_function_that_the_verifier_refuses_is_interpreted() {
        String damaged = "func_" + 6 * PER_CLASS;
        // nothing is compiled that nobody calls: in the end there would be no classes for the cache
        LazyCode code =
                lazy(
                        each -> isGroup(each, 6) ? damage(each, damaged) : each,
                        TimeUnit.MINUTES.toNanos(1));
        Instance instance = instance(code);

        assertThat(call(instance, "deep6", 2)).isEqualTo(6 + 2);
        assertThat(call(instance, "leaf6")).isEqualTo(6);
        assertThat(code.isFlawless()).isFalse();
        assertThat(code.late(6 * PER_CLASS)).isNotNull();
        assertThat(code.late(6 * PER_CLASS + 1)).isNull();
        // it is of no use without what this one knows
        assertThat(code.classes()).doesNotContainKey(mainClass + "FuncGroup_6");
        assertThat(code.classes()).containsKey(mainClass + "FuncGroup_0");
    }

    /** The class with a method that leaves another type than it says. */
    private static byte[] damage(byte[] code, String method) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(code)
                .accept(
                        new ChangedMethods(
                                writer,
                                (out, access, name, descriptor) ->
                                        name.equals(method)
                                                ? new MethodVisitor(Opcodes.ASM9, out) {
                                                    @Override
                                                    public void visitLdcInsn(Object value) {
                                                        super.visitLdcInsn(1.5);
                                                    }
                                                }
                                                : out),
                        0);
        return writer.toByteArray();
    }
}
