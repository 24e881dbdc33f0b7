package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasix4j.runtime.HttpClientSocket.Answer;

/** The HTTP server serves its clients as one on Linux would, also those who misbehave. */
class HttpHelloTest {

    private static final String GREETING = "<h1>Hello from WASIX</h1>";
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    private Guest server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        server = Guest.start("http-hello", "0", "127.0.0.1");
        port = server.port();
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.process().exitStatus())
                .hasValueSatisfying(
                        status -> assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED));
    }

    private HttpClientSocket connect() throws IOException {
        return new HttpClientSocket(port);
    }

    private void assertServes() throws IOException {
        try (HttpClientSocket client = connect()) {
            assertThat(client.get("/").answer().body()).contains(GREETING);
        }
    }

    @Test
    void a_browser_like_client_gets_the_page() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/any/path"))
                        .timeout(Guest.SOON)
                        .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValue("text/html; charset=utf-8");
        assertThat(answer.body()).contains(GREETING).endsWith("</html>\n");
    }

    @Test
    void a_connection_is_kept_for_the_next_request() throws IOException {
        try (HttpClientSocket client = connect()) {
            for (int i = 0; i < 50; i++) {
                assertThat(client.get("/" + i).answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void pipelined_requests_are_answered_in_order() throws IOException {
        try (HttpClientSocket client = connect()) {
            client.send((REQUEST + "PUT / HTTP/1.1\r\nHost: test\r\n\r\n").repeat(50));
            for (int i = 0; i < 50; i++) {
                assertThat(client.answer().status()).isEqualTo(200);
                assertThat(client.answer().status()).isEqualTo(405);
            }
        }
    }

    @Test
    void a_client_that_sends_a_byte_at_a_time_is_answered_and_holds_up_nobody() throws IOException {
        try (HttpClientSocket slow = connect();
                HttpClientSocket quick = connect()) {
            for (char letter : REQUEST.toCharArray()) {
                slow.send(String.valueOf(letter));
                assertThat(quick.get("/").answer().status()).isEqualTo(200);
            }
            assertThat(slow.answer().body()).contains(GREETING);
        }
    }

    @Test
    void a_client_that_half_closes_gets_its_answers_and_then_the_end() throws IOException {
        try (HttpClientSocket client = connect()) {
            client.send(REQUEST.repeat(3)).shutdown();
            for (int i = 0; i < 3; i++) {
                assertThat(client.answer().body()).contains(GREETING);
            }
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void clients_that_reset_are_dropped_and_the_server_lives_on() throws IOException {
        for (int i = 0; i < 20; i++) {
            HttpClientSocket client = connect();
            client.send(i % 2 == 0 ? REQUEST.repeat(30) : REQUEST.substring(0, 10));
            client.reset();
        }
        connect().reset();
        assertServes();
        assertThat(server.process().isAlive()).isTrue();
    }

    @Test
    void a_client_that_reads_nothing_holds_up_nobody() throws IOException {
        try (HttpClientSocket deaf = connect()) {
            Thread writer =
                    new Thread(
                            () -> {
                                try {
                                    deaf.send(REQUEST.repeat(4_000));
                                } catch (IOException e) {
                                    // closed before everything was taken
                                }
                            });
            writer.start();
            for (int i = 0; i < 20; i++) {
                assertServes();
            }
            deaf.reset();
        }
        assertServes();
    }

    @Test
    void head_has_the_length_and_no_body() throws IOException {
        try (HttpClientSocket client = connect()) {
            int size = client.get("/").answer().body().length();
            Answer head = client.request("HEAD", "/").head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(size));
            assertThat(client.get("/").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void other_methods_are_refused_and_the_connection_stays() throws IOException {
        try (HttpClientSocket client = connect()) {
            client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
            Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
            assertThat(client.get("/").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void what_is_no_http_is_refused_and_the_connection_ends() throws IOException {
        try (HttpClientSocket client = connect()) {
            assertThat(client.send("this is no HTTP\r\n\r\n").answer().status()).isEqualTo(400);
            assertThat(client.isAtEnd()).isTrue();
        }
        try (HttpClientSocket client = connect()) {
            client.send("GET /" + "a".repeat(10_000) + " HTTP/1.1\r\n");
            assertThat(client.answer().status()).isEqualTo(414);
            assertThat(client.isAtEnd()).isTrue();
        }
        assertServes();
    }

    @Test
    void connection_close_is_obeyed() throws IOException {
        try (HttpClientSocket client = connect()) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            assertThat(client.answer().header("Connection")).isEqualTo("close");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void two_hundred_connections_are_served_at_once() throws IOException {
        List<HttpClientSocket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                clients.add(connect());
            }
            for (int round = 0; round < 3; round++) {
                for (HttpClientSocket client : clients) {
                    client.get("/");
                }
                for (HttpClientSocket client : clients) {
                    assertThat(client.answer().body()).contains(GREETING);
                }
            }
        } finally {
            for (HttpClientSocket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void a_second_server_cannot_have_the_port() throws Exception {
        try (Guest second = Guest.start("http-hello", Integer.toString(port), "127.0.0.1")) {
            assertThat(second.awaitEnd().code()).isEqualTo(1);
            assertThat(second.stderr()).contains("bind 127.0.0.1:" + port).contains("addrinuse");
        }
        assertServes();
    }

    @Test
    void a_port_that_another_program_holds_is_in_use() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            String number = Integer.toString(taken.getLocalPort());
            try (Guest second = Guest.start("http-hello", number, "127.0.0.1")) {
                assertThat(second.awaitEnd().code()).isEqualTo(1);
                assertThat(second.stderr()).contains("addrinuse");
            }
        }
    }

    @Test
    void after_the_end_the_port_is_free_and_no_descriptor_and_no_thread_is_left() throws Exception {
        Assumptions.assumeTrue(HostDescriptors.areListed());
        assertServes();
        List<String> before = HostDescriptors.open();
        List<HttpClientSocket> clients = new ArrayList<>();
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1")) {
            int itsPort = guest.port();
            for (int i = 0; i < 100; i++) {
                HttpClientSocket client = new HttpClientSocket(itsPort);
                clients.add(client);
                assertThat(client.get("/").answer().status()).isEqualTo(200);
            }
            for (HttpClientSocket client : clients.subList(0, 50)) {
                client.close();
            }
            guest.process().destroy();
            assertThat(guest.awaitEnd().kind()).isEqualTo(ExitStatus.Kind.KILLED);
            assertThat(guest.process().abandonedThreads()).isZero();
            assertThat(guest.process().listeningAddresses()).isEmpty();

            // at once, not some time later
            assertThatThrownBy(() -> new Socket("127.0.0.1", itsPort).close())
                    .isInstanceOf(IOException.class);
            try (ServerSocket next = new ServerSocket()) {
                next.bind(new InetSocketAddress("127.0.0.1", itsPort));
            }
            for (HttpClientSocket client : clients.subList(50, 100)) {
                client.close();
            }
            await().atMost(Guest.SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(HostDescriptors.open())
                                            .hasSizeLessThanOrEqualTo(before.size()));
        }
        server.close();
        await().atMost(Guest.SOON)
                .untilAsserted(() -> assertThat(Guest.threadsOf("http-hello")).isEmpty());
    }

    @Test
    void clients_that_come_and_go_leave_no_descriptor() throws Exception {
        Assumptions.assumeTrue(HostDescriptors.areListed());
        assertServes();
        int before = HostDescriptors.open().size();
        for (int i = 0; i < 500; i++) {
            assertServes();
        }
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () -> assertThat(HostDescriptors.open()).hasSizeLessThanOrEqualTo(before));
    }
}
