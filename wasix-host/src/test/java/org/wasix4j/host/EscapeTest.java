package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.BOTH;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.TRUNC;
import static org.wasix4j.host.GuestFiles.WRITE;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.types.Errno;

/**
 * Ways out of a volume. Each test first shows its trick working on the naive resolver, which joins
 * the host's directory and the guest's path, and then that it does not work here: for a WASIX guest
 * and for one of plain preview1.
 */
class EscapeTest {

    private static final String SECRET = "secret";

    @TempDir Path host;
    private Path root;
    private Path outside;
    private List<GuestFiles> guests;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(host.resolve("volume"));
        outside = Files.createDirectories(host.resolve("outside"));
        Files.writeString(outside.resolve("file"), SECRET);
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("mine"), "mine");
        guests =
                List.of(
                        GuestFiles.with(m -> m.withVolume(root, "/volume", false)),
                        GuestFiles.preview1(root));
    }

    @AfterEach
    void nothing_outside_was_touched() throws IOException {
        guests.forEach(GuestFiles::close);
        assertThat(outside.resolve("file")).hasContent(SECRET);
        try (var list = Files.list(outside)) {
            assertThat(list).containsExactly(outside.resolve("file"));
        }
    }

    /** What a resolver does that knows nothing: join and go. */
    private Path naive(String path) {
        return root.resolve(path);
    }

    /** Tries everything that takes a path on a path that leads outside. */
    private void refuses(String path, Errno... allowed) {
        for (GuestFiles guest : guests) {
            refuses(guest, path, allowed);
            guest.guest.resetMemory();
        }
    }

    private static void refuses(GuestFiles guest, String path, Errno... allowed) {
        assertThat(guest.tryOpen(path)).as("open").isIn((Object[]) allowed);
        assertThat(guest.open(path, 0, WRITE).errno()).as("write").isIn((Object[]) allowed);
        assertThat(guest.open(path, TRUNC, READ).errno()).as("trunc").isIn((Object[]) allowed);
        assertThat(guest.open(path, DIRECTORY, READ).errno()).as("dir").isIn((Object[]) allowed);
        assertThat(guest.tryStat(path)).as("stat").isIn((Object[]) allowed);
        assertThat(guest.readlink(path, 100)).as("readlink").isNotEqualTo(SECRET);
        Object[] names = with(allowed, Errno.NOENT, Errno.ISDIR, Errno.EXIST);
        assertThat(guest.open(path + "-new", CREAT, BOTH).errno()).as("creat").isIn(names);
        assertThat(guest.path("path_create_directory", path + "-d")).as("mkdir").isIn(names);
        assertThat(guest.path("path_unlink_file", path)).as("unlink").isIn(names);
        assertThat(guest.symlink("x", path + "-l")).as("symlink").isIn(names);
        assertThat(guest.link(path, "stolen")).as("link from").isIn(names);
        assertThat(guest.link("mine", path + "-h")).as("link to").isIn(names);
        assertThat(guest.rename("mine", path + "-r")).as("rename to").isIn(names);
        assertThat(guest.rename(path, "stolen")).as("rename from").isIn(names);
        HostHarness harness = guest.guest;
        assertThat(
                        harness.call(
                                "path_filestat_set_times",
                                3,
                                1,
                                harness.string(path),
                                HostHarness.length(path),
                                0,
                                0,
                                5))
                .as("set times")
                .isIn((Object[]) allowed);
    }

    private static Object[] with(Errno[] some, Errno... more) {
        Object[] all = java.util.Arrays.copyOf(some, some.length + more.length, Object[].class);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    @Test
    void dots_do_not_lead_up_and_out() {
        assertThat(naive("../outside/file")).hasContent(SECRET);
        refuses("../outside/file", Errno.NOTCAPABLE, Errno.NOENT);
        refuses("dir/../../outside/file", Errno.NOTCAPABLE, Errno.NOENT);
        refuses("dir/sub/../../../outside/file", Errno.NOTCAPABLE, Errno.NOENT);
        refuses("./.././outside//file", Errno.NOTCAPABLE, Errno.NOENT);
        refuses("../../../../../../../../.." + outside + "/file", Errno.NOTCAPABLE, Errno.NOENT);
    }

    @Test
    void the_directory_above_a_plain_guests_root_cannot_be_opened() {
        assertThat(naive("..")).isDirectory();
        GuestFiles preview1 = guests.get(1);
        assertThat(preview1.tryOpen("..")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(preview1.tryOpen("dir/../..")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(preview1.path("path_create_directory", "../x")).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void what_is_above_a_volume_is_empty_for_a_guest_with_a_tree() {
        assertThat(naive("..").resolve("outside")).isDirectory();
        GuestFiles wasix = guests.get(0);
        int above = wasix.open("..", DIRECTORY, READ).ok();
        assertThat(wasix.names(above, 4096)).containsExactly(".", "..", "volume");
        assertThat(wasix.path("path_create_directory", above, "x")).isEqualTo(Errno.ROFS);
    }

    @Test
    void absolute_paths_are_not_the_hosts() {
        assertThat(naive(outside + "/file")).hasContent(SECRET);
        refuses(outside + "/file", Errno.NOTCAPABLE, Errno.NOENT);
        assertThat(guests.get(1).tryOpen("/etc/passwd")).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void double_slashes_and_dots_are_not_the_hosts_either() {
        assertThat(naive("/" + outside + "//./file")).hasContent(SECRET);
        refuses("/" + outside + "//./file", Errno.NOTCAPABLE, Errno.NOENT);
        refuses("//" + outside + "/file", Errno.NOTCAPABLE, Errno.NOENT);
    }

    @Test
    void a_nul_does_not_end_a_path() {
        String path = "../outside/file\0.html";
        assertThat(naive(path.substring(0, path.indexOf('\0')))).hasContent(SECRET);
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen(path)).isEqualTo(Errno.INVAL);
            assertThat(guest.symlink(path, "l")).isEqualTo(Errno.INVAL);
            assertThat(guest.rename("mine", path)).isEqualTo(Errno.INVAL);
        }
    }

    @Test
    void a_name_of_5000_bytes_is_too_long_and_not_cut_off() {
        String path = "./".repeat(2500) + "../outside/file";
        assertThat(Path.of(root + "/" + path).normalize()).hasContent(SECRET);
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen(path)).isEqualTo(Errno.NAMETOOLONG);
            assertThat(guest.tryOpen("n".repeat(5000))).isEqualTo(Errno.NAMETOOLONG);
            assertThat(guest.path("path_create_directory", "n".repeat(5000)))
                    .isEqualTo(Errno.NAMETOOLONG);
        }
    }

    @Test
    void links_made_outside_lead_nowhere() throws IOException {
        Files.createSymbolicLink(root.resolve("absolute"), outside);
        Files.createSymbolicLink(root.resolve("relative"), Path.of("../outside"));
        Files.createSymbolicLink(root.resolve("to-file"), outside.resolve("file"));
        assertThat(naive("absolute/file")).hasContent(SECRET);
        assertThat(naive("relative/file")).hasContent(SECRET);
        assertThat(naive("to-file")).hasContent(SECRET);
        refuses("absolute/file", Errno.NOTCAPABLE);
        refuses("relative/file", Errno.NOTCAPABLE);
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen("to-file")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.open("to-file", TRUNC, BOTH).errno()).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.tryStat("to-file")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.tryOpen("absolute")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.path("path_remove_directory", "absolute")).isEqualTo(Errno.NOTDIR);
        }
    }

    @Test
    void links_made_by_the_guest_lead_nowhere() {
        for (GuestFiles guest : guests) {
            assertThat(guest.symlink("../outside", "l")).isEqualTo(Errno.SUCCESS);
            assertThat(naive("l/file")).hasContent(SECRET);
            refuses(guest, "l/file", Errno.NOTCAPABLE);
            assertThat(guest.path("path_unlink_file", "l")).isEqualTo(Errno.SUCCESS);
        }
        assertThat(guests.get(1).symlink(outside.toString(), "l")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guests.get(0).symlink(outside.toString(), "l")).isEqualTo(Errno.SUCCESS);
        assertThat(naive("l/file")).hasContent(SECRET);
        refuses(guests.get(0), "l/file", Errno.NOTCAPABLE);
    }

    @Test
    void what_the_text_of_a_link_ends_with_has_to_be_there() throws Exception {
        Files.createDirectory(root.resolve("d"));
        // Java makes no link with a slash at the end
        for (String[] link :
                List.of(
                        new String[] {"mine/", "to-file"},
                        new String[] {"d/", "to-dir"},
                        new String[] {"none/", "to-nothing"},
                        new String[] {"to-file", "chain"})) {
            Process made =
                    new ProcessBuilder("ln", "-s", link[0], root.resolve(link[1]).toString())
                            .start();
            Assumptions.assumeTrue(made.waitFor() == 0);
        }
        for (GuestFiles guest : guests) {
            for (String name : List.of("to-file", "chain")) {
                assertThat(guest.tryOpen(name)).isEqualTo(Errno.NOTDIR);
                assertThat(guest.tryStat(name)).isEqualTo(Errno.NOTDIR);
                assertThat(guest.open(name, 0, WRITE).errno()).isEqualTo(Errno.NOTDIR);
                assertThat(guest.open(name, TRUNC, BOTH).errno()).isEqualTo(Errno.NOTDIR);
                assertThat(guest.open(name, CREAT, BOTH).errno()).isEqualTo(Errno.ISDIR);
            }
            assertThat(guest.open("to-nothing", CREAT, BOTH).errno()).isEqualTo(Errno.ISDIR);
            assertThat(guest.tryOpen("to-nothing")).isEqualTo(Errno.NOENT);
            assertThat(guest.open("to-dir", CREAT, BOTH).errno()).isEqualTo(Errno.ISDIR);
            assertThat(guest.tryOpen("to-dir")).isEqualTo(Errno.SUCCESS);
            assertThat(guest.readlink("to-file", 100)).isEqualTo("mine/");
        }
    }

    @Test
    void chains_of_links_lead_nowhere() throws IOException {
        Files.createSymbolicLink(root.resolve("dir/sub/up"), Path.of("../.."));
        Files.createSymbolicLink(root.resolve("a"), Path.of("dir/sub/up/b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("dir/sub/up/../outside"));
        assertThat(naive("a/file")).hasContent(SECRET);
        refuses("a/file", Errno.NOTCAPABLE);
        refuses("dir/sub/up/../outside/file", Errno.NOTCAPABLE, Errno.NOENT);
        for (GuestFiles guest : guests) {
            assertThat(guest.content("dir/sub/up/mine")).isEqualTo("mine");
        }
    }

    @Test
    void a_dangling_link_does_not_create_outside() throws IOException {
        Files.createSymbolicLink(root.resolve("new"), outside.resolve("made"));
        Path made = naive("new");
        Files.writeString(made, "x");
        assertThat(outside.resolve("made")).exists();
        Files.delete(outside.resolve("made"));
        for (GuestFiles guest : guests) {
            assertThat(guest.open("new", CREAT, BOTH).errno()).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.path("path_create_directory", "new")).isEqualTo(Errno.EXIST);
            assertThat(guest.path("path_create_directory", "new/d")).isEqualTo(Errno.NOTCAPABLE);
        }
    }

    @Test
    void hard_links_cannot_be_made_to_what_is_outside() throws IOException {
        Files.createLink(root.resolve("naive"), naive("../outside/file"));
        assertThat(root.resolve("naive")).hasContent(SECRET);
        Files.delete(root.resolve("naive"));
        Files.createSymbolicLink(root.resolve("l"), outside.resolve("file"));
        for (GuestFiles guest : guests) {
            assertThat(guest.link("../outside/file", "h")).isIn(Errno.NOTCAPABLE, Errno.NOENT);
            assertThat(guest.link(3, 1, "l", 3, "h")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.link(3, 0, "l", 3, "h")).isEqualTo(Errno.SUCCESS);
            assertThat(guest.tryOpen("h")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.path("path_unlink_file", "h")).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void a_directory_that_is_moved_while_open_does_not_take_the_guest_along() throws IOException {
        for (GuestFiles guest : guests) {
            int sub = guest.open("dir/sub", DIRECTORY, READ).ok();
            Path elsewhere = host.resolve("elsewhere");
            Files.move(root.resolve("dir/sub"), elsewhere);
            assertThat(elsewhere.resolve("../outside/file")).hasContent(SECRET);
            assertThat(guest.open(sub, 0, "../outside/file", 0, READ, 0).errno())
                    .isIn(Errno.NOTCAPABLE, Errno.NOENT);
            assertThat(guest.open(sub, 0, "..", 0, READ, 0).errno())
                    .isIn(Errno.NOTCAPABLE, Errno.SUCCESS);
            guest.close(sub);
            Files.move(elsewhere, root.resolve("dir/sub"));
        }
    }

    @Test
    void a_directory_that_becomes_a_link_while_open_is_still_the_directory() throws IOException {
        for (GuestFiles guest : guests) {
            int dir = guest.open("dir", DIRECTORY, READ).ok();
            Files.move(root.resolve("dir"), root.resolve("kept"));
            Files.createSymbolicLink(root.resolve("dir"), outside);
            assertThat(naive("dir/file")).hasContent(SECRET);
            assertThat(guest.open(dir, 0, "file", 0, READ, 0).errno()).isEqualTo(Errno.NOENT);
            assertThat(guest.path("path_create_directory", dir, "made")).isEqualTo(Errno.SUCCESS);
            assertThat(guest.names(dir, 4096)).contains("sub", "made").doesNotContain("file");
            assertThat(root.resolve("kept/made")).isDirectory();
            guest.close(dir);
            Files.delete(root.resolve("kept/made"));
            Files.delete(root.resolve("dir"));
            Files.move(root.resolve("kept"), root.resolve("dir"));
        }
    }

    @Test
    void proc_and_dev_are_not_reached_by_a_link() throws IOException {
        Files.createSymbolicLink(root.resolve("proc"), Path.of("/proc"));
        Files.createSymbolicLink(root.resolve("self"), Path.of("/proc/self/root"));
        Files.createSymbolicLink(root.resolve("null"), Path.of("/dev/null"));
        assertThat(naive("proc/self/status")).exists();
        assertThat(naive("self" + outside + "/file")).hasContent(SECRET);
        assertThat(Files.exists(naive("null"))).isTrue();
        refuses("proc/self/status", Errno.NOTCAPABLE);
        refuses("self" + outside + "/file", Errno.NOTCAPABLE);
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen("null")).isEqualTo(Errno.NOTCAPABLE);
        }
        for (String link : List.of("proc", "self", "null")) {
            Files.delete(root.resolve(link));
        }
    }

    @Test
    @Timeout(20)
    void a_fifo_is_refused_and_nobody_waits() throws Exception {
        Process made = new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start();
        Assumptions.assumeTrue(made.waitFor() == 0);
        Process naive = new ProcessBuilder("cat", naive("fifo").toString()).start();
        assertThat(naive.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        naive.destroyForcibly().waitFor();
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen("fifo")).isEqualTo(Errno.NXIO);
            assertThat(guest.open("fifo", 0, WRITE).errno()).isEqualTo(Errno.NXIO);
            assertThat(guest.open("fifo", CREAT | TRUNC, BOTH).errno()).isEqualTo(Errno.NXIO);
            assertThat(guest.tryOpen("fifo/x")).isEqualTo(Errno.NOTDIR);
            assertThat(guest.tryStat("fifo")).isEqualTo(Errno.SUCCESS);
            HostHarness harness = guest.guest;
            int name = harness.string("fifo");
            assertThat(harness.call("path_filestat_set_times", 3, 1, name, 4, 0, 0, 5))
                    .isEqualTo(Errno.NXIO);
            assertThat(guest.names(3, 4096)).contains("fifo");
        }
    }

    @Test
    void devices_and_sockets_are_refused() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(root.resolve("socket")));
            for (GuestFiles guest : guests) {
                assertThat(guest.tryOpen("socket")).isEqualTo(Errno.NXIO);
                assertThat(guest.stat("socket").type()).isEqualTo(6);
            }
        }
        Process made =
                new ProcessBuilder("mknod", root.resolve("null").toString(), "c", "1", "3")
                        .redirectErrorStream(true)
                        .start();
        Assumptions.assumeTrue(made.waitFor() == 0, "needs root");
        assertThat(Files.readAllBytes(naive("null"))).isEmpty();
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen("null")).isEqualTo(Errno.NXIO);
            assertThat(guest.open("null", 0, WRITE).errno()).isEqualTo(Errno.NXIO);
            assertThat(guest.stat("null").type()).isEqualTo(2);
        }
    }

    @Test
    void letters_in_another_case_are_another_name() throws IOException {
        Path sibling = Files.createDirectories(host.resolve("Volume"));
        Files.writeString(sibling.resolve("file"), SECRET);
        assertThat(naive("../Volume/file")).hasContent(SECRET);
        refuses("../Volume/file", Errno.NOTCAPABLE, Errno.NOENT);
        for (GuestFiles guest : guests) {
            assertThat(guest.tryOpen("MINE")).isEqualTo(Errno.NOENT);
        }
    }

    @Test
    void a_volume_whose_name_begins_like_anothers_is_not_reached() throws IOException {
        Path sibling = Files.createDirectories(host.resolve("volume-2"));
        Files.writeString(sibling.resolve("file"), SECRET);
        String path = "../volume-2/file";
        assertThat(naive(path).normalize().toString()).startsWith(root.toString());
        refuses(path, Errno.NOTCAPABLE, Errno.NOENT);
    }

    @Test
    void a_listing_tells_nothing_of_the_directory_above() throws IOException {
        assertThat(Files.getAttribute(naive(".."), "unix:ino"))
                .isNotEqualTo(Files.getAttribute(root, "unix:ino"));
        for (GuestFiles guest : guests) {
            GuestFiles.Entry up = guest.readdir(3, 0, 4096).get(1);
            assertThat(up.name()).isEqualTo("..");
            assertThat(up.inode()).isEqualTo(Files.getAttribute(root, "unix:ino"));
        }
    }
}
