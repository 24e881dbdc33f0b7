package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.runtime.ForkedJvm;
import org.wasix4j.runtime.Guest;
import org.wasix4j.runtime.HttpClientSocket;
import org.wasix4j.testmodules.TestModule;

/**
 * What others learn of a server: metrics, readiness, lines in JSON; and its end, as they see it.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WatchTest {

    private static final Pattern METRICS = Pattern.compile("metrics on /127.0.0.1:(\\d+)");

    @TempDir Path folder;

    private record Page(int status, String text) {}

    private static Page get(int port, String path) throws Exception {
        HttpURLConnection connection =
                (HttpURLConnection)
                        URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setReadTimeout((int) Guest.SOON.toMillis());
        int status = connection.getResponseCode();
        byte[] body =
                (status < 400 ? connection.getInputStream() : connection.getErrorStream())
                        .readAllBytes();
        return new Page(status, new String(body, StandardCharsets.UTF_8));
    }

    private ForkedJvm start(Path ready, String... options) throws Exception {
        return ForkedJvm.start(
                folder,
                "exec",
                List.of(),
                java.util.stream.Stream.of(
                                List.of("org.wasix4j.cli.WasixRun"),
                                List.of(options),
                                List.of(
                                        "--no-cache",
                                        "--net",
                                        "--ready-file=" + ready,
                                        TestModule.named("http-hello").copyTo(folder).toString(),
                                        "0",
                                        "127.0.0.1"))
                        .flatMap(List::stream)
                        .toArray(String[]::new));
    }

    private static int port(Path ready) throws Exception {
        String line = Files.readString(ready).strip();
        return Integer.parseInt(line.substring(line.indexOf(':') + 1));
    }

    @Test
    void metrics_and_readiness_are_answered_and_the_end_is_reported_before_ports_close()
            throws Exception {
        Path ready = folder.resolve("ready");
        try (ForkedJvm server =
                start(ready, "--metrics=0", "--shutdown-delay=1h", "--access-log")) {
            await().atMost(Guest.SOON).until(() -> Files.exists(ready) || !server.isAlive());
            assertThat(ready).as(server.toString()).exists();
            Matcher address = METRICS.matcher(String.join("\n", server.err()));
            assertThat(address.find()).as(server.toString()).isTrue();
            int metrics = Integer.parseInt(address.group(1));
            try (HttpClientSocket client = new HttpClientSocket(port(ready))) {
                assertThat(client.get("/").answer().status()).isEqualTo(200);
                Page page = get(metrics, "/metrics");
                assertThat(page.status()).isEqualTo(200);
                assertThat(page.text())
                        .contains("# TYPE wasix_connections_accepted_total counter\n")
                        .containsPattern("wasix_connections_accepted_total\\{program=\".*\"} 1.0\n")
                        .containsPattern("wasix_connections_open\\{program=\".*\"} 1.0\n")
                        .contains("process_cpu_seconds_total");
                assertThat(get(metrics, "/ready")).isEqualTo(new Page(200, "ready\n"));
                assertThat(get(metrics, "/metrics/else").status()).isEqualTo(404);
                server.terminate();
                await().atMost(Guest.SOON)
                        .until(() -> get(metrics, "/ready").equals(new Page(503, "not ready\n")));
                // it is served as before, for the time that a balancer needs
                try (HttpClientSocket late = new HttpClientSocket(port(ready))) {
                    assertThat(late.get("/").answer().status()).isEqualTo(200);
                }
            }
            assertThat(String.join("\n", server.err()))
                    .containsPattern("accepted 127.0.0.1:\\d+ peer 127");
            assertThat(server.terminate().awaitExit()).isEqualTo(143);
        }
    }

    @Test
    void our_lines_are_objects_of_json_when_asked() throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code =
                WasixRun.execute(
                        new String[] {"--log-format=json", "none \"x\\.wasm"},
                        new ByteArrayInputStream(new byte[0]),
                        new ByteArrayOutputStream(),
                        err);
        assertThat(code).isEqualTo(127);
        JsonNode line = new ObjectMapper().readTree(err.toByteArray());
        assertThat(line.get("level").asText()).isEqualTo("error");
        assertThat(line.get("message").asText()).isEqualTo("no such file: none \"x\\.wasm");
        assertThat(line.get("time").asText()).endsWith("Z");
    }
}
