package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a guest, a thread of a guest and an idle connection take of the machine's memory. */
final class MemoryFigures implements Figure {

    private static final int GUESTS = 100;
    private static final int THREADS = 200;
    private static final int CONNECTIONS = 2_000;
    static final double MEGABYTE = 1 << 20;
    private static final double GUEST_LIMIT = 4;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Row> take(Bench bench) {
        List<Row> rows = new ArrayList<>();
        guests(bench, rows);
        rows.add(threads(bench));
        rows.add(connections(bench));
        for (Row row : rows) {
            bench.say(
                    row.title()
                            + ": "
                            + Numbers.value(row.value(Contender.GUEST))
                            + " "
                            + row.unit());
        }
        return rows;
    }

    private static void guests(Bench bench, List<Row> rows) {
        List<ManyGuests> sizes = inOneJvm(bench, List.of(1, GUESTS));
        double one = sizes.get(0).bytes();
        double each = (sizes.get(1).bytes() - one) / (GUESTS - 1) / MEGABYTE;
        rows.add(
                Row.alone(
                        "memory of a JVM with one guest (40 KB module)",
                        "MB",
                        one / MEGABYTE,
                        "",
                        null));
        rows.add(
                Row.alone(
                        "growth a guest, at " + GUESTS + " guests in one JVM",
                        "MB",
                        each,
                        "under 4 MB",
                        each < GUEST_LIMIT));
    }

    /**
     * A JVM with some guests.
     *
     * @param bytes its resident memory
     * @param startNanos the median time of the starts since the step before
     */
    record ManyGuests(double bytes, double startNanos) {}

    /** One JVM with growing numbers of guests. */
    static List<ManyGuests> inOneJvm(Bench bench, List<Integer> counts) {
        List<String> command = new ArrayList<>();
        command.add(bench.settings().javaHome().resolve("bin/java").toString());
        command.add("-XX:-DontCompileHugeMethods");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(GuestMemory.class.getName());
        command.add(bench.settings().guest("http-epoll").toString());
        counts.forEach(count -> command.add(count.toString()));
        List<ManyGuests> steps = new ArrayList<>();
        for (String line : bench.output(command, "guests")) {
            String[] words = line.split(" ");
            steps.add(new ManyGuests(Double.parseDouble(words[0]), Double.parseDouble(words[1])));
        }
        if (steps.size() != counts.size()) {
            throw new BenchmarkException(
                    steps.size() + " lines for " + counts + " guests; see guests.log");
        }
        return steps;
    }

    /** Starts a guest that starts so many threads, and compares with the same that starts one. */
    private static Row threads(Bench bench) {
        double few = settledThreads(bench, 1, "-Xmn8m");
        double many = settledThreads(bench, THREADS, "-Xmn8m");
        return Row.alone(
                "growth a guest thread, at " + THREADS + " threads",
                "KB",
                (many - few) / (THREADS - 1) / 1024,
                "",
                null);
    }

    /**
     * Resident bytes of a process whose guest has started so many threads.
     *
     * @param javaOptions more options of the JVM, or ""
     */
    static double settledThreads(Bench bench, int threads, String javaOptions) {
        List<String> command =
                bench.guestCommand(
                        bench.settings().guest("threads"),
                        List.of("--max-threads", "1000"),
                        Collections.nCopies(threads, "x"));
        Path log = bench.settings().work().resolve("threads.log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(bench.guestEnvironment(bench.settings().javaHome()));
        builder.environment().put("WASIX_RUN_JAVA_OPTS", javaOptions);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = Processes.start(builder);
            try {
                return settled(process.pid());
            } finally {
                Processes.end(process);
            }
        } catch (IOException e) {
            throw new BenchmarkException("cannot run wasix-run: " + e.getMessage(), e);
        }
    }

    /** Resident memory once it has stopped to grow. */
    static double settled(long pid) {
        long last = 0;
        int same = 0;
        for (int i = 0; i < 60; i++) {
            pause(250);
            long now = ProcFiles.residentBytes(pid);
            same = Math.abs(now - last) < MEGABYTE / 4 ? same + 1 : 0;
            last = now;
            if (same >= 6 && i >= 10) {
                break;
            }
        }
        return last;
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    /** In one process: some connections to warm up, then the idle ones. */
    private static Row connections(Bench bench) {
        Map<String, String> environment =
                new HashMap<>(bench.guestEnvironment(bench.settings().javaHome()));
        // so that what the collector leaves until later does not count
        environment.put("WASIX_RUN_JAVA_OPTS", "-Xmn8m");
        try (Program guest =
                Program.start(
                        bench.guestCommand(
                                bench.settings().guest("http-epoll"),
                                List.of(),
                                List.of("0", "127.0.0.1")),
                        environment,
                        bench.settings().work().resolve("connections.log"))) {
            bench.load().calls(guest.port(), CONNECTIONS / 4).close();
            double few = settled(guest.pid());
            LoadClient.Calls idle = bench.load().calls(guest.port(), CONNECTIONS);
            double many = settled(guest.pid());
            idle.close();
            return Row.alone(
                    "growth an idle connection of the epoll guest, at "
                            + Numbers.value(CONNECTIONS)
                            + " (the guest's own buffers included)",
                    "KB",
                    (many - few) / CONNECTIONS / 1024,
                    "",
                    null);
        }
    }
}
