package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasix4j.host.GuestFiles.BOTH;
import static org.wasix4j.host.GuestFiles.CREAT;
import static org.wasix4j.host.GuestFiles.DIRECTORY;
import static org.wasix4j.host.GuestFiles.READ;
import static org.wasix4j.host.GuestFiles.TRUNC;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;

/**
 * Renames between check and act: one thread turns {@code d} from a directory into a link that leads
 * outside and back, as fast as it can, while others use paths through it. How long they do, in
 * seconds, is the system property {@code wasix4j.race.seconds}.
 */
class EscapeRaceTest {

    private static final long SECONDS = Long.getLong("wasix4j.race.seconds", 3);
    private static final String SECRET = "secret";

    @TempDir Path host;
    private Path root;
    private Path outside;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(host.resolve("volume"));
        outside = Files.createDirectories(host.resolve("outside"));
        Files.writeString(outside.resolve("file"), SECRET);
        Files.createDirectories(root.resolve("d"));
        Files.writeString(root.resolve("d/file"), "mine");
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    }

    /** Turns {@code d} into a link and back until it is stopped. */
    private static Callable<Integer> swapper(GuestFiles guest, AtomicBoolean stop) {
        // made once: a guest's memory is not given back
        int d = guest.guest.string("d");
        int kept = guest.guest.string("kept");
        int text = guest.guest.string("../outside");
        return () -> {
            HostHarness harness = guest.guest;
            int rounds = 0;
            while (!stop.get()) {
                harness.ok("path_rename", 3, d, 1, 3, kept, 4);
                harness.ok("path_symlink", text, 10, 3, d, 1);
                harness.ok("path_unlink_file", 3, d, 1);
                harness.ok("path_rename", 3, kept, 4, 3, d, 1);
                rounds++;
            }
            return rounds;
        };
    }

    @Test
    void the_naive_resolver_is_led_outside() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (GuestFiles guest = GuestFiles.at(root)) {
            CompletableFuture<Integer> swaps = guest.guest.spawn(swapper(guest, stop));
            boolean escaped = false;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!escaped && System.nanoTime() < end) {
                try {
                    // checks that the directory is no link, then opens
                    if (!Files.isSymbolicLink(root.resolve("d"))) {
                        escaped = Files.readString(root.resolve("d/file")).equals(SECRET);
                    }
                } catch (IOException e) {
                    // between two steps of the swap
                }
            }
            stop.set(true);
            assertThat(swaps.join()).isPositive();
            assertThat(escaped).isTrue();
        }
    }

    @Test
    @Timeout(300)
    void a_second_thread_that_renames_leads_nobody_outside() throws Exception {
        try (GuestFiles guest = GuestFiles.at(root)) {
            race(guest, List.of(guest));
        }
    }

    @Test
    @Timeout(300)
    void a_second_guest_that_shares_the_volume_leads_nobody_outside() throws Exception {
        try (GuestFiles swapping = GuestFiles.preview1(root);
                GuestFiles wasix = GuestFiles.at(root);
                GuestFiles preview1 = GuestFiles.preview1(root)) {
            race(swapping, List.of(wasix, preview1));
        }
    }

    private void race(GuestFiles swapping, List<GuestFiles> guests) throws Exception {
        for (GuestFiles guest : List.of(swapping, guests.get(0), guests.get(guests.size() - 1))) {
            // opens what an open directory opens once
            guest.symlink("x", "l");
            guest.path("path_unlink_file", "l");
        }
        long before = WasixFilesTest.openDescriptors();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger acts = new AtomicInteger();
        CompletableFuture<Integer> swaps = swapping.guest.spawn(swapper(swapping, stop));
        List<CompletableFuture<Object>> done = new ArrayList<>();
        for (GuestFiles guest : guests) {
            done.add(guest.guest.spawn(() -> attack(guest, acts)));
        }
        try {
            done.forEach(CompletableFuture::join);
        } finally {
            stop.set(true);
        }
        assertThat(swaps.join()).isGreaterThan(50);
        assertThat(acts).hasValueGreaterThan(50);
        try (var list = Files.list(outside)) {
            assertThat(list).containsExactly(outside.resolve("file"));
        }
        assertThat(outside.resolve("file")).hasContent(SECRET);
        assertThat(Files.getAttribute(outside.resolve("file"), "unix:nlink")).isEqualTo(1);
        assertThat(WasixFilesTest.openDescriptors()).isLessThanOrEqualTo(before);
        for (GuestFiles guest : guests) {
            assertThat(guest.guest.process().exitReason()).isNull();
            assertThat(guest.guest.process().descriptors().size()).isEqualTo(4);
        }
    }

    /** Everything that takes a path, through the directory that comes and goes. */
    private Object attack(GuestFiles guest, AtomicInteger acts) throws IOException {
        HostHarness harness = guest.guest;
        int file = harness.string("d/file");
        int made = harness.string("d/made");
        int dir = harness.string("d");
        int out = harness.alloc(64);
        int buffer = harness.alloc(16);
        int read = harness.iovec(buffer, 16);
        int evil = harness.iovec("evil");
        long secretInode = (Long) Files.getAttribute(outside.resolve("file"), "unix:ino");
        long outsideInode = (Long) Files.getAttribute(outside, "unix:ino");
        for (long end = deadline(); System.nanoTime() < end; acts.incrementAndGet()) {
            if (harness.call("path_open", 3, 1, file, 6, 0, READ, READ, 0, out) == Errno.SUCCESS) {
                int fd = harness.i32(out);
                // isdir: another guest's directory that was renamed to this name
                if (harness.call("fd_read", fd, read, 1, out) == Errno.SUCCESS) {
                    assertThat(harness.text(buffer, harness.i32(out))).isNotEqualTo(SECRET);
                }
                harness.ok("fd_close", fd);
            }
            if (harness.call("path_open", 3, 1, file, 6, CREAT | TRUNC, BOTH, BOTH, 0, out)
                    == Errno.SUCCESS) {
                int fd = harness.i32(out);
                harness.call("fd_write", fd, evil, 1, out);
                harness.ok("fd_close", fd);
            }
            if (harness.call("path_filestat_get", 3, 1, file, 6, out) == Errno.SUCCESS) {
                assertThat(harness.i64(out + 8)).isNotEqualTo(secretInode);
            }
            if (harness.call("path_open", 3, 1, dir, 1, DIRECTORY, READ, READ, 0, out)
                    == Errno.SUCCESS) {
                int fd = harness.i32(out);
                harness.ok("fd_filestat_get", fd, out);
                assertThat(harness.i64(out + 8)).isNotEqualTo(outsideInode);
                harness.ok("fd_close", fd);
            }
            harness.call("path_create_directory", 3, made, 6);
            harness.call("path_remove_directory", 3, made, 6);
            harness.call("path_symlink", file, 6, 3, made, 6);
            harness.call("path_unlink_file", 3, made, 6);
            harness.call("path_link", 3, 0, file, 6, 3, made, 6);
            harness.call("path_unlink_file", 3, made, 6);
            harness.call("path_rename", 3, file, 6, 3, made, 6);
            harness.call("path_rename", 3, made, 6, 3, file, 6);
            harness.call("path_filestat_set_times", 3, 1, file, 6, 1, 1, 5);
        }
        return null;
    }

    @Test
    @Timeout(120)
    void a_file_that_becomes_a_fifo_is_never_opened() throws Exception {
        Process made = new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start();
        org.junit.jupiter.api.Assumptions.assumeTrue(made.waitFor() == 0);
        Files.writeString(root.resolve("f"), "x", StandardOpenOption.CREATE);
        try (GuestFiles guest = GuestFiles.at(root)) {
            AtomicBoolean stop = new AtomicBoolean();
            HostHarness harness = guest.guest;
            int fifo = harness.string("fifo");
            int f = harness.string("f");
            int kept = harness.string("kept");
            CompletableFuture<Object> swaps =
                    harness.spawn(
                            () -> {
                                while (!stop.get()) {
                                    harness.ok("path_rename", 3, f, 1, 3, kept, 4);
                                    harness.ok("path_rename", 3, fifo, 4, 3, f, 1);
                                    harness.ok("path_rename", 3, f, 1, 3, fifo, 4);
                                    harness.ok("path_rename", 3, kept, 4, 3, f, 1);
                                }
                                return null;
                            });
            int out = harness.alloc(8);
            int opened = 0;
            for (long end = deadline(); System.nanoTime() < end; ) {
                Errno errno = harness.call("path_open", 3, 1, f, 1, 0, READ, READ, 0, out);
                assertThat(errno).isIn(Errno.SUCCESS, Errno.NOENT, Errno.NXIO);
                if (errno == Errno.SUCCESS) {
                    harness.ok("fd_close", harness.i32(out));
                    opened++;
                }
            }
            stop.set(true);
            swaps.join();
            assertThat(opened).isPositive();
            assertThat(Files.exists(root.resolve("f"), LinkOption.NOFOLLOW_LINKS)).isTrue();
        }
    }

    /**
     * connect(2) follows a link at the last step of a path; a name that is now a socket and now a
     * link must not take a guest to a socket of the host.
     */
    @Test
    @Timeout(300)
    void a_name_that_becomes_a_link_takes_no_connection_outside() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (ServerSocketChannel forbidden = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                GuestFiles swapping = GuestFiles.preview1(root);
                HostHarness guest = connecting()) {
            forbidden.bind(UnixDomainSocketAddress.of(outside.resolve("socket")));
            forbidden.configureBlocking(false);
            SocketCalls sockets = new SocketCalls(guest);
            int listener = sockets.open(UNIX, SocketCalls.STREAM);
            guest.ok("sock_bind", listener, new SocketCalls(guest).address("/s"));
            guest.ok("sock_listen", listener, 1000);
            sockets.nonBlocking(listener);
            CompletableFuture<Integer> swaps =
                    swapping.guest.spawn(socketSwapper(swapping.guest, stop));
            int name = new SocketCalls(guest).address("/s");
            int out = guest.alloc(4);
            int peer = guest.alloc(110);
            int connected = 0;
            long end = deadline();
            while (System.nanoTime() < end) {
                guest.ok("sock_open", UNIX, SocketCalls.STREAM, 0, out);
                int client = guest.i32(out);
                if (guest.call("sock_connect", client, name) == Errno.SUCCESS) {
                    connected++;
                    if (guest.call("sock_accept_v2", listener, 4, out, peer) == Errno.SUCCESS) {
                        guest.ok("fd_close", guest.i32(out));
                    }
                }
                guest.ok("fd_close", client);
                assertThat(forbidden.accept()).as("a connection that was not granted").isNull();
            }
            stop.set(true);
            assertThat(swaps.join()).isGreaterThan(50);
            assertThat(connected).isPositive();
        }
    }

    private static final int UNIX = SocketCalls.UNIX;

    private HostHarness connecting() {
        Mounts mounts = Mounts.builder().withVolume(root, "/", false).build();
        return HostHarness.create(mounts, process -> process.withPolicy(NetworkPolicy.allowAll()));
    }

    /** Turns the socket {@code s} into a link that leads outside and back. */
    private static Callable<Integer> socketSwapper(HostHarness guest, AtomicBoolean stop) {
        int s = guest.string("s");
        int kept = guest.string("kept-s");
        int text = guest.string("../outside/socket");
        return () -> {
            int rounds = 0;
            while (!stop.get()) {
                if (guest.call("path_rename", 3, s, 1, 3, kept, 6) == Errno.SUCCESS) {
                    guest.ok("path_symlink", text, 17, 3, s, 1);
                    guest.ok("path_rename", 3, kept, 6, 3, s, 1);
                    rounds++;
                }
            }
            return rounds;
        };
    }
}
