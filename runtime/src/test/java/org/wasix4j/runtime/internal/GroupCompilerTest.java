package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.testmodules.TestModule;

/** Groups of functions that are compiled by themselves. */
class GroupCompilerTest {

    /**
     * Vectors, exceptions with tags and data, divided functions, a group of any size that is the
     * last one, and one that imported functions share with others.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/vectors/vectors.wasm",
                "/exceptions/legacy.wasm",
                "/large/large.wasm",
                "http-hello",
                "libraries/tries"
            })
    void a_class_is_the_same_as_from_a_compilation_of_the_whole_module(String name)
            throws IOException {
        byte[] wasm;
        if (name.startsWith("/")) {
            try (InputStream in = GroupCompilerTest.class.getResourceAsStream(name)) {
                wasm = in.readAllBytes();
            }
        } else {
            wasm = TestModule.named(name).bytes();
        }
        Loading loading = new Loading(0, null);
        CompilableModule module = CompilableModule.of(wasm, loading);
        CompiledCode whole = module.compiler(loading).compile();
        ModuleCompiler compiler = module.compiler(loading);
        CompiledCode frame = compiler.frameAlone();
        GroupCompiler groups = compiler.groups();

        assertThat(whole.classes()).hasSize(frame.classes().size() + groups.groups());
        assertThat(whole.classes()).containsAllEntriesOf(withoutCases(frame));
        for (int i = 0; i < groups.groups(); i++) {
            assertThat(ByteBuffer.wrap(groups.compile(i)))
                    .as(groups.name(i))
                    .isEqualTo(whole.classes().get(groups.name(i)));
        }
        assertThat(groups.isFlawless()).isTrue();
    }

    /** Classes besides those that call functions by numbers, which list fewer functions. */
    private static Map<String, ByteBuffer> withoutCases(CompiledCode frame) {
        Map<String, ByteBuffer> others = new TreeMap<>(frame.classes());
        assertThat(others.keySet()).contains(frame.mainClass());
        others.keySet().removeIf(name -> name.equals(frame.mainClass()) || isCaller(name));
        assertThat(others).isNotEmpty();
        return others;
    }

    private static boolean isCaller(String name) {
        return name.contains("MachineCall") || name.contains("Indirect_");
    }
}
