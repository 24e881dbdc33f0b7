package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.BOTH;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.MountsBuilder;
import org.wasix4j.system.fs.OwnNodes;
import org.wasix4j.system.process.MemoryBudget;
import org.wasix4j.types.Errno;

/** What a guest finds besides what was granted; how devices behave is in the guest devices.c. */
class OwnNodesTest {

    private static final long LIMIT = 1 << 20;

    @TempDir Path host;
    private final MemoryBudget budget = new MemoryBudget(LIMIT, LIMIT);

    private GuestFiles guest(boolean scratch, Consumer<MountsBuilder> volumes) {
        GuestFiles files =
                GuestFiles.with(
                        m -> {
                            m.withOwnNodes(new OwnNodes(scratch)).withMemory(budget);
                            volumes.accept(m);
                        });
        Mounts mounts = files.guest.process().mounts();
        mounts.preopenOwnRoot(files.guest.process().descriptors());
        return files;
    }

    @Test
    void a_root_is_there_with_nothing_granted() {
        try (GuestFiles files = guest(true, m -> {})) {
            assertThat(files.names(3, 4096))
                    .containsExactlyInAnyOrder(".", "..", "dev", "etc", "tmp");
            assertThat(files.guest.call("chdir", files.guest.string("/"), 1))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(files.tryOpen("/dev/null")).isEqualTo(Errno.SUCCESS);
            assertThat(files.tryOpen("/nothing")).isEqualTo(Errno.NOENT);
            assertThat(files.tryOpen("../nothing")).isEqualTo(Errno.NOENT);
            assertThat(files.open("new", CREAT, WRITE).errno()).isEqualTo(Errno.ROFS);
            assertThat(files.open("dev/new", CREAT, WRITE).errno()).isEqualTo(Errno.ROFS);
            assertThat(files.path("path_unlink_file", "dev/null")).isEqualTo(Errno.ROFS);
            assertThat(files.open("dev/ptmx", 0, BOTH).errno()).isEqualTo(Errno.NXIO);
            assertThat(files.open("dev/tty", 0, BOTH).errno()).isEqualTo(Errno.NXIO);
        }
    }

