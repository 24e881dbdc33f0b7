package org.wasix4j.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.wasix4j.runtime.WasixMetrics;
import org.wasix4j.runtime.WasixProcess;
import org.wasix4j.types.Nullable;

/**
 * What {@code --metrics} opens: {@code /metrics} in the text format of Prometheus, and {@code
 * /ready}, which answers 200 while the guest listens and is not about to end, else 503. It is for
 * the machines that watch, and grants nothing to the guest.
 */
final class MetricsServer implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final HttpServer server;
    private final ExecutorService thread;
    private final Readiness readiness;
    private final String program;
    private volatile @Nullable WasixProcess guest;

    /**
     * Opens the port.
     *
     * @throws IOException when it is taken
     */
    MetricsServer(InetSocketAddress address, String program, Readiness readiness)
            throws IOException {
        this.program = program;
        this.readiness = readiness;
        server = HttpServer.create(address, BACKLOG);
        // one thread: a slow client delays other clients, and not the guest
        thread =
                Executors.newSingleThreadExecutor(
                        body -> {
                            Thread made = new Thread(body, "wasix-metrics");
                            made.setDaemon(true);
                            return made;
                        });
        server.setExecutor(thread);
        server.createContext("/metrics", this::metrics);
        server.createContext("/ready", this::ready);
        server.start();
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    /** Whose numbers they are, from now on. */
    void guest(WasixProcess process) {
        guest = process;
    }

    private void ready(HttpExchange exchange) throws IOException {
        boolean ready = readiness.isReady();
        answer(exchange, ready ? 200 : 503, "text/plain", ready ? "ready\n" : "not ready\n");
    }

    private void metrics(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create()
                .write(text, snapshots(), EscapingScheme.UNDERSCORE_ESCAPING);
        answer(
                exchange,
                200,
                PrometheusTextFormatWriter.CONTENT_TYPE,
                text.toString(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        try (exchange) {
            boolean known =
                    exchange.getRequestURI().getPath().equals(exchange.getHttpContext().getPath());
            byte[] body = (known ? text : "not found\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", known ? type : "text/plain");
            exchange.sendResponseHeaders(known ? status : 404, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        gauge(all, "wasix_ready", "1 while the guest listens", readiness.isReady() ? 1 : 0);
        WasixProcess process = guest;
        if (process != null) {
            guest(all, process.metrics());
        }
        jvm(all);
        return all.build();
    }

    private void guest(MetricSnapshots.Builder all, WasixMetrics now) {
        gauge(all, "wasix_connections_open", "Connections that are open", now.connectionsOpen());
        counter(all, "wasix_connections_accepted", "Connections in", now.connectionsAccepted());
        counter(all, "wasix_connections_opened", "Connections out", now.connectionsOpened());
        counter(all, "wasix_bytes_received", "Bytes from sockets", now.bytesReceived());
        counter(all, "wasix_bytes_sent", "Bytes to sockets", now.bytesSent());
        gauge(all, "wasix_descriptors", "Descriptors that are open", now.descriptors());
        gauge(all, "wasix_threads", "Guest threads that run", now.threads());
        counter(all, "wasix_denials", "Refusals by the policy", now.denials());
        counter(all, "wasix_syscalls", "Host calls", now.syscalls());
    }

    private void jvm(MetricSnapshots.Builder all) {
        Runtime runtime = Runtime.getRuntime();
        gauge(
                all,
                "jvm_heap_used_bytes",
                "Java heap",
                runtime.totalMemory() - runtime.freeMemory());
        gauge(
                all,
                "jvm_threads",
                "Java threads",
                ManagementFactory.getThreadMXBean().getThreadCount());
        gauge(
                all,
                "process_start_time_seconds",
                "Start, in seconds since 1970",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.UnixOperatingSystemMXBean system) {
            counter(all, "process_cpu_seconds", "Processor time", system.getProcessCpuTime() / 1e9);
            gauge(
                    all,
                    "process_open_fds",
                    "Descriptors of the JVM",
                    system.getOpenFileDescriptorCount());
            gauge(all, "process_max_fds", "The most of them", system.getMaxFileDescriptorCount());
        }
    }

    private void gauge(MetricSnapshots.Builder all, String name, String help, double value) {
        all.metricSnapshot(
                GaugeSnapshot.builder()
                        .name(name)
                        .help(help)
                        .dataPoint(
                                GaugeDataPointSnapshot.builder()
                                        .value(value)
                                        .labels(labels())
                                        .build())
                        .build());
    }

    private void counter(MetricSnapshots.Builder all, String name, String help, double value) {
        all.metricSnapshot(
                CounterSnapshot.builder()
                        .name(name)
                        .help(help)
                        .dataPoint(
                                CounterDataPointSnapshot.builder()
                                        .value(value)
                                        .labels(labels())
                                        .build())
                        .build());
    }

    private Labels labels() {
        return Labels.of("program", program);
    }

    @Override
    public void close() {
        server.stop(0);
        thread.shutdownNow();
    }
}
