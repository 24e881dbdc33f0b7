package org.wasix4j.types;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    private static final String NASTY =
            "a\n\r\u001b[31m\u0000\u007f\u009b\u202e\u2028\u2029\u200b\ud800\ue000b";

    @Test
    void nothing_that_controls_a_terminal_or_ends_a_line_comes_through() {
        for (String text :
                new String[] {
                    Printable.foreign(NASTY), Printable.line(NASTY), Printable.exact(NASTY)
                }) {
            assertThat(text)
                    .isEqualTo(
                            "a\\u000a\\u000d\\u001b[31m\\u0000\\u007f\\u009b\\u202e\\u2028\\u2029"
                                    + "\\u200b\\ud800\\ue000b");
        }
    }

    @Test
    void a_sentence_keeps_the_letters_of_every_script_and_a_foreign_name_does_not() {
        assertThat(Printable.line("grüße 日本 \ud83d\ude00")).isEqualTo("grüße 日本 \ud83d\ude00");
        assertThat(Printable.foreign("grün")).isEqualTo("gr\\u00fcn");
        assertThat(Printable.foreign("\ud83d\ude00")).isEqualTo("\\ud83d\\ude00");
    }

    @Test
    void a_sentence_can_be_escaped_twice() {
        assertThat(Printable.line(Printable.line(NASTY))).isEqualTo(Printable.line(NASTY));
    }

    @Test
    void an_exact_text_differs_from_one_that_looks_like_it() {
        assertThat(Printable.exact("a\\u000ab")).isEqualTo("a\\\\u000ab");
        assertThat(Printable.exact("a\nb")).isEqualTo("a\\u000ab");
    }

    @Test
    void no_text_is_no_text() {
        assertThat(Printable.line(null)).isNull();
    }
}
