package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Guests;

/** The command with everything on the module path. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CommandModuleTest {

    @TempDir Path folder;

    /** What this test runs with, without the tests and what they need. */
    private static String modulePath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes"))
                .filter(entry -> !entry.endsWith("-tests.jar"))
                .filter(entry -> !entry.contains("test-modules"))
                .filter(
                        entry ->
                                entry.contains("wasix")
                                        || entry.endsWith("classes")
                                        || entry.contains("chicory")
                                        || entry.contains("/ow2/")
                                        || entry.contains("picocli")
                                        || entry.contains("prometheus")
                                        || entry.contains("jackson"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private String java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 23) {
            // as wasix-run does: newer JVMs warn of a call that unmaps the guest's memory
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        int code = process.waitFor();
        String said = Files.readString(output);
        assertThat(code).as(said).isZero();
        return said;
    }

    @Test
    void the_command_runs_as_a_module() throws Exception {
        String said =
                java(
                        "-p",
                        modulePath(),
                        "-m",
                        "org.wasix4j.cli/org.wasix4j.cli.WasixRun",
                        "--no-cache",
                        Guests.file(folder, "hello").toString());
        assertThat(said).isEqualTo("hello\n");
        assertThat(
                        java(
                                "-p",
                                modulePath(),
                                "-m",
                                "org.wasix4j.cli/org.wasix4j.cli.WasixRun",
                                "--explain",
                                "--json",
                                Guests.file(folder, "hello").toString()))
                .contains("\"runnable\" : true");
    }
}
