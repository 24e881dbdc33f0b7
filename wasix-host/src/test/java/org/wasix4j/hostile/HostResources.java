package org.wasix4j.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of the host a JVM holds: descriptors by what they stand for, and threads. */
final class HostResources {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Map<String, Long> descriptors;
    private final long threads;

    private HostResources() {
        descriptors = descriptors();
        threads = threads();
    }

    static HostResources now() {
        return new HostResources();
    }

    private static Map<String, Long> descriptors() {
        Map<String, Long> kinds = new TreeMap<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return kinds;
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            for (Path each : all.toList()) {
                try {
                    String target = Files.readSymbolicLink(each).toString();
                    // numbers of sockets and pipes are chance; jars are opened when needed
                    String kind = target.replaceAll(":\\[.*", "");
                    if (!target.endsWith(".jar") && !target.startsWith("/proc/")) {
                        kinds.merge(kind, 1L, Long::sum);
                    }
                } catch (IOException e) {
                    // it was the listing's own
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return kinds;
    }

    /** Threads but those that end by themselves when they are idle. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .filter(thread -> !thread.getName().startsWith("wasix-resolver"))
                .filter(thread -> !thread.getName().contains("Cleaner"))
                .filter(thread -> !thread.getName().startsWith("awaitility"))
                .filter(thread -> !thread.getName().startsWith("junit"))
                .filter(
                        thread ->
                                thread.getThreadGroup() == null
                                        || !thread.getThreadGroup().getName().equals("system"))
                .count();
    }

    /** Fails unless the JVM holds no more than then, once what ends by itself has ended. */
    void requireNoMore(String after) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () -> {
                            assertThat(more(descriptors())).as("descriptors " + after).isEmpty();
                            assertThat(threads())
                                    .as("threads " + after + names())
                                    .isLessThanOrEqualTo(threads);
                        });
    }

    private static String names() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .collect(Collectors.joining(", ", " (", ")"));
    }

    private Map<String, Long> more(Map<String, Long> now) {
        Map<String, Long> more = new TreeMap<>();
        now.forEach(
                (kind, count) -> {
                    long over = count - descriptors.getOrDefault(kind, 0L);
                    if (over > 0) {
                        more.put(kind, over);
                    }
                });
        return more;
    }
}
