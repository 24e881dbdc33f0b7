package org.wasix4j.types;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathTextTest {

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void utf8_is_the_text_that_it_is() {
        String text = "grüße/日本/\ud83d\ude00";
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        assertThat(PathText.decode(utf8)).isEqualTo(text);
        assertThat(PathText.encode(text)).isEqualTo(utf8);
    }

    @Test
    void bytes_that_are_no_utf8_survive() {
        for (byte[] path :
                new byte[][] {
                    bytes('a', 0xe4, 'b'),
                    bytes(0xff),
                    bytes(0xc3),
                    bytes('x', 0xe2, 0x82),
                    bytes(0xf0, 0x9f, 0x98, '/', 0x80),
                    // a surrogate, and a slash in two bytes, are no UTF-8
                    bytes(0xed, 0xb2, 0x80),
                    bytes(0xc0, 0xaf),
                    bytes(0xf4, 0x90, 0x80, 0x80),
                }) {
            String text = PathText.decode(path);
            assertThat(PathText.hasBytes(text)).isTrue();
            assertThat(PathText.encode(text)).isEqualTo(path);
        }
        assertThat(PathText.decode(bytes(0xc0, 0xaf))).doesNotContain("/");
    }

    @Test
    void any_bytes_survive_and_no_two_are_the_same_text() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] path = new byte[random.nextInt(12)];
            random.nextBytes(path);
            assertThat(PathText.encode(PathText.decode(path))).isEqualTo(path);
        }
    }
}