    @Test
    void devices_that_never_wait_cannot_be_in_an_epoll_set() {
        try (GuestFiles files = guest(true, m -> {})) {
            EpollCalls set = new EpollCalls(files.guest);
            for (String device : new String[] {"null", "zero", "full", "urandom"}) {
                int fd = files.open("dev/" + device, 0, READ).ok();
                assertThat(set.control(0, fd, 1)).as(device).isEqualTo(Errno.PERM);
            }
            int random = files.open("dev/random", 0, READ).ok();
            assertThat(set.control(0, random, 1)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void what_is_granted_hides_what_is_our_own() throws IOException {
        Path dev = Files.createDirectory(host.resolve("d"));
        Files.writeString(dev.resolve("null"), "granted");
        try (GuestFiles files =
                guest(
                        true,
                        m -> m.withVolume(dev, "/dev", false).withVolume(host, "/tmp", false))) {
            int root = 5;
            assertThat(files.open(root, 0, "dev/zero", 0, READ, 0).errno()).isEqualTo(Errno.NOENT);
            assertThat(files.open(root, 0, "dev/shm", 0, READ, 0).errno()).isEqualTo(Errno.NOENT);
            assertThat(files.content("/dev/null")).isEqualTo("granted");
            files.create("/tmp/new", "x");
            assertThat(host.resolve("new")).hasContent("x");
        }
    }

    @Test
    void a_granted_root_is_the_root_and_has_devices_of_our_own() throws IOException {
        Files.createDirectories(host.resolve("dev"));
        Files.createDirectories(host.resolve("tmp"));
        Files.writeString(host.resolve("dev/null"), "granted");
        try (GuestFiles files = guest(true, m -> m.withVolume(host, "/", false))) {
            assertThat(files.stat("dev/null").type()).isEqualTo(2);
            files.create("tmp/new", "x");
            assertThat(host.resolve("tmp/new")).hasContent("x");
            assertThat(files.content("etc/hosts")).contains("localhost");
            assertThat(files.guest.call("fd_prestat_get", 4, files.guest.alloc(8)))
                    .as("no second root")
                    .isEqualTo(Errno.BADF);
            assertThat(files.names(3, 4096)).containsExactlyInAnyOrder(".", "..", "dev", "tmp");
        }
    }

    @Test
    void without_scratch_folders_nothing_can_be_written() {
        try (GuestFiles files = guest(false, m -> {})) {
            assertThat(files.names(3, 4096)).containsExactlyInAnyOrder(".", "..", "dev", "etc");
            assertThat(files.tryOpen("/dev/shm")).isEqualTo(Errno.NOENT);
            assertThat(files.open("/tmp/x", CREAT, WRITE).errno()).isEqualTo(Errno.NOENT);
        }
    }

    @Test
    void a_root_is_not_put_beside_a_grant_that_libc_would_take_for_it() throws IOException {
        try (GuestFiles files =
                guest(
                        true,
                        m ->
                                m.withVolume(host, "/work", false)
                                        .withVolume(host, ".", false)
                                        .withWorkingDirectory("/work"))) {
            throw new AssertionError("two volumes at one place");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("two volumes");
        }
        try (GuestFiles files =
                guest(true, m -> m.withVolume(host, ".", false).withWorkingDirectory("/"))) {
            assertThat(files.guest.call("fd_prestat_get", 4, files.guest.alloc(8)))
                    .isEqualTo(Errno.BADF);
            assertThat(files.tryOpen("dev/null")).isEqualTo(Errno.SUCCESS);
            assertThat(files.names(3, 4096)).containsExactlyInAnyOrder(".", "..");
        }
        Files.createDirectory(host.resolve("dev"));
        try (GuestFiles files = guest(true, m -> m.withVolume(host, ".", false))) {
            assertThat(files.tryOpen("dev/null"))
                    .as("a folder of the project")
                    .isEqualTo(Errno.NOENT);
        }
    }

    @Test
    void files_in_memory_are_counted_and_given_back() {
        try (GuestFiles files = guest(true, m -> {})) {
            long before = budget.heap();
            int fd = files.open("/tmp/big", CREAT, BOTH).ok();
            String chunk = "x".repeat(65536);
            int written = 0;
            HostHarness guest = files.guest;
            int vector = guest.iovec(chunk);
            int out = guest.alloc(4);
            Errno errno = Errno.SUCCESS;
            for (int i = 0; i < 100 && errno == Errno.SUCCESS; i++) {
                errno = guest.call("fd_write", fd, vector, 1, out);
                written += errno == Errno.SUCCESS ? guest.i32(out) : 0;
            }
            assertThat(errno).isEqualTo(Errno.NOSPC);
            assertThat(written).isBetween((int) (LIMIT * 9 / 10), (int) LIMIT);
            assertThat(budget.heap()).isLessThanOrEqualTo(LIMIT);
            assertThat(budget.tryTake(LIMIT / 2)).as("for linear memory").isFalse();
            guest.ok("fd_filestat_set_size", fd, 10);
            assertThat(budget.tryTake(LIMIT / 2)).isTrue();
            budget.giveBack(LIMIT / 2);
            assertThat(files.path("path_unlink_file", "/tmp/big")).isEqualTo(Errno.SUCCESS);
            assertThat(budget.heap()).as("still open").isGreaterThan(before);
            files.close(fd);
            assertThat(budget.heap()).isEqualTo(before);
            for (int i = 0; i < 10_000 && errno != Errno.SUCCESS; i++) {
                errno = files.path("path_create_directory", "/tmp/d" + i);
                guest.resetMemory();
                errno = errno == Errno.SUCCESS ? Errno.AGAIN : Errno.SUCCESS;
            }
            assertThat(budget.heap()).as("names are counted too").isGreaterThan(LIMIT / 2);
        }
    }

    @Test
    void a_page_far_out_takes_a_page() {
        try (GuestFiles files = guest(true, m -> {})) {
            int fd = files.open("/dev/shm/sparse", CREAT, BOTH).ok();
            HostHarness guest = files.guest;
            guest.ok("fd_pwrite", fd, guest.iovec("far"), 1, Long.MAX_VALUE - 10, guest.alloc(4));
            assertThat(
                            guest.call(
                                    "fd_pwrite",
                                    fd,
                                    guest.iovec("far"),
                                    1,
                                    Long.MAX_VALUE - 1,
                                    guest.alloc(4)))
                    .isEqualTo(Errno.FBIG);
            assertThat(budget.heap()).isLessThan(10_000);
            guest.ok("fd_filestat_set_size", fd, 0);
        }
    }

    @Test
    void a_forked_process_shares_the_scratch_folders_and_has_descriptors_of_its_own() {
        try (GuestFiles files = guest(true, m -> {})) {
            files.create("/tmp/shared", "both");
            try (Mounts other = files.guest.process().mounts().fork();
                    GuestFiles child = GuestFiles.forked(other)) {
                assertThat(child.content("/tmp/shared")).isEqualTo("both");
                int fd = child.open("/tmp/shared", 0, READ).ok();
                assertThat(child.tryOpen("/dev/fd/" + fd)).isEqualTo(Errno.SUCCESS);
                int table = child.open("/dev/fd", DIRECTORY, READ).ok();
                assertThat(child.names(table, 4096))
                        .containsAll(List.of("0", "1", "2", "3", "" + fd, "" + table));
                assertThat(files.tryOpen("/dev/fd/" + fd)).isEqualTo(Errno.NOENT);
            }
        }
    }

    @Test
    void the_directories_of_a_wasix_guest_survive_close_and_those_of_preview1_do_not() {
        try (GuestFiles files = guest(true, m -> m.withVolume(host, "/v", false))) {
            for (int fd = 3; fd < 10; fd++) {
                files.guest.call("fd_close", fd);
            }
            files.create("/v/new", "x");
            assertThat(files.tryOpen("/dev/null")).isEqualTo(Errno.SUCCESS);
            int opened = files.open("/v", DIRECTORY, READ).ok();
            files.close(opened);
            assertThat(files.guest.call("fd_close", opened)).isEqualTo(Errno.BADF);
        }
        try (GuestFiles files = GuestFiles.preview1(host)) {
            assertThat(files.guest.call("fd_close", 3)).isEqualTo(Errno.SUCCESS);
            assertThat(files.guest.call("fd_close", 3)).isEqualTo(Errno.BADF);
        }
    }
}
