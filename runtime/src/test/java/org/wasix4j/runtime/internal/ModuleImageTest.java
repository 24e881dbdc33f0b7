package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ModuleImageTest {

    private static final int HEADER = 12;
    private static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private static final byte[] STRIPPED = {1, 2, 3};
    private static final byte[] SHAPE = {9, 10, 11, 12};
    private static final byte[] NAMES = {4, 5};

    private final ModuleImage image =
            new ModuleImage(
                    STRIPPED,
                    SHAPE,
                    NAMES,
                    new CompiledCode(
                            "a.Main",
                            Map.of("a.Main", ByteBuffer.wrap(new byte[] {6, 7, 8})),
                            Set.of(11, 700)),
                    0);

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void what_is_written_can_be_read() {
        ModuleImage read = ModuleImage.decode(image.encode(WASM, "1"), WASM, "1");
        assertThat(read.module()).isEqualTo(STRIPPED);
        assertThat(read.shape()).isEqualTo(SHAPE);
        assertThat(read.names()).isEqualTo(NAMES);
        assertThat(read.code()).isEqualTo(image.code());
    }

    @Test
    void an_entry_of_another_version_is_none() {
        assertThat(ModuleImage.decode(image.encode(WASM, "1"), WASM, "2")).isNull();
        assertThat(ModuleImage.key(WASM, "1")).isNotEqualTo(ModuleImage.key(WASM, "2"));
    }

    @Test
    void an_entry_of_a_module_that_differs_in_one_byte_is_none() {
        for (int length : new int[] {1, 255, 256, 257, 1000}) {
            byte[] wasm = random(length);
            byte[] entry = image.encode(wasm, "1");
            assertThat(ModuleImage.decode(entry, wasm, "1")).isNotNull();
            for (int at = 0; at < length; at++) {
                byte[] other = wasm.clone();
                other[at] ^= 1;
                assertThat(ModuleImage.decode(entry, other, "1")).as("byte %d", at).isNull();
            }
            assertThat(ModuleImage.decode(entry, Arrays.copyOf(wasm, length - 1), "1")).isNull();
            assertThat(ModuleImage.decode(entry, Arrays.copyOf(wasm, length + 1), "1")).isNull();
        }
    }

    @Test
    void the_versions_are_those_of_format_project_and_engine() {
        assertThat(ModuleImage.versions())
                .matches("format \\d+, rewriter \\d+, wasix4j \\S+, chicory 1\\.\\d.*");
    }

    @Test
    void an_entry_cut_short_anywhere_is_none() {
        byte[] whole = image.encode(WASM, "1");
        for (int length = 0; length < whole.length; length++) {
            assertThat(ModuleImage.decode(Arrays.copyOf(whole, length), WASM, "1")).isNull();
        }
    }

    @Test
    void lengths_and_counts_that_are_wrong_make_an_entry_none_and_nothing_else() {
        byte[] whole = image.encode(WASM, "1");
        for (int at = HEADER; at < whole.length; at++) {
            for (int wrong : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] entry = whole.clone();
                entry[at] = (byte) wrong;
                CRC32 crc = new CRC32();
                crc.update(entry, HEADER, entry.length - HEADER);
                ByteBuffer.wrap(entry).putInt(HEADER - Integer.BYTES, (int) crc.getValue());
                assertThatCode(() -> ModuleImage.decode(entry, WASM, "1"))
                        .doesNotThrowAnyException();
            }
        }
    }
}
