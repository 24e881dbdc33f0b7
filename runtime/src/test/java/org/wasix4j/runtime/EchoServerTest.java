package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.types.SocketAddr;

/** The echo server, of both generations of the ABI, gives back every byte. */
class EchoServerTest {

    private static final int MEGABYTE = 1_000_000;

    private static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), (int) Guest.SOON.toMillis());
        socket.setSoTimeout((int) Guest.SOON.toMillis());
        return socket;
    }

    /** Sends everything, half-closes, and reads to the end at the same time. */
    private static byte[] echo(Socket socket, byte[] data) throws Exception {
        Thread sender =
                new Thread(
                        () -> {
                            try {
                                socket.getOutputStream().write(data);
                                socket.shutdownOutput();
                            } catch (IOException e) {
                                // the reader sees that something is missing
                            }
                        });
        sender.start();
        byte[] echoed = socket.getInputStream().readAllBytes();
        sender.join();
        return echoed;
    }

    private static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "echo-server, 127.0.0.1",
        "echo-server, ::1",
        "first-generation/echo-server, 127.0.0.1",
        "first-generation/echo-server, ::1",
        "first-generation/echo-server-filetypes, 127.0.0.1",
        "first-generation/echo-server-filetypes, ::1",
    })
    void a_megabyte_comes_back_whole_after_a_half_close(String module, String host)
            throws Exception {
        try (Guest server = Guest.start(module, "0", host);
                Socket client = connect(host, server.port())) {
            byte[] data = bytes(1, MEGABYTE);
            assertThat(Arrays.equals(echo(client, data), data)).isTrue();
            assertThat(server.hostErrors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo-server",
                "first-generation/echo-server",
                "first-generation/echo-server-filetypes"
            })
    void it_says_where_it_listens(String module) throws Exception {
        try (Guest server = Guest.start(module, "0", "127.0.0.1")) {
            int port = server.port();
            server.awaitFirstLine();
            assertThat(server.stdout()).isEqualTo("listening on 127.0.0.1:" + port + "\n");
            assertThat(server.process().listeningAddresses())
                    .hasToString("[127.0.0.1:" + port + "]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo-server", "first-generation/echo-server"})
    void without_a_host_it_listens_on_every_address(String module) throws Exception {
        try (Guest server = Guest.start(module, "0");
                Socket client = connect("127.0.0.1", server.port())) {
            assertThat(echo(client, "hello".getBytes(StandardCharsets.UTF_8)))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("hello");
        }
    }

    @Test
    void that_a_client_leaves_does_not_change_where_it_listens() throws Exception {
        try (Guest server = Guest.start("echo-server", "0", "127.0.0.1")) {
            List<SocketAddr> addresses = List.of();
            for (int i = 0; i < 3; i++) {
                try (Socket client = connect("127.0.0.1", server.port())) {
                    addresses = server.process().listeningAddresses();
                    echo(client, bytes(i, 10));
                }
            }
            assertThat(server.process().listeningAddresses()).hasSize(1).isEqualTo(addresses);
        }
    }

    @ParameterizedTest
    @CsvSource({"echo-server, 32", "first-generation/echo-server, 16"})
    void many_clients_at_once_get_each_its_own(String module, int count) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(count);
        try (Guest server = Guest.start(module, "0", "127.0.0.1")) {
            int port = server.port();
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] data = bytes(i, 100_000 + i);
                tasks.add(
                        () -> {
                            try (Socket client = connect("127.0.0.1", port)) {
                                return Arrays.equals(echo(client, data), data);
                            }
                        });
            }
            for (Future<Boolean> task : clients.invokeAll(tasks)) {
                assertThat(task.get()).isTrue();
            }
            assertThat(server.hostErrors()).isEmpty();
        } finally {
            clients.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo-server", "first-generation/echo-server"})
    void a_client_that_resets_harms_nobody(String module) throws Exception {
        try (Guest server = Guest.start(module, "0", "127.0.0.1");
                Socket other = connect("127.0.0.1", server.port())) {
            for (int i = 0; i < 10; i++) {
                Socket rude = connect("127.0.0.1", server.port());
                rude.getOutputStream().write(bytes(i, 50_000));
                rude.setSoLinger(true, 0);
                rude.close();
            }
            byte[] data = bytes(7, 100_000);
            assertThat(Arrays.equals(echo(other, data), data)).isTrue();
        }
    }
}
