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
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                                + " font-family=\"system-ui, sans-serif\" font-size=\"13\""
                                + " role=\"img\">%n<title>Speed against native C</title>%n"
                                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
                        LEFT + WIDTH + 60,
                        height));
        text(
                svg,
                16,
                24,
                "start",
                "#22303c",
                "Speed against the same C program native (1.0), longer is better");
        legend(svg);
        for (int tick = 0; tick <= 5; tick++) {
            double at = tick * 0.25;
            int x = x(at);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\"/>%n",
                            x,
                            TOP - 6,
                            x,
                            height - 24,
                            at == 1 ? "#22303c" : "#dde2e6"));
            text(svg, x, height - 8, "middle", "#5b6b78", String.format(Locale.ROOT, "%.2f", at));
        }
        int y = TOP;
        for (Row row : rows) {
            text(svg, LEFT - 10, y + 16, "end", "#22303c", row.title());
            bar(svg, y, speed(row, Contender.GUEST), "#2a78b8");
            if (row.ratios().containsKey(Contender.NIO)) {
                bar(svg, y + BAR + 2, speed(row, Contender.NIO), "#b9c4cc");
            }
            y += LINE;
        }
        return svg.append("</svg>\n").toString();
    }

    private static void legend(StringBuilder svg) {
        int x = LEFT;
        for (String[] entry : new String[][] {{"#2a78b8", "wasix4j"}, {"#b9c4cc", "Java NIO"}}) {
            svg.append(
                    String.format(
                            "<rect x=\"%d\" y=\"36\" width=\"12\" height=\"12\" fill=\"%s\"/>%n",
                            x, entry[0]));
            text(svg, x + 18, 47, "start", "#22303c", entry[1]);
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

    private static void bar(StringBuilder svg, int y, double speed, String colour) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n",
                        LEFT,
                        y,
                        Math.max(1, x(speed) - LEFT),
                        BAR,
                        colour));
        text(
                svg,
                x(speed) + 6,
                y + BAR - 1,
                "start",
                "#5b6b78",
                String.format(Locale.ROOT, "%.2f", speed));
    }

    private static void text(
            StringBuilder svg, int x, int y, String anchor, String colour, String words) {
        svg.append(
                String.format(
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n",
                        x, y, anchor, colour, words));
    }
}
