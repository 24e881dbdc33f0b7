package org.wasix4j.system.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The C library's words in other languages. */
class LocalizedErrorsTest {

    @TempDir private Path folder;

    /** A catalogue of pairs, English first, as msgfmt(1) writes it. */
    private Path catalogue(String name, ByteOrder order, Charset charset, String... pairs)
            throws IOException {
        int count = pairs.length / 2;
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        ByteBuffer head = ByteBuffer.allocate(28 + 16 * count).order(order);
        head.putInt(0x950412de).putInt(0).putInt(count).putInt(28).putInt(28 + 8 * count);
        for (int i = 0; i < pairs.length; i++) {
            byte[] text = pairs[i].getBytes(charset);
            int at = 28 + 8 * (i % 2 * count + i / 2);
            head.putInt(at, text.length).putInt(at + 4, head.capacity() + texts.size());
            texts.writeBytes(text);
            texts.write(0);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(head.array());
        file.writeBytes(texts.toByteArray());
        return Files.write(folder.resolve(name), file.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void a_translation_is_turned_back(String order) throws IOException {
        Path file =
                catalogue(
                        "de",
                        order.startsWith("L") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN,
                        StandardCharsets.ISO_8859_1,
                        "",
                        "Content-Type: text/plain; charset=ISO-8859-1\n",
                        "Not a directory",
                        "Ist kein Verzeichnis",
                        "Not yet said",
                        "",
                        "No space left on device",
                        "Auf dem Ger\u00e4t ist kein Platz",
                        "No",
                        "Auf");
        Map<String, String> texts = LocalizedErrors.load(List.of(folder.resolve("none"), file));
        assertThat(LocalizedErrors.english("Ist kein Verzeichnis", texts))
                .isEqualTo("Not a directory");
        assertThat(LocalizedErrors.english("Auf dem Ger\u00e4t ist kein Platz or so", texts))
                .isEqualTo("No space left on device");
        assertThat(LocalizedErrors.english("Auf", texts)).isEqualTo("No");
        assertThat(LocalizedErrors.english("Broken pipe", texts)).isEqualTo("Broken pipe");
        assertThat(LocalizedErrors.english("", texts)).isEmpty();
    }

    @Test
    void the_first_language_decides() throws IOException {
        Path one = catalogue("one", ByteOrder.LITTLE_ENDIAN, StandardCharsets.UTF_8, "a", "x");
        Path two = catalogue("two", ByteOrder.LITTLE_ENDIAN, StandardCharsets.UTF_8, "b", "x");
        assertThat(LocalizedErrors.english("x", LocalizedErrors.load(List.of(one, two))))
                .isEqualTo("a");
    }

    @Test
    void a_file_that_is_no_catalogue_says_nothing() throws IOException {
        Path file = catalogue("cut", ByteOrder.LITTLE_ENDIAN, StandardCharsets.UTF_8, "a", "x");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length - 2; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThat(LocalizedErrors.load(List.of(file))).as("%d bytes", length).isEmpty();
        }
        whole[3] = 0;
        Files.write(file, whole);
        assertThat(LocalizedErrors.load(List.of(file, folder))).isEmpty();
    }

    @Test
    void catalogues_are_looked_for_as_gettext_does() {
        assertThat(LocalizedErrors.catalogues(Map.of())).isEmpty();
        assertThat(LocalizedErrors.catalogues(Map.of("LC_ALL", "C", "LANGUAGE", "de"))).isEmpty();
        assertThat(LocalizedErrors.catalogues(Map.of("LANG", "../../etc"))).isEmpty();
        assertThat(LocalizedErrors.catalogues(Map.of("LC_ALL", "", "LANG", "POSIX"))).isEmpty();
        assertThat(
                        LocalizedErrors.catalogues(
                                Map.of("LANG", "fr", "LC_MESSAGES", "de_AT.UTF-8@euro")))
                .extracting(path -> path.getName(path.getNameCount() - 3).toString())
                .containsSubsequence("de_AT@euro", "de_AT", "de@euro", "de")
                .doesNotContain("fr");
        assertThat(LocalizedErrors.catalogues(Map.of("LC_ALL", "C.UTF-8", "LANGUAGE", "sv:de")))
                .startsWith(Path.of("/usr/share/locale/sv/LC_MESSAGES/libc.mo"))
                .contains(Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo"));
    }
}
