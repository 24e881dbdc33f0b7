package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the host's no guest is given to write. */
class OutOfReachTest {

    @TempDir Path folder;

    private static ExitStatus run(WasixRuntime.Builder settings) throws Exception {
        try (WasixProcess process = settings.build().start(Guests.compiled("hello"))) {
            return process.waitFor();
        }
    }

    @Test
    void the_temporary_folder_is_not_granted_for_writing() throws Exception {
        for (Path temporary :
                List.of(Path.of(System.getProperty("java.io.tmpdir")), Path.of("/tmp"))) {
            assertThatThrownBy(() -> run(WasixRuntime.builder().withDirectory(temporary, "/t")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the guest may write in")
                    .hasMessageContaining("the temporary folder is");
            assertThat(run(WasixRuntime.builder().withReadOnlyDirectory(temporary, "/t")).code())
                    .isZero();
        }
    }

    @Test
    void a_folder_in_the_temporary_folder_is_granted_and_so_is_the_whole_disk() throws Exception {
        assertThat(run(WasixRuntime.builder().withDirectory(folder, "/t")).code()).isZero();
        assertThat(run(WasixRuntime.builder().withDirectory(Path.of("/"), "/")).code()).isZero();
    }

    @Test
    void a_protected_file_lies_in_no_folder_that_is_granted_for_writing() throws Exception {
        Path below = Files.createDirectories(folder.resolve("a/b"));
        WasixRuntime.Builder settings =
                WasixRuntime.builder()
                        .withDirectory(folder, "/t")
                        .withProtectedFile(below.resolve("ready"));
        assertThatThrownBy(() -> run(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the guest may write in " + folder)
                .hasMessageContaining("ready");
    }

    @Test
    void nothing_is_left_of_the_file_under_a_memory() throws Exception {
        Set<Path> before = memoryFolders();
        run(WasixRuntime.builder());
        // another JVM may be making one at this moment
        await().atMost(Duration.ofSeconds(30)).until(() -> before.containsAll(memoryFolders()));
    }

    private static Set<Path> memoryFolders() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("wasix4j-"))
                    .collect(Collectors.toSet());
        }
    }
}
