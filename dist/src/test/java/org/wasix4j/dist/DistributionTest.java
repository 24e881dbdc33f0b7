package org.wasix4j.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.testmodules.TestModule;

/** The distribution, unpacked and tried as who downloads it would. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DistributionTest {

    private static final Map<String, String> NOTHING = Map.of();

    @TempDir static Path shared;
    private static Path root;
    private static String run;

    @TempDir Path folder;

    @BeforeAll
    static void unpack() throws Exception {
        Path place = Files.createDirectory(shared.resolve("a b:c"));
        run = Distribution.unpack(place);
        root = Path.of(run).getParent().getParent();
    }

    private String module(String name) {
        return TestModule.named(name).copyTo(folder).toString();
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void it_runs_from_a_folder_with_a_blank_and_a_colon_and_writes_nothing_there()
            throws Exception {
        List<String> before = files();
        try (Command start =
                Command.start(folder, NOTHING, run, "--no-cache", module("system/start"), "one")) {
            assertThat(start.code()).as(start.toString()).isZero();
            assertThat(start.err()).isEqualTo("ends with 0\n");
        }
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void its_jars_have_no_classes_that_the_archives_of_the_jvm_do_not_take() throws Exception {
        int classes = 0;
        try (Stream<Path> jars = Files.list(root.resolve("lib"))) {
            for (Path jar : jars.filter(path -> path.toString().endsWith(".jar")).toList()) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    for (JarEntry entry : file.stream().toList()) {
                        if (entry.getName().endsWith(".class")
                                && !entry.getName().startsWith("META-INF/")) {
                            byte[] code = file.getInputStream(entry).readAllBytes();
                            assertThat(ByteBuffer.wrap(code).getShort(6))
                                    .as(jar.getFileName() + " " + entry.getName())
                                    .isGreaterThanOrEqualTo((short) 51);
                            classes++;
                        }
                    }
                }
            }
        }
        assertThat(classes).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exceptions", "instructions", "tail-calls", "trap"})
    void the_interpreter_of_a_distribution_does_what_compiled_code_does(String guest)
            throws Exception {
        String[] words = {run, "--no-cache", module("system/" + guest)};
        String[] interpreted = {run, "--engine=interpreter", module("system/" + guest)};
        try (Command compiled = Command.start(folder, NOTHING, words);
                Command other = Command.start(folder, NOTHING, interpreted)) {
            int code = compiled.code();
            assertThat(other.code()).as(other.toString()).isEqualTo(code);
            assertThat(other.out()).isEqualTo(compiled.out());
            assertThat(other.err()).isEqualTo(compiled.err());
        }
    }

    @Test
    void a_function_that_cannot_be_compiled_is_interpreted_also_from_the_cache() throws Exception {
        String module = InterpretedModule.write(folder);
        for (int start = 0; start < 2; start++) {
            try (Command program = Command.start(folder, NOTHING, run, module)) {
                assertThat(program.code()).as(program.toString()).isZero();
                assertThat(program.err())
                        .isEqualTo(
                                "wasix-run: function 1 cannot be compiled and will run slowly\n");
            }
        }
    }

    @Test
    void an_argument_and_a_variable_outside_ascii_stay_what_they_are_without_a_locale()
            throws Exception {
        // the shell makes the bytes: the JVM of this test may have no locale either
        String script =
                "word=$(printf '\\303\\251t\\303\\251') && WORD=$word exec \"$0\" \"--argv0=$word\" \"$@\"";
        try (Command server =
                Command.start(
                        folder,
                        Map.of("LC_ALL", "C"),
                        "/bin/sh",
                        "-c",
                        script,
                        run,
                        "--env=WORD",
                        "--trace=proc",
                        module("http-hello"),
                        "not-a-port")) {
            server.code();
            assertThat(server.out() + server.err())
                    .contains("\u00e9t\u00e9")
                    .doesNotContain("\ufffd");
        }
    }

    @Test
    void an_argument_that_is_no_text_is_refused_before_the_start() throws Exception {
        try (Command start =
                Command.start(
                        folder,
                        NOTHING,
                        "/bin/sh",
                        "-c",
                        "exec \"$1\" \"$2\" \"$(printf 'caf\\351')\"",
                        "sh",
                        run,
                        module("system/start"))) {
            assertThat(start.code()).isEqualTo(2);
            assertThat(start.err())
                    .startsWith("wasix-run: argument 2 ")
                    .contains("has bytes that are not text in UTF-8");
        }
    }

    @Test
    void signals_of_the_jvm_end_no_server_and_a_dump_of_threads_goes_to_standard_error()
            throws Exception {
        Path ready = folder.resolve("ready");
        try (Command server =
                Command.start(
                        folder,
                        NOTHING,
                        run,
                        "--net",
                        "--no-cache",
                        "--ready-file=" + ready,
                        module("http-hello"),
                        "0",
                        "127.0.0.1")) {
            Distribution.await(() -> Files.exists(ready) || !server.process().isAlive());
            server.signal("QUIT");
            Distribution.await(() -> server.err().contains("Full thread dump"));
            assertThat(server.out()).doesNotContain("thread dump");
            // its default is to end; the JVM of 17 would crash
            server.signal("USR2");
            assertThat(server.code()).as(server.toString()).isEqualTo(140);
            assertThat(server.err()).endsWith("wasix-run: ended by signal 12\n");
        }
    }

    @Test
    void options_for_the_jvm_go_before_ours_and_wrong_ones_have_an_exit_code_of_their_own()
            throws Exception {
        try (Command parallel =
                        Command.start(
                                folder,
                                Map.of("WASIX_RUN_JAVA_OPTS", "-XX:+UseParallelGC -Dpath=/*"),
                                run,
                                "--no-cache",
                                module("system/start"),
                                "one");
                Command wrong =
                        Command.start(
                                folder,
                                Map.of("WASIX_RUN_JAVA_OPTS", "-XX:+NoSuchOption"),
                                run,
                                module("system/start"))) {
            assertThat(parallel.code()).as(parallel.toString()).isZero();
            assertThat(parallel.err()).isEqualTo("ends with 0\n");
            assertThat(wrong.code()).isEqualTo(125);
            assertThat(wrong.err())
                    .contains("NoSuchOption")
                    .endsWith("wasix-run: the JVM does not start\n");
        }
    }

    @Test
    void the_jar_runs_alone() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (Command start =
                Command.start(
                        folder,
                        NOTHING,
                        java,
                        "-jar",
                        System.getProperty("runnable"),
                        "--no-cache",
                        module("system/start"),
                        "one")) {
            assertThat(start.code()).as(start.toString()).isZero();
        }
    }

    @Test
    void in_a_checkout_with_a_build_nobody_waits_for_the_lock_of_another() throws Exception {
        Path checkout = Files.createDirectory(folder.resolve("checkout"));
        Path out = Files.createDirectories(checkout.resolve("cli/target/wasix-run/app-1"));
        Files.createSymbolicLink(out.resolve("lib"), root.resolve("lib"));
        for (String source :
                List.of("pom.xml", "cli/pom.xml", "runtime/pom.xml", "wasix-host/pom.xml")) {
            Path file = checkout.resolve(source);
            Files.createDirectories(file.getParent().resolve("src/main"));
            Files.writeString(file, "");
        }
        Files.writeString(out.resolveSibling("current"), "app-1\n");
        Files.writeString(out.resolve("stamp"), "");
        Files.setLastModifiedTime(
                out.resolve("stamp"), FileTime.from(Instant.now().plusSeconds(60)));
        Path script = Files.copy(Path.of(run), checkout.resolve("wasix-run"));
        Path lock = Files.createDirectory(checkout.resolve("cli/target/wasix-run.lock"));
        try (Command start =
                Command.start(
                        folder,
                        NOTHING,
                        script.toString(),
                        "-v",
                        "--no-cache",
                        module("system/start"),
                        "one")) {
            assertThat(start.code()).as(start.toString()).isZero();
            assertThat(start.err()).contains("wasix-run: starts take longer: ");
        }
        assertThat(lock).isDirectory();
    }
}
