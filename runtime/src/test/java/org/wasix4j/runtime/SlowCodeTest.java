package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;

/** What is said of code that runs worse here than elsewhere. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlowCodeTest {

    private static final int I32 = 0x7f;
    private static final int VOID = 0x40;

    private final List<String> notices = new CopyOnWriteArrayList<>();

    private ExitStatus run(byte[] wasm) throws InterruptedException {
        return run(wasm, Limits.defaults());
    }

    private ExitStatus run(byte[] wasm, Limits limits) throws InterruptedException {
        return WasixRuntime.builder()
                .withLimits(limits)
                .withListener(
                        new ProcessListener() {
                            @Override
                            public void notice(String sentence) {
                                notices.add(sentence);
                            }
                        })
                .build()
                .start(WasixModule.load("slow", wasm))
                .waitFor();
    }

    /** A command: function 0 is {@code _start}, 1 and 2 take an i32. */
    private static byte[] module(BinaryWriter start, BinaryWriter first, BinaryWriter second) {
        BinaryWriter types = new BinaryWriter().u32(2).u8(0x60).u32(0).u32(0);
        types.u8(0x60).u32(1).u8(I32).u32(0);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, types)
                .section(3, new BinaryWriter().u32(3).u32(0).u32(1).u32(1))
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(
                        7,
                        new BinaryWriter()
                                .u32(2)
                                .name("_start")
                                .u8(0)
                                .u32(0)
                                .name("memory")
                                .u8(2)
                                .u32(0))
                .section(10, new BinaryWriter().u32(3).sized(start).sized(first).sized(second))
                .toByteArray();
    }

    /** {@code i32.const n call 1}. */
    private static BinaryWriter start(int n) {
        return new BinaryWriter().u32(0).u8(0x41).signed(n).u8(0x10).u32(1).u8(0x0b);
    }

    /** A loop with an expression of 20,000 operations. */
    private static BinaryWriter large() {
        BinaryWriter body = new BinaryWriter().u32(0).u8(0x03).u8(VOID).u8(0x20).u8(0);
        for (int i = 0; i < 20_000; i++) {
            body.u8(0x41).signed(100_000 + i).u8(0x73);
        }
        body.u8(0x1a).u8(0x20).u8(0).u8(0x41).u8(1).u8(0x6b).u8(0x22).u8(0).u8(0x0d).u8(0);
        return body.u8(0x0b).u8(0x0b);
    }

    private static BinaryWriter nothing() {
        return new BinaryWriter().u32(0).u8(0x0b);
    }

    @Test
    void calls_without_bound_through_a_shared_table_fail_with_the_reason() throws Exception {
        byte[] wasm = sharedTable();

        ExitStatus status = run(wasm);

        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
        assertThat(status.message())
                .startsWith(
                        "call stack exhausted (the module has tail calls, each of which takes room");
        assertThat(WasixModule.inspect("slow", wasm).remarks())
                .singleElement()
                .asString()
                .startsWith("1 function makes tail calls of other functions");
    }

    /** {@code _start} calls itself by a table that it exports. */
    private static byte[] sharedTable() {
        BinaryWriter start = new BinaryWriter().u32(0).u8(0x41).u8(0).u8(0x13).u32(0).u32(0);
        BinaryWriter exports = new BinaryWriter().u32(3).name("_start").u8(0).u32(0);
        exports.name("memory").u8(2).u32(0).name("table").u8(1).u32(0);
        BinaryWriter elements = new BinaryWriter().u32(1).u32(0).u8(0x41).u8(0).u8(0x0b);
        return new BinaryWriter()
                .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                .section(1, new BinaryWriter().u32(1).u8(0x60).u32(0).u32(0))
                .section(3, new BinaryWriter().u32(1).u32(0))
                .section(4, new BinaryWriter().u32(1).u8(0x70).u8(0).u32(1))
                .section(5, new BinaryWriter().u32(1).u8(0).u32(1))
                .section(7, exports)
                .section(9, elements.u32(1).u32(0))
                .section(10, new BinaryWriter().u32(1).sized(start.u8(0x0b)))
                .toByteArray();
    }

    @Test
    void a_function_that_has_to_be_interpreted_is_named_beforehand_and_when_it_has_much_to_do()
            throws Exception {
        byte[] wasm = module(start(1_500), large(), nothing());

        assertThat(WasixModule.inspect("slow", wasm).remarks())
                .singleElement()
                .asString()
                .startsWith("function 1 is too large for a Java method");
        assertThat(WasixModule.load("slow", wasm).interpretedFunctions())
                .containsExactly("function 1");
        assertThat(run(wasm).isSuccess()).isTrue();
        assertThat(notices)
                .singleElement()
                .asString()
                .startsWith("function 1 has much to do and is interpreted");
    }

    @Test
    void a_recursion_is_as_deep_as_the_stack_that_is_set() throws Exception {
        BinaryWriter recursion = new BinaryWriter().u32(0).u8(0x20).u8(0).u8(0x04).u8(VOID);
        recursion.u8(0x20).u8(0).u8(0x41).u8(1).u8(0x6b).u8(0x10).u32(1).u8(0x0b).u8(0x0b);
        byte[] wasm = module(start(100_000), recursion, nothing());

        ExitStatus shallow = run(wasm, Limits.defaults().withMaxStack(1 << 20));
        ExitStatus deep = run(wasm, Limits.defaults().withMaxStack(64 << 20));

        assertThat(shallow.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
        assertThat(shallow.message())
                .startsWith("call stack exhausted (Limits.withMaxStack and --max-stack set its");
        assertThat(deep.isSuccess()).isTrue();
    }
}
