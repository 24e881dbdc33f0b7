package org.wasix4j.system.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.fd.FileStat;
import org.wasix4j.types.FileType;

class KernelStatTest {

    @TempDir private Path folder;

    @Test
    void the_fields_are_read_on_every_jvm_that_is_tested() {
        assertThat(KernelStat.available()).isTrue();
    }

    @Test
    void every_number_is_the_one_in_the_map_of_attributes() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "twelve bytes");
        Files.createLink(folder.resolve("second name"), file);
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("somewhere"));
        for (Path each : new Path[] {file, folder, link, Path.of("/dev/null"), Path.of("/proc")}) {
            assertThat(look(each)).as("%s", each).isEqualTo(fromMap(each));
        }
        assertThat(look(file).links()).isEqualTo(2);
        assertThat(look(file).size()).isEqualTo(12);
        assertThat(look(link).type()).isEqualTo(FileType.SYMBOLIC_LINK);
    }

    @Test
    void times_before_1970_and_after_2262_are_those_of_the_jvm() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (Instant time :
                new Instant[] {
                    Instant.ofEpochSecond(-1, 999_999_999),
                    Instant.ofEpochSecond(-2_000_000_000, 5),
                    Instant.ofEpochSecond(1_700_000_000, 123_456_789),
                    Instant.ofEpochSecond(9_300_000_000L)
                }) {
            Files.setLastModifiedTime(file, FileTime.from(time));
            assertThat(look(file)).as("%s", time).isEqualTo(fromMap(file));
        }
    }

    @Test
    void a_name_in_an_open_directory_has_all_numbers() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "twelve bytes");
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            PosixFileAttributes found =
                    ((SecureDirectoryStream<Path>) stream)
                            .getFileAttributeView(
                                    file.getFileName(),
                                    PosixFileAttributeView.class,
                                    LinkOption.NOFOLLOW_LINKS)
                            .readAttributes();
            assertThat(KernelStat.of(found)).isEqualTo(fromMap(file));
        }
    }

    private static FileStat look(Path path) throws IOException {
        return KernelStat.of(
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    }

    private static FileStat fromMap(Path path) throws IOException {
        Map<String, Object> all = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
        return new FileStat(
                (Long) all.get("dev"),
                (Long) all.get("ino"),
                HostStat.type((Integer) all.get("mode")),
                (Integer) all.get("nlink"),
                (Long) all.get("size"),
                nanos(all.get("lastAccessTime")),
                nanos(all.get("lastModifiedTime")),
                nanos(all.get("ctime")));
    }

    private static long nanos(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }
}
