package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.Errno;
import org.wasix4j.types.SyscallSpec;

/** Keeps {@code docs/COMPATIBILITY.md} and {@code docs/ERRORS.md} true to the code. */
class CompatibilityDocTest {

    private static final Path ROOT = Path.of("..");
    private static final Path COMPATIBILITY = ROOT.resolve("docs/COMPATIBILITY.md");
    private static final Path ERRORS = ROOT.resolve("docs/ERRORS.md");

    private static final Pattern ROW =
            Pattern.compile(
                    "\\| `(?<name>[a-z0-9_-]+)` \\| (?<modules>[puxw ]+) \\| (?<state>[a-z]+)"
                            + " \\| (?<how>.*?) \\| (?<tests>.*?) ?\\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:#(\\w+))?`");

    private static final Map<String, String> LETTERS =
            Map.of(
                    "wasi_snapshot_preview1", "p",
                    "wasi_unstable", "u",
                    "wasix_32v1", "x",
                    "wasi", "w");

    private record Row(String modules, String state, String tests) {}

    private final Imports imports = new Imports(HostLinker.modules());

    /** Every function of the ABI: its types. */
    private static Map<String, List<SyscallSpec>> functions() {
        Signatures signatures = Signatures.load();
        Map<String, List<SyscallSpec>> functions = new TreeMap<>();
        for (String name : signatures.names()) {
            String[] words = name.split(" ");
            functions
                    .computeIfAbsent(words[1], n -> new ArrayList<>())
                    .addAll(signatures.find(words[0], words[1]));
        }
        return functions;
    }

    private static Map<String, Row> rows() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(COMPATIBILITY)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Row old =
                        rows.put(
                                row.group("name"),
                                new Row(
                                        row.group("modules"),
                                        row.group("state"),
                                        row.group("tests")));
                assertThat(old).as("a second row of " + row.group("name")).isNull();
            }
        }
        return rows;
    }

    private static TreeSet<String> namesWhere(Predicate<Row> condition) throws IOException {
        return rows().entrySet().stream()
                .filter(row -> condition.test(row.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_function_of_the_abi_has_a_row_and_no_row_is_of_another() throws IOException {
        assertThat(rows().keySet()).isEqualTo(functions().keySet());
    }

    @Test
    void every_socket_function_for_wasip1_is_named() throws IOException {
        String text = Files.readString(COMPATIBILITY);
        String section = text.substring(text.indexOf("### Sockets for wasip1"));
        for (String name : Signatures.wasip1Sockets().names()) {
            String function = name.substring(name.indexOf(' ') + 1);
            assertThat(section).contains(function.replace("_v2", ""));
            assertThat(serves(function)).as(function + " is served").isTrue();
        }
    }

    private boolean serves(String wasip1Function) {
        return Signatures.wasip1Sockets().find("wasi_snapshot_preview1", wasip1Function).stream()
                .allMatch(imports::serves);
    }

    @Test
    void every_row_names_the_modules_that_have_the_function() throws IOException {
        Map<String, String> expected = new TreeMap<>();
        functions()
                .forEach(
                        (name, specs) ->
                                expected.put(
                                        name,
                                        Stream.of("p", "u", "x", "w")
                                                .filter(
                                                        letter ->
                                                                specs.stream()
                                                                        .map(SyscallSpec::module)
                                                                        .map(LETTERS::get)
                                                                        .anyMatch(letter::equals))
                                                .collect(Collectors.joining(" "))));
        Map<String, String> written = new TreeMap<>();
        rows().forEach((name, row) -> written.put(name, row.modules()));
        assertThat(written).isEqualTo(expected);
    }

    @Test
    void exactly_the_functions_that_are_not_served_are_documented_as_nosys() throws IOException {
        TreeSet<String> unserved = new TreeSet<>();
        functions()
                .forEach(
                        (name, specs) -> {
                            if (!specs.stream().allMatch(imports::serves)) {
                                unserved.add(name);
                            }
                        });
        assertThat(namesWhere(row -> row.state().equals("nosys"))).isEqualTo(unserved);
    }

    @Test
    void what_is_documented_as_notsup_answers_notsup() throws IOException {
        Map<String, Errno> answers = new HashMap<>();
        try (HostHarness guest = HostHarness.create()) {
            Map<String, List<SyscallSpec>> functions = functions();
            for (String name : namesWhere(row -> row.state().equals("notsup"))) {
                int parameters = functions.get(name).get(0).core().indexOf(':');
                answers.put(name, guest.call(name, new long[parameters]));
            }
        }
        assertThat(answers)
                .isNotEmpty()
                .allSatisfy((n, e) -> assertThat(e).isEqualTo(Errno.NOTSUP));
    }

    @Test
    void every_state_is_one_of_four_and_what_is_served_names_a_test() throws IOException {
        assertThat(rows().values())
                .allSatisfy(
                        row -> assertThat(row.state()).isIn("done", "partial", "notsup", "nosys"));
        assertThat(
                        namesWhere(
                                row ->
                                        !row.state().equals("nosys")
                                                && !TEST.matcher(row.tests()).find()))
                .isEmpty();
    }

    @Test
    void every_test_that_the_documents_name_exists() throws IOException {
        Map<String, String> sources = testSources();
        List<String> missing = new ArrayList<>();
        for (Path document : List.of(COMPATIBILITY, ERRORS)) {
            Matcher test = TEST.matcher(Files.readString(document));
            while (test.find()) {
                String source = sources.get(test.group(1));
                if (source == null
                        || test.group(2) != null
                                && !source.contains("void " + test.group(2) + "(")) {
                    missing.add(document.getFileName() + ": " + test.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    /** The sources of every test class of the project, by its simple name. */
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("wasix-host", "runtime", "cli", "test-modules")) {
            Path tests = ROOT.resolve(module).resolve("src/test/java");
            if (!Files.isDirectory(tests)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(tests)) {
                for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
                    String name = file.getFileName().toString();
                    sources.put(
                            name.substring(0, name.length() - ".java".length()),
                            Files.readString(file));
                }
            }
        }
        return sources;
    }
}
