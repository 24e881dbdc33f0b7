package org.wasix4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The inner paths under JMH: bytes that a call allocates. */
final class AllocationFigures implements Figure {

    private static final int MOST_SECONDS = 300;

    /**
     * The array in which the engine passes arguments, in bytes: 16 and 8 for each parameter. A
     * transfer is two calls. It is the most that is expected; the JIT compiler may do without.
     */
    private static final Map<String, Integer> ENGINE_BYTES =
            Map.of(
                    "clock_time_get", 16 + 3 * 8,
                    "transfer", 16 + 6 * 8 + 16 + 5 * 8,
                    "fd_write", 16 + 4 * 8,
                    "poll_oneoff", 16 + 4 * 8,
                    "epoll_wait", 16 + 5 * 8);

    @Override
    public String name() {
        return "jmh";
    }

    @Override
    public List<Row> take(Bench bench) {
        Settings settings = bench.settings();
        Path result = settings.work().resolve("jmh.json");
        Path log = settings.work().resolve("jmh.log");
        String seconds = settings.quick() ? "1" : "2";
        List<String> command =
                List.of(
                        settings.javaHome().resolve("bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.openjdk.jmh.Main",
                        "HostCalls",
                        "-f",
                        "1",
                        "-wi",
                        settings.quick() ? "3" : "4",
                        "-w",
                        seconds,
                        "-i",
                        "3",
                        "-r",
                        seconds,
                        "-to",
                        "30s",
                        "-foe",
                        "true",
                        "-prof",
                        "gc",
                        "-rf",
                        "json",
                        "-rff",
                        result.toString(),
                        "-jvmArgs",
                        "-XX:-DontCompileHugeMethods -XX:+UseSerialGC -Dguest="
                                + settings.guest("calls"));
        try {
            Process process =
                    Processes.start(
                            new ProcessBuilder(command)
                                    .redirectErrorStream(true)
                                    .redirectOutput(log.toFile()));
            try {
                if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                    throw new BenchmarkException("JMH does not come to an end, see " + log);
                }
                if (process.exitValue() != 0) {
                    throw new BenchmarkException("JMH fails, see " + log);
                }
            } finally {
                Processes.end(process);
            }
            return rows(bench, new ObjectMapper().readTree(result.toFile()));
        } catch (IOException e) {
            throw new BenchmarkException("JMH: " + e.getMessage() + ", see " + log, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    private static List<Row> rows(Bench bench, JsonNode results) {
        List<Row> rows = new ArrayList<>();
        for (JsonNode result : results) {
            String[] call = result.path("params").path("call").asText().split(" ");
            double allocated = steady(result);
            int most = ENGINE_BYTES.get(call[2]);
            String what = call[2].equals("transfer") ? "sock_send and sock_recv" : call[2];
            String among = call[1].equals("0") ? "" : ", " + call[1] + " idle sockets";
            // a byte for the order that starts the calls
            rows.add(
                    Row.alone(
                            "allocation a call, " + what + among,
                            "B",
                            allocated,
                            "at most " + most + " B, the engine's argument array",
                            allocated <= most + 1));
            bench.say(
                    what
                            + among
                            + ": "
                            + Numbers.value(allocated)
                            + " B a call, "
                            + Numbers.value(result.path("primaryMetric").path("score").asDouble())
                            + " ns");
        }
        if (rows.size() != 7) {
            throw new BenchmarkException("JMH gave " + rows.size() + " results of 7");
        }
        return rows;
    }

    /**
     * Of the iteration that allocated least a call: the others were not yet compiled to the end.
     */
    private static double steady(JsonNode result) {
        JsonNode counted = result.path("secondaryMetrics");
        JsonNode bytes = counted.path("guestBytes").path("rawData").path(0);
        JsonNode calls = counted.path("guestCalls").path("rawData").path(0);
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < bytes.size(); i++) {
            least = Math.min(least, bytes.get(i).asDouble() / calls.get(i).asDouble());
        }
        if (Double.isInfinite(least)) {
            throw new BenchmarkException("JMH reported no allocation of " + result.path("params"));
        }
        return least;
    }
}
