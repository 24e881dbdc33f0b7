package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an address, and what a name that somebody has to be asked for. */
final class LiteralsTest {

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0:7",
        "9.19.90.199, 9.19.90.199:7",
        "127.0.0.1, 127.0.0.1:7",
        "255.255.255.255, 255.255.255.255:7",
        "::, [::]:7",
        "::1, [::1]:7",
        "[::1], [::1]:7",
        "2001:DB8:0:0:1::f, [2001:db8::1:0:0:f]:7",
        "::ffff:1.2.3.4, [::ffff:1.2.3.4]:7",
        "::1.2.3.4, [::102:304]:7",
    })
    void an_address_is_itself(String text, String address) {
        assertThat(Literals.parse(text, 7)).hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.",
                ".1.2.3",
                "1..2.3",
                "1.2.3.256",
                "1.2.3.1000",
                "1.2.3.04",
                "1.2.3.0x4",
                "1.2.3.+4",
                "1.2.3.4 ",
                "[1.2.3.4]",
                "1.2.3.\u0664",
                "localhost",
                "[]",
                ":",
                ":1",
                "1:2",
                "[::1",
                "::1]",
                "[[::1]]",
                "::g",
                "::1%1",
                "::1%lo",
                ".:1",
                "\uff11::1",
                "1::2::3",
                "::1.2.3",
                "::1.2.3.256",
                "1:2:3:4:5:6:7:8:9"
            })
    void whatever_else_it_looks_like_is_none(String text) {
        assertThat(Literals.parse(text, 7)).isNull();
    }

    /** The kernel's own spellings of one, by inet_aton(3): for a policy they are names. */
    @Test
    void the_short_octal_and_hexadecimal_spellings_of_an_address_are_names() {
        for (String text : new String[] {"127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433"}) {
            assertThat(Literals.parse(text, 7)).as(text).isNull();
        }
    }
}
