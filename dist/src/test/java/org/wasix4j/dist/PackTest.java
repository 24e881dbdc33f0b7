package org.wasix4j.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.TestModule;

/** {@code wasix-run pack} of the distribution, and the programs that it makes. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class PackTest {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir Path folder;
    private String run;
    private Path ready;

    @BeforeEach
    void unpack() throws Exception {
        run = Distribution.unpack(Files.createDirectory(folder.resolve("unpacked")));
        ready = folder.resolve("ready");
        Files.writeString(Files.createDirectory(folder.resolve("site")).resolve("file"), "packed");
    }

    /** Packs the server with a folder, and what is served from it. */
    private void pack(String... options) throws Exception {
        String[] line =
                java.util.stream.Stream.of(
                                List.of(run, "pack"),
                                List.of(options),
                                List.of(
                                        "--add=" + folder.resolve("site") + ":/site",
                                        "--net=loopback:*/in",
                                        "--ready-file=" + ready,
                                        TestModule.named("http-hello").copyTo(folder).toString(),
                                        "-d",
                                        "/site",
                                        "0",
                                        "127.0.0.1"))
                        .flatMap(List::stream)
                        .toArray(String[]::new);
        try (Command command = Command.start(folder, Map.of(), line)) {
            assertThat(command.code()).as(command.toString()).isZero();
            assertThat(command.err()).startsWith("wasix-run: packed: ");
        }
    }

    private void assertServes(Path readyFile, String... command) throws Exception {
        try (Command server = Command.start(folder, Map.of(), command)) {
            Distribution.await(() -> Files.exists(readyFile) || !server.process().isAlive());
            assertThat(readyFile).as(server.toString()).exists();
            String address = Files.readString(readyFile).strip();
            try (InputStream answer =
                    URI.create("http://" + address + "/file").toURL().openStream()) {
                assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("packed");
            }
            server.signal("TERM");
            assertThat(server.code()).as(server.toString()).isEqualTo(143);
        }
    }

    @Test
    void a_packed_jar_serves_its_files_tells_what_it_is_and_takes_other_options() throws Exception {
        Path jar = folder.resolve("server.jar");
        Path again = folder.resolve("again.jar");
        pack("-o", jar.toString());
        pack("-o", again.toString());
        assertThat(jar).hasSameBinaryContentAs(again);
        assertServes(ready, JAVA, "-jar", jar.toString());
        Path other = folder.resolve("other");
        assertServes(other, JAVA, "-jar", jar.toString(), "--ready-file", other.toString());
        try (Command explained =
                        Command.start(folder, Map.of(), JAVA, "-jar", jar.toString(), "--explain");
                Command wrong =
                        Command.start(
                                folder,
                                Map.of(),
                                JAVA,
                                "-jar",
                                jar.toString(),
                                "--",
                                "not-a-port")) {
            assertThat(explained.code()).isZero();
            assertThat(explained.out())
                    .startsWith("http-hello: ")
                    .contains("packed with\n  --net=loopback:*/in\n")
                    .contains("  argument 127.0.0.1\n  files at /site\n");
            assertThat(wrong.code()).isEqualTo(2);
        }
    }

    @Test
    void a_packed_jar_interprets_what_cannot_be_compiled() throws Exception {
        String jar = folder.resolve("interpreted.jar").toString();
        try (Command pack =
                Command.start(
                        folder,
                        Map.of(),
                        run,
                        "pack",
                        "-o",
                        jar,
                        InterpretedModule.write(folder))) {
            assertThat(pack.code()).as(pack.toString()).isZero();
        }
        try (Command program = Command.start(folder, Map.of(), JAVA, "-jar", jar)) {
            assertThat(program.code()).as(program.toString()).isZero();
        }
    }

    @Test
    void a_packed_folder_has_a_command_and_an_archive_of_classes() throws Exception {
        Path app = folder.resolve("app");
        pack("--app", "-o", app.toString());
        assertServes(ready, app.resolve("bin/http-hello").toString());
        assertThat(app.resolve("lib"))
                .isDirectoryContaining(file -> file.toString().endsWith(".jsa"));
    }
}
