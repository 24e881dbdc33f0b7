package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasix4j.policy.NetworkPolicy;

/**
 * A long run: several servers in one JVM under a mixed load, in rounds. Between two rounds all
 * clients are gone, and what the JVM then holds of the machine must not become more. Not a part of
 * the build: {@code mvn -Psoak test}; {@code -Dsoak.minutes} says how long, {@code -Dsoak.seed}
 * which load.
 */
@Tag("soak")
class SoakTest {

    static final double MINUTES = Double.parseDouble(System.getProperty("soak.minutes", "10"));
    static final int ROUNDS = 10;
    private static final int WARM_UP = 3;
    private static final int CLIENTS = 8;
    private static final long HEAP_GROWTH = 8L << 20;
    private static final long DIRECT_GROWTH = 2L << 20;

    /** Threads of the JVM's own that come and go: compilers, cleaners, name lookups. */
    private static final int THREAD_GROWTH = 4;

    @TempDir Path folder;

    /** What of the machine is in use. */
    record Used(long heap, long threads, long descriptors, long direct, long mappings, long files) {

        static Used now(Path folder) throws IOException {
            System.gc();
            long direct = 0;
            long mappings = 0;
            for (BufferPoolMXBean pool :
                    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
                if (pool.getName().equals("direct")) {
                    direct = pool.getMemoryUsed();
                } else if (pool.getName().equals("mapped")) {
                    mappings = pool.getCount();
                }
            }
            return new Used(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    HostDescriptors.areListed() ? HostDescriptors.open().size() : 0,
                    direct,
                    mappings,
                    filesBelow(folder) + ours());
        }

        private static long filesBelow(Path folder) throws IOException {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.count();
            }
        }

        /** In the folder for temporary files. */
        private static long ours() throws IOException {
            try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
                return files.filter(file -> file.getFileName().toString().startsWith("wasix"))
                        .count();
            }
        }
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void what_the_machine_gives_to_guests_under_load_stays_the_same() throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.printf("soak: %.1f minutes, seed %d%n", MINUTES, seed);
        byte[] content = EchoClient.bytes(12, 150_000);
        Path site = Files.createDirectory(folder.resolve("site"));
        Files.write(site.resolve("file.bin"), content);
        Path run = Files.createDirectory(folder.resolve("run"));
        List<Guest> servers = new ArrayList<>();
        try {
            servers.add(Guest.start("echo-server", "0", "127.0.0.1"));
            servers.add(Guest.start("first-generation/echo-server", "0", "127.0.0.1"));
            servers.add(Guest.start("threads/echo-server", "0"));
            servers.add(Guest.start("threads/epoll-server", "0"));
            servers.add(Guest.start("first-generation/threads/echo-server", "0"));
            List<Integer> echoes = new ArrayList<>();
            for (Guest server : servers) {
                echoes.add(server.port());
            }
            Guest http = start("http-hello", site, "/site", "-d", "/site", "0", "127.0.0.1");
            servers.add(http);
            Guest local = start("udp-unix-echo", run, "/run", "/run/socket");
            servers.add(local);
            String firstLine = local.awaitFirstLine().stdout().strip();
            SoakLoad.Targets targets =
                    new SoakLoad.Targets(
                            echoes,
                            http.port(),
                            content,
                            Integer.parseInt(firstLine.substring(firstLine.lastIndexOf(':') + 1)),
                            run.resolve("socket"),
                            Files.createDirectory(folder.resolve("trees")));
            check(rounds(servers, targets, seed));
            for (Guest server : servers) {
                assertThat(server.process().isAlive()).as(server.toString()).isTrue();
                assertThat(server.stderr()).isEmpty();
                assertThat(server.hostErrors()).isEmpty();
                assertThat(server.process().abandonedThreads()).isZero();
            }
        } finally {
            servers.forEach(Guest::close);
        }
    }

    private static Guest start(String module, Path host, String guest, String... arguments) {
        return Guest.start(
                Guest.module(module, Engine.COMPILER),
                new byte[0],
                settings ->
                        settings.withArguments(arguments)
                                .withDirectory(host, guest)
                                .withNetworkPolicy(NetworkPolicy.allowAll()));
    }

    private List<Used> rounds(List<Guest> servers, SoakLoad.Targets targets, long seed)
            throws Exception {
        List<Used> used = new ArrayList<>();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                long end = System.nanoTime() + (long) (MINUTES * 60e9 / ROUNDS);
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    SoakLoad load = new SoakLoad(targets, seed + round * CLIENTS + i);
                    running.add(
                            clients.submit(
                                    () -> {
                                        while (System.nanoTime() < end) {
                                            load.step();
                                        }
                                        return null;
                                    }));
                }
                for (Future<?> client : running) {
                    client.get();
                }
                awaitRest(servers);
                used.add(Used.now(folder));
                System.out.println("soak: round " + (round + 1) + " " + used.get(round));
                System.out.println("soak:   " + SoakLoad.counts());
            }
        } finally {
            clients.shutdownNow();
        }
        return used;
    }

    /** Until the servers know that nobody is connected any more. */
    private static void awaitRest(List<Guest> servers) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> {
                            for (Guest server : servers) {
                                assertThat(server.process().metrics().connectionsOpen())
                                        .as(server.toString())
                                        .isZero();
                            }
                        });
    }

    static void check(List<Used> used) {
        assertFlat(used, "heap", Used::heap, HEAP_GROWTH);
        assertFlat(used, "threads", Used::threads, THREAD_GROWTH);
        assertFlat(used, "descriptors", Used::descriptors, 0);
        assertFlat(used, "direct memory", Used::direct, DIRECT_GROWTH);
        assertFlat(used, "mappings", Used::mappings, 0);
        assertFlat(used, "files", Used::files, 0);
    }

    /** The least of the last rounds is not above the most of the first. */
    private static void assertFlat(
            List<Used> used, String what, ToLongFunction<Used> number, long growth) {
        long most = used.subList(0, WARM_UP).stream().mapToLong(number).max().orElseThrow();
        long least =
                used.subList(ROUNDS - WARM_UP, ROUNDS).stream()
                        .mapToLong(number)
                        .min()
                        .orElseThrow();
        assertThat(least).as(what + " in " + used).isLessThanOrEqualTo(most + growth);
    }
}
