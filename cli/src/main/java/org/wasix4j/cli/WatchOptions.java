package org.wasix4j.cli;

import static org.wasix4j.cli.CommandModel.flag;
import static org.wasix4j.cli.CommandModel.path;
import static org.wasix4j.cli.CommandModel.value;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.wasix4j.trace.TraceFormat;

/** Options for monitoring: readiness, metrics, logs, and how a program is stopped. */
final class WatchOptions implements OptionGroup {

    Path readyFile;

    InetSocketAddress metrics;

    boolean accessLog;

    TraceFormat logFormat = TraceFormat.TEXT;

    Duration shutdownDelay = Duration.ZERO;

    Duration shutdownTimeout = Duration.ofSeconds(8);

    @Override
    public void addTo(CommandModel command) {
        command.add(
                path("--ready-file", "FILE", v -> readyFile = v)
                        .description(
                                "Write the address of each listener to FILE, a line each. The file appears when the",
                                "program listens, and goes when it does no more."));
        command.add(
                value("--metrics", "[HOST]:PORT", new Values.MetricsAddress(), v -> metrics = v)
                        .description(
                                "Answer HTTP there: /metrics for Prometheus, /ready with 200 while the program",
                                "listens and is not about to end, else 503 (default host: 127.0.0.1)."));
        command.add(
                flag(() -> accessLog = true, "--access-log")
                        .description(
                                "Write a line for each connection that comes in or goes out."));
        command.add(
                value("--log-format", "text|json", new Values.Format(), v -> logFormat = v)
                        .completionCandidates(Values.FORMATS)
                        .description(
                                "How our own lines on standard error are written (default: text)."));
        command.add(
                value("--shutdown-delay", "TIME", new Values.Grace(), v -> shutdownDelay = v)
                        .description(
                                "How long SIGTERM and SIGINT only make /ready answer 503, before ports are closed:",
                                "the time that a balancer needs to see it (default: 0)."));
        command.add(
                value("--shutdown-timeout", "TIME", new Values.Grace(), v -> shutdownTimeout = v)
                        .description(
                                "How long SIGTERM and SIGINT leave the program to come to its end: no connection",
                                "is accepted, and those that are open may finish (default: 8s; 0 for no time)."));
    }
}
