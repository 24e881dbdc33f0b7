package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryRehearsalTest {

    @TempDir Path folder;

    @Test
    void the_rehearsed_program_opens_its_library_and_calls_it() throws Exception {
        Path cache = folder.resolve("cache");

        assertThat(LibraryRehearsal.run(cache).shellCode()).isZero();
        // and from the cache
        assertThat(LibraryRehearsal.run(cache).shellCode()).isZero();
        assertThat(cache).isNotEmptyDirectory();
    }
}
