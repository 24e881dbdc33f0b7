package org.wasix4j.runtime.internal.lowering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.runtime.Guests;

class ModuleRewriterTest {

    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private static BinaryWriter module() {
        return new BinaryWriter().raw(HEADER, 0, HEADER.length);
    }

    /** One type without parameters or results, and one with an i32. */
    private static BinaryWriter types() {
        return new BinaryWriter().u32(2).u8(0x60).u32(0).u32(0).u8(0x60).u32(1).u8(0x7f).u32(0);
    }

    @Test
    void the_table_has_each_code_and_each_name_once() {
        Map<Integer, Instruction> codes = new HashMap<>();
        Map<String, Instruction> names = new HashMap<>();
        for (Instruction each : Instructions.all()) {
            assertThat(codes.put(each.code(), each)).as(each.name()).isNull();
            if (!each.name().equals("select")) {
                assertThat(names.put(each.name(), each)).as(each.name()).isNull();
            }
            BinaryWriter code = new BinaryWriter();
            each.write(code);
            byte[] bytes = code.toByteArray();
            assertThat(Instructions.read(new BinaryReader(bytes, 0, bytes.length))).isSameAs(each);
        }
        assertThat(
                        names.keySet().stream()
                                .filter(
                                        name ->
                                                name.contains("128.")
                                                        || name.matches("[if]\\d+x\\d+\\..*")))
                .hasSize(256);
        assertThat(Instructions.named("i64.atomic.rmw32.cmpxchg_u").code()).isEqualTo(0xfe004e);
        assertThat(Instructions.named("i32x4.relaxed_dot_i8x16_i7x16_add_s").number())
                .isEqualTo(275);
        assertThat(Instructions.named("f64x2.convert_low_i32x4_u").number()).isEqualTo(255);
        assertThat(Instructions.named("i64x2.extmul_high_i32x4_u").number()).isEqualTo(223);
        assertThat(Instructions.named("i64.extend32_s").code()).isEqualTo(0xc4);
    }

    @Test
    void a_function_that_ends_in_a_part_that_never_returns_is_still_valid() {
        // if (x) return 1; then statements of which the last one is a trap
        BinaryWriter body = new BinaryWriter().u32(0);
        body.u8(0x20).u32(0).u8(0x04).u8(0x40).u8(0x41).u8(1).u8(0x0f).u8(0x0b);
        for (int i = 0; i < 400; i++) {
            body.u8(0x20).u32(0).u8(0x41).u8(3).u8(0x6a).u8(0x21).u32(0);
        }
        body.u8(0x00).u8(0x0b);
        BinaryWriter type = new BinaryWriter().u32(1).u8(0x60).u32(1).u8(0x7f).u32(1).u8(0x7f);
        byte[] wasm =
                module().section(1, type)
                        .section(3, new BinaryWriter().u32(1).u32(0))
                        .section(10, new BinaryWriter().u32(1).sized(body))
                        .toByteArray();
        for (int size : new int[] {200, 400, 1000}) {
            RewrittenModule divided = ModuleRewriter.rewrite(wasm, size);
            assertThat(divided.parts().origins()).isNotEmpty();
            assertThatCode(() -> Parser.parse(divided.wasm())).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "threads", "functions", "signal", "grow"})
    void a_module_without_news_stays_the_very_array(String guest) {
        byte[] wasm = Guests.bytes(guest);
        assertThat(ModuleRewriter.rewrite(wasm).wasm()).isSameAs(wasm);
        assertThat(ModuleRewriter.rewrite(wasm).helpers()).isEmpty();
    }

    @Test
    void imports_that_share_a_module_get_one_each() {
        BinaryWriter imports = new BinaryWriter().u32(3);
        imports.name("one").name("").u8(ModuleIndex.COMPACT).u32(2);
        imports.name("f").u8(0).u32(1).name("m").u8(2).u8(1).u32(1).u32(2);
        imports.name("two").name("").u8(ModuleIndex.COMPACT_SAME_TYPE).u8(0).u32(0);
        imports.u32(3).name("a").name("b").name("");
        imports.name("three").name("g").u8(3).u8(0x7f).u8(0);
        byte[] wasm = module().section(1, types()).section(2, imports).toByteArray();

        WasmModule rewritten = Parser.parse(ModuleRewriter.rewrite(wasm).wasm());
        assertThat(
                        rewritten.importSection().stream()
                                .map(each -> each.module() + "." + each.name()))
                .containsExactly("one.f", "one.m", "two.a", "two.b", "two.", "three.g");
        assertThat(rewritten.importSection().count(ExternalType.FUNCTION)).isEqualTo(4);
        assertThat(new ModuleIndex(wasm).importedFunctions()).isEqualTo(4);
        assertThat(new ModuleIndex(wasm).functionType(0).parameters()).hasSize(1);
        assertThat(new ModuleIndex(wasm).functionType(3).parameters()).isEmpty();
    }

