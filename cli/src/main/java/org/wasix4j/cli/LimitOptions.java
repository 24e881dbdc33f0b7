package org.wasix4j.cli;

import java.time.Duration;
import org.wasix4j.policy.Limits;
import picocli.CommandLine.Option;

/** What a program may use at most. */
final class LimitOptions {

    @Option(
            names = "--max-memory",
            paramLabel = "BYTES",
            converter = Values.Size.class,
            description =
                    "The most memory the program may use, such as 64M or 1G; tables and files in"
                            + " memory count.")
    long maxMemory;

    @Option(
            names = "--max-fds",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most open descriptors.")
    int maxDescriptors = Limits.defaults().maxDescriptors();

    @Option(
            names = "--max-sockets",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most open sockets.")
    int maxSockets = Limits.defaults().maxSockets();

    @Option(
            names = "--max-threads",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most threads.")
    int maxThreads = Limits.defaults().maxThreads();

    @Option(
            names = "--max-processes",
            paramLabel = "N",
            converter = Values.Count.class,
            description = "The most processes, of the program and those it starts.")
    int maxProcesses = Limits.defaults().maxProcesses();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Values.Time.class,
            description = "How long it may take, compiling included, as 500ms, 30s or 5m.")
    Duration timeout;

    /**
     * The limits.
     *
     * @param timeLeft how long the program may run, or null for ever
     */
    Limits limits(Duration timeLeft) {
        return Limits.defaults()
                .withMaxMemory(maxMemory)
                .withMaxDescriptors(maxDescriptors)
                .withMaxSockets(maxSockets)
                .withMaxThreads(maxThreads)
                .withMaxProcesses(maxProcesses)
                .withTimeout(timeLeft);
    }
}
