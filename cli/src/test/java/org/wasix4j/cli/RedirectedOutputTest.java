package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.testmodules.ChildProcess;
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
        List<String> line = new ArrayList<>(ChildProcess.java());
        line.addAll(List.of("-cp", ChildProcess.classPath(), WasixRun.class.getName()));
        line.addAll(List.of("--no-cache", module.toString()));
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(output.toFile());
        try (ChildProcess command = ChildProcess.start(builder)) {
            assertThat(command.awaitExit()).as(command.toString()).isZero();
            assertThat(command.err()).isEqualTo(resource("expected"));
        }
        assertThat(Files.readString(output)).isEqualTo(resource("content"));
    }

    private static String resource(String ending) throws IOException {
        try (InputStream in =
                TestModule.class.getResourceAsStream("/wasm/files/stdout-file." + ending)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
