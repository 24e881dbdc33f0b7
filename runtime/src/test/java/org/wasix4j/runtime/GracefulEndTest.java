package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.testmodules.TestModule;

/** {@code stop} and SIGTERM: nobody new comes in, who is there is served, and then it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GracefulEndTest {

    /** So long that a test which needs it all fails by its own time limit. */
    private static final Duration AGES = Duration.ofMinutes(10);

    private static final int CLIENTS = 64;
    private static final int SIZE = 400_000;

    @TempDir Path folder;

    private static CompletableFuture<ExitStatus> stop(WasixProcess process, Duration grace) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return process.stop(grace);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static void awaitRefusal(int port) {
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () ->
                                assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                                        .isInstanceOf(ConnectException.class));
    }

    private static void assertKilledBy15(ExitStatus status) {
        assertThat(status.kind()).as(status.toString()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(status.shellCode()).isEqualTo(143);
    }

    @Test
    void a_server_without_clients_ends_at_once() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1")) {
            int port = guest.port();
            assertKilledBy15(guest.process().stop(AGES));
            awaitRefusal(port);
        }
    }

    @Test
    void a_guest_that_computes_for_ever_and_serves_nobody_ends_at_once() throws Exception {
        WasixProcess process = WasixRuntime.builder().build().start(Guests.compiled("loop"));
        assertKilledBy15(process.stop(AGES));
    }

    @Test
    void a_connection_that_is_kept_open_between_requests_does_not_hold_it_up() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1");
                HttpClientSocket fresh = new HttpClientSocket(guest.port());
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            assertKilledBy15(guest.process().stop(AGES));
            assertThat(client.isAtEnd()).isTrue();
            assertThat(fresh.isAtEnd()).isTrue();
        }
    }

    @Test
    void a_request_that_came_in_part_may_come_to_its_end() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1");
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            client.get("/").answer();
            client.send("GET / HTTP/1.1\r\nHo");
            int port = guest.port();
            CompletableFuture<ExitStatus> end = stop(guest.process(), AGES);
            awaitRefusal(port);
            assertThat(guest.process().isAlive()).isTrue();
            client.send("st: test\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(200);
            assertKilledBy15(end.get(60, TimeUnit.SECONDS));
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void a_peer_that_is_never_answered_holds_it_up_for_the_grace_and_no_longer() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1");
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            client.get("/").answer();
            client.send("GET / HT");
            assertKilledBy15(guest.process().stop(Duration.ofSeconds(1)));
        }
    }

    @Test
    void clients_that_ask_on_and_on_get_whole_answers_until_the_time_is_up() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1")) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            int port = guest.port();
            for (int i = 0; i < 4; i++) {
                clients.add(CompletableFuture.runAsync(() -> askOnAndOn(port, answers)));
            }
            await().atMost(Guest.SOON).until(() -> answers.get() > 100);
            assertKilledBy15(guest.process().stop(Duration.ofSeconds(2)));
            for (CompletableFuture<Void> client : clients) {
                client.get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** Asks until the server has ended the connection; an answer that began has to be whole. */
    private static void askOnAndOn(int port, AtomicInteger answers) {
        try (HttpClientSocket client = new HttpClientSocket(port)) {
            for (; ; ) {
                client.get("/");
                assertThat(client.answer().status()).isEqualTo(200);
                answers.incrementAndGet();
            }
        } catch (EOFException e) {
            assertThat(e).hasMessage("after []");
        } catch (SocketException e) {
            // the request met a connection that was ended before
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_guest_that_handles_the_signal_ends_as_it_likes() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasixProcess process =
                WasixRuntime.builder().withStdout(out).build().start(Guests.compiled("signal"));
        await().until(() -> out.size() > 0);
        ExitStatus status = process.stop(AGES);
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.EXITED);
        assertThat(status.code()).isEqualTo(55);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 15})
    void a_handler_that_aborts_is_none(int signal) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasixProcess process =
                WasixRuntime.builder()
                        .withStdout(out)
                        .build()
                        .start(Guests.compiled("signal-abort"));
        await().until(() -> out.size() > 0);
        ExitStatus status = process.stop(signal, AGES);
        assertThat(status.kind()).as(status.toString()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(status.shellCode()).isEqualTo(128 + signal);
        assertThat(out.toString(UTF_8)).startsWith("ready\n");
    }

    @Test
    void without_any_grace_it_ends_at_once() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1");
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            client.send("GET / HT");
            assertKilledBy15(guest.process().stop(Duration.ZERO));
        }
    }

    @Test
    void sigterm_under_64_clients_in_flight_cuts_no_answer_short() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(3).nextBytes(content);
        Files.write(folder.resolve("file.bin"), content);
        Path ready = folder.resolve("ready");
        Process command =
                command(
                        "--net",
                        "--shutdown-timeout=60s",
                        "--ready-file=" + ready,
                        "--dir=" + folder + "::/site",
                        TestModule.named("http-hello").copyTo(folder).toString(),
                        "-d",
                        "/site",
                        "0",
                        "127.0.0.1");
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ready));
            String line = Files.readString(ready).strip();
            int port = Integer.parseInt(line.substring(line.indexOf(':') + 1));
            List<HttpClientSocket> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new HttpClientSocket(port).get("/file.bin"));
            }
            // half of them have begun to read, and then the file is more than what fits in between
            for (int i = 0; i < CLIENTS; i += 2) {
                assertThat(clients.get(i).begin()).isEqualTo('H');
            }
            command.toHandle().destroy(); // SIGTERM
            awaitRefusal(port);
            for (HttpClientSocket client : clients) {
                assertThat(client.answer().bytes()).isEqualTo(content);
            }
            assertThat(command.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(command.exitValue()).isEqualTo(143);
            // what the JVM itself has to say is not the command's
            assertThat(new String(command.getErrorStream().readAllBytes(), UTF_8).lines())
                    .filteredOn(text -> !text.startsWith("WARNING: "))
                    .containsExactly("wasix-run: ended by signal 15");
            assertThat(ready).doesNotExist();
            for (HttpClientSocket client : clients) {
                assertThat(client.isAtEnd()).isTrue();
                client.close();
            }
        } finally {
            command.destroyForcibly();
        }
    }

    @Test
    void a_second_signal_ends_the_command_at_once() throws Exception {
        Path ready = folder.resolve("ready");
        Process command =
                command(
                        "--net",
                        "--shutdown-timeout=10m",
                        "--ready-file=" + ready,
                        TestModule.named("http-hello").copyTo(folder).toString(),
                        "0",
                        "127.0.0.1");
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ready));
            String line = Files.readString(ready).strip();
            int port = Integer.parseInt(line.substring(line.indexOf(':') + 1));
            try (HttpClientSocket client = new HttpClientSocket(port)) {
                client.get("/").answer();
                client.send("GET / HT");
                command.toHandle().destroy();
                awaitRefusal(port);
                assertThat(command.isAlive()).isTrue();
                command.toHandle().destroy();
                assertThat(command.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(command.exitValue()).isEqualTo(143);
            }
        } finally {
            command.destroyForcibly();
        }
    }

    private Process command(String... arguments) throws IOException {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path")
                                        + File.pathSeparator
                                        + System.getProperty("surefire.test.class.path", ""),
                                "org.wasix4j.cli.WasixRun"));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }
}
