package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the figures; started by benchmarks/run.sh, which builds what is needed.
 *
 * <p>Arguments: {@code ROOT WORK [--quick] [--peers] [--out DIR] [NAME...]}. Without names and
 * without {@code --quick} the page in docs is written; else one in the work folder.
 */
public final class Main {

    private Main() {}

    private static Map<String, Figure> figures(Settings settings) {
        List<Figure> all =
                List.of(
                        new SocketFigures.RoundTrip(),
                        new SocketFigures.Http(
                                "http-epoll",
                                "http-epoll",
                                settings.guest("http-epoll"),
                                "epoll",
                                0.9),
                        new SocketFigures.Http(
                                "http-poll",
                                "http-hello",
                                settings.testModule("http-hello"),
                                "poll",
                                0.85),
                        new SocketFigures.Bulk(),
                        new SocketFigures.Rate(
                                "accepts",
                                "accepts",
                                "accept",
                                List.of(64),
                                "connections accepted and closed",
                                "conn/s",
                                0.6),
                        new SocketFigures.Rate(
                                "udp",
                                "udp-echo",
                                "udp",
                                List.of(32, 64),
                                "UDP, 64 bytes there and back, 32 on their way",
                                "packets/s",
                                0.9),
                        new SocketFigures.StaticFiles(),
                        new SocketFigures.KeyValue(),
                        new CallFigures.Waits(),
                        new CallFigures.HostCalls(),
                        new AllocationFigures(),
                        new ComputeFigures(),
                        new KernelFigures(),
                        new LibraryFigures(),
                        new LargeFunctionFigures(),
                        new ProcessFigures(),
                        new StartFigures(),
                        new MemoryFigures());
        Map<String, Figure> named = new LinkedHashMap<>();
        all.forEach(figure -> named.put(figure.name(), figure));
        return named;
    }

    public static void main(String[] words) throws IOException {
        Path root = Path.of(words[0]);
        Path work = Path.of(words[1]);
        boolean quick = false;
        boolean peers = false;
        Path output = null;
        List<String> names = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            switch (words[i]) {
                case "--quick" -> quick = true;
                case "--peers" -> peers = true;
                case "--out" -> output = Path.of(words[++i]);
                default -> names.add(words[i]);
            }
        }
        if (output == null) {
            output = quick || !names.isEmpty() ? work : root.resolve("docs");
        }
        Settings settings =
                new Settings(
                        root,
                        work,
                        output,
                        quick ? 3 : 5,
                        quick ? 1 : 2,
                        quick ? 4 : 8,
                        quick ? 3 : 7,
                        quick,
                        Path.of(System.getProperty("java.home")),
                        otherHomes());
        Map<String, Figure> figures = figures(settings);
        for (String name : names) {
            if (!figures.containsKey(name)) {
                System.err.println(
                        "benchmarks: no figure " + name + "; there are " + figures.keySet());
                System.exit(2);
            }
        }
        if (!names.isEmpty()) {
            figures.keySet().retainAll(names);
        }
        System.exit(take(settings, figures, peers, words) ? 0 : 1);
    }

    private static boolean take(
            Settings settings, Map<String, Figure> figures, boolean wanted, String[] words)
            throws IOException {
        Peers peers = new Peers(settings.root(), wanted);
        String commandLine =
                String.join(
                                " ",
                                "benchmarks/run.sh",
                                String.join(" ", List.of(words).subList(2, words.length)))
                        .strip();
        String about = Machine.describe(settings, peers, commandLine);
        Bench bench = new Bench(settings, peers);
        bench.say("other runtimes: " + peers.state());
        List<Row> rows = new ArrayList<>();
        List<Report.Failure> failures = new ArrayList<>();
        long begin = System.nanoTime();
        figures.forEach(
                (name, figure) -> {
                    long start = System.nanoTime();
                    try {
                        rows.addAll(figure.take(bench));
                    } catch (BenchmarkException e) {
                        failures.add(new Report.Failure(name, e.getMessage()));
                        bench.say(name + " FAILED: " + e.getMessage());
                    }
                    bench.say(name + " took " + (System.nanoTime() - start) / 1_000_000_000 + " s");
                });
        Report.write(settings.output(), about, rows, failures);
        bench.say(
                "written to "
                        + settings.output().resolve("PERFORMANCE.md")
                        + " after "
                        + (System.nanoTime() - begin) / 1_000_000_000
                        + " s");
        return failures.isEmpty();
    }

    /** More JDKs for the starts, from the environment: BENCH_JAVA_HOMES, colons between. */
    private static List<Path> otherHomes() {
        String homes = System.getenv("BENCH_JAVA_HOMES");
        List<Path> paths = new ArrayList<>();
        if (homes != null) {
            for (String home : homes.split(":")) {
                if (!home.isEmpty()) {
                    paths.add(Path.of(home));
                }
            }
        }
        return paths;
    }
}
