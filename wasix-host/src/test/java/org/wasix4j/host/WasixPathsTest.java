package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.BOTH;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.EXCL;
import static org.wasix4j.host.GuestFiles.FOLLOW;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.TRUNC;
import static org.wasix4j.host.GuestFiles.WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.Limits;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FileType;

/** What the {@code path_*} functions answer: the errors are those of Linux. */
class WasixPathsTest {

    @TempDir Path root;
    private GuestFiles files;

    @BeforeEach
    void start() throws IOException {
        files = GuestFiles.at(root);
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("file"), "content");
        Files.createSymbolicLink(root.resolve("to-file"), Path.of("file"));
        Files.createSymbolicLink(root.resolve("to-dir"), Path.of("dir"));
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("nothing"));
    }

    @AfterEach
    void stop() {
        files.close();
    }

    @Test
    void opening_answers_as_linux_does() {
        assertThat(files.tryOpen("missing")).isEqualTo(Errno.NOENT);
        assertThat(files.tryOpen("missing/file")).isEqualTo(Errno.NOENT);
        assertThat(files.tryOpen("file/below")).isEqualTo(Errno.NOTDIR);
        assertThat(files.tryOpen("file/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.tryOpen("file/.")).isEqualTo(Errno.NOTDIR);
        assertThat(files.tryOpen("file/..")).isEqualTo(Errno.NOTDIR);
        assertThat(files.tryOpen("")).isEqualTo(Errno.NOENT);
        assertThat(files.tryOpen("dir//sub/./")).isEqualTo(Errno.SUCCESS);
        assertThat(files.tryOpen("dir/../file")).isEqualTo(Errno.SUCCESS);
        assertThat(files.tryOpen("to-dir/sub")).isEqualTo(Errno.SUCCESS);
        assertThat(files.tryOpen("to-dir/../file")).isEqualTo(Errno.SUCCESS);
        assertThat(files.tryOpen("dangling")).isEqualTo(Errno.NOENT);
        assertThat(files.open("file", DIRECTORY, READ).errno()).isEqualTo(Errno.NOTDIR);
        assertThat(files.open("dir", 0, WRITE).errno()).isEqualTo(Errno.ISDIR);
        assertThat(files.open("dir", CREAT, READ).errno()).isEqualTo(Errno.ISDIR);
        assertThat(files.open("dir", TRUNC, READ).errno()).isEqualTo(Errno.ISDIR);
        assertThat(files.open("file", CREAT | EXCL, READ).errno()).isEqualTo(Errno.EXIST);
        assertThat(files.open("dir", CREAT | EXCL, READ).errno()).isEqualTo(Errno.EXIST);
        assertThat(files.open("dangling", CREAT | EXCL, READ).errno()).isEqualTo(Errno.EXIST);
        assertThat(files.open("new/", CREAT, READ).errno()).isEqualTo(Errno.ISDIR);
        assertThat(files.open("new", CREAT | DIRECTORY, READ).errno()).isEqualTo(Errno.INVAL);
        assertThat(files.open(3, 0, "to-file", 0, READ, 0).errno()).isEqualTo(Errno.LOOP);
        assertThat(files.open(3, 0, "to-dir", DIRECTORY, READ, 0).errno()).isEqualTo(Errno.NOTDIR);
        assertThat(files.open(3, 2, "file", 0, READ, 0).errno()).isEqualTo(Errno.INVAL);
        assertThat(files.open("file", 16, READ).errno()).isEqualTo(Errno.INVAL);
        assertThat(files.open(3, 0, "file", 0, READ, 32).errno()).isEqualTo(Errno.INVAL);
        assertThat(files.open(99, 0, "file", 0, READ, 0).errno()).isEqualTo(Errno.BADF);
        assertThat(files.open(1, 0, "file", 0, READ, 0).errno()).isEqualTo(Errno.NOTDIR);
    }

    @Test
    void creating_through_a_dangling_link_creates_what_it_says() {
        files.create("dangling", "made");
        assertThat(root.resolve("nothing")).hasContent("made");
        assertThat(root.resolve("dangling")).isSymbolicLink();
    }

    @Test
    void names_and_paths_that_are_too_long_are_refused() {
        assertThat(files.tryOpen("n".repeat(256))).isEqualTo(Errno.NAMETOOLONG);
        assertThat(files.tryOpen("n".repeat(255))).isEqualTo(Errno.NOENT);
        assertThat(files.tryOpen("ä".repeat(128))).isEqualTo(Errno.NAMETOOLONG);
        assertThat(files.tryOpen("./".repeat(2500))).isEqualTo(Errno.NAMETOOLONG);
        assertThat(files.tryOpen("./".repeat(2000))).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void names_are_bytes_and_have_no_nul() throws IOException {
        files.create("grüße-日本", "hallo");
        assertThat(files.content("grüße-日本")).isEqualTo("hallo");
        assertThat(files.names(3, 4096)).contains("grüße-日本");
        assertThat(files.path("path_create_directory", "a\0b")).isEqualTo(Errno.INVAL);
        HostHarness guest = files.guest;
        int bad = guest.bytes((byte) 0xff, (byte) 0xe4);
        guest.ok("path_create_directory", 3, bad, 2);
        guest.ok("path_symlink", bad, 2, 3, guest.string("to"), 2);
        guest.ok("path_rename", 3, bad, 2, 3, guest.bytes((byte) 0xe9), 1);
        int room = guest.alloc(100);
        assertThat(guest.get("path_readlink", 3, guest.string("to"), 2, room, 100)).isEqualTo(2);
        assertThat(guest.read(room, 2)).containsExactly(0xff, 0xe4);
        guest.ok("path_link", 3, 0, guest.string("file"), 4, 3, guest.bytes((byte) 0x80), 1);
        guest.ok("path_filestat_get", 3, 0, guest.bytes((byte) 0x80), 1, room);
        int list = guest.alloc(4096);
        int used = guest.get("fd_readdir", 3, list, 4096, 0);
        byte[] entries = guest.read(list, used);
        assertThat(entries).containsSequence((byte) 1, (byte) 0, (byte) 0, (byte) 0);
        assertThat(entries).contains((byte) 0xe9, (byte) 0x80);
        try (var names = Files.newDirectoryStream(root)) {
            for (Path name : names) {
                // the name on the host is these bytes and no other
                String raw = name.toUri().getRawPath();
                assertThat(raw).doesNotContain("%EF%BF%BD").doesNotContain("%ED");
            }
        }
        guest.ok("path_remove_directory", 3, guest.bytes((byte) 0xe9), 1);
        guest.ok("path_unlink_file", 3, guest.bytes((byte) 0x80), 1);
        assertThat(files.symlink("zu-ü", "l")).isEqualTo(Errno.SUCCESS);
        assertThat(files.readlink("l", 100)).isEqualTo("zu-ü");
    }

    @Test
    void loops_and_long_chains_end() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        assertThat(files.tryOpen("a")).isEqualTo(Errno.LOOP);
        assertThat(files.tryStat("a/x")).isEqualTo(Errno.LOOP);
        for (int i = 0; i < 41; i++) {
            Files.createSymbolicLink(
                    root.resolve("c" + i), Path.of(i == 0 ? "file" : "c" + (i - 1)));
        }
        assertThat(files.tryOpen("c39")).isEqualTo(Errno.SUCCESS);
        assertThat(files.tryOpen("c40")).isEqualTo(Errno.LOOP);
    }

    @Test
    void stat_follows_or_not_and_tells_all() throws IOException {
        GuestFiles.Stat link = files.stat(0, "to-file");
        assertThat(link.type()).isEqualTo(FileType.SYMBOLIC_LINK.code());
        assertThat(link.size()).isEqualTo(4);
        GuestFiles.Stat file = files.stat(FOLLOW, "to-file");
        assertThat(file.type()).isEqualTo(FileType.REGULAR_FILE.code());
        assertThat(file.size()).isEqualTo(7);
        assertThat(file.ino()).isEqualTo(Files.getAttribute(root.resolve("file"), "unix:ino"));
        assertThat(file.dev()).isEqualTo(Files.getAttribute(root.resolve("file"), "unix:dev"));
        assertThat(file.nlink()).isEqualTo(1);
        assertThat(files.link("file", "second")).isEqualTo(Errno.SUCCESS);
        assertThat(files.stat("file").nlink()).isEqualTo(2);
        assertThat(files.stat("dir").nlink()).isEqualTo(3);
        int fd = files.open("second", 0, READ).ok();
        assertThat(files.stat(fd)).isEqualTo(files.stat("file"));
        assertThat(files.tryStat("to-file/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.stat(0, "to-dir/").type()).isEqualTo(FileType.DIRECTORY.code());
    }

    @Test
    void directories_are_made_and_removed() {
        assertThat(files.path("path_create_directory", "dir")).isEqualTo(Errno.EXIST);
        assertThat(files.path("path_create_directory", "file")).isEqualTo(Errno.EXIST);
        assertThat(files.path("path_create_directory", "dangling")).isEqualTo(Errno.EXIST);
        assertThat(files.path("path_create_directory", ".")).isEqualTo(Errno.EXIST);
        assertThat(files.path("path_create_directory", "x/y")).isEqualTo(Errno.NOENT);
        assertThat(files.path("path_create_directory", "file/y")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_create_directory", "made/")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("made")).isDirectory();
        assertThat(files.path("path_remove_directory", "made/")).isEqualTo(Errno.SUCCESS);
        assertThat(files.path("path_remove_directory", "made")).isEqualTo(Errno.NOENT);
        assertThat(files.path("path_remove_directory", "dir")).isEqualTo(Errno.NOTEMPTY);
        assertThat(files.path("path_remove_directory", "file")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_remove_directory", "to-dir")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_remove_directory", "to-dir/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_remove_directory", "dir/sub/.")).isEqualTo(Errno.INVAL);
        assertThat(files.path("path_remove_directory", "dir/sub/..")).isEqualTo(Errno.NOTEMPTY);
        assertThat(files.path("path_remove_directory", "/")).isEqualTo(Errno.BUSY);
    }

    @Test
    void names_are_unlinked() {
        assertThat(files.path("path_unlink_file", "missing")).isEqualTo(Errno.NOENT);
        assertThat(files.path("path_unlink_file", "dir")).isEqualTo(Errno.ISDIR);
        assertThat(files.path("path_unlink_file", "dir/")).isEqualTo(Errno.ISDIR);
        assertThat(files.path("path_unlink_file", "file/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_unlink_file", "to-dir/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.path("path_unlink_file", ".")).isEqualTo(Errno.ISDIR);
        assertThat(files.path("path_unlink_file", "to-file")).isEqualTo(Errno.SUCCESS);
        assertThat(files.path("path_unlink_file", "dangling")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("file")).exists();
    }

    @Test
    void renaming_answers_as_linux_does() {
        assertThat(files.rename("missing", "x")).isEqualTo(Errno.NOENT);
        assertThat(files.rename("file", "dir")).isEqualTo(Errno.ISDIR);
        assertThat(files.rename("dir", "file")).isEqualTo(Errno.NOTDIR);
        assertThat(files.rename("file", "new/")).isEqualTo(Errno.NOTDIR);
        assertThat(files.rename("file/", "new")).isEqualTo(Errno.NOTDIR);
        assertThat(files.rename("dir", "dir/sub/deeper")).isEqualTo(Errno.INVAL);
        assertThat(files.rename(".", "new")).isEqualTo(Errno.BUSY);
        assertThat(files.rename("dir/..", "new")).isEqualTo(Errno.BUSY);
        assertThat(files.path("path_create_directory", "full")).isEqualTo(Errno.SUCCESS);
        files.create("full/x", "");
        assertThat(files.rename("dir", "full")).isEqualTo(Errno.NOTEMPTY);
        assertThat(files.rename("to-dir", "link")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("link")).isSymbolicLink();
        assertThat(files.rename("file", "full/x")).isEqualTo(Errno.SUCCESS);
        assertThat(files.content("full/x")).isEqualTo("content");
        assertThat(files.rename("dir/", "renamed/")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("renamed/sub")).isDirectory();
        int dir = files.open("full", DIRECTORY, READ).ok();
        assertThat(files.rename(dir, "x", 3, "back")).isEqualTo(Errno.SUCCESS);
        assertThat(files.rename(3, "back", 99, "x")).isEqualTo(Errno.BADF);
    }

    @Test
    void hard_links_are_made_to_files_and_to_links() {
        assertThat(files.link("missing", "x")).isEqualTo(Errno.NOENT);
        assertThat(files.link("file", "dir")).isEqualTo(Errno.EXIST);
        assertThat(files.link("dir", "x")).isEqualTo(Errno.PERM);
        assertThat(files.link("file", "x/")).isEqualTo(Errno.NOENT);
        assertThat(files.link("dangling", "x")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("x")).isSymbolicLink();
        assertThat(files.link(3, FOLLOW, "to-file", 3, "y")).isEqualTo(Errno.SUCCESS);
        assertThat(files.stat("y").ino()).isEqualTo(files.stat("file").ino());
    }

    @Test
    void symbolic_links_say_what_they_were_given() {
        assertThat(files.symlink("no/such/place", "l")).isEqualTo(Errno.SUCCESS);
        assertThat(files.readlink("l", 100)).isEqualTo("no/such/place");
        assertThat(files.readlink("l", 5)).isEqualTo("no/su");
        assertThat(files.symlink("x", "l")).isEqualTo(Errno.EXIST);
        assertThat(files.symlink("x", "dir")).isEqualTo(Errno.EXIST);
        assertThat(files.symlink("x", "new/")).isEqualTo(Errno.NOENT);
        assertThat(files.symlink("", "new")).isEqualTo(Errno.NOENT);
        assertThat(files.readlink("file", 100)).isEqualTo("inval");
        assertThat(files.readlink("to-dir/", 100)).isEqualTo("inval");
        assertThat(files.readlink("missing", 100)).isEqualTo("noent");
    }

    @Test
    void times_are_set_by_name_also_of_a_link_itself() {
        HostHarness guest = files.guest;
        int name = guest.string("to-file");
        guest.ok("path_filestat_set_times", 3, FOLLOW, name, 7, 5_000_000_001L, 6_000_000_002L, 5);
        assertThat(files.stat("file").atim()).isEqualTo(5_000_000_001L);
        assertThat(files.stat("file").mtim()).isEqualTo(6_000_000_002L);
        guest.ok("path_filestat_set_times", 3, 0, name, 7, 0, 7_000_000_000L, 4);
        assertThat(files.stat(0, "to-file").mtim()).isEqualTo(7_000_000_000L);
        assertThat(files.stat("file").mtim()).isEqualTo(6_000_000_002L);
        assertThat(guest.call("path_filestat_set_times", 3, 0, name, 7, 0, 0, 3))
                .isEqualTo(Errno.INVAL);
    }

    @Test
    void a_directory_that_is_renamed_while_open_stays_what_it_is() throws IOException {
        int fd = files.open("dir", DIRECTORY, READ).ok();
        assertThat(files.rename("dir", "moved")).isEqualTo(Errno.SUCCESS);
        Files.createDirectory(root.resolve("dir"));
        files.close(files.open(fd, 0, "new", CREAT, BOTH, 0).ok());
        assertThat(files.path("path_create_directory", fd, "made")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("moved/new")).exists();
        assertThat(root.resolve("moved/made")).isDirectory();
        assertThat(root.resolve("dir")).isEmptyDirectory();
        assertThat(files.names(fd, 4096)).contains("new", "made", "sub");
        assertThat(files.stat(fd).nlink()).isEqualTo(4);
        assertThat(files.stat(fd)).isEqualTo(files.stat("moved"));
        int out = files.guest.alloc(64);
        files.guest.ok("path_filestat_get", fd, 0, files.guest.string("made"), 4, out);
        assertThat(files.guest.i64(out + 24)).isEqualTo(2);
    }

    @Test
    void a_read_only_volume_refuses_whatever_would_write() {
        try (GuestFiles locked = GuestFiles.with(m -> m.withVolume(root, "/", true))) {
            assertThat(locked.content("file")).isEqualTo("content");
            assertThat(locked.open("file", CREAT, READ).errno()).isEqualTo(Errno.SUCCESS);
            assertThat(locked.open("file", 0, WRITE).errno()).isEqualTo(Errno.ROFS);
            assertThat(locked.open("file", TRUNC, READ).errno()).isEqualTo(Errno.ROFS);
            assertThat(locked.open("new", CREAT, READ).errno()).isEqualTo(Errno.ROFS);
            assertThat(locked.path("path_create_directory", "new")).isEqualTo(Errno.ROFS);
            assertThat(locked.path("path_create_directory", "dir")).isEqualTo(Errno.EXIST);
            assertThat(locked.path("path_remove_directory", "dir/sub")).isEqualTo(Errno.ROFS);
            assertThat(locked.path("path_unlink_file", "file")).isEqualTo(Errno.ROFS);
            assertThat(locked.rename("file", "new")).isEqualTo(Errno.ROFS);
            assertThat(locked.link("file", "new")).isEqualTo(Errno.ROFS);
            assertThat(locked.symlink("file", "new")).isEqualTo(Errno.ROFS);
            HostHarness guest = locked.guest;
            int name = guest.string("file");
            assertThat(guest.call("path_filestat_set_times", 3, 0, name, 4, 0, 0, 5))
                    .isEqualTo(Errno.ROFS);
            assertThat(guest.call("fd_filestat_set_times", 3, 0, 0, 5)).isEqualTo(Errno.ROFS);
            int fd = locked.open("file", 0, READ).ok();
            assertThat(guest.call("fd_filestat_set_times", fd, 0, 0, 5)).isEqualTo(Errno.ROFS);
        }
    }

    @Test
    void a_full_descriptor_table_creates_nothing() {
        try (GuestFiles small =
                GuestFiles.of(
                        HostHarness.builder()
                                .with(p -> p.withLimits(Limits.defaults().withMaxDescriptors(5))),
                        m -> m.withVolume(root, "/", false))) {
            small.open("file", 0, READ).ok();
            assertThat(small.open("new", CREAT, BOTH).errno()).isEqualTo(Errno.MFILE);
            assertThat(root.resolve("new")).doesNotExist();
        }
    }

    @Test
    void path_open2_takes_the_close_on_exec_flag() {
        HostHarness guest = files.guest;
        int out = guest.alloc(4);
        guest.ok("path_open2", 3, 0, guest.string("file"), 4, 0, READ, READ, 0, 1, out);
        int flags = guest.alloc(2);
        guest.ok("fd_fdflags_get", guest.i32(out), flags);
        assertThat(guest.u16(flags)).isEqualTo(1);
        assertThat(
                        guest.call(
                                "path_open2",
                                3,
                                0,
                                guest.string("file"),
                                4,
                                0,
                                READ,
                                READ,
                                0,
                                2,
                                out))
                .isEqualTo(Errno.INVAL);
    }
}
