package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleImageTest {

    private static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private final ModuleImage image =
            new ModuleImage(
                    WASM, new CompiledCode("a.Main", Map.of("a.Main", new byte[3]), Set.of()));

    @Test
    void what_is_written_can_be_read() {
        ModuleImage read = ModuleImage.decode(image.encode("1"), "1");
        assertThat(read.module()).isEqualTo(WASM);
        assertThat(read.code().mainClass()).isEqualTo("a.Main");
        assertThat(read.code().classes()).containsOnlyKeys("a.Main");
    }

    @Test
    void an_entry_of_another_version_is_none() {
        assertThat(ModuleImage.decode(image.encode("1"), "2")).isNull();
        assertThat(ModuleImage.key(WASM, "1")).isNotEqualTo(ModuleImage.key(WASM, "2"));
    }

    @Test
    void the_versions_are_those_of_format_project_and_engine() {
        assertThat(ModuleImage.versions()).matches("format \\d+, wasix4j \\S+, chicory 1\\.\\d.*");
    }

    @Test
    void an_entry_cut_short_anywhere_is_none() {
        byte[] whole = image.encode("1");
        for (int length = 0; length < whole.length; length++) {
            assertThat(ModuleImage.decode(Arrays.copyOf(whole, length), "1")).isNull();
        }
    }
}
