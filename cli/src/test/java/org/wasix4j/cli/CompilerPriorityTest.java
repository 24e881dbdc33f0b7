package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.WasixModule;

class CompilerPriorityTest {

    @Test
    void the_jvm_takes_the_order_and_knows_it_by_the_classes_that_compile() throws Exception {
        assertThat(CompilerPriority.give(3_000_000)).contains("1 compiler directives added");

        try {
            assertThat(command("compilerDirectivesPrint"))
                    .contains("org/objectweb/asm/", "org/wasix4j/runtime/internal/CodeTuner")
                    .doesNotContain("GuestCode");
        } finally {
            command("compilerDirectivesRemove");
        }
    }

    @Test
    void c2_compiles_the_validator_for_a_large_module() throws Exception {
        assertThat(CompilerPriority.give(30_000_000)).contains("2 compiler directives added");

        try {
            assertThat(command("compilerDirectivesPrint"))
                    .containsSubsequence("Validator.validateFunction", "org/objectweb/asm/");
        } finally {
            command("compilerDirectivesClear");
        }
    }

    @Test
    void a_jvm_with_the_order_of_the_script_is_only_told_of_the_validator() throws Exception {
        System.setProperty(CompilerPriority.GIVEN_BY_SCRIPT, "true");
        try {
            assertThat(CompilerPriority.give(30_000_000)).contains("1 compiler directives added");
            assertThat(command("compilerDirectivesPrint"))
                    .contains("Validator.validateFunction", "MaxNodeLimit:80000")
                    .doesNotContain("org/objectweb/asm/");
        } finally {
            System.clearProperty(CompilerPriority.GIVEN_BY_SCRIPT);
            command("compilerDirectivesClear");
        }
    }

    private static List<String> commands() throws IOException {
        return Files.readAllLines(Path.of("src/main/launcher/compile-commands"));
    }

    @Test
    void the_order_of_the_script_names_the_same_classes_and_some_of_the_jdk() throws Exception {
        List<String> commands = commands();

        assertThat(commands.get(0)).isEqualTo("quiet");
        assertThat(commands)
                .containsAll(
                        CompilerPriority.CLASSES.stream()
                                .map(name -> "MaxNodeLimit," + name + ".*,1")
                                .toList());
        assertThat(commands.subList(1, commands.size()))
                .allMatch(line -> line.startsWith("MaxNodeLimit,") && line.endsWith(",1"))
                .filteredOn(line -> !line.matches("MaxNodeLimit,(java|jdk|sun)/.*"))
                .hasSameSizeAs(
                        CompilerPriority.CLASSES.stream()
                                .filter(name -> !name.matches("(java|jdk|sun)/.*"))
                                .toList());
    }

    @Test
    void a_jvm_takes_the_order_of_the_script_and_says_nothing() throws Exception {
        Process java =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:CompileCommandFile=src/main/launcher/compile-commands",
                                "-XX:+UseSerialGC",
                                "-Xlog:disable",
                                "-Xlog:all=warning",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.wasix4j.cli.WasixRun",
                                "--version")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor()).isZero();
        assertThat(said).startsWith("wasix-run ").hasLineCount(1);
    }

    @Test
    void each_class_of_ours_that_it_names_is_there() {
        assertThat(CompilerPriority.CLASSES)
                .filteredOn(name -> name.startsWith("org/wasix4j/") && !name.endsWith("/*"))
                .isNotEmpty()
                .allSatisfy(
                        name ->
                                assertThat(
                                                WasixModule.class.getResource(
                                                        "/" + name.replace("*", ".class")))
                                        .isNotNull());
    }

    @Test
    void it_names_each_class_of_ours_that_writes_bytecode() throws Exception {
        assertThat(writersOfBytecode())
                .contains("org/wasix4j/runtime/internal/GlobalAccesses")
                .allSatisfy(
                        name ->
                                assertThat(CompilerPriority.CLASSES)
                                        .anySatisfy(
                                                pattern ->
                                                        assertThat(name)
                                                                .startsWith(
                                                                        pattern.replace("*", ""))));
    }

    /** The classes whose constants name something of ASM's. */
    private static List<String> writersOfBytecode() throws Exception {
        Path place =
                Path.of(
                        WasixModule.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        if (Files.isDirectory(place)) {
            return writersOfBytecode(place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return writersOfBytecode(jar.getPath("/"));
        }
    }

    private static List<String> writersOfBytecode(Path root) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root.resolve("org/wasix4j/runtime"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
                String constants = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (constants.contains("org/objectweb/asm/")) {
                    String name = root.relativize(file).toString().replace('\\', '/');
                    found.add(name.substring(0, name.length() - ".class".length()));
                }
            }
        }
        return found;
    }

    private static String command(String name) throws Exception {
        return String.valueOf(
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                name,
                                new Object[0],
                                new String[0]));
    }
}
