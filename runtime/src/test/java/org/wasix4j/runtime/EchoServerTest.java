package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.testmodules.Ipv6;
import org.wasix4j.types.SocketAddr;

/** The echo server, of both generations of the ABI, gives back every byte. */
class EchoServerTest {

    private static final int MEGABYTE = 1_000_000;

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
        assumeTrue(Ipv6.isAvailable() || !host.contains(":"), "this machine has no IPv6");
        try (Guest server = Guest.start(module, "0", host);
                Socket client = EchoClient.connect(host, server.port())) {
            byte[] data = EchoClient.bytes(1, MEGABYTE);
            assertThat(Arrays.equals(EchoClient.echo(client, data), data)).isTrue();
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
                Socket client = EchoClient.connect("127.0.0.1", server.port())) {
            assertThat(EchoClient.echo(client, "hello".getBytes(StandardCharsets.UTF_8)))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("hello");
        }
    }

    @Test
    void that_a_client_leaves_does_not_change_where_it_listens() throws Exception {
        try (Guest server = Guest.start("echo-server", "0", "127.0.0.1")) {
            List<SocketAddr> addresses = List.of();
            for (int i = 0; i < 3; i++) {
                try (Socket client = EchoClient.connect("127.0.0.1", server.port())) {
                    addresses = server.process().listeningAddresses();
                    EchoClient.echo(client, EchoClient.bytes(i, 10));
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
                byte[] data = EchoClient.bytes(i, 100_000 + i);
                tasks.add(
                        () -> {
                            try (Socket client = EchoClient.connect("127.0.0.1", port)) {
                                return Arrays.equals(EchoClient.echo(client, data), data);
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
                Socket other = EchoClient.connect("127.0.0.1", server.port())) {
            for (int i = 0; i < 10; i++) {
                Socket rude = EchoClient.connect("127.0.0.1", server.port());
                rude.getOutputStream().write(EchoClient.bytes(i, 50_000));
                rude.setSoLinger(true, 0);
                rude.close();
            }
            byte[] data = EchoClient.bytes(7, 100_000);
            assertThat(Arrays.equals(EchoClient.echo(other, data), data)).isTrue();
        }
    }
}
