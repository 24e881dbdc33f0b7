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
 * <p>Arguments: {@code ROOT WORK [--quick] [--peers] [--out DIR] [NAME...]}. Without names the page
 * in docs is written, with {@code curves} alone its section of growth curves; with other names or
 * {@code --quick} a page in the work folder.
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
                                settings.guest("http-hello"),
                                "poll",
                                0.85),
                        new SocketFigures.Http(
                                "http-poll-loops",
                                "http-hello",
                                settings.testModule("http-hello"),
                                "poll (built without bulk memory)",
                                0),
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
            boolean whole = names.isEmpty() || names.equals(List.of(Curves.NAME));
            output = quick || !whole ? work : root.resolve("docs");
        }
        // the short run leaves the curves out, unless it is asked for them
        boolean curves = names.isEmpty() ? !quick : names.contains(Curves.NAME);
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
            if (!figures.containsKey(name) && !name.equals(Curves.NAME)) {
                System.err.println(
                        "benchmarks: no figure "
                                + name
                                + "; there are "
                                + figures.keySet()
                                + " and "
                                + Curves.NAME);
                System.exit(2);
            }
        }
        if (!names.isEmpty()) {
            figures.keySet().retainAll(names);
        }
        Peers others = new Peers(root, peers);
        Bench bench = new Bench(settings, others);
        bench.say("other runtimes: " + others.state());
        String command = String.join(" ", List.of(words).subList(2, words.length));
        long begin = System.nanoTime();
        boolean complete = true;
        if (!figures.isEmpty()) {
            complete = takeFigures(bench, figures, command);
        }
        if (curves) {
            complete &= takeCurves(bench, command);
        }
        bench.say(
                "written to "
                        + new Page(output).file()
                        + " after "
                        + (System.nanoTime() - begin) / 1_000_000_000
                        + " s");
        System.exit(complete ? 0 : 1);
    }

    private static String about(Bench bench, String command, double seconds) {
        return Machine.describe(
                bench.settings(),
                bench.peers(),
                ("benchmarks/run.sh " + command).strip(),
                bench.settings().rounds() + " rounds of " + seconds + " s each");
    }

    private static boolean takeFigures(Bench bench, Map<String, Figure> figures, String command)
            throws IOException {
        String about = about(bench, command, bench.settings().seconds());
        List<Row> rows = new ArrayList<>();
        List<Report.Failure> failures = new ArrayList<>();
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
        Report.write(bench.settings().output(), about, rows, failures);
        return failures.isEmpty();
    }

    private static boolean takeCurves(Bench bench, String command) throws IOException {
        String about = about(bench, command, ConnectionCurves.SECONDS);
        List<Report.Failure> failures = new ArrayList<>();
        List<Panel> panels = Curves.take(bench, failures);
        Curves.write(bench.settings().output(), about, panels, failures);
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
