package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Command lines are read as the library reads them, or left to it. */
class OrdinaryLineTest {

    private static final long SEED = 20261122;
    private static final int LINES = 1500;

    @TempDir Path folder;

    /** For each label of a value in the model, values that are right; a new label has none. */
    private List<String> values(String label) {
        return switch (label) {
            case "RULES" -> List.of("loopback:8080/in", "dns:allow=*.example.org:{80,443}");
            case "[HOST]:PORT" -> List.of(":0", "127.0.0.1:8080", "[::1]:80");
            case "HOST:PORT" -> List.of("127.0.0.1:8080", "[::1]:80");
            case "FILE", "DIR", "PATH", "NAME" -> List.of("a", "/tmp/a b", "a=b", "\u00e4");
            case "TIME" -> List.of("5", "500ms", "2m");
            case "HOST:GUEST[:ro]" -> List.of(folder + ":/g", folder + ":/g:ro");
            case "HOST[::GUEST]" -> List.of(folder.toString(), folder + "::/g");
            case "K[=V]" -> List.of("A", "A=", "A=B=C", "A=b c");
            case "FAMILIES" -> List.of("sock", "sock,poll");
            case "BYTES" -> List.of("64M", "70000");
            case "N" -> List.of("1", "70", "123456789");
            default -> List.of(label.split("\\|"));
        };
    }

    private static List<OptionSpec> model() {
        return new CommandLine(new Options()).getCommandSpec().options();
    }

    private static Options byLibrary(String... words) {
        Options options = new Options();
        new CommandLine(options).setStopAtPositional(true).parseArgs(words);
        return options;
    }

    /** What the options say, by field. */
    private static Map<String, Object> content(Options options) throws IllegalAccessException {
        Map<String, Object> content = new TreeMap<>();
        for (Field field : Options.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                Object value = field.get(options);
                content.put(
                        field.getName(),
                        value instanceof NetworkPolicy policy ? policy.toString() : value);
            }
        }
        return content;
    }

    private static void agree(Options read, String... words) throws IllegalAccessException {
        String line = Arrays.toString(words);
        Options expected;
        try {
            expected = byLibrary(words);
        } catch (ParameterException e) {
            throw new AssertionError("the library refuses " + line, e);
        }
        assertThat(content(read)).as(line).isEqualTo(content(expected));
    }

    @Test
    void every_option_with_a_plain_value_is_read_and_as_the_library_reads_it() throws Exception {
        int read = 0;
        for (OptionSpec option : model()) {
            if (option.usageHelp() || option.versionHelp()) {
                continue;
            }
            for (String name : option.names()) {
                List<String[]> lines = new ArrayList<>();
                if (option.arity().min() == 0) {
                    lines.add(new String[] {name, "m.wasm", name, "--net"});
                }
                if (option.arity().max() > 0) {
                    for (String value : values(option.paramLabel())) {
                        lines.add(new String[] {name + "=" + value, "m.wasm", "--", "-x"});
                        if (option.arity().min() > 0) {
                            lines.add(new String[] {name, value, "m.wasm"});
                        }
                    }
                }
                for (String[] line : lines) {
                    Options options = OrdinaryLine.read(line);
                    assertThat(options).as(Arrays.toString(line)).isNotNull();
                    agree(options, line);
                    read++;
                }
            }
        }
        assertThat(read).isGreaterThan(60);
    }

    @Test
    void what_is_read_of_any_line_is_what_the_library_reads() throws Exception {
        List<String> words = new ArrayList<>();
        for (OptionSpec option : model()) {
            for (String name : option.names()) {
                words.add(name);
                words.add(name + "=");
                words.add(name + "=x");
                for (String value : values(option.paramLabel())) {
                    words.add(value);
                    words.add(name + "=" + value);
                    words.add(name + "=" + value);
                }
            }
        }
        words.addAll(
                List.of("m.wasm", "--", "-", "", "=", "--=", "-vq", "--verb", "-x", "0", "007"));
        words.addAll(
                List.of("\"q\"", "'q'", "--cwd=\"q\"", "a,b", "-1", "--max-fds=+1", "9999999999"));
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < LINES; i++) {
            String[] line = new String[1 + random.nextInt(4)];
            for (int word = 0; word < line.length; word++) {
                line[word] = words.get(random.nextInt(words.size()));
            }
            Options options = OrdinaryLine.read(line);
            if (options != null) {
                agree(options, line);
                read++;
            }
        }
        assertThat(read).isBetween(LINES / 10, LINES * 9 / 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "--net",
                "-vq m.wasm",
                "-v --verbose m.wasm",
                "--unknown m.wasm",
                "--cwd",
                "--cwd --net m.wasm",
                "--cwd=/a --cwd=/b m.wasm",
                "--json=true m.wasm",
                "--max-fds 0x10 m.wasm",
                "--net=nonsense m.wasm",
                "-- m.wasm",
                "m.wasm @file",
            })
    void what_is_not_plain_is_left_to_the_library(String line) {
        assertThat(OrdinaryLine.read(line.isEmpty() ? new String[0] : line.split(" "))).isNull();
    }
}
