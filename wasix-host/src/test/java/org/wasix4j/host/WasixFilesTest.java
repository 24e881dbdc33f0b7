package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.BOTH;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.EXCL;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.TRUNC;
import static org.wasix4j.host.GuestFiles.WRITE;

import com.dylibso.chicory.runtime.ByteBufferMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.types.Errno;
import org.wasix4j.types.FdFlags;
import org.wasix4j.types.FileType;
import org.wasix4j.types.Rights;

/** What the {@code fd_*} functions do with regular files and directories. */
class WasixFilesTest {

    @TempDir Path root;
    private GuestFiles files;
    private HostHarness guest;

    @BeforeEach
    void start() {
        files = GuestFiles.at(root);
        guest = files.guest;
    }

    @AfterEach
    void stop() {
        files.close();
    }

    @Test
    void what_is_written_is_read_back_and_lies_on_the_host() throws IOException {
        int fd = files.open("hello", CREAT, BOTH).ok();
        assertThat(files.write(fd, "hello, world")).isEqualTo(12);
        assertThat(files.seek(fd, 7, 0)).isEqualTo(7);
        assertThat(files.read(fd, 100)).isEqualTo("world");
        assertThat(files.read(fd, 100)).isEmpty();
        assertThat(Files.readString(root.resolve("hello"))).isEqualTo("hello, world");
    }

    @Test
    void several_vectors_are_one_read_and_one_write() {
        int fd = files.open("f", CREAT, BOTH).ok();
        int iovecs = guest.iovec(guest.string("abc"), 3, 0, 0, guest.string("defgh"), 5);
        assertThat(guest.get("fd_write", fd, iovecs, 3)).isEqualTo(8);
        files.seek(fd, 0, 0);
        int a = guest.alloc(2);
        int b = guest.alloc(10);
        assertThat(guest.get("fd_read", fd, guest.iovec(a, 2, b, 10), 2)).isEqualTo(8);
        assertThat(guest.text(a, 2) + guest.text(b, 6)).isEqualTo("abcdefgh");
    }

    @Test
    void every_memory_kind_sees_the_same_bytes() {
        try (GuestFiles other =
                GuestFiles.of(
                        HostHarness.builder().memory(ByteBufferMemory::new),
                        mounts -> mounts.withVolume(root, "/", false))) {
            other.create("f", "some bytes");
            assertThat(other.content("f")).isEqualTo("some bytes");
        }
    }

    @Test
    void positional_calls_leave_the_offset_alone() {
        int fd = files.open("f", CREAT, BOTH).ok();
        files.write(fd, "0123456789");
        int buffer = guest.alloc(4);
        assertThat(guest.get("fd_pread", fd, guest.iovec(buffer, 4), 1, 2)).isEqualTo(4);
        assertThat(guest.text(buffer, 4)).isEqualTo("2345");
        assertThat(guest.get("fd_pwrite", fd, guest.iovec("xy"), 1, 20)).isEqualTo(2);
        int out = guest.alloc(8);
        guest.ok("fd_tell", fd, out);
        assertThat(guest.i64(out)).isEqualTo(10);
        assertThat(files.stat(fd).size()).isEqualTo(22);
        assertThat(guest.call("fd_pread", fd, guest.iovec(buffer, 4), 1, -1, out))
                .isEqualTo(Errno.INVAL);
    }

