package org.wasix4j.system.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorPathTest {

    @TempDir private Path folder;

    @Test
    void the_number_that_is_read_is_the_one_that_a_search_finds() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "text");
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        try (FileChannel one = FileChannel.open(file);
                FileChannel other = FileChannel.open(file)) {
            for (FileChannel each : new FileChannel[] {one, other}) {
                assertThat(DescriptorNumber.of(each)).isNotNegative();
                assertThat(DescriptorPath.of(each, key))
                        .isEqualTo(Path.of("/proc/self/fd/" + DescriptorNumber.of(each)))
                        .isEqualTo(DescriptorPath.of(each, null))
                        .isEqualTo(DescriptorPath.search(each, key));
            }
        }
    }

    @Test
    void a_closed_channel_has_no_number() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "text");
        FileChannel channel = FileChannel.open(file);
        channel.close();
        assertThat(DescriptorNumber.of(channel)).isEqualTo(-1);
    }

    @Test
    void a_file_whose_name_is_gone_or_taken_keeps_its_attributes() throws IOException {
        Files.writeString(folder.resolve("file"), "twelve bytes");
        HostDirectory directory = HostDirectory.open(folder);
        HostContent content =
                new HostContent(
                        OpenedFile.open(directory, Path.of("file"), null, 0, OpenMode.READ));
        try {
            long inode = content.stat().inode();
            Path moved = Files.move(folder.resolve("file"), folder.resolve("moved"));
            Files.writeString(folder.resolve("file"), "another");
            assertThat(content.stat().inode()).isEqualTo(inode);
            Files.createLink(folder.resolve("second"), moved);
            assertThat(content.stat().links()).isEqualTo(2);
            Files.delete(folder.resolve("second"));
            Files.delete(moved);
            assertThat(content.stat().links()).isZero();
            assertThat(content.stat().size()).isEqualTo(12);
        } finally {
            content.close();
            directory.close();
        }
    }
}
