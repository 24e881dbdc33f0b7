package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code stop}: nobody new comes in, who is there is served, and then it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GracefulEndTest {

    /** So long that a test which needs it all fails by its own time limit. */
    private static final Duration AGES = Duration.ofMinutes(10);

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

    /** As a program of wasix-libc that has set no handler: libc's own finds nothing to call. */
    @Test
    void a_guest_whose_handler_finds_nothing_to_call_goes_on_while_there_is_a_connection()
            throws Exception {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                Guest guest =
                        Guest.start(
                                        Guest.module("system/no-handler", Engine.COMPILER),
                                        new byte[0],
                                        settings ->
                                                settings.withArguments("empty")
                                                        .withListener(listener))
                                .awaitFirstLine()) {
            long before = guest.process().metrics().syscalls();
            CompletableFuture<ExitStatus> end = stop(guest.process(), AGES);
            await().until(() -> guest.process().metrics().syscalls() > before);
            assertThat(client.isConnected()).isTrue();
            assertThat(end).isNotDone();
            guest.process().destroy();
            end.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void without_any_grace_it_ends_at_once() throws Exception {
        try (Guest guest = Guest.start("http-hello", "0", "127.0.0.1");
                HttpClientSocket client = new HttpClientSocket(guest.port())) {
            client.send("GET / HT");
            assertKilledBy15(guest.process().stop(Duration.ZERO));
        }
    }
}
