package org.wasix4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From the start of the command to the first answer, with and without the cache of compiled code.
 */
final class StartFigures implements Figure {

    private static final String LARGEST = "3 MB";

    private static final List<String> LOOPBACK = List.of("0", "127.0.0.1");

    /** What a start may take, in milliseconds. */
    private record Aim(int on17, int on25) {}

    private static final Map<String, Aim> COLD =
            Map.of(
                    "40 KB", new Aim(400, 400),
                    "1 MB", new Aim(900, 900),
                    "3 MB", new Aim(2000, 1800));

    /** Rewriting may take so much of a cold start, in percent. */
    private static final double MOST_REWRITING = 10;

    /** What the runtime says of it with the property that asks for that. */
    private static final Pattern REWRITING = Pattern.compile("rewriting took (\\d+) us");

    private static final Map<String, String> TIMES =
            Map.of("WASIX_RUN_JAVA_OPTS", "-Dwasix4j.times=true");

    private static final Map<String, Aim> WARM =
            Map.of("40 KB", new Aim(140, 100), "3 MB", new Aim(180, 130));

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Row> take(Bench bench) {
        Settings settings = bench.settings();
        Map<String, Path> modules = new LinkedHashMap<>();
        modules.put("40 KB", settings.guest("http-epoll"));
        modules.put("1 MB", large(bench, 1));
        modules.put(LARGEST, large(bench, 3));
        List<Path> homes = new ArrayList<>();
        homes.add(settings.javaHome());
        homes.addAll(settings.otherJavaHomes());
        List<Row> rows = new ArrayList<>();
        for (Path home : homes) {
            int release = JavaHomes.release(home);
            prepare(bench, home);
            modules.forEach(
                    (size, module) -> {
                        Path cache = bench.folder("start-cache-" + release + "-" + size.charAt(0));
                        List<Double> cold = new ArrayList<>();
                        List<Double> warm = new ArrayList<>();
                        for (int i = 0; i < Math.max(2, settings.starts() / 3); i++) {
                            clear(cache);
                            cold.add(start(bench, home, module, cache).millis());
                        }
                        for (int i = 0; i < settings.starts(); i++) {
                            warm.add(start(bench, home, module, cache).millis());
                        }
                        String what = "start to first answer, " + size + " module, JDK " + release;
                        rows.add(row(what + ", cold", Numbers.median(cold), COLD, size, release));
                        rows.add(row(what + ", warm", Numbers.median(warm), WARM, size, release));
                        if (size.equals(LARGEST)) {
                            rows.add(rewriting(bench, home, module, cache, Numbers.median(cold)));
                        }
                        bench.say(
                                what
                                        + ": cold "
                                        + Numbers.value(Numbers.median(cold))
                                        + " ms, warm "
                                        + Numbers.value(Numbers.median(warm))
                                        + " ms");
                    });
        }
        return rows;
    }

    /**
     * How much of a cold start is rewriting. The start that tells it takes longer than others,
     * because the command tries options of the JVM before it uses them.
     *
     * @param cold how long a cold start takes, in milliseconds
     */
    private static Row rewriting(Bench bench, Path home, Path module, Path cache, double cold) {
        List<Double> shares = new ArrayList<>();
        for (int i = 0; i < Math.max(2, bench.settings().starts() / 3); i++) {
            clear(cache);
            start(bench, home, module, cache, TIMES);
            shares.add(100 * rewritingMillis(log(bench)) / cold);
        }
        double share = Numbers.median(shares);
        return Row.alone(
                "rewriting, of a cold start of a "
                        + LARGEST
                        + " module, JDK "
                        + JavaHomes.release(home),
                "%",
                share,
                "at most " + (int) MOST_REWRITING + "%",
                share <= MOST_REWRITING);
    }

    private static double rewritingMillis(Path log) {
        try {
            double sum = 0;
            Matcher matcher = REWRITING.matcher(Files.readString(log));
            while (matcher.find()) {
                sum += Long.parseLong(matcher.group(1)) / 1e3;
            }
            if (sum == 0) {
                throw new BenchmarkException("the command does not say how long rewriting took");
            }
            return sum;
        } catch (IOException e) {
            throw new BenchmarkException("cannot read " + log + ": " + e.getMessage(), e);
        }
    }

    private static Path large(Bench bench, int megabytes) {
        return LargeModule.make(
                bench.settings().guest("http-epoll"),
                megabytes * 1_000_000,
                bench.folder("large-" + megabytes));
    }

    private static Row row(
            String title, double millis, Map<String, Aim> aims, String size, int release) {
        Aim aim = aims.get(size);
        boolean aimed = aim != null && (release == 17 || release >= 25);
        if (!aimed) {
            return Row.alone(title, "ms", millis, "", null);
        }
        int most = release == 17 ? aim.on17() : aim.on25();
        return Row.alone(title, "ms", millis, "at most " + most + " ms", millis <= most);
    }

    /** Makes the archive of classes for a JDK, as one does who installs the command. */
    static void prepare(Bench bench, Path home) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(bench.settings().command().toString(), "prepare");
            builder.environment().putAll(bench.guestEnvironment(home));
            builder.redirectErrorStream(true);
            builder.redirectOutput(bench.settings().work().resolve("prepare.log").toFile());
            Process process = Processes.start(builder);
            try {
                if (process.waitFor() != 0) {
                    throw new BenchmarkException("wasix-run prepare fails with " + home);
                }
            } finally {
                Processes.end(process);
            }
        } catch (IOException e) {
            throw new BenchmarkException("cannot run wasix-run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    /**
     * A start.
     *
     * @param millis from the start of the command to the first answer
     * @param peakBytes the most resident memory that the process had until then
     */
    record Start(double millis, long peakBytes) {}

    /** Starts a server, with a cache of compiled code that holds it or does not. */
    static Start start(Bench bench, Path home, Path module, Path cache) {
        return start(bench, home, module, cache, Map.of());
    }

    private static Path log(Bench bench) {
        return bench.settings().work().resolve("start.log");
    }

    private static Start start(
            Bench bench, Path home, Path module, Path cache, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(bench.guestEnvironment(home));
        environment.putAll(more);
        List<String> command =
                bench.guestCommand(module, List.of("--cache-dir", cache.toString()), LOOPBACK);
        long begin = System.nanoTime();
        try (Program program = Program.start(command, environment, log(bench))) {
            fetch(program.port());
            double millis = (System.nanoTime() - begin) / 1e6;
            return new Start(millis, ProcFiles.peakBytes(program.pid()));
        }
    }

    private static void fetch(int port) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection)
                            URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
            connection.setReadTimeout(30_000);
            try (InputStream answer = connection.getInputStream()) {
                answer.readAllBytes();
            }
        } catch (IOException e) {
            throw new BenchmarkException("no answer: " + e.getMessage(), e);
        }
    }

    /** Deletes the files of a folder. */
    static void clear(Path folder) {
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes is)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new BenchmarkException("cannot empty " + folder + ": " + e.getMessage(), e);
        }
    }
}
