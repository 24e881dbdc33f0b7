package org.wasix4j.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.wasix4j.benchmarks.Contest.Measure;
import org.wasix4j.benchmarks.Contest.Outcome;
import org.wasix4j.benchmarks.LoadClient.Result;

/** Servers under load: round trips, HTTP, bulk, connections, datagrams, files. */
final class SocketFigures {

    private static final List<String> LOOPBACK = List.of("0", "127.0.0.1");
    private static final int BLOCK = 65_536;
    private static final int LARGE_FILE = 100_000_000;

    private SocketFigures() {}

    static final class RoundTrip implements Figure {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public List<Row> take(Bench bench) {
            try (Contest contest =
                    bench.contest(
                            "echo",
                            bench.settings().guest("echo"),
                            "echo",
                            true,
                            List.of(),
                            LOOPBACK)) {
                List<Row> rows =
                        contest.run(
                                (program, seconds) -> {
                                    Result result =
                                            bench.load().run("rtt", program.port(), seconds, 64);
                                    return new Outcome(
                                            Contest.values(
                                                    "p50",
                                                    result.times().getValueAtPercentile(50) / 1e3,
                                                    "p99",
                                                    result.times().getValueAtPercentile(99) / 1e3),
                                            result.count());
                                },
                                new Measure("p50", "round trip of 64 bytes, p50", "us", false),
                                new Measure("p99", "round trip of 64 bytes, p99", "us", false));
                return List.of(rows.get(0).withRatioTarget(1.5), rows.get(1));
            }
        }
    }

    /** Keep-alive requests; one server, two numbers of connections. */
    record Http(String name, String guest, Path module, String kind, double target)
            implements Figure {
        @Override
        public List<Row> take(Bench bench) {
            List<Row> rows = new ArrayList<>();
            try (Contest contest =
                    bench.contest(guest, module, "http", true, List.of(), LOOPBACK)) {
                for (int connections : new int[] {16, 256}) {
                    Row row =
                            contest.run(
                                            (program, seconds) -> {
                                                Result result =
                                                        bench.load()
                                                                .run(
                                                                        "http",
                                                                        program.port(),
                                                                        seconds,
                                                                        connections,
                                                                        "/");
                                                return Outcome.of(
                                                        "rate", result.perSecond(), result.count());
                                            },
                                            new Measure(
                                                    "rate",
                                                    "HTTP, "
                                                            + kind
                                                            + " guest, "
                                                            + connections
                                                            + " connections",
                                                    "req/s",
                                                    true))
                                    .get(0);
                    rows.add(target > 0 ? row.withRatioTarget(target) : row);
                }
            }
            return rows;
        }
    }

    static final class Bulk implements Figure {
        @Override
        public String name() {
            return "bulk";
        }

        @Override
        public List<Row> take(Bench bench) {
            List<Row> rows = new ArrayList<>();
            try (Contest contest =
                    bench.contest(
                            "bulk",
                            bench.settings().guest("bulk"),
                            "bulk",
                            false,
                            List.of(),
                            LOOPBACK)) {
                for (String way : new String[] {"recv", "send"}) {
                    // the guest sends what the client receives
                    String title =
                            (way.equals("recv") ? "bulk send" : "bulk receive") + ", 64 KiB a call";
                    rows.add(
                            contest.run(
                                            (program, seconds) -> {
                                                Result result =
                                                        bench.load()
                                                                .run(way, program.port(), seconds);
                                                return Outcome.of(
                                                        "rate",
                                                        result.perSecond() / 1e6,
                                                        (double) result.count() / BLOCK);
                                            },
                                            new Measure("rate", title, "MB/s", true))
                                    .get(0)
                                    .withRatioTarget(1.1));
                }
            }
            return rows;
        }
    }

    /** Something that is counted a second, with one server and one kind of load. */
    record Rate(
            String name,
            String guest,
            String load,
            List<Object> loadArguments,
            String title,
            String unit,
            double target)
            implements Figure {
        @Override
        public List<Row> take(Bench bench) {
            try (Contest contest =
                    bench.contest(
                            guest,
                            bench.settings().guest(guest),
                            guest,
                            false,
                            List.of(),
                            LOOPBACK)) {
                Row row =
                        contest.run(
                                        (program, seconds) -> {
                                            Result result =
                                                    bench.load()
                                                            .run(
                                                                    load,
                                                                    program.port(),
                                                                    seconds,
                                                                    loadArguments.toArray());
                                            return Outcome.of(
                                                    "rate", result.perSecond(), result.count());
                                        },
                                        new Measure("rate", title, unit, true))
                                .get(0);
                return List.of(target > 0 ? row.withRatioTarget(target) : row);
            }
        }
    }

