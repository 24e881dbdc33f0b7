package org.wasix4j.benchmarks;

import java.util.List;
import java.util.stream.DoubleStream;

/** Growth curves as one drawing of small plots, two beside each other. */
final class Plots {

    private static final int COLUMNS = 2;
    private static final int PANEL_WIDTH = 420;
    private static final int PANEL_HEIGHT = 290;
    private static final int LEFT = 66;
    private static final int RIGHT = 34;
    private static final int TOP = 62;
    private static final int BOTTOM = 52;

    private Plots() {}

    static String svg(List<Panel> panels) {
        int lines = (panels.size() + COLUMNS - 1) / COLUMNS;
        Svg svg = new Svg(COLUMNS * PANEL_WIDTH, lines * PANEL_HEIGHT, "Growth curves");
        for (int i = 0; i < panels.size(); i++) {
            draw(svg, panels.get(i), i % COLUMNS * PANEL_WIDTH, i / COLUMNS * PANEL_HEIGHT);
        }
        return svg.close();
    }

    private static void draw(Svg svg, Panel panel, int x, int y) {
        Scale across =
                Scale.of(
                        panel.series().get(0).points().stream().map(Point::x).toList(),
                        panel.across().logarithmic());
        Scale up =
                Scale.around(
                        heights(panel).min().orElseThrow(),
                        heights(panel).max().orElseThrow(),
                        panel.up().logarithmic());
        int left = x + LEFT;
        int right = x + PANEL_WIDTH - RIGHT;
        int top = y + TOP;
        int bottom = y + PANEL_HEIGHT - BOTTOM;
        svg.text(x + 12, y + 22, "start", Svg.INK, panel.title());
        legend(svg, panel, left, y + 36);
        svg.text(x + 12, y + 47, "start", Svg.SOFT, panel.up().title());
        for (double tick : up.ticks()) {
            double height = bottom - up.part(tick) * (bottom - top);
            svg.line(left, height, right, height, Svg.GRID);
            svg.text(left - 6, height + 4, "end", Svg.SOFT, Numbers.plain(tick));
        }
        for (double tick : across.ticks()) {
            double place = left + across.part(tick) * (right - left);
            svg.line(place, bottom, place, bottom + 4, Svg.AXIS);
            svg.text(place, bottom + 18, "middle", Svg.SOFT, Numbers.plain(tick));
        }
        svg.line(left, bottom, right, bottom, Svg.AXIS);
        svg.text((left + right) / 2.0, bottom + 38, "middle", Svg.SOFT, panel.across().title());
        for (Panel.Series series : panel.series()) {
            List<Point> points =
                    series.points().stream()
                            .map(
                                    point ->
                                            new Point(
                                                    left + across.part(point.x()) * (right - left),
                                                    bottom - up.part(point.y()) * (bottom - top)))
                            .toList();
            svg.path(points, series.style());
        }
    }

    private static DoubleStream heights(Panel panel) {
        return panel.series().stream()
                .flatMap(series -> series.points().stream())
                .mapToDouble(Point::y);
    }

    /** Which curve is which; a curve that is alone needs none. */
    private static void legend(Svg svg, Panel panel, int left, int y) {
        if (panel.series().size() == 1) {
            return;
        }
        int x = left + 52;
        for (Panel.Series series : panel.series()) {
            svg.path(List.of(new Point(x, y + 7), new Point(x + 22, y + 7)), series.style());
            svg.text(x + 30, y + 11, "start", Svg.INK, series.title());
            x += 94;
        }
    }
}
