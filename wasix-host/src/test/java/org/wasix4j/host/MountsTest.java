package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.READ;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.fs.SocketPlaces;
import org.wasix4j.types.Errno;
import org.wasix4j.types.ErrnoException;

/** Volumes in a tree, the working directory, and what is said about mistakes. */
class MountsTest {

    @TempDir Path host;
    private Path site;
    private Path data;

    @BeforeEach
    void start() throws IOException {
        site = Files.createDirectories(host.resolve("site"));
        data = Files.createDirectories(host.resolve("data"));
        Files.writeString(site.resolve("index.html"), "<p>");
        Files.writeString(data.resolve("db"), "rows");
    }

    @Test
    void a_volume_in_a_volume_is_reached_by_path_and_by_descriptor() {
        try (GuestFiles files =
                GuestFiles.with(
                        m -> m.withVolume(site, "/", false).withVolume(data, "/var/data", true))) {
            assertThat(files.content("index.html")).isEqualTo("<p>");
            assertThat(files.content("var/data/db")).isEqualTo("rows");
            assertThat(files.content("/var/data/../data/db")).isEqualTo("rows");
            assertThat(files.content("var/../index.html")).isEqualTo("<p>");
            assertThat(files.open(4, 0, "db", 0, READ, 0).errno()).isEqualTo(Errno.SUCCESS);
            assertThat(files.open(4, 0, "../../index.html", 0, READ, 0).errno())
                    .isEqualTo(Errno.SUCCESS);
            assertThat(files.open("var/data/new", CREAT, READ).errno()).isEqualTo(Errno.ROFS);
            assertThat(files.names(3, 4096))
                    .containsExactlyInAnyOrder(".", "..", "index.html", "var");
            int var = files.open("var", DIRECTORY, READ).ok();
            assertThat(files.names(var, 4096)).containsExactly(".", "..", "data");
            assertThat(files.open("var/new", CREAT, READ).errno()).isEqualTo(Errno.ROFS);
        }
    }

    @Test
    void mount_points_stay_where_they_are() throws IOException {
        Files.createDirectories(site.resolve("a/data"));
        try (GuestFiles files =
                GuestFiles.with(
                        m -> m.withVolume(site, "/", false).withVolume(data, "/a/data", false))) {
            assertThat(files.rename("a/data", "b")).isEqualTo(Errno.BUSY);
            assertThat(files.rename("a", "b")).isEqualTo(Errno.BUSY);
            assertThat(files.path("path_remove_directory", "a/data")).isEqualTo(Errno.BUSY);
            assertThat(files.rename("index.html", "a/data/x")).isEqualTo(Errno.XDEV);
            assertThat(files.link("index.html", "a/data/x")).isEqualTo(Errno.XDEV);
        }
    }

