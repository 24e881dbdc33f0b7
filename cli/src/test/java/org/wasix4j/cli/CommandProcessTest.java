package org.wasix4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.Guests;
import org.wasix4j.runtime.HttpClientSocket;
import org.wasix4j.testmodules.ChildProcess;
import org.wasix4j.testmodules.TestModule;

/** The command in a JVM of its own: signals, and two that start at once. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CommandProcessTest {

    private static final int CLIENTS = 64;
    private static final int SIZE = 400_000;

    @TempDir Path folder;

    private static void awaitRefusal(int port) {
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () ->
                                assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                                        .isInstanceOf(ConnectException.class));
    }

    @Test
    void processes_that_load_the_same_module_at_once_all_get_it() throws Exception {
        Path hello = Guests.file(folder, "hello");
        Path cache = folder.resolve("cache");
        List<ChildProcess> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(
                    ChildProcess.start(
                            commandLine("--cache-dir", cache.toString(), hello.toString())));
        }
        for (ChildProcess process : processes) {
            try (process) {
                assertThat(process.awaitExit()).as(process.toString()).isZero();
                assertThat(process.out()).isEqualTo("hello\n");
            }
        }
        assertThat(cache.toFile().list()).hasSize(1);
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
                        "--dir=" + folder + "::/site:ro",
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
            assertThat(new String(command.getErrorStream().readAllBytes(), UTF_8).lines())
                    .filteredOn(text -> !text.startsWith("wasix-run: waiting up to 60.0 s for "))
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

    private static List<String> commandLine(String... arguments) {
        List<String> line = new ArrayList<>(ChildProcess.java());
        line.addAll(List.of("-cp", ChildProcess.classPath(), WasixRun.class.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    private static Process command(String... arguments) throws IOException {
        return new ProcessBuilder(commandLine(arguments))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
