package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.testmodules.TestModule;

/** {@code --listen}, {@code --dial}, {@code --ready-file}, {@code --max-sockets}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixRunSocketsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private String guest() {
        return TestModule.named("preopened-echo").copyTo(folder).toString();
    }

    private int run(String... args) {
        return WasixRun.execute(args, new ByteArrayInputStream(new byte[0]), out, err);
    }

    private CompletableFuture<Integer> start(String... args) {
        return CompletableFuture.supplyAsync(() -> run(args));
    }

    /** Has the guest echo once, so that it ends. */
    private static void useUp(int port) throws IOException {
        try (Socket client = new Socket("127.0.0.1", port)) {
            OutputStream sink = client.getOutputStream();
            sink.write("ping".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString(US_ASCII).isEqualTo("ping");
        }
    }

    @Test
    void an_ephemeral_port_is_reported_on_standard_error() throws Exception {
        CompletableFuture<Integer> code = start("--listen", "127.0.0.1:0", guest(), "block");
        await().atMost(SOON).until(() -> err.toString(UTF_8).endsWith("\n"));
        String line = err.toString(UTF_8);
        assertThat(line).matches("wasix-run: listening on 127\\.0\\.0\\.1:\\d+\n");
        useUp(Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip()));
        assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("socket 3\n");
    }

    @Test
    void a_program_listens_at_a_path_of_the_host_which_goes_with_it_or_was_left_by_another()
            throws Exception {
        Path path = folder.resolve("socket");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        // left by a server that was killed
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address).close();
        assertThat(path).exists();
        Path ready = folder.resolve("ready");
        CompletableFuture<Integer> code =
                start("--ready-file=" + ready, "--listen=unix:" + path, guest(), "block");
        await().atMost(SOON).until(() -> Files.exists(ready));
        assertThat(Files.readString(ready)).isEqualTo("unix:" + path + "\n");
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap("ping".getBytes(US_ASCII)));
            assertThat(Channels.newInputStream(client).readNBytes(4))
                    .asString(US_ASCII)
                    .isEqualTo("ping");
        }
        assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void what_is_no_place_to_listen_is_reported() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "text");
        assertThat(run("--listen=unix:" + file, guest())).isEqualTo(126);
        Path taken = folder.resolve("taken");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(taken));
            assertThat(run("--listen=unix:" + taken, guest())).isEqualTo(126);
        }
        assertThat(run("--listen=unix:", guest())).isEqualTo(2);
        assertThat(run("--listen=inherited", guest())).isEqualTo(126);
        assertThat(err.toString(UTF_8))
                .contains("unix:" + file + ": the file exists and is not a socket")
                .contains("unix:" + taken + ": another program listens there")
                .contains("'unix:' has no path")
                .contains("standard input is not a listening socket");
        assertThat(file).hasContent("text");
    }

    @Test
    void a_port_that_is_taken_is_reported_with_who_has_it() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String place = "127.0.0.1:" + taken.getLocalPort();
            String holder =
                    ": the port is in use by process " + ProcessHandle.current().pid() + " (";
            assertThat(run("--listen=" + place, guest())).isEqualTo(126);
            assertThat(err.toString(UTF_8))
                    .startsWith("wasix-run: cannot listen on " + place + holder);
            err.reset();
            assertThat(run("--metrics=" + place, guest())).isEqualTo(126);
            assertThat(err.toString(UTF_8)).contains(holder);
            err.reset();
            String hello = TestModule.named("http-hello").copyTo(folder).toString();
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run("--net", hello, port, "127.0.0.1")).isEqualTo(1);
            assertThat(err.toString(UTF_8)).contains("wasix-run: bind " + place + holder);
        }
    }

    @Test
    void the_ready_file_is_there_as_long_as_the_guest_listens() throws Exception {
        String second = Ipv6.isAvailable() ? "[::1]" : "127.0.0.1";
        Path ready = Files.writeString(folder.resolve("ready"), "left by an earlier run");
        CompletableFuture<Integer> code =
                start(
                        "-q",
                        "--listen=127.0.0.1:0",
                        "--listen=" + second + ":0",
                        "--ready-file=" + ready,
                        guest(),
                        "block");
        await().atMost(SOON)
                .until(() -> Files.exists(ready) && Files.readAllLines(ready).size() == 2);
        assertThat(Files.readString(ready))
                .matches("127\\.0\\.0\\.1:\\d+\n" + Pattern.quote(second) + ":\\d+\n");
        String first = Files.readAllLines(ready).get(0);
        useUp(Integer.parseInt(first.substring(first.indexOf(':') + 1)));
        assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(ready).doesNotExist();
        try (var left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactly("preopened-echo.wasm");
        }
        assertThat(err.toString(UTF_8)).as("quiet").isEmpty();
    }

    @Test
    void a_ready_file_that_is_no_file_is_wrong_usage() {
        assertThat(run("--ready-file", folder.toString(), guest())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains(folder.toString()).contains("not a regular file");
    }

    @Test
    void a_ready_file_in_no_folder_is_wrong_usage() {
        assertThat(run("--ready-file", folder + "/none/ready", guest())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("/none/ready").contains("its folder");
    }

    @Test
    void dialling_gives_a_connection() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            CompletableFuture<Integer> code =
                    start("--dial", "127.0.0.1:" + server.getLocalPort(), guest(), "dial");
            try (Socket peer = server.accept()) {
                assertThat(peer.getInputStream().readAllBytes()).asString().isEqualTo("hello");
            }
            assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void a_port_that_is_taken_ends_with_126() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThat(run("--listen", ":" + port, guest())).isEqualTo(126);
            assertThat(err.toString(UTF_8))
                    .startsWith("wasix-run: cannot listen on 0.0.0.0:" + port);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--listen, 80x, '''80x'' is not [HOST]:PORT'",
        "--listen, ::1:80, '''::1:80'' is not [HOST]:PORT'",
        "--listen, localhost:70000, between 0 and 65535",
        "--listen, name.invalid:80, there is no host name.invalid",
        "--dial, :80, ''':80'' is not HOST:PORT'",
        "--dial, localhost:0, between 1 and 65535",
        "--shutdown-timeout, soon, '''soon'' is not a time'",
        "--max-sockets, few, '''few'''"
    })
    void what_is_no_value_is_named(String option, String value, String clause) {
        assertThat(run(option, value, guest())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains(option).contains(clause);
    }

    @Test
    void the_limit_of_sockets_is_the_guests_errno() {
        String server = TestModule.named("echo-server").copyTo(folder).toString();
        assertThat(run("--net", "--max-sockets=0", server, "0", "127.0.0.1")).isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("mfile");
    }
}
