package org.wasix4j.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ratios to native as bars: how near, whatever the unit; 1 is native's own speed. */
final class Chart {

    private static final int LEFT = 330;
    private static final int WIDTH = 420;
    private static final int LINE = 34;
    private static final int BAR = 11;
    private static final int TOP = 64;
    private static final double MOST = 1.25;

    private Chart() {}

    static String svg(List<Row> all) {
        List<Row> rows = new ArrayList<>();
        for (Row row : all) {
            if (row.ratios().containsKey(Contender.GUEST)) {
                rows.add(row);
            }
        }
        int height = TOP + rows.size() * LINE + 30;
        Svg svg = new Svg(LEFT + WIDTH + 60, height, "Speed against native C");
        svg.text(
                16,
                24,
                "start",
                Svg.INK,
                "Speed against the same C program native (1.0), longer is better");
        legend(svg);
        for (int tick = 0; tick <= 5; tick++) {
            double at = tick * 0.25;
            int x = x(at);
            svg.line(x, TOP - 6, x, height - 24, at == 1 ? Svg.AXIS : Svg.GRID);
            svg.text(x, height - 8, "middle", Svg.SOFT, String.format(Locale.ROOT, "%.2f", at));
        }
        int y = TOP;
        for (Row row : rows) {
            svg.text(LEFT - 10, y + 16, "end", Svg.INK, row.title());
            bar(svg, y, speed(row, Contender.GUEST), "guest");
            if (row.ratios().containsKey(Contender.NIO)) {
                bar(svg, y + BAR + 2, speed(row, Contender.NIO), "nio");
            }
            y += LINE;
        }
        return svg.close();
    }

    private static void legend(Svg svg) {
        int x = LEFT;
        for (Contender contender : List.of(Contender.GUEST, Contender.NIO)) {
            svg.rectangle(x, 36, 12, 12, contender.name().toLowerCase(Locale.ROOT));
            svg.text(x + 18, 47, "start", Svg.INK, contender.title());
            x += 110;
        }
    }

    /** Of native's speed: a time that is twice as long is half the speed. */
    private static double speed(Row row, Contender contender) {
        double ratio = row.ratios().get(contender);
        return row.higherIsBetter() ? ratio : 1 / ratio;
    }

    private static int x(double speed) {
        return (int) Math.round(LEFT + Math.min(speed, MOST) / MOST * WIDTH);
    }

    private static void bar(Svg svg, int y, double speed, String style) {
        svg.rectangle(LEFT, y, Math.max(1, x(speed) - LEFT), BAR, style);
        svg.text(
                x(speed) + 6,
                y + BAR - 1,
                "start",
                Svg.SOFT,
                String.format(Locale.ROOT, "%.2f", speed));
    }
}