    @Test
    void a_long_module_name_for_many_imports_is_bounded() {
        BinaryWriter imports = new BinaryWriter().u32(1);
        imports.name("m".repeat(1 << 20)).name("").u8(ModuleIndex.COMPACT_SAME_TYPE).u8(0).u32(0);
        imports.u32(1 << 20);
        for (int i = 0; i < 1 << 20; i++) {
            imports.u8(0);
        }
        byte[] wasm = module().section(1, types()).section(2, imports).toByteArray();
        assertThatThrownBy(() -> ModuleRewriter.rewrite(wasm))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("section of imports");
    }

    @Test
    void several_memories_are_refused_by_name() {
        BinaryWriter memories = new BinaryWriter().u32(2).u8(0).u32(1).u8(0).u32(1);
        byte[] wasm = module().section(5, memories).toByteArray();
        assertThatThrownBy(() -> ModuleRewriter.rewrite(wasm))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("multi-memory");
    }

    @Test
    void more_locals_than_possible_are_refused_with_the_function() {
        assertThatThrownBy(() -> ModuleRewriter.rewrite(withLocals(1_000_000, 0x7b)))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("1000000 locals")
                .extracting(e -> ((UnsupportedException) e).function())
                .isEqualTo(0);
    }

    @Test
    void a_try_inside_a_hundred_thousand_others_is_rewritten() {
        int depth = 100_000;
        BinaryWriter body = new BinaryWriter().u32(0);
        for (int i = 0; i < depth; i++) {
            body.u8(Instruction.TRY).u8(0x40);
        }
        for (int i = 0; i < depth; i++) {
            if (i % 3 == 0) {
                body.u8(Instruction.DELEGATE).u32(i < depth - 1 ? i % 2 : 0);
            } else {
                body.u8(Instruction.CATCH_ALL);
                if (i % 4 == 1) {
                    body.u8(Instruction.RETHROW).u32(0);
                }
                body.u8(Instruction.END);
            }
        }
        byte[] rewritten = ModuleRewriter.rewrite(withBody(body.u8(0x0b))).wasm();
        Features features = FunctionSurvey.of(rewritten).features();
        assertThat(features.uses(Features.Feature.LEGACY_EXCEPTIONS)).isFalse();
        assertThat(features.hasExceptions(0)).isTrue();
    }

    @Test
    void a_stack_of_vectors_is_bounded() {
        BinaryWriter body = new BinaryWriter().u32(1).u32(1).u8(0x7b);
        for (int i = 0; i < 100_000; i++) {
            body.u8(Instruction.LOCAL_GET).u32(0);
        }
        assertThatThrownBy(() -> ModuleRewriter.rewrite(withBody(body.u8(0).u8(0x0b))))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("vectors on its stack");
    }

    @Test
    void many_values_under_many_blocks_take_no_long_time() {
        BinaryWriter body = new BinaryWriter().u32(1).u32(1).u8(0x7b);
        int depth = 50_000;
        for (int i = 0; i < depth; i++) {
            body.u8(Instruction.I32_CONST).u8(0);
        }
        for (int i = 0; i < depth; i++) {
            body.u8(Instruction.LOCAL_GET).u8(0).u8(Instruction.TRY_TABLE).u8(0x40).u32(0);
            body.u8(Instruction.LOCAL_GET).u8(0).u8(Instruction.LOCAL_SET).u8(0).u8(0x0b);
            body.u8(Instruction.DROP);
        }
        byte[] wasm = withBody(body.u8(0).u8(0x0b));
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> rewriteOrRefuse(wasm));
    }

    private static byte[] withBody(BinaryWriter body) {
        return module().section(1, types())
                .section(3, new BinaryWriter().u32(1).u32(0))
                .section(10, new BinaryWriter().u32(1).sized(body))
                .toByteArray();
    }

    private static byte[] withLocals(int count, int type) {
        return withBody(new BinaryWriter().u32(1).u32(count).u8(type).u8(0x0b));
    }

    @Test
    void an_unknown_instruction_is_reported_with_its_place() {
        BinaryWriter body = new BinaryWriter().u32(0).u8(0xfc).u32(77).u8(0x0b);
        byte[] wasm =
                module().section(1, types())
                        .section(3, new BinaryWriter().u32(1).u32(0))
                        .section(10, new BinaryWriter().u32(1).sized(body))
                        .toByteArray();
        assertThatThrownBy(() -> ModuleRewriter.rewrite(wasm))
                .isInstanceOf(UnsupportedException.class)
                .hasMessage("uses an unknown instruction, 0xfc 77, at byte 27");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "threads", "simd", "legacy-exceptions", "functions"})
    void a_damaged_byte_anywhere_breaks_nothing_else(String guest) {
        byte[] whole = Guests.bytes(guest);
        for (int at = 8; at < whole.length; at++) {
            for (int flip : new int[] {0x01, 0x80, 0xff}) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) flip;
                assertThatCode(() -> rewriteOrRefuse(damaged)).doesNotThrowAnyException();
            }
            byte[] cut = Arrays.copyOf(whole, at);
            assertThatCode(() -> rewriteOrRefuse(cut)).doesNotThrowAnyException();
        }
    }

    private static void rewriteOrRefuse(byte[] wasm) {
        try {
            ModuleRewriter.rewrite(wasm);
        } catch (MalformedException | UnsupportedException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
