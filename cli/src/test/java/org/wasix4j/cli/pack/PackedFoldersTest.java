package org.wasix4j.cli.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFoldersTest {

    @TempDir Path scratch;

    @Test
    void a_link_is_packed_as_what_it_leads_to_unless_that_is_outside() throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("folder/sub")).getParent();
        Path file = Files.writeString(folder.resolve("sub/file"), "text");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("sub/file"));
        assertThat(PackedFolders.filesOf(folder)).containsExactly(link, file);
        Path secret = Files.writeString(scratch.resolve("secret"), "the host's");
        Path out = Files.createSymbolicLink(folder.resolve("out"), secret);
        assertThatThrownBy(() -> PackedFolders.filesOf(folder))
                .isInstanceOf(IOException.class)
                .hasMessage(out + " is a link that leads out of its folder");
    }
}
