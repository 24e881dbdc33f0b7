package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.runtime.Guests;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InvokeTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int invoke(String function, String... arguments) {
        String[] args = new String[3 + arguments.length];
        args[0] = "--invoke";
        args[1] = function;
        args[2] = Guests.file(folder, "functions").toString();
        System.arraycopy(arguments, 0, args, 3, arguments.length);
        return WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_function_is_called_with_words_and_its_results_are_written() {
        assertThat(invoke("same", "4294967295", "-9223372036854775808", "1.5", "-0.25")).isZero();
        assertThat(out()).isEqualTo("-1\n-9223372036854775808\n1.5\n-0.25\n");
        out.reset();
        assertThat(invoke("same", "-7", "0xffffffffffffffff", "2", "1e300")).isZero();
        assertThat(out()).isEqualTo("-7\n-1\n2.0\n1.0E300\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void a_library_is_initialised_before() {
        assertThat(invoke("ready")).isZero();
        assertThat(out()).isEqualTo("1\n");
    }

    @Test
    void an_exit_and_a_trap_end_it_as_they_end_a_command() {
        assertThat(invoke("leave", "7")).isEqualTo(7);
        assertThat(invoke("trap")).isEqualTo(134);
        assertThat(out()).isEmpty();
    }

    @Test
    void a_function_that_is_not_there_cannot_run() {
        assertThat(invoke("sum")).isEqualTo(126);
        assertThat(err.toString()).contains("it exports no function sum");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 2 3           | same takes 4 arguments and not 3",
                "x 2 3 4         | 'x' is no i32",
                "4294967296 2 3 4| '4294967296' is no i32",
                "1 2.5 3 4       | '2.5' is no i64",
                "1 2 pi 4        | 'pi' is no f32"
            })
    void arguments_that_do_not_fit_are_wrong_usage(String words, String clause) {
        assertThat(invoke("same", words.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(clause);
    }
}
