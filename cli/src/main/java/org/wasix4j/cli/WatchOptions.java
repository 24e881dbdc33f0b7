package org.wasix4j.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.wasix4j.trace.TraceFormat;
import picocli.CommandLine.Option;

/** Options for monitoring: readiness, metrics, logs, and how a program is stopped. */
final class WatchOptions {

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = {
                "Write the address of each listener to FILE, a line each. The file appears when the",
                "program listens, and goes when it does no more."
            })
    Path readyFile;

    @Option(
            names = "--metrics",
            paramLabel = "[HOST]:PORT",
            converter = Values.MetricsAddress.class,
            description = {
                "Answer HTTP there: /metrics for Prometheus, /ready with 200 while the program",
                "listens and is not about to end, else 503 (default host: 127.0.0.1)."
            })
    InetSocketAddress metrics;

    @Option(
            names = "--access-log",
            description = "Write a line for each connection that comes in or goes out.")
    boolean accessLog;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            converter = Values.Format.class,
            completionCandidates = Values.Formats.class,
            description = "How our own lines on standard error are written (default: text).")
    TraceFormat logFormat = TraceFormat.TEXT;

    @Option(
            names = "--shutdown-delay",
            paramLabel = "TIME",
            converter = Values.Grace.class,
            description = {
                "How long SIGTERM and SIGINT only make /ready answer 503, before ports are closed:",
                "the time that a balancer needs to see it (default: 0)."
            })
    Duration shutdownDelay = Duration.ZERO;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            converter = Values.Grace.class,
            description = {
                "How long SIGTERM and SIGINT leave the program to come to its end: no connection",
                "is accepted, and those that are open may finish (default: 8s; 0 for no time)."
            })
    Duration shutdownTimeout = Duration.ofSeconds(8);
}
