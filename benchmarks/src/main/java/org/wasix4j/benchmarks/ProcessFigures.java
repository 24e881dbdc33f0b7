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
 * What other processes cost (guests/processes.c, guests/crowd.c): a fork, a spawn, and a child that
 * does nothing, against fork(2) and posix_spawn(3) of the same program; a server of several
 * processes against one of several threads.
 */
final class ProcessFigures implements Figure {

    private static final double MILLISECOND = 1e6;
    private static final double MEGABYTE = 1 << 20;
    private static final int WARM_UPS = 6;
    private static final int CHILDREN = 8;
    private static final double CROWD = 0.8;

    @Override
    public String name() {
        return "processes";
    }

    @Override
    public List<Row> take(Bench bench) {
        List<Row> rows = new ArrayList<>();
        rows.addAll(times(bench, "fork of 1 MB", 5, 0, "fork", "1", "100"));
        rows.addAll(times(bench, "fork of 64 MB", 60, 0, "fork", "64", "20"));
        rows.addAll(times(bench, "spawn of a compiled program of 50 KB", 0, 10, "spawn", "100"));
        rows.add(children(bench));
        rows.add(crowd(bench));
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

        /** Until the call returned, and until the child was waited for. */
        double[] milliseconds() {
            try {
                input.write("more\n");
                input.flush();
                String[] words = line().split(" ");
                return new double[] {
                    Double.parseDouble(words[0]) / MILLISECOND,
                    Double.parseDouble(words[1]) / MILLISECOND
                };
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

    /** The call alone and with the end of the child; a limit of 0 asks for nothing. */
    private static List<Row> times(
            Bench bench, String title, double callLimit, double limit, String... words) {
        List<String> natively = new ArrayList<>();
        natively.add(bench.settings().nativeProgram("processes").toString());
        natively.addAll(List.of(words));
        List<double[]> own = new ArrayList<>();
        List<double[]> base = new ArrayList<>();
        Path log = bench.settings().work().resolve("processes-native.log");
        try (Measured there = new Measured(natively, Map.of(), log);
                Measured here = guest(bench, List.of(words))) {
            for (int i = 0; i < WARM_UPS; i++) {
                here.milliseconds();
            }
            for (int i = 0; i < bench.settings().rounds(); i++) {
                base.add(there.milliseconds());
                own.add(here.milliseconds());
            }
        }
        return List.of(
                row(title + ", until it returns", own, base, 0, callLimit),
                row(title + ", the end of the child, wait", own, base, 1, limit));
    }

    private static Row row(
            String title, List<double[]> own, List<double[]> base, int which, double limit) {
        List<Double> guest = new ArrayList<>();
        List<Double> natively = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            guest.add(own.get(i)[which]);
            natively.add(base.get(i)[which]);
            ratios.add(own.get(i)[which] / base.get(i)[which]);
        }
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, Numbers.median(natively));
        values.put(Contender.GUEST, Numbers.median(guest));
        Map<Contender, Double> compared = new EnumMap<>(Contender.class);
        compared.put(Contender.GUEST, Numbers.median(ratios));
        Row row = new Row(title, "ms", false, values, compared, Double.NaN, "", null);
        return limit == 0
                ? row
                : row.withTarget(
                        "under " + Numbers.value(limit) + " ms",
                        row.value(Contender.GUEST) < limit);
    }

    /** A server of two processes against the same of two threads, in turn, a client each. */
    private static Row crowd(Bench bench) {
        Path module = bench.settings().guest("crowd");
        List<Double> ratios = new ArrayList<>();
        try (Program threads = bench.startGuest(module, List.of(), List.of("threads", "0"));
                Program processes =
                        bench.startGuest(module, List.of(), List.of("processes", "0"))) {
            for (int i = 0; i < bench.settings().warmUps(); i++) {
                served(bench, threads, 1);
                served(bench, processes, 1);
            }
            for (int i = 0; i < bench.settings().rounds(); i++) {
                double of = served(bench, threads, bench.settings().seconds());
                ratios.add(served(bench, processes, bench.settings().seconds()) / of);
            }
        }
        double ratio = Numbers.median(ratios);
        return Row.alone(
                "requests served by 2 processes, as a part of what 2 threads serve",
                "x",
                ratio,
                "at least 0.8",
                ratio >= CROWD);
    }

    private static double served(Bench bench, Program program, double seconds) {
        return bench.load().run("http", program.port(), seconds, 2, "/").perSecond();
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
