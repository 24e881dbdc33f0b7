package org.wasix4j.benchmarks;

import java.util.List;

/**
 * A plot of some curves over the same range.
 *
 * @param title what is shown
 * @param across what grows
 * @param up what is measured
 * @param series the curves, which all have the same x values
 */
record Panel(String title, Axis across, Axis up, List<Series> series) {

    /**
     * An axis.
     *
     * @param title with the unit
     * @param logarithmic whether its steps multiply; then every value is above 0
     */
    record Axis(String title, boolean logarithmic) {}

    /**
     * A curve.
     *
     * @param title what stands in the legend
     * @param style a style of {@link Svg}
     * @param points from small to large x
     */
    record Series(String title, String style, List<Point> points) {}
}
