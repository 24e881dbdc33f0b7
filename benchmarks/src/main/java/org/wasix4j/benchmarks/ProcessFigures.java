package org.wasix4j.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What other processes cost (guests/processes.c): a fork, a spawn, and a child that does nothing,
 * against fork(2) and posix_spawn(3) of the same program.
 */
final class ProcessFigures implements Figure {

    private static final double MILLISECOND = 1e6;
    private static final double MEGABYTE = 1 << 20;
    private static final int WARM_UPS = 6;
    private static final int CHILDREN = 8;

    @Override
    public String name() {
        return "processes";
    }

    @Override
    public List<Row> take(Bench bench) {
        List<Row> rows = new ArrayList<>();
        rows.add(times(bench, "fork of 1 MB, the end of the child, wait", 5, "fork", "1", "100"));
        rows.add(times(bench, "fork of 64 MB, the end of the child, wait", 60, "fork", "64", "20"));
        rows.add(
                times(
                        bench,
                        "spawn of a compiled program of 50 KB, its end, wait",
                        10,
                        "spawn",
                        "100"));
        rows.add(children(bench));
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

    /** A program that measures a median each time it is asked. */
    private static final class Measured implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;
        private final Writer input;
        private final Path log;

        Measured(List<String> command, Map<String, String> environment, Path log) {
            this.log = log;
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
            builder.environment().putAll(environment);
            try {
                process = Processes.start(builder);
            } catch (IOException e) {
                throw new BenchmarkException(
                        "cannot run " + command.get(0) + ": " + e.getMessage(), e);
            }
            output = process.inputReader(StandardCharsets.US_ASCII);
            input = process.outputWriter(StandardCharsets.US_ASCII);
        }

        double milliseconds() {
            try {
                input.write("more\n");
                input.flush();
                return Double.parseDouble(line()) / MILLISECOND;
            } catch (IOException e) {
                throw new BenchmarkException("processes failed: see " + log, e);
            }
        }

        String line() throws IOException {
            String line = output.readLine();
            if (line == null) {
                throw new BenchmarkException("processes failed: see " + log);
            }
            return line;
        }

        @Override
        public void close() {
            Processes.end(process);
        }
    }

    private static Measured guest(Bench bench, List<String> words) {
        Path module = bench.settings().guest("processes");
        Map<String, String> environment =
                new HashMap<>(bench.guestEnvironment(bench.settings().javaHome()));
        return new Measured(
                bench.guestCommand(module, List.of("--program", "/bin/self=" + module), words),
                environment,
                bench.settings().work().resolve("processes.log"));
    }

    private static Row times(Bench bench, String title, double limit, String... words) {
        List<String> natively = new ArrayList<>();
        natively.add(bench.settings().nativeProgram("processes").toString());
        natively.addAll(List.of(words));
        List<Double> own = new ArrayList<>();
        List<Double> base = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        Path log = bench.settings().work().resolve("processes-native.log");
        try (Measured there = new Measured(natively, Map.of(), log);
                Measured here = guest(bench, List.of(words))) {
            for (int i = 0; i < WARM_UPS; i++) {
                here.milliseconds();
            }
            for (int i = 0; i < bench.settings().rounds(); i++) {
                base.add(there.milliseconds());
                own.add(here.milliseconds());
                ratios.add(own.get(i) / base.get(i));
            }
        }
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, Numbers.median(base));
        values.put(Contender.GUEST, Numbers.median(own));
        Map<Contender, Double> compared = new EnumMap<>(Contender.class);
        compared.put(Contender.GUEST, Numbers.median(ratios));
        double reached = values.get(Contender.GUEST);
        return new Row(
                title,
                "ms",
                false,
                values,
                compared,
                Double.NaN,
                "under " + Numbers.value(limit) + " ms",
                reached < limit);
    }

    /** What a child of 16 MB takes that waits. */
    private static Row children(Bench bench) {
        double none = resident(bench, 0);
        double some = resident(bench, CHILDREN);
        double each = (some - none) / CHILDREN / MEGABYTE;
        return Row.alone(
                "an idle forked child of a process of 16 MB, at " + CHILDREN,
                "MB",
                each,
                "under 20 MB",
                each < 20);
    }

    private static double resident(Bench bench, int children) {
        List<String> words = List.of("idle", "16", Integer.toString(children));
        try (Measured guest = guest(bench, words)) {
            guest.line();
            return MemoryFigures.settled(guest.process.pid());
        } catch (IOException e) {
            throw new BenchmarkException("processes failed", e);
        }
    }
}