    @Test
    void what_no_volume_covers_does_not_exist() {
        try (GuestFiles files = GuestFiles.with(m -> m.withVolume(data, "/srv/data", false))) {
            assertThat(files.content("/srv/data/db")).isEqualTo("rows");
            assertThat(files.tryOpen("/etc/passwd")).isEqualTo(Errno.NOENT);
            assertThat(files.tryOpen("../other")).isEqualTo(Errno.NOTCAPABLE);
            assertThat(files.tryOpen("..")).isEqualTo(Errno.SUCCESS);
            assertThat(files.tryOpen("/../../srv/data/db")).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void the_working_directory_starts_where_it_is_set_and_moves() throws IOException {
        Files.createDirectories(site.resolve("a/b"));
        Files.createSymbolicLink(site.resolve("l"), Path.of("a/b"));
        try (GuestFiles files =
                GuestFiles.with(m -> m.withVolume(site, "/", false).withWorkingDirectory("/a"))) {
            assertThat(cwd(files)).isEqualTo("/a");
            assertThat(chdir(files, "b")).isEqualTo(Errno.SUCCESS);
            assertThat(cwd(files)).isEqualTo("/a/b");
            assertThat(chdir(files, "../..")).isEqualTo(Errno.SUCCESS);
            assertThat(cwd(files)).isEqualTo("/");
            assertThat(chdir(files, "l")).isEqualTo(Errno.SUCCESS);
            assertThat(cwd(files)).isEqualTo("/a/b");
            assertThat(chdir(files, "nowhere")).isEqualTo(Errno.NOENT);
            assertThat(chdir(files, "/index.html")).isEqualTo(Errno.NOTDIR);
            assertThat(chdir(files, "")).isEqualTo(Errno.NOENT);
            assertThat(cwd(files)).isEqualTo("/a/b");
        }
    }

    @Test
    void getcwd_tells_how_much_room_it_needs() {
        try (GuestFiles files =
                GuestFiles.with(
                        m -> m.withVolume(data, "/data", false).withWorkingDirectory("/data"))) {
            HostHarness guest = files.guest;
            int size = guest.alloc(4);
            int buffer = guest.alloc(8);
            guest.i32(size, 5);
            assertThat(guest.call("getcwd", buffer, size)).isEqualTo(Errno.RANGE);
            assertThat(guest.i32(size)).isEqualTo(6);
            assertThat(guest.call("getcwd", buffer, size)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.i32(size)).isEqualTo(5);
            assertThat(guest.text(buffer, 6)).isEqualTo("/data\0");
            assertThat(guest.u8(buffer + 6)).isEqualTo(0xEE);
        }
    }

    @Test
    void mistakes_are_reported_in_a_sentence() {
        assertThatThrownBy(() -> volume(host.resolve("none"), "/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none")
                .hasMessageContaining("noent");
        assertThatThrownBy(() -> volume(data.resolve("db"), "/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("notdir");
        assertThatThrownBy(() -> volume(data, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                Mounts.builder()
                                        .withVolume(data, "/x", false)
                                        .withVolume(site, "x/", false)
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two volumes at /x");
        assertThatThrownBy(
                        () ->
                                Mounts.builder()
                                        .withVolume(data, "/x", false)
                                        .withWorkingDirectory("/y")
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/y");
    }

    private static void volume(Path directory, String guest) {
        Mounts.builder().withVolume(directory, guest, false).build();
    }

    @Test
    void a_volume_stays_granted_when_the_host_replaces_its_directory() throws IOException {
        try (GuestFiles files = GuestFiles.at(data)) {
            Files.move(data, host.resolve("old"));
            Files.createSymbolicLink(data, site);
            assertThat(files.content("db")).isEqualTo("rows");
            assertThat(files.tryOpen("index.html")).isEqualTo(Errno.NOENT);
        }
    }

    @Test
    void a_unix_socket_finds_its_place_by_the_same_walk() throws IOException {
        Path deep = data;
        for (int i = 0; i < 12; i++) {
            deep = Files.createDirectory(deep.resolve("a-long-directory-name"));
        }
        String folder = "/" + data.relativize(deep);
        Files.createSymbolicLink(data.resolve("run"), Path.of(folder.substring(1)));
        try (Mounts mounts = Mounts.builder().withVolume(data, "/", false).build()) {
            SocketPlaces places = new SocketPlaces(mounts);
            Path bound =
                    places.at(
                            "/run/socket",
                            false,
                            place -> {
                                assertThat(place.guestPath()).isEqualTo(folder + "/socket");
                                assertThat(place.readOnly()).isFalse();
                                try (ServerSocketChannel server =
                                        ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                                    server.bind(UnixDomainSocketAddress.of(place.path()));
                                }
                                return place.path();
                            },
                            place -> null);
            assertThat(bound.toString()).hasSizeLessThan(60);
            assertThat(deep.resolve("socket")).exists();
            assertThatThrownBy(() -> places.at("../../etc/x/y", false, p -> null, p -> null))
                    .isInstanceOf(ErrnoException.class);
            assertThatThrownBy(() -> places.at("/run/..", false, p -> null, p -> null))
                    .isSameAs(Errno.ISDIR.exception());
        }
    }

    @Test
    void a_fork_has_the_volumes_and_a_working_directory_of_its_own() throws IOException {
        Files.createDirectories(site.resolve("a"));
        Mounts parent = Mounts.builder().withVolume(site, "/", false).build();
        parent.changeDirectory("/a");
        Mounts child = parent.fork();
        child.changeDirectory("..");
        assertThat(parent.workingDirectory()).isEqualTo("/a");
        assertThat(child.workingDirectory()).isEqualTo("/");
        parent.close();
        child.changeDirectory("a");
        child.close();
        assertThatThrownBy(() -> child.changeDirectory("/")).isSameAs(Errno.BADF.exception());
    }

    private static Errno chdir(GuestFiles files, String path) {
        return files.guest.call("chdir", files.guest.string(path), HostHarness.length(path));
    }

    private static String cwd(GuestFiles files) {
        HostHarness guest = files.guest;
        int size = guest.alloc(4);
        int buffer = guest.alloc(100);
        guest.i32(size, 100);
        guest.ok("getcwd", buffer, size);
        return guest.text(buffer, guest.i32(size));
    }
}
