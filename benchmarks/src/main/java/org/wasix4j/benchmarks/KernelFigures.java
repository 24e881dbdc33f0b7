package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Loops over memory (guests/kernels.c) built with SIMD, against the scalar build of the same source
 * under wasix-run, the native program, and the other runtimes.
 */
final class KernelFigures implements Figure {

    private static final double MICROSECOND = 1e3;

    /** The same loop differs by so much from one run to the next. */
    private static final double NOISE = 1.03;

    /** The loops may take so many times as long as native, in the mean. */
    private static final double MOST = 3.0;

    /** Half of the loops are to be so many times as fast as their scalar build. */
    private static final double GAIN = 1.5;

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public List<Row> take(Bench bench) {
        TimedLoops natively = TimedLoops.ofNative(bench, "kernels");
        TimedLoops scalar = TimedLoops.ofGuest(bench, "kernels");
        TimedLoops vectors = TimedLoops.ofGuest(bench, "kernels-simd");
        Map<Contender, TimedLoops> peers = TimedLoops.ofPeers(bench, "kernels-simd");
        List<Row> rows = new ArrayList<>();
        int faster = 0;
        for (Map.Entry<String, Double> loop : natively.nanoseconds().entrySet()) {
            String kernel = loop.getKey();
            rows.add(row(bench, kernel, loop.getValue(), scalar, vectors, peers));
            double gain = scalar.nanoseconds().get(kernel) / vectors.nanoseconds().get(kernel);
            faster += gain >= GAIN ? 1 : 0;
        }
        int half = rows.size() / 2;
        rows.add(
                Row.mean("these loops, built with SIMD, geometric mean", rows)
                        .withRatioTarget(MOST));
        rows.add(
                Row.alone(
                        "of these loops, so many are 1.5 times as fast with SIMD as without",
                        "loops",
                        faster,
                        "at least " + half,
                        faster >= half));
        return rows;
    }

    private static Row row(
            Bench bench,
            String kernel,
            double natively,
            TimedLoops scalar,
            TimedLoops vectors,
            Map<Contender, TimedLoops> peers) {
        scalar.requireSame(vectors, kernel);
        double slow = scalar.nanoseconds().get(kernel);
        double fast = vectors.nanoseconds().get(kernel);
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, natively / MICROSECOND);
        values.put(Contender.GUEST, fast / MICROSECOND);
        Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
        ratios.put(Contender.GUEST, fast / natively);
        peers.forEach(
                (peer, times) -> {
                    double own = times.nanoseconds().get(kernel);
                    values.put(peer, own / MICROSECOND);
                    ratios.put(peer, own / natively);
                });
        String scalarTime = Numbers.value(slow / MICROSECOND);
        bench.say(kernel + ": " + Numbers.value(fast / MICROSECOND) + " us, scalar " + scalarTime);
        return new Row(
                kernel + " over 64 KB, built with SIMD",
                "us",
                false,
                values,
                ratios,
                Double.NaN,
                "not slower than the scalar build (" + scalarTime + " us), but for 3% of noise",
                fast <= NOISE * slow);
    }
}