    @Test
    void seeking_goes_from_three_places_and_not_before_the_start() {
        int fd = files.open("f", CREAT, BOTH).ok();
        files.write(fd, "0123456789");
        assertThat(files.seek(fd, -3, 1)).isEqualTo(7);
        assertThat(files.seek(fd, 5, 2)).isEqualTo(15);
        int out = guest.alloc(8);
        assertThat(guest.call("fd_seek", fd, -1, 0, out)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_seek", fd, 0, 7, out)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_seek", fd, Long.MAX_VALUE, 1, out)).isEqualTo(Errno.INVAL);
    }

    @Test
    void a_file_that_the_host_replaces_after_it_was_opened_shows_its_own_attributes()
            throws IOException {
        Files.writeString(root.resolve("f"), "the first one");
        long inode = inode("f");
        int looked = files.open("f", 0, READ).ok();
        int neverLooked = files.open("f", 0, READ).ok();
        assertThat(files.stat(looked).ino()).isEqualTo(inode);
        Files.writeString(root.resolve("g"), "another");
        Files.move(root.resolve("g"), root.resolve("f"), StandardCopyOption.ATOMIC_MOVE);
        for (int fd : new int[] {looked, neverLooked}) {
            assertThat(files.stat(fd).ino()).isEqualTo(inode);
            assertThat(files.stat(fd).size()).isEqualTo(13);
            assertThat(files.stat(fd).nlink()).isZero();
            assertThat(files.read(fd, 100)).isEqualTo("the first one");
        }
        int later = files.open("f", 0, READ).ok();
        assertThat(files.stat(later).ino()).isEqualTo(inode("f"));
    }

    private long inode(String name) throws IOException {
        return (Long) Files.getAttribute(root.resolve(name), "unix:ino");
    }

    @Test
    void snapshot_0_counts_whence_otherwise_and_has_a_smaller_filestat() {
        try (GuestFiles old =
                GuestFiles.of(
                        HostHarness.builder().snapshot0(),
                        mounts -> mounts.withVolume(root, "/", false))) {
            int fd = old.open("f", CREAT, BOTH).ok();
            old.write(fd, "0123456789");
            assertThat(old.seek(fd, -3, 0)).isEqualTo(7);
            assertThat(old.seek(fd, -1, 1)).isEqualTo(9);
            assertThat(old.seek(fd, 4, 2)).isEqualTo(4);
            int out = old.guest.alloc(64);
            old.guest.ok("fd_filestat_get", fd, out);
            assertThat(old.guest.i32(out + 20)).isEqualTo(1);
            assertThat(old.guest.i64(out + 24)).isEqualTo(10);
            assertThat(old.guest.i64(out + 56)).isEqualTo(0xEEEEEEEEEEEEEEEEL);
        }
    }

    @Test
    void dupped_descriptors_share_the_offset_and_the_flags() {
        int fd = files.open("f", CREAT, BOTH).ok();
        int twin = guest.get("fd_dup", fd);
        files.write(fd, "abc");
        assertThat(files.seek(twin, 0, 1)).isEqualTo(3);
        guest.ok("fd_fdstat_set_flags", fd, FdFlags.APPEND);
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", twin, stat);
        assertThat(guest.u8(stat)).isEqualTo(FileType.REGULAR_FILE.code());
        assertThat(guest.u16(stat + 2)).isEqualTo(FdFlags.APPEND);
        files.close(fd);
        assertThat(files.write(twin, "d")).isEqualTo(1);
    }

    @Test
    void appending_goes_to_the_end_whenever_the_flag_is_set() {
        files.create("log", "one");
        int a = files.open(3, 0, "log", 0, BOTH, FdFlags.APPEND).ok();
        int b = files.open("log", 0, WRITE).ok();
        files.write(a, "two");
        guest.ok("fd_fdstat_set_flags", b, FdFlags.APPEND);
        files.write(b, "three");
        files.write(a, "four");
        assertThat(files.content("log")).isEqualTo("onetwothreefour");
        assertThat(files.seek(a, 0, 1)).isEqualTo(15);
        guest.ok("fd_fdstat_set_flags", b, 0);
        files.seek(b, 0, 0);
        files.write(b, "ONE");
        assertThat(files.content("log")).isEqualTo("ONEtwothreefour");
        files.seek(a, 0, 0);
        assertThat(files.read(a, 3)).isEqualTo("ONE");
    }

    @Test
    void threads_that_append_lose_nothing() {
        int threads = 4;
        int rounds = 200;
        List<CompletableFuture<Object>> done = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int fd = files.open(3, 0, "log", CREAT, WRITE, FdFlags.APPEND).ok();
            int line = guest.iovec("line " + t + '\n');
            int out = guest.alloc(4);
            done.add(
                    guest.spawn(
                            () -> {
                                for (int i = 0; i < rounds; i++) {
                                    guest.ok("fd_write", fd, line, 1, out);
                                }
                                return null;
                            }));
        }
        done.forEach(CompletableFuture::join);
        assertThat(files.stat("log").size()).isEqualTo(threads * rounds * 7L);
    }

    @Test
    void threads_on_one_descriptor_share_its_offset_without_overlap() {
        int fd = files.open("f", CREAT, WRITE).ok();
        List<CompletableFuture<Object>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int block = guest.iovec(String.valueOf((char) ('a' + t)).repeat(10));
            int out = guest.alloc(4);
            done.add(
                    guest.spawn(
                            () -> {
                                for (int i = 0; i < 200; i++) {
                                    guest.ok("fd_write", fd, block, 1, out);
                                }
                                return null;
                            }));
        }
        done.forEach(CompletableFuture::join);
        assertThat(files.stat(fd).size()).isEqualTo(8000);
        assertThat(root.resolve("f")).content().matches("(?s)((.)\\2{9}){800}");
    }

    @Test
    void a_file_larger_than_2_gib_is_read_and_written_at_its_end() {
        long far = 5L << 30;
        int fd = files.open("big", CREAT, BOTH).ok();
        files.seek(fd, far, 0);
        files.write(fd, "end");
        assertThat(files.stat(fd).size()).isEqualTo(far + 3);
        files.seek(fd, -3, 2);
        assertThat(files.read(fd, 10)).isEqualTo("end");
        guest.ok("fd_filestat_set_size", fd, far - 1);
        assertThat(files.stat("big").size()).isEqualTo(far - 1);
    }

    @Test
    void the_size_can_be_set_and_the_room_asked_for() {
        int fd = files.open("f", CREAT, BOTH).ok();
        files.write(fd, "0123456789");
        guest.ok("fd_filestat_set_size", fd, 4);
        guest.ok("fd_filestat_set_size", fd, 6);
        assertThat(files.content("f")).isEqualTo("0123\0\0");
        guest.ok("fd_allocate", fd, 2, 98);
        assertThat(files.stat(fd).size()).isEqualTo(100);
        guest.ok("fd_allocate", fd, 0, 10);
        assertThat(files.stat(fd).size()).isEqualTo(100);
        assertThat(guest.call("fd_allocate", fd, 0, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_filestat_set_size", fd, -1)).isEqualTo(Errno.INVAL);
        int reader = files.open("f", 0, READ).ok();
        assertThat(guest.call("fd_filestat_set_size", reader, 1)).isEqualTo(Errno.INVAL);
    }

    @Test
    void a_descriptor_does_only_what_it_was_opened_for() {
        files.create("f", "abc");
        int reader = files.open("f", 0, READ).ok();
        int writer = files.open("f", 0, WRITE).ok();
        int out = guest.alloc(4);
        assertThat(guest.call("fd_write", reader, guest.iovec("x"), 1, out)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_read", writer, guest.iovec("x"), 1, out)).isEqualTo(Errno.BADF);
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", reader, stat);
        assertThat(guest.i64(stat + 8) & BOTH).isEqualTo(READ);
    }

    @Test
    void rights_can_be_given_up_and_never_come_back() {
        int fd = files.open("f", CREAT, BOTH).ok();
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", fd, stat);
        long rights = guest.i64(stat + 8);
        guest.ok("fd_fdstat_set_rights", fd, rights & ~BOTH, 0);
        assertThat(guest.call("fd_write", fd, guest.iovec("x"), 1, guest.alloc(4)))
                .isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_fdstat_set_rights", fd, rights, 0)).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void the_rights_of_a_directory_can_be_given_up_for_what_is_opened_below_it_too() {
        int fd = files.open(".", GuestFiles.DIRECTORY, 0).ok();
        int stat = guest.alloc(24);
        guest.ok("fd_fdstat_get", fd, stat);
        long rights = guest.i64(stat + 8) & ~Rights.PATH_UNLINK_FILE;
        long below = guest.i64(stat + 16) & ~Rights.FD_WRITE;
        guest.ok("fd_fdstat_set_rights", fd, rights, below);
        guest.ok("fd_fdstat_get", fd, stat);
        assertThat(guest.i64(stat + 8)).isEqualTo(rights);
        assertThat(guest.i64(stat + 16)).isEqualTo(below);
        assertThat(guest.call("fd_fdstat_set_rights", fd, rights | Rights.PATH_UNLINK_FILE, below))
                .isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_fdstat_set_rights", fd, rights, below | Rights.FD_WRITE))
                .isEqualTo(Errno.NOTCAPABLE);
        files.create("f", "x");
        assertThat(files.path("path_unlink_file", fd, "f")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(files.open(fd, 0, "f", 0, BOTH, 0).errno()).isEqualTo(Errno.NOTCAPABLE);
        int sub = files.open(fd, 0, ".", GuestFiles.DIRECTORY, 0, 0).ok();
        assertThat(files.open(sub, 0, "f", 0, BOTH, 0).errno()).isEqualTo(Errno.NOTCAPABLE);
        assertThat(files.open(sub, 0, "f", 0, READ, 0).errno()).isEqualTo(Errno.SUCCESS);
        assertThat(files.path("path_unlink_file", sub, "f")).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void every_call_on_a_directory_needs_its_right() {
        String[][] calls = {
            {"path_create_directory", "" + Rights.PATH_CREATE_DIRECTORY},
            {"path_remove_directory", "" + Rights.PATH_REMOVE_DIRECTORY},
            {"path_unlink_file", "" + Rights.PATH_UNLINK_FILE},
            {"path_open", "" + Rights.PATH_OPEN},
            {"path_open", "" + Rights.PATH_CREATE_FILE},
            {"path_open", "" + Rights.PATH_FILESTAT_SET_SIZE},
            {"path_filestat_get", "" + Rights.PATH_FILESTAT_GET},
            {"path_filestat_set_times", "" + Rights.PATH_FILESTAT_SET_TIMES},
            {"path_readlink", "" + Rights.PATH_READLINK},
            {"path_symlink", "" + Rights.PATH_SYMLINK},
            {"path_link", "" + Rights.PATH_LINK_SOURCE},
            {"path_link", "" + Rights.PATH_LINK_TARGET},
            {"path_rename", "" + Rights.PATH_RENAME_SOURCE},
            {"path_rename", "" + Rights.PATH_RENAME_TARGET},
            {"fd_readdir", "" + Rights.FD_READDIR},
            {"fd_filestat_get", "" + Rights.FD_FILESTAT_GET},
            {"fd_filestat_set_times", "" + Rights.FD_FILESTAT_SET_TIMES},
            {"fd_fdstat_set_flags", "" + Rights.FD_FDSTAT_SET_FLAGS},
            {"fd_sync", "" + Rights.FD_SYNC},
            {"fd_advise", "" + Rights.FD_ADVISE},
        };
        int stat = guest.alloc(24);
        for (String[] each : calls) {
            int whole = files.open(".", GuestFiles.DIRECTORY, 0).ok();
            int fd = files.open(".", GuestFiles.DIRECTORY, 0).ok();
            guest.ok("fd_fdstat_get", fd, stat);
            long rights = guest.i64(stat + 8) & ~Long.parseLong(each[1]);
            guest.ok("fd_fdstat_set_rights", fd, rights, guest.i64(stat + 16));
            assertThat(callOn(each[0], whole)).as(each[0]).isNotEqualTo(Errno.NOTCAPABLE);
            assertThat(callOn(each[0], fd)).as(each[0]).isEqualTo(Errno.NOTCAPABLE);
            files.close(fd);
            files.close(whole);
        }
    }

    private Errno callOn(String name, int fd) {
        int path = guest.string("none");
        int out = guest.alloc(64);
        return switch (name) {
            case "path_open" ->
                    files.open(fd, 0, "none", CREAT | GuestFiles.TRUNC, BOTH, 0).errno();
            case "path_filestat_get" -> guest.call(name, fd, 0, path, 4, out);
            case "path_filestat_set_times" -> guest.call(name, fd, 0, path, 4, 0, 0, 0);
            case "path_readlink" -> guest.call(name, fd, path, 4, out, 8, out);
            case "path_symlink" -> guest.call(name, path, 4, fd, path, 4);
            case "path_link" -> guest.call(name, fd, 0, path, 4, fd, path, 4);
            case "path_rename" -> guest.call(name, fd, path, 4, fd, path, 4);
            case "fd_readdir" -> guest.call(name, fd, out, 64, 0, out);
            case "fd_filestat_get" -> guest.call(name, fd, out);
            case "fd_filestat_set_times" -> guest.call(name, fd, 0, 0, 0);
            case "fd_fdstat_set_flags" -> guest.call(name, fd, 0);
            case "fd_sync" -> guest.call(name, fd);
            case "fd_advise" -> guest.call(name, fd, 0, 0, 0);
            default -> files.path(name, fd, "none");
        };
    }

    @Test
    void of_a_directory_that_was_removed_nothing_is_listed() throws java.io.IOException {
        assertThat(files.path("path_create_directory", "d")).isEqualTo(Errno.SUCCESS);
        int fd = files.open("d", GuestFiles.DIRECTORY, 0).ok();
        int other = files.open("d", GuestFiles.DIRECTORY, 0).ok();
        assertThat(files.names(fd, 4096)).containsExactly(".", "..");
        assertThat(files.path("path_remove_directory", "d")).isEqualTo(Errno.SUCCESS);
        assertThat(files.names(fd, 4096)).isEmpty();
        assertThat(files.names(other, 4096)).isEmpty();
    }

    @Test
    void a_file_goes_on_working_when_its_name_is_gone() {
        int fd = files.open("f", CREAT, BOTH).ok();
        files.write(fd, "still");
        assertThat(files.path("path_unlink_file", "f")).isEqualTo(Errno.SUCCESS);
        files.create("f", "another file");
        files.write(fd, " here");
        files.seek(fd, 0, 0);
        assertThat(files.read(fd, 20)).isEqualTo("still here");
        GuestFiles.Stat stat = files.stat(fd);
        assertThat(stat.nlink()).isZero();
        assertThat(stat.size()).isEqualTo(10);
        guest.ok("fd_filestat_set_size", fd, 50);
        guest.ok("fd_fdstat_set_flags", fd, FdFlags.APPEND);
        files.write(fd, "!");
        assertThat(files.stat(fd).size()).isEqualTo(51);
        guest.ok("fd_filestat_set_times", fd, 1, 2_000_000_003L, 5);
        assertThat(files.stat(fd).mtim()).isEqualTo(2_000_000_003L);
        assertThat(files.content("f")).isEqualTo("another file");
    }

    @Test
    void times_are_set_to_the_nanosecond_or_to_now_or_left() {
        int fd = files.open("f", CREAT, BOTH).ok();
        guest.ok("fd_filestat_set_times", fd, 1_000_000_001L, 2_000_000_002L, 5);
        assertThat(files.stat(fd).atim()).isEqualTo(1_000_000_001L);
        assertThat(files.stat(fd).mtim()).isEqualTo(2_000_000_002L);
        guest.ok("fd_filestat_set_times", fd, 0, 0, 2);
        assertThat(files.stat(fd).atim()).isGreaterThan(1_000_000_000_000_000_000L);
        assertThat(files.stat(fd).mtim()).isEqualTo(2_000_000_002L);
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 0, 12)).isEqualTo(Errno.INVAL);
        guest.ok("fd_filestat_set_times", 3, 7, 8, 5);
        assertThat(files.stat(3).mtim()).isEqualTo(8);
    }

    @Test
    void files_and_directories_can_be_synced_and_advised() {
        int fd = files.open("f", CREAT, BOTH).ok();
        guest.ok("fd_sync", fd);
        guest.ok("fd_datasync", fd);
        guest.ok("fd_sync", 3);
        guest.ok("fd_advise", fd, 0, 100, 3);
        assertThat(guest.call("fd_advise", fd, 0, 0, 9)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_sync", 1)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_advise", 1, 0, 0, 0)).isEqualTo(Errno.SPIPE);
    }

    @Test
    void a_directory_is_not_read_as_a_file() {
        int fd = files.open(".", DIRECTORY, READ).ok();
        int out = guest.alloc(8);
        int iovec = guest.iovec("xx");
        assertThat(guest.call("fd_read", fd, iovec, 1, out)).isEqualTo(Errno.ISDIR);
        assertThat(guest.call("fd_pread", fd, iovec, 1, 0, out)).isEqualTo(Errno.ISDIR);
        assertThat(guest.call("fd_write", fd, iovec, 1, out)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_pwrite", fd, iovec, 1, 0, out)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_seek", fd, 0, 0, out)).isEqualTo(Errno.ISDIR);
        assertThat(guest.call("fd_tell", fd, out)).isEqualTo(Errno.ISDIR);
        assertThat(guest.call("fd_allocate", fd, 0, 1)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_filestat_set_size", fd, 1)).isEqualTo(Errno.INVAL);
    }

    @Test
    void a_stream_is_no_file() {
        int out = guest.alloc(8);
        int iovec = guest.iovec("xx");
        assertThat(guest.call("fd_seek", 1, 0, 0, out)).isEqualTo(Errno.SPIPE);
        assertThat(guest.call("fd_pread", 1, iovec, 1, 0, out)).isEqualTo(Errno.SPIPE);
        assertThat(guest.call("fd_pwrite", 1, iovec, 1, 0, out)).isEqualTo(Errno.SPIPE);
        assertThat(guest.call("fd_readdir", 1, iovec, 8, 0, out)).isEqualTo(Errno.NOTDIR);
        assertThat(guest.call("fd_filestat_set_times", 1, 0, 0, 5)).isEqualTo(Errno.NOTSUP);
    }

    @Test
    void a_large_folder_is_listed_with_every_buffer_size() throws IOException {
        List<String> expected = new ArrayList<>(List.of(".", ".."));
        for (int i = 0; i < 3000; i++) {
            String name = "file-" + "x".repeat(i % 50) + i;
            Files.createFile(root.resolve(name));
            expected.add(name);
        }
        for (int room : new int[] {100, 999, 4096, 65536, 1 << 20}) {
            guest.resetMemory();
            assertThat(files.names(3, room)).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void cookies_stay_good_while_the_folder_changes() throws IOException {
        for (int i = 0; i < 100; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        List<GuestFiles.Entry> first = files.readdir(3, 0, 1000);
        assertThat(first.size()).isBetween(10, 90);
        for (int i = 0; i < 100; i += 2) {
            Files.delete(root.resolve("f" + i));
            Files.createFile(root.resolve("new" + i));
        }
        long cookie = first.get(first.size() - 1).next();
        List<String> rest = new ArrayList<>();
        files.readdir(3, cookie, 1 << 16).forEach(entry -> rest.add(entry.name()));
        List<String> seen = new ArrayList<>();
        first.forEach(entry -> seen.add(entry.name()));
        assertThat(Collections.disjoint(seen, rest)).isTrue();
        seen.addAll(rest);
        for (int i = 1; i < 100; i += 2) {
            assertThat(seen).contains("f" + i);
        }
        assertThat(new HashSet<>(seen)).hasSameSizeAs(seen);
        assertThat(files.names(3, 1 << 16)).contains("new0").doesNotContain("f0");
    }

    @Test
    void entries_tell_inode_and_type() throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.createFile(root.resolve("f"));
        Files.createSymbolicLink(root.resolve("l"), Path.of("nowhere"));
        int d = files.open("d", DIRECTORY, READ).ok();
        assertThat(files.readdir(d, 0, 4096))
                .extracting(GuestFiles.Entry::name, GuestFiles.Entry::inode)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(".", files.stat("d").ino()),
                        org.assertj.core.groups.Tuple.tuple("..", files.stat(".").ino()));
        for (GuestFiles.Entry entry : files.readdir(3, 0, 4096)) {
            GuestFiles.Stat stat = files.stat(0, entry.name().equals("..") ? "." : entry.name());
            assertThat(entry.inode()).as(entry.name()).isEqualTo(stat.ino());
            assertThat(entry.type()).as(entry.name()).isEqualTo(stat.type());
        }
    }

    @Test
    void a_buffer_that_is_too_small_is_filled_to_the_brim() throws IOException {
        Files.createFile(root.resolve("a-rather-long-name"));
        int buffer = guest.alloc(60);
        assertThat(guest.get("fd_readdir", 3, buffer, 30, 0)).isEqualTo(30);
        assertThat(guest.get("fd_readdir", 3, buffer, 7, 0)).isEqualTo(7);
        assertThat(guest.u8(buffer + 7 + 23)).isNotZero();
    }

    @Test
    void preopened_directories_tell_their_names() {
        int out = guest.alloc(8);
        guest.ok("fd_prestat_get", 3, out);
        assertThat(guest.i32(out)).isZero();
        assertThat(guest.i32(out + 4)).isEqualTo(1);
        int name = guest.alloc(4);
        guest.ok("fd_prestat_dir_name", 3, name, 1);
        assertThat(guest.text(name, 1)).isEqualTo("/");
        assertThat(guest.call("fd_prestat_dir_name", 3, name, 0)).isEqualTo(Errno.NAMETOOLONG);
        assertThat(guest.call("fd_prestat_get", 4, out)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_prestat_get", 1, out)).isEqualTo(Errno.BADF);
        int opened = files.open(".", DIRECTORY, READ).ok();
        assertThat(guest.call("fd_prestat_get", opened, out)).isEqualTo(Errno.BADF);
    }

    @Test
    void exclusive_creation_happens_once_among_threads() {
        List<CompletableFuture<Errno>> done = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            done.add(guest.spawn(() -> files.open("once", CREAT | EXCL, BOTH).errno()));
        }
        assertThat(done.stream().map(CompletableFuture::join))
                .containsOnlyOnce(Errno.SUCCESS)
                .contains(Errno.EXIST);
    }

    @Test
    void truncating_needs_no_right_to_write_the_descriptor() {
        files.create("f", "content");
        files.close(files.open("f", TRUNC, READ).ok());
        assertThat(files.stat("f").size()).isZero();
    }

    @Test
    void no_host_descriptor_is_left() throws IOException {
        files.create("f", "x");
        Files.createDirectories(root.resolve("a/b/c"));
        Files.createSymbolicLink(root.resolve("l"), Path.of("a/b/../../f"));
        files.content("l");
        long before = openDescriptors();
        for (int i = 0; i < 50; i++) {
            files.content("l");
            files.names(3, 4096);
            files.close(files.open("a/b/c", DIRECTORY, READ).ok());
            files.tryStat("a/b/missing");
            files.tryOpen("f/x");
            files.tryOpen("../../..");
            files.path("path_create_directory", "a/d");
            files.path("path_remove_directory", "a/d");
            guest.resetMemory();
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(before);
    }

    static long openDescriptors() throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        }
    }
}
