package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.BinaryWriter;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.runtime.internal.lowering.RewrittenModule;

/** A function that ends with a block, and has a branch to its own end outside of that block. */
class FunctionEndsTest {

    /** {@code i32.const 7, local.get 0, br_if 0, drop, block (result i32) i32.const 9 end end}. */
    private static final byte[] WASM =
            new BinaryWriter()
                    .raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, 8)
                    .section(1, new BinaryWriter().u32(1).u8(0x60).u32(1).u8(0x7f).u32(1).u8(0x7f))
                    .section(3, new BinaryWriter().u32(1).u32(0))
                    .section(7, new BinaryWriter().u32(1).name("f").u8(0).u32(0))
                    .section(10, new BinaryWriter().u32(1).sized(body()))
                    .toByteArray();

    private static BinaryWriter body() {
        BinaryWriter body = new BinaryWriter().u32(0);
        body.u8(0x41).u8(7).u8(0x20).u8(0).u8(0x0d).u8(0).u8(0x1a);
        return body.u8(0x02).u8(0x7f).u8(0x41).u8(9).u8(0x0b).u8(0x0b);
    }

    @Test
    void it_is_compiled_and_answers_what_it_should() {
        RewrittenModule rewritten = ModuleRewriter.rewrite(WASM);
        CompiledCode code = ModuleCompiler.compile(rewritten);

        assertThat(code.interpreted()).isEmpty();
        assertThat(answers(rewritten.wasm(), code.define(true))).containsExactly(9, 7);
        assertThat(answers(rewritten.wasm(), InterpreterCode::machine)).containsExactly(9, 7);
    }

    @Test
    void the_engine_by_itself_cannot_compile_it() {
        // when it can, FunctionEnds is no longer needed
        assertThat(ExecutionWays.compile(WASM, Set.of()).interpreted()).containsExactly(0);
    }

    private static long[] answers(byte[] wasm, Function<Instance, Machine> machines) {
        Instance instance =
                Instance.builder(Parser.parse(wasm)).withMachineFactory(machines).build();
        return new long[] {
            instance.export("f").apply(0)[0], instance.export("f").apply(1)[0],
        };
    }
}
