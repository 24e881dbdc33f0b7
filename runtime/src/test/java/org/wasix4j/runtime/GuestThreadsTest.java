package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;

/**
 * Guests with threads, started in every way that the generations of the ABI have, do their work.
 */
@Timeout(120)
class GuestThreadsTest {

    private static final String THREAD_PER_CONNECTION = "threads/echo-server";
    private static final String POOL = "threads/epoll-server";
    private static final String LEGACY = "first-generation/threads/echo-server";

    private static void assertNothingLeft(Guest guest, String module) {
        guest.close();
        assertThat(guest.process().abandonedThreads()).isZero();
        assertThat(guest.hostErrors()).isEmpty();
        await().atMost(Guest.SOON)
                .untilAsserted(() -> assertThat(Guest.threadsOf(module)).isEmpty());
    }

    private static String run(String module, Limits limits, String... arguments) throws Exception {
        try (Guest guest =
                Guest.start(
                        Guest.module(module, Engine.COMPILER),
                        new byte[0],
                        settings -> settings.withArguments(arguments).withLimits(limits))) {
            assertThat(guest.awaitEnd().shellCode()).as(guest.toString()).isZero();
            assertNothingLeft(guest, module);
            return guest.stdout();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {THREAD_PER_CONNECTION, POOL, LEGACY})
    void many_clients_of_a_server_with_threads_get_each_its_own(String module) throws Exception {
        int count = 24;
        ExecutorService clients = Executors.newFixedThreadPool(count);
        try (Guest server = Guest.start(module, "0")) {
            int port = server.port();
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] data = EchoClient.bytes(i, 100_000 + i);
                tasks.add(
                        () -> {
                            boolean same = true;
                            for (int round = 0; round < 3; round++) {
                                try (Socket client = EchoClient.connect("127.0.0.1", port)) {
                                    same &= Arrays.equals(EchoClient.echo(client, data), data);
                                }
                            }
                            return same;
                        });
            }
            for (Future<Boolean> task : clients.invokeAll(tasks)) {
                assertThat(task.get()).as(server.toString()).isTrue();
            }
            assertThat(server.stderr()).isEmpty();
            assertNothingLeft(server, module);
        } finally {
            clients.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {THREAD_PER_CONNECTION, POOL, LEGACY})
    void clients_that_reset_harm_nobody(String module) throws Exception {
        try (Guest server = Guest.start(module, "0");
                Socket other = EchoClient.connect("127.0.0.1", server.port())) {
            for (int i = 0; i < 10; i++) {
                Socket rude = EchoClient.connect("127.0.0.1", server.port());
                rude.getOutputStream().write(EchoClient.bytes(i, 50_000));
                rude.setSoLinger(true, 0);
                rude.close();
            }
            byte[] data = EchoClient.bytes(7, 100_000);
            assertThat(Arrays.equals(EchoClient.echo(other, data), data)).isTrue();
            assertThat(server.stderr()).isEmpty();
        }
    }

    /** One thread of the pool sends to a client that does not read; the others serve the rest. */
    @Test
    void a_thread_that_is_stuck_does_not_keep_the_others_of_its_epoll_set() throws Exception {
        try (Guest server = Guest.start(POOL, "0", "2");
                Socket stuck = EchoClient.connect("127.0.0.1", server.port())) {
            byte[] block = EchoClient.bytes(1, 1_000_000);
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<Void> sending =
                    CompletableFuture.runAsync(() -> sendUntil(enough, sent, stuck, block));
            // how much the kernel keeps on the way is the machine's: until no more is taken
            AtomicInteger before = new AtomicInteger(-1);
            await("a sender that is stuck")
                    .atMost(Guest.SOON)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
            for (int i = 0; i < 20; i++) {
                try (Socket client = EchoClient.connect("127.0.0.1", server.port())) {
                    client.getOutputStream().write('?');
                    assertThat((char) client.getInputStream().read()).isIn('0', '1');
                }
            }
            enough.set(true);
            InputStream in = stuck.getInputStream();
            int echoed = 0;
            byte[] next = in.readNBytes(block.length);
            while (next.length > 0) {
                assertThat(Arrays.equals(next, block)).as("block %d", echoed).isTrue();
                echoed++;
                next = in.readNBytes(block.length);
            }
            sending.get(20, TimeUnit.SECONDS);
            assertThat(sent).hasValue(echoed);
        }
    }

    /** Sends a block again and again to one who does not read, and counts. */
    private static void sendUntil(
            AtomicBoolean enough, AtomicInteger sent, Socket to, byte[] block) {
        try {
            while (!enough.get()) {
                to.getOutputStream().write(block);
                sent.incrementAndGet();
            }
            to.shutdownOutput();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "threads/lifecycle",
                "threads/lifecycle-v2",
                "first-generation/threads/lifecycle",
                "first-generation/threads/lifecycle-record"
            })
    void beyond_the_limit_there_is_no_thread_until_one_has_ended(String module) throws Exception {
        assertThat(run(module, Limits.defaults().withMaxThreads(6), "limit"))
                .isEqualTo("5 threads, then again\nthen success\n");
    }

    @Test
    void a_thousand_threads_live_at_once_and_leave_nothing() throws Exception {
        String module = "threads/lifecycle";
        run(module, Limits.defaults(), "many", "2");
        assumeTrue(HostDescriptors.areListed());
        int before = HostDescriptors.open().size();
        assertThat(run(module, Limits.defaults(), "many", "1000"))
                .isEqualTo("1000 threads\nended\n");
        await().atMost(Guest.SOON)
                .untilAsserted(() -> assertThat(HostDescriptors.open()).hasSize(before));
    }

    @Test
    void threads_can_follow_each_other_without_end() throws Exception {
        assertThat(run("threads/lifecycle", Limits.defaults(), "churn", "1000"))
                .isEqualTo("1000 threads, one after another\n");
    }

    @Test
    void a_mutex_of_futexes_keeps_eight_threads_apart() throws Exception {
        assertThat(run("threads/lifecycle", Limits.defaults(), "mutex", "400000"))
                .isEqualTo("400000\n");
    }

    @Test
    void many_guests_with_threads_live_in_one_jvm() throws Exception {
        List<Guest> guests = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                guests.add(Guest.start(POOL, "0", "3"));
            }
            for (Guest guest : guests) {
                byte[] data = EchoClient.bytes(1, 10_000);
                try (Socket client = EchoClient.connect("127.0.0.1", guest.port())) {
                    assertThat(Arrays.equals(EchoClient.echo(client, data), data)).isTrue();
                }
            }
        } finally {
            guests.forEach(guest -> guest.process().destroy());
            guests.forEach(Guest::close);
        }
        await().atMost(Guest.SOON).untilAsserted(() -> assertThat(Guest.threadsOf(POOL)).isEmpty());
    }
}
