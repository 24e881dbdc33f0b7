package org.wasix4j.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loops over memory (guests/kernels.c) built with SIMD, against the scalar build of the same source
 * under wasix-run, and against the native program.
 */
final class KernelFigures implements Figure {

    private static final double MICROSECOND = 1e3;

    @Override
    public String name() {
        return "kernels";
    }

    /** What a program printed: the nanoseconds of each loop, and a checksum. */
    private record Times(Map<String, Double> nanoseconds, Map<String, String> checksums) {}

    @Override
    public List<Row> take(Bench bench) {
        Settings settings = bench.settings();
        Times natively = run(bench, List.of(settings.nativeProgram("kernels").toString()));
        Times scalar = run(bench, command(bench, settings.guest("kernels")));
        Times vectors = run(bench, command(bench, settings.guest("kernels-simd")));
        List<Row> rows = new ArrayList<>();
        natively.nanoseconds()
                .forEach(
                        (kernel, nanoseconds) ->
                                rows.add(row(bench, kernel, nanoseconds, scalar, vectors)));
        return rows;
    }

    private static Row row(
            Bench bench, String kernel, double natively, Times scalar, Times vectors) {
        if (!scalar.checksums().get(kernel).equals(vectors.checksums().get(kernel))) {
            throw new BenchmarkException("the builds of " + kernel + " differ in what they answer");
        }
        double slow = scalar.nanoseconds().get(kernel);
        double fast = vectors.nanoseconds().get(kernel);
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, natively / MICROSECOND);
        values.put(Contender.GUEST, fast / MICROSECOND);
        Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
        ratios.put(Contender.GUEST, fast / natively);
        String scalarTime = Numbers.value(slow / MICROSECOND);
        bench.say(kernel + ": " + Numbers.value(fast / MICROSECOND) + " us, scalar " + scalarTime);
        return new Row(
                kernel + " over 64 KB, built with SIMD",
                "us",
                false,
                values,
                ratios,
                Double.NaN,
                "not slower than the scalar build (" + scalarTime + " us)",
                fast <= slow);
    }

    private static List<String> command(Bench bench, Path module) {
        return bench.guestCommand(module, List.of(), List.of());
    }

    private static Times run(Bench bench, List<String> command) {
        Times times = new Times(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (String line : bench.output(command, "kernels")) {
            int checksum = line.lastIndexOf(' ');
            int time = line.lastIndexOf(' ', checksum - 1);
            String kernel = line.substring(0, time);
            times.nanoseconds().put(kernel, Double.parseDouble(line.substring(time + 1, checksum)));
            times.checksums().put(kernel, line.substring(checksum + 1));
        }
        return times;
    }
}
