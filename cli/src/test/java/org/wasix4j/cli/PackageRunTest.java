package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.cli.packages.WebcFiles;
import org.wasix4j.runtime.ModulePath;
import org.wasix4j.testmodules.TestModule;

/** Packages run by the command, with real guests in them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PackageRunTest {

    @TempDir Path scratch;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private Path folder() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("package"));
        Files.write(folder.resolve("start.wasm"), TestModule.named("system/start").bytes());
        Files.writeString(
                folder.resolve("wasmer.toml"),
                """
                [package]
                name = "me/start"

                [[module]]
                name = "start"
                source = "start.wasm"

                [[command]]
                name = "first"
                module = "start"
                [command.annotations.wasi]
                env = ["MODE=quick", "WHO=package"]
                main-args = ["one"]

                [[command]]
                name = "second"
                module = "start"
                """);
        return folder;
    }

    @Test
    void a_command_of_a_folder_has_its_arguments_and_variables_and_those_of_the_user()
            throws IOException {
        String folder = folder().toString();
        int code = run("--command", "first", "--env", "WHO=user", folder, "two", "exit=3");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("ends with 3\n");
        assertThat(code).isEqualTo(3);
        assertThat(out())
                .startsWith(
                        "args: 4\narg 1: [one]\narg 2: [two]\narg 3: [exit=3]\n"
                                + "env: 2\nenv 0: [MODE=quick]\nenv 1: [WHO=user]\n");
    }

    @Test
    void a_command_of_a_package_is_packed_with_its_arguments_and_variables() throws Exception {
        String jar = scratch.resolve("program.jar").toString();
        String folder = folder().toString();
        int code =
                run(
                        "pack",
                        "-o",
                        jar,
                        "--command=first",
                        "--env=WHO=user",
                        folder,
                        "two",
                        "exit=0");
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(ModulePath.java(scratch, "-jar", jar))
                .contains(
                        "arg 1: [one]\narg 2: [two]\narg 3: [exit=0]\n"
                                + "env: 2\nenv 0: [MODE=quick]\nenv 1: [WHO=user]\n");
        assertThat(run("pack", "--command=absent", folder)).isEqualTo(126);
    }

    @Test
    void which_command_must_be_said_when_there_are_several() throws IOException {
        assertThat(run(folder().toString())).isEqualTo(126);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("it has several commands; --command names one of: first, second");
    }

    @Test
    void a_command_of_a_plain_module_is_refused() throws IOException {
        Path module = folder().resolve("start.wasm");
        assertThat(run("--command", "first", module.toString())).isEqualTo(126);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--command needs a package");
    }

    @Test
    void a_container_brings_its_folders_which_are_gone_afterwards() throws IOException {
        Map<String, Object> tree = new TreeMap<>();
        for (String name : List.of("a.txt", "b.txt")) {
            tree.put(name, name.getBytes(StandardCharsets.UTF_8));
        }
        Map<String, Object> manifest =
                Map.of(
                        "commands",
                                Map.of(
                                        "list",
                                        Map.of(
                                                "runner",
                                                "wasi",
                                                "annotations",
                                                Map.of("atom", Map.of("name", "files")))),
                        "package",
                                Map.of(
                                        "fs",
                                        List.of(
                                                Map.of(
                                                        "volume_name", "data",
                                                        "mount_path", "/data"))));
        Path file = scratch.resolve("list.webc");
        Files.write(
                file,
                new WebcFiles(3, manifest)
                        .atom("files", TestModule.named("http-hello").bytes())
                        .volume("data", tree)
                        .bytes());
        List<Path> before = unpacked();
        // a server of the folder, which may not listen: that it got so far shows that the folder is
        // there
        int code = run(file.toString(), "-d", "/data", "0", "127.0.0.1");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("bind 127.0.0.1:0 denied");
        assertThat(code).isEqualTo(1);
        assertThat(unpacked()).isEqualTo(before);
    }

    private static List<Path> unpacked() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(each -> each.getFileName().toString().startsWith("wasix-package-"))
                    .sorted()
                    .toList();
        }
    }
}
