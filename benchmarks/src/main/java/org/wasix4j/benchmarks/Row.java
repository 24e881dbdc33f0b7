package org.wasix4j.benchmarks;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One figure: what each contender reached, and how that compares to native.
 *
 * @param title the work
 * @param unit of the values, such as "req/s" or "us"
 * @param higherIsBetter whether more is better
 * @param values medians, by contender
 * @param ratios medians of the rounds' ratios to native; of every contender but native
 * @param cpuRatio median of the ratios of the guest's CPU time for one unit of work to native's, or
 *     NaN
 * @param target what is asked for, or ""
 * @param met whether it is reached; null when nothing is asked for
 */
record Row(
        String title,
        String unit,
        boolean higherIsBetter,
        Map<Contender, Double> values,
        Map<Contender, Double> ratios,
        double cpuRatio,
        String target,
        Boolean met) {

    /** A figure that is not compared, with what is asked for. */
    static Row alone(String title, String unit, double value, String target, Boolean met) {
        Map<Contender, Double> values = new EnumMap<>(Contender.class);
        values.put(Contender.GUEST, value);
        return new Row(title, unit, false, values, Map.of(), Double.NaN, target, met);
    }

    /** The geometric mean of the ratios to native of some rows, by contender. */
    static Row mean(String title, List<Row> rows) {
        Map<Contender, Double> logarithms = new EnumMap<>(Contender.class);
        for (Row row : rows) {
            row.ratios()
                    .forEach((who, ratio) -> logarithms.merge(who, Math.log(ratio), Double::sum));
        }
        Map<Contender, Double> means = new EnumMap<>(Contender.class);
        logarithms.forEach((who, sum) -> means.put(who, Math.exp(sum / rows.size())));
        return new Row(title, "", false, Map.of(), means, Double.NaN, "", null);
    }

    /**
     * The same with a target: a ratio to native that is at least (or for times at most) so much.
     */
    Row withRatioTarget(double ratio) {
        Double reached = ratios.get(Contender.GUEST);
        boolean ok = reached != null && (higherIsBetter ? reached >= ratio : reached <= ratio);
        String text = (higherIsBetter ? "at least " : "at most ") + Numbers.ratio(ratio);
        return new Row(title, unit, higherIsBetter, values, ratios, cpuRatio, text, ok);
    }

    /** The same with a target of the guest's own value. */
    Row withTarget(String text, boolean ok) {
        return new Row(title, unit, higherIsBetter, values, ratios, cpuRatio, text, ok);
    }

    double value(Contender contender) {
        return values.getOrDefault(contender, Double.NaN);
    }
}
