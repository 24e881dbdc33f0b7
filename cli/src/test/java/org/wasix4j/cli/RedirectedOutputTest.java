package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.TestModule;

/** Standard output that is a file, as in {@code wasix-run module.wasm > file}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RedirectedOutputTest {

    @TempDir Path folder;

    @Test
    void a_file_as_standard_output_has_a_size_and_an_offset_as_on_linux() throws Exception {
        Path module =
                Files.write(
                        folder.resolve("guest.wasm"),
                        TestModule.named("files/stdout-file").bytes());
        Path output = folder.resolve("output");
        Process command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path")
                                        + File.pathSeparator
                                        + System.getProperty("surefire.test.class.path", ""),
                                "org.wasix4j.cli.WasixRun",
                                "--no-cache",
                                module.toString())
                        .redirectOutput(output.toFile())
                        .start();
        String told = new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(command.waitFor()).isZero();
        assertThat(told).isEqualTo(resource("expected"));
        assertThat(Files.readString(output)).isEqualTo(resource("content"));
    }

    private static String resource(String ending) throws IOException {
        try (InputStream in =
                TestModule.class.getResourceAsStream("/wasm/files/stdout-file." + ending)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
