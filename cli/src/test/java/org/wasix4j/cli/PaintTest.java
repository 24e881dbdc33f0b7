package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaintTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private void run(String... args) {
        WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    @Test
    void always_and_never_mean_it() {
        Map<String, String> noColor = Map.of("NO_COLOR", "1");
        assertThat(Paint.of(Paint.When.ALWAYS, noColor, -1)).isEqualTo(Paint.COLOURS);
        assertThat(Paint.of(Paint.When.NEVER, Map.of(), Paint.STDERR)).isEqualTo(Paint.PLAIN);
    }

    @Test
    void a_stream_that_is_no_terminal_is_not_coloured() {
        assertThat(Paint.of(Paint.When.AUTO, Map.of(), -1)).isEqualTo(Paint.PLAIN);
    }

    @Test
    void on_a_terminal_the_environment_has_a_word() {
        assertThat(Paint.auto(Map.of(), () -> true)).isTrue();
        assertThat(Paint.auto(Map.of("NO_COLOR", ""), () -> true)).isTrue();
        assertThat(Paint.auto(Map.of("NO_COLOR", "0"), () -> true)).isFalse();
        assertThat(Paint.auto(Map.of("TERM", "dumb"), () -> true)).isFalse();
        assertThat(Paint.auto(Map.of("TERM", "xterm"), () -> false)).isFalse();
    }

    @Test
    void messages_are_coloured_when_wanted() {
        run("--color=always", "/no/such/file");
        assertThat(err.toString())
                .isEqualTo("\u001b[31mwasix-run:\u001b[0m no such file: /no/such/file\n");
        err.reset();
        run("/no/such/file");
        assertThat(err.toString()).isEqualTo("wasix-run: no such file: /no/such/file\n");
    }

    @Test
    void wrong_usage_is_coloured_too() {
        run("--color=always", "--frob", "x");
        assertThat(err.toString()).startsWith("\u001b[31mwasix-run:\u001b[0m ");
    }

    @Test
    void help_is_coloured_when_wanted() {
        run("--color=always", "--help");
        assertThat(out.toString()).contains("\u001b[33m--net\u001b[39m");
        out.reset();
        run("--help");
        assertThat(out.toString()).doesNotContain("\u001b");
    }
}
