package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.runtime.HttpClientSocket.Answer;

/** The HTTP server serves the files of a folder, whole and in parts, and nothing outside it. */
class HttpFilesTest {

    private static final int FILES = 300;
    private static final int BIG = 5_000_011;

    @TempDir static Path outer;

    /** Checksums of the small files, by path. */
    private static final Map<String, Long> CHECKSUMS = new HashMap<>();

    private static byte[] big;
    private static Guest server;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Path site = Files.createDirectory(outer.resolve("site"));
        Random random = new Random(7);
        for (int i = 0; i < FILES; i++) {
            String path = "folder-" + i % 7 + "/file " + i + ".bin";
            byte[] content = new byte[i % 50 == 0 ? 0 : random.nextInt(20_000)];
            random.nextBytes(content);
            Files.createDirectories(site.resolve(path).getParent());
            Files.write(site.resolve(path), content);
            CHECKSUMS.put("/" + path.replace(" ", "%20"), checksum(content));
        }
        big = new byte[BIG];
        random.nextBytes(big);
        Files.write(site.resolve("big.bin"), big);
        Files.writeString(site.resolve("index.html"), "<p>first page</p>\n");
        Files.writeString(site.resolve("text.txt"), "0123456789");
        Files.createDirectories(site.resolve("listed"));
        Files.writeString(site.resolve("listed/a<b & c:d.txt"), "odd name");
        Files.writeString(outer.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(site.resolve("inside.txt"), Path.of("text.txt"));
        Files.createSymbolicLink(site.resolve("out.txt"), Path.of("../secret.txt"));
        Files.createSymbolicLink(site.resolve("out"), Path.of(".."));
        server = serve();
        port = server.port();
    }

    private static Guest serve() {
        return Guest.start(
                Guest.module("http-hello", Engine.COMPILER),
                new byte[0],
                settings ->
                        settings.withArguments("-d", "/site", "0", "127.0.0.1")
                                .withDirectory(outer.resolve("site"), "/site")
                                .withNetworkPolicy(NetworkPolicy.allowAll()));
    }

    @AfterAll
    static void stop() {
        // before the end, which interrupts what is being sent
        List<String> errors = List.copyOf(server.hostErrors());
        server.close();
        // some clients are rude on purpose
        assertThat(errors).allMatch(error -> error.matches(".*(Broken pipe|reset).*"));
    }

    private static long checksum(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }

    private static HttpClientSocket connect() throws IOException {
        return new HttpClientSocket(port);
    }

    private static Answer get(String path, String... headers) throws IOException {
        try (HttpClientSocket client = connect()) {
            return request(client, "GET", path, headers).answer();
        }
    }

    private static HttpClientSocket request(
            HttpClientSocket client, String method, String path, String... headers)
            throws IOException {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: test\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return client.send(text.append("\r\n").toString());
    }

