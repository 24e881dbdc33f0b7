package org.wasix4j.cli;

import static org.wasix4j.cli.Option.value;

import java.time.Duration;
import org.wasix4j.policy.Limits;
import org.wasix4j.types.Nullable;

/** What a program may use at most. */
final class LimitOptions implements OptionGroup {

    long maxMemory;

    int maxDescriptors = Limits.defaults().maxDescriptors();

    int maxSockets = Limits.defaults().maxSockets();

    int maxThreads = Limits.defaults().maxThreads();

    int maxProcesses = Limits.defaults().maxProcesses();

    long maxStack = Limits.defaults().maxStack();

    @Nullable Duration timeout;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                value("--max-memory", "BYTES", new Values.Size(), v -> maxMemory = v)
                        .description(
                                "The most memory the program may use, such as 64M or 1G; tables and files in"
                                        + " memory count."));
        command.add(
                value("--max-fds", "N", new Values.Count(), v -> maxDescriptors = v)
                        .description("The most open descriptors."));
        command.add(
                value("--max-sockets", "N", new Values.Count(), v -> maxSockets = v)
                        .description("The most open sockets."));
        command.add(
                value("--max-threads", "N", new Values.Count(), v -> maxThreads = v)
                        .description("The most threads."));
        command.add(
                value("--max-processes", "N", new Values.Count(), v -> maxProcesses = v)
                        .description("The most processes, of the program and those it starts."));
        command.add(
                value("--max-stack", "BYTES", new Values.Size(), v -> maxStack = v)
                        .description(
                                "The stack of the first thread of each process, 16M unless set; other"
                                        + " threads have an eighth."));
        command.add(
                value("--timeout", "TIME", new Values.Time(), v -> timeout = v)
                        .description(
                                "How long the program may take, compiling included, for example 500ms,"
                                        + " 30s or 5m."));
    }

    /**
     * The limits.
     *
     * @param timeLeft how long the program may run, or null for ever
     */
    Limits limits(@Nullable Duration timeLeft) {
        return Limits.defaults()
                .withMaxMemory(maxMemory)
                .withMaxDescriptors(maxDescriptors)
                .withMaxSockets(maxSockets)
                .withMaxThreads(maxThreads)
                .withMaxProcesses(maxProcesses)
                .withMaxStack(maxStack)
                .withTimeout(timeLeft);
    }
}
