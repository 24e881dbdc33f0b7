package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.Value;
import org.junit.jupiter.api.Test;

class ConstantGlobalsTest {

    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final int IMMUTABLE = 0;
    private static final int MUTABLE = 1;

    /** A function "f" from i32 to i32 with one more local, in a module that imports two globals. */
    private static byte[] module(int mutability, BinaryWriter code) {
        BinaryWriter body = new BinaryWriter().u32(1).u32(1).u8(0x7e).raw(code);
        return new BinaryWriter()
                .raw(HEADER, 0, HEADER.length)
                .section(1, new BinaryWriter().u32(1).u8(0x60).u32(1).u8(0x7f).u32(1).u8(0x7f))
                .section(
                        2,
                        new BinaryWriter()
                                .u32(2)
                                .name("env")
                                .name("__memory_base")
                                .u8(3)
                                .u8(0x7f)
                                .u8(mutability)
                                .name("env")
                                .name("other")
                                .u8(3)
                                .u8(0x7f)
                                .u8(IMMUTABLE))
                .section(3, new BinaryWriter().u32(1).u32(0))
                .section(7, new BinaryWriter().u32(1).name("f").u8(0).u32(0))
                .section(10, new BinaryWriter().u32(1).sized(body))
                .toByteArray();
    }

    private static long reads(byte[] wasm) {
        return Parser.parse(wasm).codeSection().getFunctionBody(0).instructions().stream()
                .filter(each -> each.opcode() == OpCode.GLOBAL_GET)
                .count();
    }

    private static long run(byte[] wasm, MutabilityType mutability, int argument) {
        ImportValues imports =
                ImportValues.builder()
                        .addGlobal(
                                new ImportGlobal(
                                        "env",
                                        "__memory_base",
                                        new GlobalInstance(Value.i32(1000), mutability)),
                                new ImportGlobal("env", "other", new GlobalInstance(Value.i32(70))))
                        .build();
        Instance instance = Instance.builder(Parser.parse(wasm)).withImportValues(imports).build();
        return instance.export("f").apply(argument)[0];
    }

    /** base + (base + parameter) + other. */
    private static BinaryWriter twice() {
        return new BinaryWriter()
                .u8(0x23)
                .u32(0)
                .u8(0x23)
                .u32(0)
                .u8(0x20)
                .u32(0)
                .u8(0x6a)
                .u8(0x6a)
                .u8(0x23)
                .u32(1)
                .u8(0x6a)
                .u8(0x0b);
    }

    @Test
    void what_is_read_at_two_places_is_read_once() {
        byte[] wasm = module(IMMUTABLE, twice());
        byte[] rewritten = ModuleRewriter.rewrite(wasm).wasm();
        assertThat(reads(wasm)).isEqualTo(3);
        assertThat(reads(rewritten)).isEqualTo(2);
        assertThat(run(wasm, MutabilityType.Const, 3)).isEqualTo(2073);
        assertThat(run(rewritten, MutabilityType.Const, 3)).isEqualTo(2073);
    }

    @Test
    void what_is_read_at_one_place_of_a_loop_is_read_before_it() {
        // do { sum of i64 += base } while (--parameter); answers the sum
        BinaryWriter code = new BinaryWriter();
        code.u8(0x03).u8(0x40);
        code.u8(0x20).u32(1).u8(0x23).u32(0).u8(0xac).u8(0x7c).u8(0x21).u32(1);
        code.u8(0x20).u32(0).u8(0x41).u8(1).u8(0x6b).u8(0x22).u32(0).u8(0x0d).u32(0);
        code.u8(0x0b).u8(0x20).u32(1).u8(0xa7).u8(0x0b);
        byte[] wasm = module(IMMUTABLE, code);
        byte[] rewritten = ModuleRewriter.rewrite(wasm).wasm();
        assertThat(Parser.parse(rewritten).codeSection().getFunctionBody(0).instructions().get(0))
                .satisfies(each -> assertThat(each.opcode()).isEqualTo(OpCode.GLOBAL_GET));
        assertThat(reads(rewritten)).isEqualTo(1);
        assertThat(run(wasm, MutabilityType.Const, 5)).isEqualTo(5000);
        assertThat(run(rewritten, MutabilityType.Const, 5)).isEqualTo(5000);
    }

    @Test
    void a_global_that_may_change_is_read_each_time() {
        byte[] wasm = module(MUTABLE, twice());
        byte[] rewritten = ModuleRewriter.rewrite(wasm).wasm();
        assertThat(rewritten).isSameAs(wasm);
        assertThat(run(rewritten, MutabilityType.Var, 3)).isEqualTo(2073);
    }
}
