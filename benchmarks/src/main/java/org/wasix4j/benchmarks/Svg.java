package org.wasix4j.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * A drawing for the documentation. Its colours are styles, which follow the reader's choice of a
 * light or a dark background.
 */
final class Svg {

    /** Text, and lines that matter. */
    static final String INK = "ink";

    /** Text that explains. */
    static final String SOFT = "soft";

    /** Lines behind the data. */
    static final String GRID = "grid";

    /** The frame of the data. */
    static final String AXIS = "axis";

    private static final String STYLES =
            """
            <style>
            rect,circle,text{fill:currentColor}
            line{stroke:currentColor}
            path{stroke:currentColor;stroke-width:2;fill:none}
            path.native{stroke-dasharray:6 3}
            path.nio{stroke-dasharray:2 3}
            .back{color:#fff}.ink,.axis{color:#22303c}.soft{color:#5b6b78}.grid{color:#dde2e6}
            .guest{color:#2a78b8}.nio{color:#98a6b0}.native{color:#3f4c57}.cold{color:#c2601c}
            @media (prefers-color-scheme:dark){
            .back{color:#0d1117}.ink,.axis{color:#e6edf3}.soft{color:#9aa7b4}.grid{color:#2b323b}
            .guest{color:#58a6e8}.nio{color:#717e89}.native{color:#c9d4de}.cold{color:#f0924e}
            }
            </style>
            """;

    private final StringBuilder out = new StringBuilder();

    Svg(int width, int height, String title) {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"system-ui, sans-serif\" font-size=\"13\""
                        + " role=\"img\">",
                width, height);
        add("<title>%s</title>", escape(title));
        out.append(STYLES);
        add("<rect width=\"100%%\" height=\"100%%\" class=\"back\"/>");
    }

    /** A text; the anchor is start, middle or end. */
    void text(double x, double y, String anchor, String style, String words) {
        add(
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" class=\"%s\">%s</text>",
                number(x), number(y), anchor, style, escape(words));
    }

    void line(double fromX, double fromY, double toX, double toY, String style) {
        add(
                "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" class=\"%s\"/>",
                number(fromX), number(fromY), number(toX), number(toY), style);
    }

    void rectangle(double x, double y, double width, double height, String style) {
        add(
                "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" class=\"%s\"/>",
                number(x), number(y), number(width), number(height), style);
    }

    /** Points, joined by lines, with a dot on each. */
    void path(List<Point> points, String style) {
        StringBuilder steps = new StringBuilder();
        for (Point point : points) {
            steps.append(steps.isEmpty() ? "M" : " L").append(number(point.x()));
            steps.append(' ').append(number(point.y()));
        }
        add("<path d=\"%s\" class=\"%s\"/>", steps, style);
        for (Point point : points) {
            add(
                    "<circle cx=\"%s\" cy=\"%s\" r=\"3\" class=\"%s\"/>",
                    number(point.x()), number(point.y()), style);
        }
    }

    /** The whole drawing; nothing is added after it. */
    String close() {
        return out.append("</svg>\n").toString();
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String escape(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
