package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;

/** Many guests in one JVM, one after the other and side by side. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ManyGuestsTest {

    private static final int WARM_UP = 40;
    private static final int CYCLES = 200;
    private static final int SIDE_BY_SIDE = 97;
    private static final long MOST_GROWTH = 4L << 20;

    private static WasixRuntime.Builder servers() {
        return WasixRuntime.builder()
                .withArguments("0", "127.0.0.1")
                .withLimits(Limits.defaults().withMaxMemory(16L << 20))
                .withNetworkPolicy(NetworkPolicy.parse("ipv4:allow=127.0.0.1:0/in"));
    }

    private static void assertServes(WasixProcess server) throws IOException {
        try (Socket client = new Socket("127.0.0.1", server.port())) {
            client.setSoTimeout((int) Guest.SOON.toMillis());
            client.getOutputStream().write("ping".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString(US_ASCII).isEqualTo("ping");
        }
    }

    /** What of the host is in use. */
    private record Used(long heap, int threads, int descriptors, long files) {

        static Used now() throws IOException {
            System.gc();
            int threads = Guest.threadsOf("echo-server").size();
            int descriptors = HostDescriptors.areListed() ? HostDescriptors.open().size() : 0;
            try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
                long left =
                        files.filter(file -> file.getFileName().toString().startsWith("wasix"))
                                .count();
                long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                return new Used(heap, threads, descriptors, left);
            }
        }
    }

    @Test
    void two_hundred_servers_one_after_the_other_leave_nothing_behind() throws Exception {
        WasixModule module = Guest.module("echo-server", Engine.COMPILER);
        WasixRuntime runtime = servers().build();
        cycle(runtime, module, WARM_UP);
        Used before = Used.now();
        cycle(runtime, module, CYCLES);
        await().atMost(Guest.SOON)
                .untilAsserted(
                        () -> {
                            Used after = Used.now();
                            assertThat(after.threads()).isZero();
                            assertThat(after.descriptors())
                                    .isLessThanOrEqualTo(before.descriptors());
                            assertThat(after.files()).isLessThanOrEqualTo(before.files());
                            assertThat(after.heap()).isLessThan(before.heap() + MOST_GROWTH);
                        });
    }

    private static void cycle(WasixRuntime runtime, WasixModule module, int times)
            throws Exception {
        for (int i = 0; i < times; i++) {
            try (WasixProcess server = runtime.start(module)) {
                server.awaitListening(Guest.SOON);
                assertServes(server);
                if (i % 20 == 0) {
                    assertThat(server.stop(Duration.ofSeconds(60)).shellCode()).isEqualTo(143);
                }
            }
        }
    }

    @Test
    void a_hundred_guests_side_by_side_do_not_mind_one_that_traps_one_that_loops_and_one_that_eats()
            throws Exception {
        WasixModule module = Guest.module("echo-server", Engine.COMPILER);
        WasixRuntime runtime = servers().build();
        List<WasixProcess> all = new ArrayList<>();
        try {
            for (int i = 0; i < SIDE_BY_SIDE; i++) {
                all.add(runtime.start(module));
            }
            Set<Integer> ports = new HashSet<>();
            for (WasixProcess server : all) {
                ports.add(server.awaitListening(Guest.SOON).port());
            }
            assertThat(ports).hasSize(SIDE_BY_SIDE);
            WasixProcess looping = runtime.start(Guests.compiled("loop"));
            WasixProcess eating = runtime.start(Guests.compiled("eat"));
            WasixProcess trapping = runtime.start(Guests.compiled("unreachable"));
            List<WasixProcess> servers = List.copyOf(all);
            all.addAll(List.of(looping, eating, trapping));
            assertThat(trapping.waitFor().kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
            for (WasixProcess server : servers) {
                assertServes(server);
            }
            assertThat(looping.isAlive()).isTrue();
            assertThat(eating.isAlive()).isTrue();
            assertThat(servers).allMatch(WasixProcess::isAlive);
        } finally {
            all.forEach(WasixProcess::destroy);
            all.forEach(WasixProcess::close);
        }
        assertThat(all).noneMatch(WasixProcess::isAlive);
        await().atMost(Guest.SOON).until(() -> Guest.threadsOf("echo-server").isEmpty());
    }
}
