package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.policy.NetworkPolicy;

/** Peers that reset at each step of an exchange: the others are served, and nothing is left. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PeerResetsTest {

    private static final int TIMES = 12;
    private static final int SIZE = 3_000_000;

    @TempDir Path site;
    private Guest guest;
    private byte[] content;

    @BeforeEach
    void serve() throws IOException {
        content = EchoClient.bytes(11, SIZE);
        Files.write(site.resolve("file.bin"), content);
        guest =
                Guest.start(
                        Guest.module("http-hello", Engine.COMPILER),
                        new byte[0],
                        settings ->
                                settings.withArguments("-d", "/site", "0", "127.0.0.1")
                                        .withDirectory(site, "/site")
                                        .withNetworkPolicy(NetworkPolicy.allowAll()));
    }

    /** Somebody who behaves gets everything, and of those who did not no descriptor is left. */
    @AfterEach
    void assertServesAndKeepsNothing() throws Exception {
        try (Guest served = guest) {
            try (HttpClientSocket client = new HttpClientSocket(served.port())) {
                assertThat(client.get("/file.bin").answer().bytes()).isEqualTo(content);
            }
            await().atMost(Guest.SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(HostDescriptors.openBelow(site))
                                            .as("files of answers that nobody wanted")
                                            .isEmpty());
            assertNobodyConnected(served);
            assertThat(served.process().isAlive()).as(served.toString()).isTrue();
            assertThat(served.stderr()).isEmpty();
            assertThat(served.hostErrors()).isEmpty();
        }
    }

    private static void assertNobodyConnected(Guest guest) {
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () ->
                                assertThat(guest.process().metrics().connectionsOpen())
                                        .as(guest.toString())
                                        .isZero());
    }

    @Test
    void before_it_is_accepted() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            new HttpClientSocket(guest.port()).reset();
        }
    }

    @Test
    void in_the_middle_of_a_request() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            try (HttpClientSocket client = new HttpClientSocket(guest.port())) {
                client.get("/none").answer();
                client.send("GET /file.bin HTT").reset();
            }
        }
    }

    @Test
    void after_a_request_and_before_its_answer() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            new HttpClientSocket(guest.port()).get("/file.bin").reset();
        }
    }

    @Test
    void in_the_middle_of_an_answer() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            HttpClientSocket client = new HttpClientSocket(guest.port()).get("/file.bin");
            assertThat(client.begin()).isEqualTo('H');
            client.reset();
        }
    }

    @Test
    void after_a_half_close_while_the_answer_is_on_its_way() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            HttpClientSocket client = new HttpClientSocket(guest.port()).get("/file.bin");
            client.shutdown();
            assertThat(client.begin()).isEqualTo('H');
            client.reset();
        }
    }

    @Test
    void while_the_server_lingers_after_its_last_answer() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            HttpClientSocket client = new HttpClientSocket(guest.port());
            client.send("GET /none HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").answer();
            assertThat(client.isAtEnd()).isTrue();
            client.send("more than was asked for").reset();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "echo-server, 0 127.0.0.1",
        "first-generation/echo-server, 0 127.0.0.1",
        "threads/echo-server, 0",
        "threads/epoll-server, 0",
        "first-generation/threads/echo-server, 0"
    })
    void of_servers_that_wait_in_other_ways(String module, String arguments) throws Exception {
        try (Guest server = Guest.start(module, arguments.split(" "))) {
            int port = server.port();
            byte[] data = EchoClient.bytes(4, 50_000);
            for (int i = 0; i < TIMES; i++) {
                // in the queue, with something unsent at the server, with something unread there
                reset(EchoClient.connect("127.0.0.1", port));
                Socket unread = EchoClient.connect("127.0.0.1", port);
                unread.getOutputStream().write(data);
                reset(unread);
                Socket begun = EchoClient.connect("127.0.0.1", port);
                begun.getOutputStream().write(data);
                begun.getInputStream().read();
                reset(begun);
                Socket closed = EchoClient.connect("127.0.0.1", port);
                closed.getOutputStream().write(data);
                closed.shutdownOutput();
                reset(closed);
            }
            try (Socket client = EchoClient.connect("127.0.0.1", port)) {
                assertThat(Arrays.equals(EchoClient.echo(client, data), data)).isTrue();
            }
            assertNobodyConnected(server);
            assertThat(server.process().isAlive()).as(server.toString()).isTrue();
            assertThat(server.stderr()).isEmpty();
            assertThat(server.hostErrors()).isEmpty();
        }
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
