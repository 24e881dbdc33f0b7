package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.dylibso.chicory.runtime.Instance;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.ModuleException;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/** Modules that are made to take the compiler long, or to make it reserve much memory. */
class HostileModulesTest {

    /** On a machine with much other work; each takes a second or two on a quiet one. */
    private static final Duration BOUND = Duration.ofSeconds(100);

    private static final int TYPE = 1;
    private static final int FUNCTION = 3;
    private static final int TABLE = 4;
    private static final int GLOBAL = 6;
    private static final int EXPORT = 7;
    private static final int ELEMENT = 9;
    private static final int CODE = 10;
    private static final int DATA = 11;
    private static final int TAG = 13;

    private final BinaryWriter module =
            new BinaryWriter().raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8);

    private void section(int id, Consumer<BinaryWriter> contents) {
        BinaryWriter out = new BinaryWriter();
        contents.accept(out);
        module.section(id, out);
    }

    /** One type without parameters and results, and functions of it. */
    private void functions(int count) {
        section(TYPE, out -> out.u32(1).u8(0x60).u32(0).u32(0));
        section(
                FUNCTION,
                out -> {
                    out.u32(count);
                    for (int i = 0; i < count; i++) {
                        out.u32(0);
                    }
                });
    }

    private void start() {
        section(EXPORT, out -> out.u32(1).name("_start").u8(0).u32(0));
    }

    private static void body(BinaryWriter out, Consumer<BinaryWriter> code) {
        BinaryWriter body = new BinaryWriter();
        body.u32(0);
        code.accept(body);
        out.sized(body.u8(0x0b));
    }

    private LoadedModule load() {
        return load(new Loading(0, null));
    }

    private LoadedModule load(Loading loading) {
        return ModuleLoading.load(
                module.toByteArray(), Engine.COMPILER, null, null, false, loading);
    }

    private static <T> T soon(Supplier<T> action) {
        return assertTimeoutPreemptively(BOUND, action::get);
    }

    private void assertRefused(String clause) {
        assertThatThrownBy(() -> soon(this::load))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining(clause)
                .satisfies(e -> assertThat(e.getMessage().lines().count()).isEqualTo(1));
    }

    @Test
    void a_branch_table_with_a_million_targets_is_refused() {
        functions(1);
        section(
                CODE,
                out -> {
                    out.u32(1);
                    body(
                            out,
                            code -> {
                                code.u8(0x41).u8(0).u8(0x0e).u32(1_000_000);
                                for (int i = 0; i <= 1_000_000; i++) {
                                    code.u32(0);
                                }
                            });
                });
        assertRefused("function 0 has a br_table with 1000001 targets");
    }

    @Test
    void many_types_are_loaded_soon() {
        section(
                TYPE,
                out -> {
                    out.u32(300_000);
                    for (int i = 0; i < 300_000; i++) {
                        out.u8(0x60).u32(0).u32(0);
                    }
                });
        section(FUNCTION, out -> out.u32(1).u32(299_999));
        start();
        section(
                CODE,
                out -> {
                    out.u32(1);
                    body(out, code -> {});
                });
        assertThat(soon(this::load).exports("_start")).isTrue();
    }

    @Test
    void more_types_and_functions_than_can_be_compared_are_refused() {
        section(
                TYPE,
                out -> {
                    out.u32(50_000);
                    for (int i = 0; i < 50_000; i++) {
                        out.u8(0x60).u32(0).u32(0);
                    }
                });
        section(
                FUNCTION,
                out -> {
                    out.u32(50_000);
                    for (int i = 0; i < 50_000; i++) {
                        out.u32(i);
                    }
                });
        section(
                CODE,
                out -> {
                    out.u32(50_000);
                    for (int i = 0; i < 50_000; i++) {
                        body(out, code -> {});
                    }
                });
        assertRefused("50000 types and 50000 functions");
    }

    @Test
    void branches_out_of_too_many_blocks_are_refused() {
        functions(1);
        section(
                CODE,
                out -> {
                    out.u32(1);
                    body(
                            out,
                            code -> {
                                for (int i = 0; i < 50_000; i++) {
                                    code.u8(0x02).u8(0x40);
                                }
                                for (int i = 0; i < 50_000; i++) {
                                    code.u8(0x41).u8(0).u8(0x0d).u32(49_999);
                                }
                                for (int i = 0; i < 50_000; i++) {
                                    code.u8(0x0b);
                                }
                            });
                });
        assertRefused("function 0 branches out of too many blocks");
    }

    @Test
    void no_memory_is_reserved_for_what_is_not_there() {
        functions(0);
        section(DATA, out -> out.u32(1).u32(1).u32(Integer.MAX_VALUE));
        assertRefused("bytes of data");
    }

    @Test
    void no_memory_is_reserved_for_elements_that_are_not_there() {
        functions(0);
        section(ELEMENT, out -> out.u32(1).u32(5).u8(0x70).u32(Integer.MAX_VALUE));
        assertRefused("elements");
    }

    @Test
    void a_function_that_the_engine_cannot_compile_is_interpreted_and_no_other() {
        functions(3);
        section(TAG, out -> out.u32(1).u8(0).u32(0));
        start();
        section(
                CODE,
                out -> {
                    out.u32(3);
                    body(out, code -> code.u8(0x10).u32(1).u8(0x10).u32(2));
                    body(
                            out,
                            code -> {
                                // one expression, which cannot be divided
                                code.u8(0x41).u8(1);
                                for (int i = 0; i < 40_000; i++) {
                                    code.u8(0x41).signed(1000 + i).u8(0x6a);
                                }
                                code.u8(0x1a);
                            });
                    body(out, code -> {});
                });
        assertThat(started().interpreted()).containsExactly(1);
    }

    @Test
    void a_function_with_thousands_of_try_blocks_is_compiled() {
        functions(3);
        section(TAG, out -> out.u32(1).u8(0).u32(0));
        start();
        section(
                CODE,
                out -> {
                    out.u32(3);
                    body(out, code -> code.u8(0x10).u32(1).u8(0x10).u32(2));
                    body(
                            out,
                            code -> {
                                for (int i = 0; i < 8000; i++) {
                                    // block, try_table (catch 0 0), nop, br 1, nop, end, end
                                    code.u8(0x02).u8(0x40).u8(0x1f).u8(0x40).u32(1).u8(0);
                                    code.u32(0).u32(0).u8(0x01).u8(0x0c).u32(1).u8(0x01);
                                    code.u8(0x0b).u8(0x0b);
                                }
                            });
                    body(out, code -> {});
                });
        assertThat(started().interpreted()).isEmpty();
    }

    /** Loads the module and calls what it exports as its start. */
    private LoadedModule started() {
        LoadedModule loaded = soon(this::load);
        Instance instance =
                Instance.builder(loaded.module())
                        .withMachineFactory(loaded.machines())
                        .withStart(false)
                        .build();
        instance.export("_start").apply();
        return loaded;
    }

    @Test
    void more_than_a_thousand_functions_of_one_type_are_called_indirectly() {
        int count = 1100;
        section(TYPE, out -> out.u32(1).u8(0x60).u32(3).u8(0x7e).u8(0x7c).u8(0x7f).u32(1).u8(0x7e));
        section(
                FUNCTION,
                out -> {
                    out.u32(count + 1);
                    for (int i = 0; i <= count; i++) {
                        out.u32(0);
                    }
                });
        section(TABLE, out -> out.u32(1).u8(0x70).u8(0).u32(count + 1));
        section(EXPORT, out -> out.u32(1).name("call").u8(0).u32(count));
        section(
                ELEMENT,
                out -> {
                    out.u32(1).u32(0).u8(0x41).u8(0).u8(0x0b).u32(count);
                    for (int i = 0; i < count; i++) {
                        out.u32(i);
                    }
                });
        section(
                CODE,
                out -> {
                    out.u32(count + 1);
                    for (int i = 0; i < count; i++) {
                        int own = i;
                        // its first parameter plus its number
                        body(out, code -> code.u8(0x20).u32(0).u8(0x42).signed(own).u8(0x7c));
                    }
                    body(
                            out,
                            code -> {
                                code.u8(0x20).u32(0).u8(0x20).u32(1).u8(0x20).u32(2);
                                code.u8(0x20).u32(2).u8(0x11).u32(0).u32(0);
                            });
                });
        LoadedModule loaded = soon(this::load);
        Instance instance =
                Instance.builder(loaded.module())
                        .withMachineFactory(loaded.machines())
                        .withStart(false)
                        .build();
        for (int i : new int[] {0, 1, 1023, 1024, 1099}) {
            assertThat(instance.export("call").apply(1L << 40, Double.doubleToLongBits(2), i))
                    .containsExactly((1L << 40) + i);
        }
        assertThat(loaded.interpreted()).isEmpty();
    }

    /** A module that takes some seconds. */
    private void large() {
        functions(600);
        start();
        section(
                CODE,
                out -> {
                    out.u32(600);
                    for (int i = 0; i < 600; i++) {
                        body(
                                out,
                                code -> {
                                    for (int j = 0; j < 3000; j++) {
                                        code.u8(0x41).signed(j).u8(0x1a);
                                    }
                                });
                    }
                });
    }

    @Test
    void a_load_ends_when_its_time_is_up() {
        large();
        long began = System.nanoTime();
        assertThatThrownBy(() -> load(new Loading(20_000_000, null)))
                .isInstanceOf(ModuleException.class)
                .hasMessage("the time is up while compiling")
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
    }

    @Test
    void a_load_ends_when_its_thread_is_interrupted() throws InterruptedException {
        large();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        Thread thread =
                new Thread(
                        () -> {
                            Thread.currentThread().interrupt();
                            try {
                                load();
                            } catch (ModuleException e) {
                                if (Thread.currentThread().isInterrupted()) {
                                    thrown.set(e);
                                }
                            }
                            ended.countDown();
                        });
        thread.start();
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(thrown.get()).hasMessage("loading was interrupted");
    }

    /** Every thread has an instance of its own. */
    @Test
    void what_an_instance_holds_on_the_heap_is_taken_from_the_memory_of_the_guest() {
        functions(1);
        int globals = 100_000;
        section(
                GLOBAL,
                out -> {
                    out.u32(globals);
                    for (int i = 0; i < globals; i++) {
                        out.u8(0x7f).u8(1).u8(0x41).u8(0).u8(0x0b);
                    }
                });
        start();
        section(
                CODE,
                out -> {
                    out.u32(1);
                    body(out, code -> {});
                });
        LoadedModule loaded = load();
        long bytes = TableSpace.besides(loaded);
        assertThat(bytes).isGreaterThan(40L * globals);
        MemoryBudget budget = new MemoryBudget(0, 3 * bytes / 2);
        TableSpace first = new TableSpace(budget, 0, bytes);
        assertThatThrownBy(() -> new TableSpace(budget, 0, bytes))
                .isSameAs(Errno.NOMEM.exception());
        assertThat(first.takeInstance(loaded)).isFalse();
        first.free();
        assertThat(budget.heap()).isZero();
    }
}
