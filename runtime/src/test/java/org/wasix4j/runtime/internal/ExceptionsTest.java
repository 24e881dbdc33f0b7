package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasix4j.testmodules.TestModule;

class ExceptionsTest {

    private static final byte[] WASM = TestModule.named("system/exceptions").bytes();
    private static final WasmModule MODULE = Parser.parse(WASM);

    @ParameterizedTest
    @EnumSource
    void exceptions_do_what_the_specification_says(ExecutionWays way) {
        Instance instance = way.instance(WASM);
        SoftAssertions all = new SoftAssertions();
        int count = 0;
        for (int i = 0; i < MODULE.exportSection().exportCount(); i++) {
            String name = MODULE.exportSection().getExport(i).name();
            if (name.contains(" ") && !name.equals("throw and catch")) {
                count++;
                all.assertThatCode(
                                () ->
                                        assertThat(instance.export(name).apply())
                                                .as(name)
                                                .containsExactly(1))
                        .as(name)
                        .doesNotThrowAnyException();
            }
        }
        all.assertAll();
        assertThat(count).isEqualTo(11);
    }

    @ParameterizedTest
    @EnumSource
    void throwing_a_null_reference_traps(ExecutionWays way) {
        Instance instance = way.instance(WASM);
        assertThatThrownBy(() -> instance.export("null").apply())
                .isInstanceOf(TrapException.class)
                .hasMessage("null exception reference");
    }

    @ParameterizedTest
    @EnumSource
    void what_nobody_catches_leaves_the_module(ExecutionWays way) {
        Instance instance = way.instance(WASM);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> instance.export("uncaught").apply())
                    .isInstanceOfSatisfying(
                            WasmException.class, e -> assertThat(e.args()).containsExactly(1));
        }
    }

    @Test
    void an_old_reference_is_still_known() {
        Instance instance = ExecutionWays.COMPILED.instance(WASM);
        WasmException[] thrown = new WasmException[50_000];
        int[] references = new int[thrown.length];
        for (int i = 0; i < thrown.length; i++) {
            thrown[i] = GuestExceptions.createWasmException(null, 2, instance);
            references[i] = GuestExceptions.registerException(instance, thrown[i]);
            assertThat(GuestExceptions.registerException(instance, thrown[i]))
                    .isEqualTo(references[i]);
        }
        for (int i = 0; i < thrown.length; i++) {
            assertThat(GuestExceptions.exn(instance, references[i])).isSameAs(thrown[i]);
        }
    }

    @Test
    void a_reference_that_is_too_old_traps() {
        Instance instance = ExecutionWays.COMPILED.instance(WASM);
        int first =
                GuestExceptions.registerException(
                        instance, GuestExceptions.createWasmException(null, 2, instance));
        for (int i = 0; i < 1_100_000; i++) {
            GuestExceptions.registerException(
                    instance, GuestExceptions.createWasmException(null, 2, instance));
        }
        assertThatThrownBy(() -> GuestExceptions.exn(instance, first))
                .isInstanceOf(TrapException.class)
                .hasMessageContaining("from before the last 1048576 exceptions");
    }
}
