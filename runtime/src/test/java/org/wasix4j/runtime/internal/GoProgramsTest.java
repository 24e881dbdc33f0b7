package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.internal.lowering.ModuleRewriter;
import org.wasix4j.testmodules.TestModule;

class GoProgramsTest {

    private static final byte[] GO = TestModule.resource("system/go-registers.wasm");

    @Test
    void a_go_program_is_recognised_by_its_registers() {
        assertThat(GoPrograms.isOne(Parser.parse(GO))).isTrue();
    }

    @Test
    void a_go_program_is_recognised_when_globals_were_added_for_its_large_functions() {
        WasmModule divided = Parser.parse(ModuleRewriter.rewrite(GO, 100).wasm());

        assertThat(divided.globalSection().globalCount())
                .isGreaterThan(Parser.parse(GO).globalSection().globalCount());
        assertThat(GoPrograms.isOne(divided)).isTrue();
    }

    @Test
    void a_program_of_a_c_compiler_is_none() {
        assertThat(GoPrograms.isOne(Parser.parse(TestModule.resource("http-hello.wasm"))))
                .isFalse();
    }
}
