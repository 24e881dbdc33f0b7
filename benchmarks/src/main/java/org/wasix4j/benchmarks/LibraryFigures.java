package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Shared libraries (guests/libraries): calls from one to another beside the same calls inside of
 * one, and the opening of one whose code is in the cache.
 */
final class LibraryFigures implements Figure {

    private static final double ACROSS = 1.3;
    private static final int OPEN = 20;

    @Override
    public String name() {
        return "libraries";
    }

    @Override
    public List<Row> take(Bench bench) {
        Settings settings = bench.settings();
        Path folder = bench.folder("libraries");
        for (String name : List.of("libnear.so", "libfar.so")) {
            Path from = settings.root().resolve("benchmarks/guests/wasm").resolve(name);
            try {
                Files.write(folder.resolve(name), Files.readAllBytes(from));
            } catch (IOException e) {
                throw new BenchmarkException("cannot copy " + from + ": " + e, e);
            }
        }
        List<String> options = List.of("--volume", folder + ":/lib");
        List<String> opening =
                bench.guestCommand(settings.guest("crossings"), options, List.of("open"));
        bench.output(opening, name());
        List<Double> opened = new ArrayList<>();
        for (int i = 0; i < settings.starts(); i++) {
            String line = bench.output(opening, name()).get(0);
            opened.add(Double.parseDouble(line.substring(line.indexOf(' '))) / 1e3);
        }
        double open = Numbers.median(opened);
        List<Row> rows = new ArrayList<>();
        bench.say("dlopen: " + Numbers.value(open) + " ms");
        rows.add(
                Row.alone(
                        "dlopen of a library of 100 KB from the cache",
                        "ms",
                        open,
                        "at most " + OPEN + " ms",
                        open <= OPEN));
        for (String line :
                bench.output(
                        bench.guestCommand(settings.guest("crossings"), options, List.of()),
                        name())) {
            String[] words = line.split(" ");
            if (words.length == 3) {
                rows.add(row(bench, words));
            }
        }
        return rows;
    }

    private static Row row(Bench bench, String[] words) {
        String what =
                switch (words[0]) {
                    case "pointer" -> "a function that adds, by pointer";
                    case "pointer-mix" -> "a function of 12 operations, by pointer";
                    case "import-mix" -> "a function of 12 operations, by name";
                    default -> "a comparison for a sort";
                };
        double inside = Double.parseDouble(words[1]);
        double across = Double.parseDouble(words[2]);
        bench.say(what + ": inside " + inside + " ns, across " + across + " ns");
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.GUEST, across);
        return new Row(
                "call of another library: " + what,
                "ns",
                false,
                values,
                Map.of(),
                Double.NaN,
                "at most " + ACROSS + " times one inside (" + inside + " ns)",
                across <= ACROSS * inside);
    }
}
