package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server of several processes on one listener, whose workers are killed. */
class PreforkTest {

    private static final int WORKERS = 4;

    private static Guest start(int workers) {
        return Guest.start("processes/prefork", Integer.toString(workers), "0", "127.0.0.1");
    }

    private static String ask(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        byte[] answer = new byte[64];
        int count = socket.getInputStream().read(answer);
        return count < 0 ? "" : new String(answer, 0, count, US_ASCII);
    }

    private static String askOnce(int port, String request) throws IOException {
        try (Socket socket = EchoClient.connect("127.0.0.1", port)) {
            return ask(socket, request);
        } catch (IOException e) {
            return "";
        }
    }

    private static void awaitWorkers(Guest guest, int workers) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () ->
                                assertThat(guest.process().processes())
                                        .hasSize(workers + 1)
                                        .allMatch(p -> p.state() == ProcessInfo.State.RUNNING));
    }

    @Test
    void every_worker_serves() throws Exception {
        try (Guest guest = start(3)) {
            int port = guest.port();
            Set<String> workers = new HashSet<>();
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sockets.add(EchoClient.connect("127.0.0.1", port));
                workers.add(ask(sockets.get(i), "pid"));
            }
            assertThat(workers).hasSize(3).doesNotContain("", "1");
            for (Socket socket : sockets) {
                assertThat(ask(socket, "echo")).isEqualTo("echo");
                socket.close();
            }
        }
    }

    @Test
    void a_worker_that_traps_or_is_killed_is_replaced_and_others_go_on() throws Exception {
        try (Guest guest = start(2)) {
            int port = guest.port();
            try (Socket kept = EchoClient.connect("127.0.0.1", port)) {
                String worker = ask(kept, "pid");
                for (String order : List.of("!", "9")) {
                    assertThat(askOnce(port, order)).isEmpty();
                    assertThat(askOnce(port, "pid")).isNotIn("", worker);
                }
                assertThat(ask(kept, "still there")).isEqualTo("still there");
            }
            awaitWorkers(guest, 2);
            // 2 and 3 were the first, of whom one has been replaced twice
            assertThat(guest.process().processes())
                    .extracting(ProcessInfo::pid)
                    .contains(1, 5)
                    .doesNotContain(4);
        }
    }

    /** Not a part of the build, as {@link SoakTest}. */
    @Test
    @Tag("soak")
    void workers_that_are_killed_at_random_leave_nothing_behind(@TempDir Path folder)
            throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.printf("prefork soak: %.1f minutes, seed %d%n", SoakTest.MINUTES, seed);
        AtomicLong whole = new AtomicLong();
        AtomicLong cut = new AtomicLong();
        List<SoakTest.Used> used = new ArrayList<>();
        ExecutorService clients = Executors.newFixedThreadPool(6);
        try (Guest guest = start(WORKERS)) {
            int port = guest.port();
            for (int round = 0; round < SoakTest.ROUNDS; round++) {
                long end = System.nanoTime() + (long) (SoakTest.MINUTES * 60e9 / SoakTest.ROUNDS);
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    Random random = new Random(seed + round * 6L + i);
                    running.add(
                            clients.submit(
                                    () -> {
                                        while (System.nanoTime() < end) {
                                            (step(port, random) ? whole : cut).incrementAndGet();
                                        }
                                    }));
                }
                for (Future<?> client : running) {
                    client.get();
                }
                awaitWorkers(guest, WORKERS);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> guest.process().metrics().connectionsOpen() == 0);
                used.add(SoakTest.Used.now(folder));
                System.out.println("prefork soak: " + used.get(round));
                System.out.println("prefork soak: " + whole + " whole, " + cut + " cut off");
            }
            assertThat(whole.get()).isGreaterThan(cut.get());
            assertThat(cut).hasPositiveValue();
            assertThat(guest.process().abandonedThreads()).isZero();
            SoakTest.check(used);
        } finally {
            clients.shutdownNow();
        }
    }

    /** Whether all came back; what did is what was sent. */
    private static boolean step(int port, Random random) {
        String orders = "abcdefghijklmno!9x";
        byte[] data = new byte[1 + random.nextInt(60_000)];
        random.nextBytes(data);
        data[0] = (byte) orders.charAt(random.nextInt(orders.length()));
        try (Socket socket = EchoClient.connect("127.0.0.1", port)) {
            byte[] echoed = EchoClient.echo(socket, data);
            assertThat(echoed).isEqualTo(Arrays.copyOf(data, echoed.length));
            return echoed.length == data.length;
        } catch (IOException e) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
