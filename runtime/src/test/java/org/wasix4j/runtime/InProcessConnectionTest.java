package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.NetworkPolicy;

/** Guests in a network inside the process, as the program around them has to do with them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InProcessConnectionTest {

    private final InProcessNetwork network = new InProcessNetwork();

    private Guest start(String name, String... arguments) {
        return Guest.start(
                Guest.module(name, Engine.COMPILER),
                new byte[0],
                settings ->
                        settings.withArguments(arguments)
                                .withNetwork(network)
                                .withNetworkPolicy(NetworkPolicy.allowAll()));
    }

    private static void send(InProcessConnection to, String text) throws Exception {
        to.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }

    @Test
    void a_server_answers_and_its_port_is_not_one_of_the_machine() throws Exception {
        // the port is another's on the machine: whoever connects there meets that one
        try (ServerSocket machines = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                Guest guest = start("http-hello", Integer.toString(machines.getLocalPort()))) {
            int port = guest.port();
            assertThat(port).isEqualTo(machines.getLocalPort());
            new Socket("127.0.0.1", port).close();
            machines.setSoTimeout(10_000);
            machines.accept().close();
            try (InProcessConnection client = guest.process().connect(port)) {
                send(client, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                String answer = new String(client.inputStream().readAllBytes(), US_ASCII);
                assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("</html>\n");
            }
        }
    }

    @Test
    void a_guest_asks_another() throws Exception {
        try (Guest server = start("http-hello", "8080", "127.0.0.1")) {
            server.port();
            try (Guest client = start("http-get", "127.0.0.1", "8080")) {
                assertThat(client.awaitEnd().code()).as(client.toString()).isZero();
                assertThat(client.stdout()).contains("Hello from WASIX");
            }
        }
    }

    @Test
    void more_than_fits_goes_both_ways_at_once() throws Exception {
        byte[] much = new byte[3_000_000];
        Arrays.fill(much, (byte) 'x');
        try (Guest guest = start("echo-server", "7", "127.0.0.1")) {
            guest.port();
            try (InProcessConnection client = guest.process().connect(7)) {
                CompletableFuture<Void> writing =
                        CompletableFuture.runAsync(
                                () -> {
                                    try {
                                        client.outputStream().write(much);
                                        client.shutdownOutput();
                                    } catch (java.io.IOException e) {
                                        throw new AssertionError(e);
                                    }
                                });
                assertThat(client.inputStream().readAllBytes()).isEqualTo(much);
                writing.get(20, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void preopened_listeners_are_in_the_network_too() throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module("preopened-echo", Engine.COMPILER),
                        new byte[0],
                        settings ->
                                settings.withNetwork(network)
                                        .withListener(new InetSocketAddress("127.0.0.1", 0)))) {
            try (InProcessConnection client = network.connect(guest.port())) {
                send(client, "ping");
                assertThat(client.inputStream().readNBytes(4)).asString().isEqualTo("ping");
            }
            InetSocketAddress there = new InetSocketAddress("127.0.0.1", guest.port());
            try (Guest dialling =
                    Guest.start(
                            Guest.module("preopened-echo", Engine.COMPILER),
                            new byte[0],
                            settings ->
                                    settings.withNetwork(network)
                                            .withConnection(there)
                                            .withArguments("dial"))) {
                assertThat(dialling.awaitEnd().isSuccess()).as(dialling.toString()).isTrue();
                assertThat(dialling.stdout()).isEqualTo("socket 3\nhello\n");
            }
        }
    }

    @Test
    void a_port_of_the_machine_may_be_one_of_the_network_as_well() throws Exception {
        try (ServerSocket taken = new ServerSocket(0);
                Guest guest = start("echo-server", Integer.toString(taken.getLocalPort()))) {
            assertThat(guest.port()).isEqualTo(taken.getLocalPort());
        }
    }

    @Test
    void nobody_there_is_a_refusal_and_no_network_the_callers_error() throws Exception {
        assertThatThrownBy(() -> network.connect(80))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("80");
        try (Guest guest = Guest.start("echo-server", "0", "127.0.0.1")) {
            assertThatThrownBy(() -> guest.process().connect(80))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void the_end_of_the_guest_ends_a_read() throws Exception {
        try (Guest guest = start("echo-server", "7")) {
            guest.port();
            try (InProcessConnection client = guest.process().connect(7)) {
                send(client, "x");
                assertThat(client.inputStream().readNBytes(1)).hasSize(1);
                CompletableFuture<Integer> read = reading(client);
                guest.close();
                assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
                assertThatThrownBy(() -> send(client, "x")).isInstanceOf(SocketException.class);
            }
        }
    }

    private static CompletableFuture<Integer> reading(InProcessConnection client) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return client.read(ByteBuffer.allocate(10));
                    } catch (java.io.IOException e) {
                        throw new java.util.concurrent.CompletionException(e);
                    }
                });
    }

    @Test
    void closing_ends_a_read_of_another_thread() throws Exception {
        try (Guest guest = start("echo-server", "7")) {
            guest.port();
            InProcessConnection client = guest.process().connect(7);
            CompletableFuture<Integer> read = reading(client);
            client.close();
            assertThat(client.isOpen()).isFalse();
            assertThatThrownBy(() -> read.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfAny(
                            AsynchronousCloseException.class, ClosedChannelException.class);
            assertThatThrownBy(() -> send(client, "x")).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void an_interrupt_ends_a_read_and_the_connection() throws Exception {
        try (Guest guest = start("echo-server", "7")) {
            guest.port();
            InProcessConnection client = guest.process().connect(7);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread reader =
                    new Thread(
                            () -> {
                                try {
                                    client.read(ByteBuffer.allocate(10));
                                } catch (Throwable e) {
                                    thrown.set(e);
                                }
                            });
            reader.start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> reader.getState() == Thread.State.WAITING);
            reader.interrupt();
            reader.join(20_000);
            assertThat(thrown.get()).isInstanceOf(ClosedByInterruptException.class);
            assertThat(client.isOpen()).isFalse();
        }
    }

    @Test
    void a_gentle_stop_lets_a_connection_finish_and_refuses_the_next() throws Exception {
        try (Guest guest = start("http-hello", "80")) {
            guest.port();
            try (InProcessConnection client = guest.process().connect(80)) {
                send(client, "GET / HTTP/1.1\r\nHo");
                CompletableFuture<ExitStatus> end =
                        CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        return guest.process().stop(Duration.ofMinutes(10));
                                    } catch (InterruptedException e) {
                                        throw new AssertionError(e);
                                    }
                                });
                Awaitility.await()
                        .atMost(Guest.SOON)
                        .untilAsserted(
                                () ->
                                        assertThatThrownBy(() -> network.connect(80).close())
                                                .isInstanceOf(ConnectException.class));
                send(client, "st: x\r\n\r\n");
                byte[] answer = client.inputStream().readAllBytes();
                assertThat(new String(answer, US_ASCII)).endsWith("</html>\n");
                assertThat(end.get(20, TimeUnit.SECONDS).shellCode()).isEqualTo(143);
            }
        }
    }
}
