package org.wasix4j.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.Engine;
import org.wasix4j.runtime.InProcessNetwork;
import org.wasix4j.runtime.WasixModule;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.runtime.WasixRuntime;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GuestHandlerTest {

    @TempDir static Path folder;

    private static final byte[] BIG = new byte[2_000_000];
    private static final InProcessNetwork NETWORK = new InProcessNetwork();
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    private static WasixProcess hello;
    private static WasixProcess noHttp;
    private static WasixProcess gone;
    private static HttpServer front;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        new Random(1).nextBytes(BIG);
        Files.write(folder.resolve("big.bin"), BIG);
        hello = guest("http-hello", "-d", "/site", "80");
        noHttp = guest("echo-server", "7");
        gone = guest("echo-server", "9");
        gone.close();
        front = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        front.setExecutor(THREADS);
        front.createContext("/", new GuestHandler(hello, 80));
        front.createContext("/nohttp", new GuestHandler(noHttp, 7));
        front.createContext("/gone", new GuestHandler(gone, 9));
        front.start();
    }

    private static WasixProcess guest(String name, String... arguments) throws Exception {
        WasixModule module =
                WasixModule.load(name, TestModule.named(name).bytes(), Engine.COMPILER);
        return WasixRuntime.builder()
                .withArguments(arguments)
                .withReadOnlyDirectory(folder, "/site")
                .withNetwork(NETWORK)
                .withNetworkPolicy(NetworkPolicy.allowAll())
                .build()
                .start(module)
                .awaitListening(java.time.Duration.ofSeconds(30));
    }

    @AfterAll
    static void stop() {
        front.stop(0);
        hello.close();
        noHttp.close();
        THREADS.shutdown();
    }

    private static HttpRequest.Builder to(String path) {
        int port = front.getAddress().getPort();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    @Test
    void an_answer_comes_through_whole_and_so_do_its_headers() throws Exception {
        HttpResponse<byte[]> answer =
                client.send(to("/big.bin").build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).hasValue("2000000");
        assertThat(answer.body()).isEqualTo(BIG);
    }

    @Test
    void a_header_of_the_client_reaches_the_guest() throws Exception {
        HttpResponse<byte[]> answer =
                client.send(
                        to("/big.bin").header("Range", "bytes=10-19").build(),
                        BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(java.util.Arrays.copyOfRange(BIG, 10, 20));
    }

    @Test
    void head_has_no_body() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        to("/big.bin").method("HEAD", BodyPublishers.noBody()).build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void a_status_of_the_guest_is_the_clients() throws Exception {
        assertThat(client.send(to("/none").build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_body_goes_to_the_guest_whether_its_length_is_known_or_not(boolean known)
            throws Exception {
        byte[] body = new byte[300_000];
        HttpRequest.BodyPublisher publisher =
                known
                        ? BodyPublishers.ofByteArray(body)
                        : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
        HttpResponse<String> answer =
                client.send(to("/").POST(publisher).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("the guest's own, not 502").isIn(405, 400, 411, 501);
    }

    @Test
    void a_guest_that_is_no_http_server_is_a_bad_gateway() throws Exception {
        HttpResponse<String> answer = client.send(to("/nohttp").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("no HTTP");
    }

    @Test
    void a_guest_that_has_ended_is_a_bad_gateway() throws Exception {
        HttpResponse<String> answer = client.send(to("/gone").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(502);
    }

    // ---- the end of a body

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
    }

    private static String body(String answer) throws IOException {
        InputStream in = bytes(answer);
        return new String(AnswerHead.read(in).body(in, "GET").readAllBytes(), ISO_8859_1);
    }

    @Test
    void a_body_ends_by_its_length_by_its_last_chunk_or_with_the_connection() throws Exception {
        assertThat(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")).isEqualTo("abc");
        assertThat(body("HTTP/1.0 200\n\nabc")).isEqualTo("abc");
        assertThat(
                        body(
                                "HTTP/1.1 100 Continue\r\n\r\n"
                                        + "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                                        + "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: t\r\n\r\nrest"))
                .isEqualTo("abc");
        AnswerHead none = AnswerHead.read(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
        assertThat(none.body(bytes(""), "GET")).isNull();
    }

    @Test
    void what_breaks_off_or_is_no_http_is_an_error() {
        for (String answer :
                List.of(
                        "",
                        "HTTP/1.1 200 OK\r\nContent-Le",
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nabcde",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                        "HTTP/1.1 200 OK\r\nA Header: none\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nLong: " + "x".repeat(70_000) + "\r\n\r\n",
                        "SSH-2.0-OpenSSH_9\r\n")) {
            assertThatThrownBy(() -> body(answer)).as(answer).isInstanceOf(IOException.class);
        }
    }
}
