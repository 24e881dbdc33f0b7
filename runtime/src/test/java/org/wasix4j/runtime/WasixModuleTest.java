package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WasixModuleTest {

    private static void assertRefused(byte[] wasm, String clause) {
        assertThatThrownBy(() -> WasixModule.load("guest", wasm, Engine.COMPILER))
                .isInstanceOf(ModuleException.class)
                .hasMessageStartingWith("cannot run guest: ")
                .hasMessageContaining(clause);
    }

    @Test
    void an_empty_file_is_refused() {
        assertRefused(new byte[0], "it is empty");
    }

    @Test
    void something_else_than_webassembly_is_refused() {
        assertRefused("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8), "it is not WebAssembly");
    }

    @Test
    void webassembly_text_is_refused_with_a_hint() {
        assertRefused("\n(module)".getBytes(StandardCharsets.UTF_8), "wat2wasm");
    }

    @Test
    void a_component_is_refused() {
        assertRefused(new byte[] {0, 'a', 's', 'm', 13, 0, 1, 0}, "it is a component");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_module_cut_short_anywhere_is_refused(Engine engine) {
        byte[] whole = Guests.bytes("hello");
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                WasixModule.load("cut", cut, engine);
            } catch (ModuleException e) {
                assertThat(e).hasMessageStartingWith("cannot run cut: ");
            }
        }
        assertRefused(Arrays.copyOf(whole, 5), "it is truncated");
        assertRefused(Arrays.copyOf(whole, 40), "it is truncated");
    }

    @ParameterizedTest
    @CsvSource({"memory64, it has a 64-bit memory"})
    void a_feature_that_the_engine_lacks_is_named(String guest, String clause) {
        assertRefused(Guests.bytes(guest), clause);
        assertThatThrownBy(() -> WasixModule.load("i", Guests.bytes(guest), Engine.INTERPRETER))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining(clause);
    }

    @Test
    void a_library_is_refused_when_it_is_started() {
        WasixModule library = Guests.compiled("library");
        assertThatThrownBy(() -> WasixRuntime.builder().build().start(library))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining("it exports no function _start");
    }

    @Test
    void every_unknown_import_is_listed() {
        assertThatThrownBy(() -> Guests.compiled("unknown-imports"))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining("env.puts (I32) -> (I32): no such module")
                .hasMessageContaining("env.answer: no such global")
                .hasMessageNotContaining("sock_teleport");
    }

    /** It imports a function of WASIX that nobody knows, and has an empty {@code _start}. */
    private static final String NEWER =
            "0061736d01000000010902600"
                    + "17f017f6000000219010a77617369785f33327631"
                    + "0a66645f746f5f636f6d650000"
                    + "03020101"
                    + "0503010001"
                    + "070a01065f73746172740001"
                    + "0a040102000b";

    @Test
    void a_function_that_may_be_newer_is_an_obstacle_only_where_that_is_asked_for()
            throws Exception {
        WasixModule module =
                WasixModule.load("newer", HexFormat.of().parseHex(NEWER), Engine.INTERPRETER);
        List<String> notices = new ArrayList<>();
        ProcessListener listener =
                new ProcessListener() {
                    @Override
                    public void notice(String sentence) {
                        notices.add(sentence);
                    }
                };
        WasixRuntime.Builder settings = WasixRuntime.builder().withListener(listener);
        assertThat(settings.build().start(module).waitFor().isSuccess()).isTrue();
        assertThat(notices).singleElement().asString().contains("wasix_32v1.fd_to_come");
        assertThatThrownBy(() -> settings.withStrictImports(true).build().start(module))
                .isInstanceOf(ModuleException.class)
                .hasMessageContaining("wasix_32v1.fd_to_come: no such function");
    }

    @Test
    void a_file_that_is_not_there_is_an_io_error() {
        assertThatThrownBy(() -> WasixModule.load(Path.of("/nowhere/guest.wasm")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
