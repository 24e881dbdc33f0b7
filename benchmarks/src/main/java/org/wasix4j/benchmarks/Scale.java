package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a value lies between the ends of an axis.
 *
 * @param logarithmic whether its steps multiply
 * @param low the value at the start
 * @param high the value at the end
 * @param ticks the values that are written beside it
 */
record Scale(boolean logarithmic, double low, double high, List<Double> ticks) {

    private static final double[] STEPS = {1, 2, 5, 10};

    /** A logarithmic axis shows no more ticks than this before it shows powers of ten only. */
    private static final int MOST_TICKS = 7;

    /** A linear axis has about as many steps. */
    private static final int LINEAR_STEPS = 5;

    /** The scale whose ends and ticks are the values themselves, from small to large. */
    static Scale of(List<Double> values, boolean logarithmic) {
        return new Scale(
                logarithmic, values.get(0), values.get(values.size() - 1), List.copyOf(values));
    }

    /** The scale with round ends around all values; a linear one starts at 0. */
    static Scale around(double least, double most, boolean logarithmic) {
        return logarithmic ? logarithmic(least, most) : linear(most);
    }

    private static Scale linear(double most) {
        double step = roundUp(most / LINEAR_STEPS);
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; ticks.isEmpty() || ticks.get(ticks.size() - 1) < most; i++) {
            ticks.add(i * step);
        }
        return new Scale(false, 0, ticks.get(ticks.size() - 1), ticks);
    }

    private static Scale logarithmic(double least, double most) {
        List<Double> ticks = new ArrayList<>();
        for (double value = roundDown(least); ; value = roundUp(value * 1.5)) {
            ticks.add(value);
            if (value >= most && ticks.size() > 1) {
                break;
            }
        }
        double low = ticks.get(0);
        double high = ticks.get(ticks.size() - 1);
        if (ticks.size() > MOST_TICKS) {
            ticks.removeIf(value -> !isPowerOfTen(value));
        }
        return new Scale(true, low, high, ticks);
    }

    private static boolean isPowerOfTen(double value) {
        double power = Math.log10(value);
        return Math.abs(power - Math.rint(power)) < 1e-6;
    }

    /** The smallest of 1, 2, 5 times a power of ten that is not below a value. */
    private static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : STEPS) {
            if (step * power >= value * (1 - 1e-9)) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static double roundDown(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double best = power;
        for (double step : STEPS) {
            if (step * power <= value * (1 + 1e-9)) {
                best = step * power;
            }
        }
        return best;
    }

    /** 0 at the start, 1 at the end; in the middle of a scale that has one value only. */
    double part(double value) {
        if (low == high) {
            return 0.5;
        }
        return logarithmic
                ? Math.log(value / low) / Math.log(high / low)
                : (value - low) / (high - low);
    }
}
