package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The artifacts as modules of Java, in JVMs of their own. */
public final class ModulePath {

    private ModulePath() {}

    /**
     * What a test runs with, without the tests and what they need.
     *
     * @param libraries what else is on it, by a part of the path
     */
    public static String of(String... libraries) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes"))
                .filter(entry -> !entry.endsWith("-tests.jar"))
                .filter(entry -> !entry.contains("test-modules"))
                .filter(
                        entry ->
                                entry.endsWith("classes")
                                        || Stream.concat(
                                                        Stream.of("wasix", "chicory", "/ow2/"),
                                                        Arrays.stream(libraries))
                                                .anyMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * Runs a JVM, which has to end well.
     *
     * @param folder where its output is kept
     * @return what it has written
     */
    public static String java(Path folder, String... arguments)
            throws IOException, InterruptedException {
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
}