    /** A store of keys and values, with one request on its way on each connection, and with 16. */
    static final class KeyValue implements Figure {
        @Override
        public String name() {
            return "kv";
        }

        @Override
        public List<Row> take(Bench bench) {
            List<Row> rows = new ArrayList<>();
            try (Contest contest =
                    bench.contest(
                            "kv", bench.settings().guest("kv"), null, false, List.of(), LOOPBACK)) {
                rows.add(rate(bench, contest, 1).withRatioTarget(0.9));
                rows.add(rate(bench, contest, 16).withRatioTarget(0.8));
            }
            return rows;
        }

        private static Row rate(Bench bench, Contest contest, int depth) {
            String title =
                    "key-value store, SET and GET, 16 connections, "
                            + (depth == 1 ? "no pipeline" : depth + " deep");
            return contest.run(
                            (program, seconds) -> {
                                Result result =
                                        bench.load().run("kv", program.port(), seconds, 16, depth);
                                return Outcome.of("rate", result.perSecond(), result.count());
                            },
                            new Measure("rate", title, "req/s", true))
                    .get(0);
        }
    }

    /** Static files from http-hello: small ones, and a large one by sendfile. */
    static final class StaticFiles implements Figure {
        @Override
        public String name() {
            return "files";
        }

        @Override
        public List<Row> take(Bench bench) {
            Path folder = bench.folder("site");
            makeFile(folder.resolve("4k.bin"), 4 << 10);
            makeFile(folder.resolve("64k.bin"), 64 << 10);
            makeFile(folder.resolve("big.bin"), LARGE_FILE);
            List<String> arguments = List.of("-d", folder.toString(), "0", "127.0.0.1");
            List<Row> rows = new ArrayList<>();
            try (Contest contest =
                    bench.contest(
                            "http-hello",
                            bench.settings().guest("http-hello"),
                            "http-files",
                            false,
                            List.of("--volume", folder + ":" + folder + ":ro"),
                            arguments)) {
                rows.add(small(bench, contest, "/4k.bin", "4 KB"));
                rows.add(small(bench, contest, "/64k.bin", "64 KB"));
                rows.add(large(bench, contest));
            }
            return rows;
        }

        private static Row small(Bench bench, Contest contest, String path, String size) {
            return contest.run(
                            (program, seconds) -> {
                                Result result =
                                        bench.load().run("http", program.port(), seconds, 16, path);
                                return Outcome.of("rate", result.perSecond(), result.count());
                            },
                            new Measure(
                                    "rate",
                                    "static file of " + size + ", 16 connections",
                                    "req/s",
                                    true))
                    .get(0)
                    .withRatioTarget(0.8);
        }

        private static Row large(Bench bench, Contest contest) {
            return contest.run(
                            (program, seconds) -> {
                                Result result =
                                        bench.load()
                                                .run(
                                                        "http",
                                                        program.port(),
                                                        seconds,
                                                        1,
                                                        "/big.bin");
                                return Outcome.of(
                                        "rate",
                                        result.bytes() / result.seconds() / 1e6,
                                        (double) result.bytes() / BLOCK);
                            },
                            new Measure("rate", "static file of 100 MB", "MB/s", true))
                    .get(0)
                    .withRatioTarget(0.95);
        }

        private static void makeFile(Path file, int size) {
            try {
                if (Files.exists(file) && Files.size(file) == size) {
                    return;
                }
                byte[] block = new byte[Math.min(size, 1_000_000)];
                try (OutputStream out = Files.newOutputStream(file)) {
                    for (int left = size; left > 0; left -= block.length) {
                        out.write(block, 0, Math.min(left, block.length));
                    }
                }
            } catch (IOException e) {
                throw new BenchmarkException("cannot write " + file + ": " + e.getMessage(), e);
            }
        }
    }
}
