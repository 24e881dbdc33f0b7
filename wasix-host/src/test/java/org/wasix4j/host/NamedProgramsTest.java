package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.EXCL;
import static org.wasix4j.host.GuestFiles.WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.types.Errno;

/** Programs that were named to the host are found in the tree, as a shell looks for them. */
class NamedProgramsTest {

    private static final int REGULAR_FILE = 4;
    private static final int SYMBOLIC_LINK = 7;

    @TempDir Path host;

    private GuestFiles guest() {
        return GuestFiles.with(
                m ->
                        m.withVolume(host, "/", false)
                                .withProgram("/bin/sh")
                                .withProgram("/bin/tools/sed")
                                .withProgram("/init"));
    }

    @Test
    void they_are_found_where_there_is_no_folder() {
        try (GuestFiles files = guest()) {
            assertThat(files.stat("bin/sh").type()).isEqualTo(REGULAR_FILE);
            assertThat(files.stat("bin/tools/sed").type()).isEqualTo(REGULAR_FILE);
            assertThat(files.stat("init").type()).isEqualTo(REGULAR_FILE);
            assertThat(files.names(3, 4096)).containsExactlyInAnyOrder(".", "..", "bin", "init");
            int bin = files.open("bin", GuestFiles.DIRECTORY, GuestFiles.READ).ok();
            assertThat(files.names(bin, 4096)).containsExactlyInAnyOrder(".", "..", "sh", "tools");
            assertThat(files.content("bin/../bin/./sh")).startsWith("\0asm");
            assertThat(files.tryOpen("bin/bash")).isEqualTo(Errno.NOENT);
            assertThat(files.tryOpen("bin/sh/more")).isEqualTo(Errno.NOTDIR);
            assertThat(files.tryOpen("bin/sh/")).isEqualTo(Errno.NOTDIR);
        }
    }

    @Test
    void they_are_found_among_the_files_of_a_volume_and_hide_none() throws IOException {
        Files.createDirectories(host.resolve("bin"));
        Files.writeString(host.resolve("bin/ls"), "a file");
        Files.writeString(host.resolve("init"), "the volume's own");
        try (GuestFiles files = guest()) {
            assertThat(files.stat("bin/sh").type()).isEqualTo(REGULAR_FILE);
            assertThat(files.content("bin/ls")).isEqualTo("a file");
            assertThat(files.content("init")).isEqualTo("the volume's own");
            int bin = files.open("bin", GuestFiles.DIRECTORY, GuestFiles.READ).ok();
            assertThat(files.names(bin, 4096))
                    .containsExactlyInAnyOrder(".", "..", "ls", "sh", "tools");
            files.create("bin/new", "x");
            assertThat(host.resolve("bin/new")).hasContent("x");
            assertThat(host.resolve("bin/sh")).doesNotExist();
        }
    }

    @Test
    void a_link_leads_to_them() throws IOException {
        Files.createSymbolicLink(host.resolve("shell"), Path.of("bin/sh"));
        try (GuestFiles files = guest()) {
            assertThat(files.content("shell")).startsWith("\0asm");
            assertThat(files.stat("shell").type()).isIn(REGULAR_FILE, SYMBOLIC_LINK);
        }
    }

    @Test
    void they_cannot_be_changed() throws IOException {
        Files.writeString(host.resolve("file"), "x");
        try (GuestFiles files = guest()) {
            assertThat(files.open("bin/sh", 0, WRITE).errno()).isEqualTo(Errno.ROFS);
            assertThat(files.open("bin/sh", CREAT | EXCL, WRITE).errno()).isEqualTo(Errno.EXIST);
            assertThat(files.path("path_unlink_file", "bin/sh")).isEqualTo(Errno.ROFS);
            assertThat(files.rename("bin/sh", "bin/other")).isIn(Errno.ROFS, Errno.XDEV);
            assertThat(files.rename("file", "bin/sh")).isIn(Errno.ROFS, Errno.XDEV);
            assertThat(files.link("bin/sh", "copy")).isIn(Errno.ROFS, Errno.XDEV);
            assertThat(files.path("path_remove_directory", "bin")).isNotEqualTo(Errno.SUCCESS);
            assertThat(files.stat("bin/sh").type()).isEqualTo(REGULAR_FILE);
        }
    }
}
