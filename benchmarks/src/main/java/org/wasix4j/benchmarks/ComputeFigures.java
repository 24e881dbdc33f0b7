package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Programs that only compute (guests/compute.c): sorting, hashing, parsing and the like, against
 * the native program and the other runtimes.
 */
final class ComputeFigures implements Figure {

    private static final double MILLISECOND = 1e6;

    /** It may take so many times as long as under wasmtime. */
    private static final double MOST = 1.5;

    @Override
    public String name() {
        return "compute";
    }

    @Override
    public List<Row> take(Bench bench) {
        TimedLoops natively = TimedLoops.ofNative(bench, "compute");
        TimedLoops guest = TimedLoops.ofGuest(bench, "compute");
        Map<Contender, TimedLoops> peers = TimedLoops.ofPeers(bench, "compute");
        List<Row> rows = new ArrayList<>();
        for (String loop : natively.nanoseconds().keySet()) {
            natively.requireSame(guest, loop);
            Row row = row(loop, natively, guest, peers);
            rows.add(row);
            bench.say(
                    loop
                            + ": "
                            + Numbers.ratio(row.ratios().get(Contender.GUEST))
                            + " of native's time");
        }
        Row mean = Row.mean("these programs, geometric mean", rows);
        double own = mean.ratios().get(Contender.GUEST);
        bench.say("geometric mean: " + Numbers.ratio(own) + " of native's time");
        Double wasmtime = mean.ratios().get(Contender.WASMTIME);
        rows.add(wasmtime == null ? mean : mean.withTarget("at most wasmtime's", own <= wasmtime));
        return rows;
    }

    private static Row row(
            String loop, TimedLoops natively, TimedLoops guest, Map<Contender, TimedLoops> peers) {
        double base = natively.nanoseconds().get(loop);
        double own = guest.nanoseconds().get(loop);
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, base / MILLISECOND);
        values.put(Contender.GUEST, own / MILLISECOND);
        ratios.put(Contender.GUEST, own / base);
        peers.forEach(
                (peer, times) -> {
                    double time = times.nanoseconds().get(loop);
                    values.put(peer, time / MILLISECOND);
                    ratios.put(peer, time / base);
                });
        Row row = new Row(loop, "ms", false, values, ratios, Double.NaN, "", null);
        if (!peers.containsKey(Contender.WASMTIME)) {
            return row;
        }
        double most = MOST * peers.get(Contender.WASMTIME).nanoseconds().get(loop);
        return row.withTarget("at most 1.5 times wasmtime's", own <= most);
    }
}
