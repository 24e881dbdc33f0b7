package org.wasix4j.cli;

import static org.wasix4j.cli.Option.flag;
import static org.wasix4j.cli.Option.path;
import static org.wasix4j.cli.Option.value;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.wasix4j.trace.TraceFormat;
import org.wasix4j.types.Nullable;

/** Options for monitoring: readiness, metrics, logs, and how a program is stopped. */
final class WatchOptions implements OptionGroup {

    @Nullable Path readyFile;

    @Nullable InetSocketAddress metrics;

    boolean accessLog;

    TraceFormat logFormat = TraceFormat.TEXT;

    Duration shutdownDelay = Duration.ZERO;

    Duration shutdownTimeout = Duration.ofSeconds(8);

    @Override
    public void addTo(CommandModel command) {
        command.add(
                path("--ready-file", "FILE", v -> readyFile = v)
                        .description(
                                "Write the address of each listener to FILE, one on each line. The file exists as",
                                "long as the program listens."));
        command.add(
                value("--metrics", "[HOST]:PORT", new Values.MetricsAddress(), v -> metrics = v)
                        .description(
                                "Serve HTTP there: /metrics for Prometheus; /ready answers 200 while the program",
                                "listens and is not shutting down, otherwise 503 (default host: 127.0.0.1)."));
        command.add(
                flag(() -> accessLog = true, "--access-log")
                        .description("Write a line for each incoming and outgoing connection."));
        command.add(
                value("--log-format", "text|json", new Values.Format(), v -> logFormat = v)
                        .candidates(Values.FORMATS)
                        .description(
                                "The format of this command's lines on standard error (default: text)."));
        command.add(
                value("--shutdown-delay", "TIME", new Values.Grace(), v -> shutdownDelay = v)
                        .description(
                                "How long after SIGTERM or SIGINT /ready answers 503 before ports are closed: the",
                                "time that a load balancer needs to notice it (default: 0)."));
        command.add(
                value("--shutdown-timeout", "TIME", new Values.Grace(), v -> shutdownTimeout = v)
                        .description(
                                "How long the program may take to end after SIGTERM or SIGINT: no new connection",
                                "is accepted, and open ones may finish (default: 8s; 0 ends it at once)."));
    }
}
