package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.system.fs.KeptPlace;
import org.wasix4j.system.fs.KeptPlace.Extent;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;

/** Folders of the host in which no guest may write, whatever was granted. */
class KeptPlacesTest {

    @TempDir Path host;
    private Path above;
    private Path kept;
    private Path inside;

    @BeforeEach
    void start() throws IOException {
        above = Files.createDirectories(host.resolve("granted"));
        kept = Files.createDirectories(above.resolve("a/kept"));
        inside = Files.createDirectories(kept.resolve("inside"));
        Files.writeString(kept.resolve("file"), "kept");
        Files.writeString(inside.resolve("file"), "kept");
        Files.createSymbolicLink(host.resolve("link"), kept);
    }

    private static KeptPlace place(Path folder, Extent extent) {
        return new KeptPlace(folder, "the thing", extent);
    }

    private static void build(Path granted, boolean readOnly, KeptPlace place) {
        Mounts.builder()
                .withVolume(granted, "/g", readOnly)
                .withKeptPlaces(List.of(place))
                .build()
                .close();
    }

    private static void refuses(Path granted, KeptPlace place) {
        assertThatThrownBy(() -> build(granted, false, place))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the guest may write in " + granted)
                .hasMessageContaining("the thing is " + place.folder());
        build(granted, true, place);
    }

    @Test
    void a_grant_of_the_folder_is_refused_by_whatever_path() {
        for (Extent extent : Extent.values()) {
            refuses(kept, place(kept, extent));
            refuses(kept, place(host.resolve("link"), extent));
        }
    }

    @Test
    void a_grant_of_what_is_in_it_is_refused_where_it_is_kept_as_a_whole() {
        refuses(inside, place(kept, Extent.TREE));
        build(inside, false, place(kept, Extent.FOLDER));
        build(inside, false, place(kept, Extent.FILE));
    }

    @Test
    void a_grant_that_leads_to_a_kept_file_is_refused() {
        refuses(above, place(kept, Extent.FILE));
        refuses(above.resolve("a"), place(kept, Extent.FILE));
    }

    @Test
    void a_folder_that_is_not_there_keeps_nobody_out() {
        build(above, false, place(host.resolve("none"), Extent.TREE));
    }

    @Test
    void in_a_grant_that_contains_it_the_guest_cannot_enter_or_move_it() {
        for (Extent extent : List.of(Extent.TREE, Extent.FOLDER)) {
            KeptPlace place = place(kept, extent);
            try (GuestFiles files =
                    GuestFiles.with(
                            m -> m.withVolume(above, "/", false).withKeptPlaces(List.of(place)))) {
                assertThat(files.names(3, 4096)).contains("a");
                assertThat(files.stat("a/kept").type()).isEqualTo(3);
                assertThat(files.open("a/kept", DIRECTORY, READ).errno()).isEqualTo(Errno.ACCES);
                assertThat(files.tryOpen("a/kept/file")).isEqualTo(Errno.ACCES);
                assertThat(files.open("a/kept/new", CREAT, WRITE).errno()).isEqualTo(Errno.ACCES);
                assertThat(files.tryOpen("a/kept/inside/file")).isEqualTo(Errno.ACCES);
                assertThat(files.guest.call("chdir", files.guest.string("/a/kept"), 7))
                        .isEqualTo(Errno.ACCES);
                assertThat(files.rename("a/kept", "b")).isEqualTo(Errno.BUSY);
                assertThat(files.rename("a", "b")).isEqualTo(Errno.BUSY);
                assertThat(files.path("path_remove_directory", "a/kept")).isEqualTo(Errno.BUSY);
                files.create("a/own", "x");
                assertThat(files.content("a/own")).isEqualTo("x");
            }
        }
    }

    @Test
    void for_reading_it_is_a_folder_as_any_other() {
        try (GuestFiles files =
                GuestFiles.with(
                        m ->
                                m.withVolume(above, "/", true)
                                        .withKeptPlaces(List.of(place(kept, Extent.TREE))))) {
            assertThat(files.content("a/kept/file")).isEqualTo("kept");
        }
    }

    @Test
    void another_mount_of_the_same_folder_is_the_same_folder() throws Exception {
        Path other = Files.createDirectories(host.resolve("other/mount"));
        Assumptions.assumeTrue(
                run("mount", "--bind", kept.toString(), other.toString()), "needs root");
        try {
            refuses(other, place(kept, Extent.TREE));
            refuses(other, place(kept, Extent.FOLDER));
            refuses(other, place(kept, Extent.FILE));
            refuses(other.getParent(), place(kept, Extent.FILE));
            try (GuestFiles files =
                    GuestFiles.with(
                            m ->
                                    m.withVolume(other.getParent(), "/", false)
                                            .withKeptPlaces(List.of(place(kept, Extent.FOLDER))))) {
                assertThat(files.tryOpen("mount/file")).isEqualTo(Errno.ACCES);
            }
        } finally {
            run("umount", other.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command).start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
