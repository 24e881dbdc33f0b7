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
        natively.nanoseconds()
                .forEach(
                        (kernel, nanoseconds) ->
                                rows.add(row(bench, kernel, nanoseconds, scalar, vectors, peers)));
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
                "not slower than the scalar build (" + scalarTime + " us)",
                fast <= slow);
    }
}
