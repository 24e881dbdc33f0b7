package org.wasix4j.benchmarks;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A loop over bytecode (guests/interpreter.c) whose instructions are the cases of one function of
 * more than 100 KB, against the same instructions as small functions.
 */
final class LargeFunctionFigures implements Figure {

    private static final String LOOP = "bytecode";
    private static final double MILLISECOND = 1e6;

    /** It may take so many times as long as the same in small functions. */
    private static final double MOST = 4;

    @Override
    public String name() {
        return "large-function";
    }

    @Override
    public List<Row> take(Bench bench) {
        TimedLoops natively = TimedLoops.ofNative(bench, "interpreter-whole");
        TimedLoops small = TimedLoops.ofGuest(bench, "interpreter");
        TimedLoops whole = TimedLoops.ofGuest(bench, "interpreter-whole");
        natively.requireSame(whole, LOOP);
        small.requireSame(whole, LOOP);
        double nativeTime = natively.nanoseconds().get(LOOP);
        double smallTime = small.nanoseconds().get(LOOP);
        double wholeTime = whole.nanoseconds().get(LOOP);
        bench.say(
                "a function of 100 KB: "
                        + Numbers.value(wholeTime / MILLISECOND)
                        + " ms, in small functions "
                        + Numbers.value(smallTime / MILLISECOND)
                        + " ms");
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.NATIVE, nativeTime / MILLISECOND);
        values.put(Contender.GUEST, wholeTime / MILLISECOND);
        Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
        ratios.put(Contender.GUEST, wholeTime / nativeTime);
        return List.of(
                new Row(
                        "bytecode interpreter in one function of 100 KB, 480,000 instructions",
                        "ms",
                        false,
                        values,
                        ratios,
                        Double.NaN,
                        "at most 4 times the same in small functions ("
                                + Numbers.value(smallTime / MILLISECOND)
                                + " ms)",
                        wholeTime <= MOST * smallTime));
    }
}
