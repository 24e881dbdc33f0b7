package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The curves of one figure while they are measured. */
final class CurvePoints {

    private final List<Panel.Series> series = new ArrayList<>();

    /** Adds a point to the curve of a contender. */
    void add(Contender contender, double x, double y) {
        add(contender.title(), contender.name().toLowerCase(Locale.ROOT), x, y);
    }

    /** Adds a point to a curve, which is made when it is new. */
    void add(String title, String style, double x, double y) {
        for (Panel.Series known : series) {
            if (known.title().equals(title)) {
                known.points().add(new Point(x, y));
                return;
            }
        }
        series.add(new Panel.Series(title, style, new ArrayList<>(List.of(new Point(x, y)))));
    }

    List<Panel.Series> series() {
        return series;
    }
}
