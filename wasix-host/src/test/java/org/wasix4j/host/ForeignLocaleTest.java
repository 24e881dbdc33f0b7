package org.wasix4j.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.system.fs.FileErrors;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.types.Errno;

/**
 * Guests in a JVM of another locale: of C, as in a container, where it takes ASCII only for a name
 * of a file; and of another language, where errors have other names.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ForeignLocaleTest {

    private static final String FOLDER = "gr\u00fcn";
    private static final String FILE = "\u6587\u4ef6";
    private static final String ODD = "100% \u00df?#";

    @Test
    void the_names_of_a_guest_are_utf_8_in_every_locale(@TempDir Path folder) throws Exception {
        assumeTrue("UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding")));
        Files.createDirectory(folder.resolve(FOLDER));
        Files.writeString(folder.resolve(FOLDER).resolve(FILE), "found");
        assertThat(
                        OtherJvm.run(
                                List.of(),
                                List.of(),
                                Map.of("LC_ALL", "C"),
                                Guest.class,
                                folder.toString()))
                .containsExactly("another locale: true", "done");
        assertThat(folder.resolve(FOLDER).resolve(ODD)).hasContent("made");
        assertThat(Files.readSymbolicLink(folder.resolve("link"))).isEqualTo(Path.of(FOLDER, FILE));
        assertThat(folder.resolve(FOLDER).resolve("new " + FOLDER)).isDirectory();
    }

    @Test
    void names_of_unix_sockets_are_utf_8_in_every_locale(@TempDir Path folder) throws Exception {
        assertThat(
                        OtherJvm.run(
                                List.of(),
                                List.of(),
                                Map.of("LC_ALL", "C"),
                                UnixGuest.class,
                                folder.toString()))
                .containsExactly(
                        "datagrams: success",
                        "a stream: success",
                        "a peer with such a name: again",
                        "a peer without a name: success");
        // also where this JVM has no letters for them
        assertThat(Path.of(URI.create(folder.toUri() + "dgr%c3%bcn"))).exists();
        assertThat(Path.of(URI.create(folder.toUri() + "sgr%c3%bcn"))).exists();
    }

    /** The JVM hands on what the C library says, and that speaks the language of the user. */
    @Test
    void errors_are_distinguished_in_every_language() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo")));
        List<String> said =
                OtherJvm.run(
                        List.of(),
                        List.of(),
                        Map.of("LC_ALL", "C.UTF-8", "LANGUAGE", "de"),
                        Speaker.class);
        assumeTrue(said.get(0).equals("another language: true"), said.toString());
        assertThat(said)
                .containsExactly(
                        "another language: true",
                        "bind: addrinuse",
                        "bind elsewhere: addrnotavail",
                        "a file as a directory: notdir",
                        "a full device: nospc",
                        "too long a name: nametoolong");
    }

    /** A guest, and what the host's own files answer it, in a JVM that speaks German. */
    static final class Speaker {

        private Speaker() {}

        private interface Action {
            void run() throws IOException;
        }

        private static IOException thrown(Action action) {
            try {
                action.run();
                throw new AssertionError("nothing was thrown");
            } catch (IOException e) {
                return e;
            }
        }

        public static void main(String[] args) throws IOException {
            IOException notDirectory =
                    thrown(() -> Files.newByteChannel(Path.of("/dev/null/x")).close());
            System.out.println(
                    "another language: " + !notDirectory.getMessage().contains("Not a directory"));
            try (HostHarness guest =
                            HostHarness.create(p -> p.withPolicy(NetworkPolicy.allowAll()));
                    ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                SocketCalls calls = new SocketCalls(guest);
                System.out.println(
                        "bind: " + calls.bind(calls.tcp(), "127.0.0.1", other.getLocalPort()));
                System.out.println("bind elsewhere: " + calls.bind(calls.tcp(), "192.0.2.1", 0));
            }
            System.out.println("a file as a directory: " + FileErrors.errno(notDirectory));
            try (FileChannel full =
                    FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
                System.out.println(
                        "a full device: "
                                + FileErrors.errno(
                                        thrown(() -> full.write(ByteBuffer.allocate(1)))));
            }
            Path longName = Path.of("/" + "x".repeat(300));
            System.out.println(
                    "too long a name: "
                            + FileErrors.errno(
                                    thrown(() -> Files.newByteChannel(longName).close())));
        }
    }

    /** A guest with unix sockets in that JVM, and peers of it. */
    static final class UnixGuest {

        private UnixGuest() {}

        /** The JVM binds and connects it, and then fails to read its name back from the kernel. */
        private static SocketChannel named(Path folder, String name, SocketAddress listener)
                throws IOException {
            SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX);
            String bytes = new String(name.getBytes(UTF_8), ISO_8859_1);
            StringBuilder uri = new StringBuilder(folder.toUri().toString());
            bytes.chars().forEach(c -> uri.append("%%%02x".formatted(c)));
            try {
                peer.bind(UnixDomainSocketAddress.of(Path.of(URI.create(uri.toString()))));
            } catch (InvalidPathException e) {
                // expected in this locale
            }
            try {
                peer.connect(listener);
            } catch (InvalidPathException e) {
                // here too
            }
            return peer;
        }

        public static void main(String[] args) throws IOException {
            Path folder = Path.of(args[0]);
            Mounts mounts = Mounts.builder().withVolume(folder, "/", false).build();
            try (HostHarness guest =
                    HostHarness.create(mounts, p -> p.withPolicy(NetworkPolicy.allowAll()))) {
                SocketCalls sockets = new SocketCalls(guest);
                mounts.preopen(guest.process().descriptors());
                int datagrams = sockets.open(SocketCalls.UNIX, SocketCalls.DGRAM);
                Errno bound = guest.call("sock_bind", datagrams, sockets.address("/d" + FOLDER));
                System.out.println("datagrams: " + bound);
                int listener = sockets.open(SocketCalls.UNIX, SocketCalls.STREAM);
                bound = guest.call("sock_bind", listener, sockets.address("/s" + FOLDER));
                System.out.println("a stream: " + bound);
                guest.ok("sock_listen", listener, 8);
                guest.ok("fd_fdstat_set_flags", listener, SocketCalls.NONBLOCK);
                Path link = folder.resolve("link");
                Files.createSymbolicLink(link, Path.of(URI.create(folder.toUri() + "sgr%c3%bcn")));
                UnixDomainSocketAddress address = UnixDomainSocketAddress.of(link);
                try (SocketChannel named = named(folder, "p" + FOLDER, address)) {
                    System.out.println("a peer with such a name: " + sockets.tryAccept(listener));
                }
                try (SocketChannel unnamed = SocketChannel.open(address)) {
                    System.out.println("a peer without a name: " + sockets.tryAccept(listener));
                }
            }
        }
    }

    /** The guest in that JVM. */
    static final class Guest {

        private Guest() {}

        public static void main(String[] args) throws IOException {
            System.out.println(
                    "another locale: "
                            + !"UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding")));
            try (GuestFiles files = GuestFiles.at(Path.of(args[0]))) {
                assertThat(files.content(FOLDER + "/" + FILE)).isEqualTo("found");
                files.create(FOLDER + "/" + FILE + ODD, "made");
                assertThat(files.rename(FOLDER + "/" + FILE + ODD, FOLDER + "/" + ODD))
                        .isEqualTo(Errno.SUCCESS);
                assertThat(files.symlink(FOLDER + "/" + FILE, "link")).isEqualTo(Errno.SUCCESS);
                assertThat(files.readlink("link", 100)).isEqualTo(FOLDER + "/" + FILE);
                assertThat(files.content("link")).isEqualTo("found");
                assertThat(files.path("path_create_directory", FOLDER + "/new " + FOLDER))
                        .isEqualTo(Errno.SUCCESS);
                assertThat(files.tryOpen(FOLDER + "/" + FOLDER)).isEqualTo(Errno.NOENT);
                int fd = files.open(FOLDER, GuestFiles.DIRECTORY, GuestFiles.READ).ok();
                assertThat(files.names(fd, 4096))
                        .containsExactlyInAnyOrder(".", "..", FILE, ODD, "new " + FOLDER);
                files.close(fd);
                assertThat(files.path("path_create_directory", "gone " + FOLDER))
                        .isEqualTo(Errno.SUCCESS);
                assertThat(files.path("path_remove_directory", "gone " + FOLDER))
                        .isEqualTo(Errno.SUCCESS);
            }
            System.out.println("done");
        }
    }
}