    private static void fetchAll(long seed) {
        List<String> paths = new ArrayList<>(CHECKSUMS.keySet());
        Collections.shuffle(paths, new Random(seed));
        try (HttpClientSocket client = connect()) {
            for (String path : paths) {
                Answer answer = client.get(path).answer();
                assertThat(answer.status()).as(path).isEqualTo(200);
                assertThat(checksum(answer.bytes())).as(path).isEqualTo(CHECKSUMS.get(path));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void several_clients_get_every_file_over_a_connection_each() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                long seed = i;
                clients.add(pool.submit(() -> fetchAll(seed)));
            }
            for (Future<?> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void pipelined_requests_for_files_are_answered_in_order() throws IOException {
        try (HttpClientSocket client = connect()) {
            List<String> paths = List.copyOf(CHECKSUMS.keySet()).subList(0, 40);
            for (String path : paths) {
                client.get(path).request("HEAD", path).get("/text.txt");
            }
            for (String path : paths) {
                assertThat(checksum(client.answer().bytes())).isEqualTo(CHECKSUMS.get(path));
                assertThat(client.head().status()).isEqualTo(200);
                assertThat(client.answer().body()).isEqualTo("0123456789");
            }
        }
    }

    @Test
    void a_big_file_arrives_whole_while_a_slow_client_and_others_are_served() throws Exception {
        try (HttpClientSocket slow = connect();
                HttpClientSocket gone = connect()) {
            slow.get("/big.bin");
            gone.get("/big.bin");
            CountDownLatch done = new CountDownLatch(1);
            CompletableFuture<Integer> small =
                    CompletableFuture.supplyAsync(
                            () -> {
                                int count = 0;
                                try (HttpClientSocket client = connect()) {
                                    do {
                                        client.get("/text.txt").answer();
                                        count++;
                                    } while (done.getCount() > 0);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                                return count;
                            });
            for (int i = 0; i < 5; i++) {
                assertThat(checksum(get("/big.bin").bytes())).isEqualTo(checksum(big));
            }
            done.countDown();
            assertThat(small.get(20, TimeUnit.SECONDS)).isPositive();
            gone.reset();
            assertThat(checksum(slow.answer().bytes())).isEqualTo(checksum(big));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 206, 0, 1",
        "bytes=9-, 206, 9, 1",
        "bytes=2-5, 206, 2, 4",
        "bytes=5-99999999999999999999, 206, 5, 5",
        "bytes=-3, 206, 7, 3",
        "bytes=-30, 206, 0, 10",
        "bytes=10-, 416, 0, 0",
        "bytes=-0, 416, 0, 0",
        "bytes=5-2, 200, 0, 10",
        "'bytes=0-1,4-5', 200, 0, 10",
        "lines=0-1, 200, 0, 10",
    })
    void a_range_is_answered_with_that_part(String range, int status, int first, int size)
            throws IOException {
        Answer answer = get("/text.txt", "Range: " + range);
        assertThat(answer.status()).isEqualTo(status);
        if (status == 416) {
            assertThat(answer.header("Content-Range")).isEqualTo("bytes */10");
            return;
        }
        assertThat(answer.body()).isEqualTo("0123456789".substring(first, first + size));
        assertThat(answer.header("Content-Range"))
                .isEqualTo(
                        status == 206 ? "bytes " + first + "-" + (first + size - 1) + "/10" : null);
    }

    @Test
    void the_ranges_of_a_big_file_make_up_the_whole() throws IOException {
        byte[] whole = new byte[BIG];
        int step = 700_001;
        try (HttpClientSocket client = connect()) {
            for (int at = 0; at < BIG; at += step) {
                int last = Math.min(at + step, BIG) - 1;
                request(client, "GET", "/big.bin", "Range: bytes=" + at + "-" + last);
                byte[] part = client.answer().bytes();
                assertThat(part).hasSize(last - at + 1);
                System.arraycopy(part, 0, whole, at, part.length);
            }
        }
        assertThat(Arrays.equals(whole, big)).isTrue();
    }

    @Test
    void a_file_that_did_not_change_is_not_sent_again() throws IOException {
        try (HttpClientSocket client = connect()) {
            Answer head = client.request("HEAD", "/text.txt").head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo("10");
            assertThat(head.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(head.header("Accept-Ranges")).isEqualTo("bytes");
            String date = head.header("Last-Modified");

            request(client, "GET", "/text.txt", "If-Modified-Since: " + date);
            Answer same = client.head();
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.header("Last-Modified")).isEqualTo(date);
            for (String earlier :
                    List.of(
                            "Mon, 01 Jan 2001 00:00:00 GMT",
                            "Monday, 01-Jan-01 00:00:00 GMT",
                            "Mon Jan  1 00:00:00 2001",
                            "yesterday")) {
                request(client, "GET", "/text.txt", "If-Modified-Since: " + earlier);
                assertThat(client.answer().status()).as(earlier).isEqualTo(200);
            }
            request(client, "GET", "/text.txt", "Range: bytes=0-1", "If-Range: " + date);
            assertThat(client.answer().status()).isEqualTo(206);
            request(client, "GET", "/text.txt", "Range: bytes=0-1", "If-Range: \"other\"");
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void a_folder_is_its_index_or_a_list() throws IOException {
        assertThat(get("/").body()).isEqualTo("<p>first page</p>\n");
        assertThat(get("/?a=b").body()).isEqualTo("<p>first page</p>\n");
        Answer moved = get("/listed?a=b");
        assertThat(moved.status()).isEqualTo(301);
        assertThat(moved.header("Location")).isEqualTo("/listed/");
        Answer list = get("/listed/");
        assertThat(list.body())
                .contains("<a href=\"./a%3Cb%20%26%20c%3Ad.txt\">a&#60;b &#38; c:d.txt</a>");
        assertThat(get("/listed/a%3Cb%20%26%20c%3Ad.txt").body()).isEqualTo("odd name");
        assertThat(get("/inside.txt").body()).isEqualTo("0123456789");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/..%2fsecret.txt",
                "/listed/../../secret.txt",
                "/listed/..",
                "http://test/../secret.txt",
            })
    void what_leads_out_of_the_folder_is_forbidden(String path) throws IOException {
        Answer answer = get(path);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo("403 Forbidden\n");
    }

    @Test
    void above_the_folder_is_only_what_the_guest_was_granted() throws IOException {
        Answer list = get("/out/");
        assertThat(list.status()).isEqualTo(200);
        assertThat(list.body())
                .contains("./dev/", "./etc/", "./site/", "./tmp/")
                .doesNotContain("secret");
        assertThat(list.body().split("<a ", -1)).hasSize(4 + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "/missing, 404",
        "/out.txt, 404",
        "/out/secret.txt, 404",
        "/text.txt/, 404",
        "/text.txt/x, 404",
        "//etc/passwd, 404",
        "/%2f/etc/passwd, 404",
        "/a%00b, 400",
        "/a%2, 400",
        "/a%zz, 400",
        "text.txt, 400",
    })
    void what_is_not_there_is_refused_and_the_connection_stays(String path, int status)
            throws IOException {
        try (HttpClientSocket client = connect()) {
            assertThat(client.get(path).answer().status()).isEqualTo(status);
            assertThat(client.request("HEAD", path).head().status()).isEqualTo(status);
            assertThat(client.get("/text.txt").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void an_unchanged_library_client_reads_a_file() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/big.bin"))
                        .timeout(Guest.SOON)
                        .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(checksum(body.readAllBytes())).isEqualTo(checksum(big));
        }
    }

    @Test
    void clients_that_come_and_go_in_the_middle_of_a_file_leave_no_descriptor() throws Exception {
        Assumptions.assumeTrue(HostDescriptors.areListed());
        assertThat(get("/text.txt").status()).isEqualTo(200);
        await().atMost(Guest.SOON).until(() -> openFiles().isEmpty());
        for (int i = 0; i < 30; i++) {
            HttpClientSocket client = connect();
            client.get("/big.bin").get("/text.txt");
            if (i % 3 == 0) {
                client.shutdown();
            }
            if (i % 2 == 0) {
                client.reset();
            } else {
                client.close();
            }
            get("/missing");
            get("/listed/");
            get("/listed");
            get("/out.txt");
            get("/text.txt", "Range: bytes=10-");
        }
        await().atMost(Guest.SOON).untilAsserted(() -> assertThat(openFiles()).isEmpty());
    }

    private static List<String> openFiles() throws IOException {
        return HostDescriptors.openBelow(outer.resolve("site"));
    }
}
