package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryRehearsalTest {

    @TempDir Path folder;

    @Test
    void the_rehearsed_programs_do_what_they_are_to_do() throws Exception {
        Path cache = folder.resolve("cache");

        // one opens a library and calls it, the other one calls the host
        assertThat(LibraryRehearsal.run(cache).shellCode()).isZero();
        // and from the cache
        assertThat(LibraryRehearsal.run(cache).shellCode()).isZero();
        assertThat(cache).isNotEmptyDirectory();
    }
}
