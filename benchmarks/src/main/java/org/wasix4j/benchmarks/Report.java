package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The section of the page with the figures, and the chart. */
final class Report {

    private static final String BEGIN =
            "<!-- figures: written by benchmarks/run.sh, do not edit -->";
    private static final String END = "<!-- end of the figures -->";

    private Report() {}

    /** A figure that could not be taken. */
    record Failure(String name, String why) {}

    static void write(Path folder, String about, List<Row> rows, List<Failure> failures)
            throws IOException {
        new Page(folder).replace(BEGIN, END, figures(about, rows, failures));
        Files.writeString(folder.resolve("performance.svg"), Chart.svg(rows));
    }

    private static String figures(String about, List<Row> rows, List<Failure> failures) {
        List<Contender> peers =
                Stream.of(Contender.values())
                        .filter(Contender::isPeer)
                        .filter(
                                peer ->
                                        rows.stream()
                                                .anyMatch(row -> row.values().containsKey(peer)))
                        .toList();
        StringBuilder out = new StringBuilder(about);
        out.append("\n![Speed against native C](performance.svg)\n\n");
        out.append("### Against the same C program native\n\n");
        out.append("| work | unit | native C | wasix4j | ratio | CPU time a unit | Java NIO |");
        peers.forEach(peer -> out.append(' ').append(peer.title()).append(" |"));
        out.append(" target | reached |\n");
        out.append("|---|---|--:|--:|--:|--:|--:|")
                .append("--:|".repeat(peers.size()))
                .append("---|---|\n");
        for (Row row : rows) {
            if (!row.ratios().isEmpty()) {
                compared(out, row, peers);
            }
        }
        out.append("\n### Guests alone\n\n");
        out.append("| work | unit | wasix4j | target | reached |\n|---|---|--:|---|---|\n");
        for (Row row : rows) {
            if (row.ratios().isEmpty()) {
                line(
                        out,
                        row.title(),
                        row.unit(),
                        Numbers.value(row.value(Contender.GUEST)),
                        row.target(),
                        reached(row));
            }
        }
        failures(out, failures);
        return out.toString();
    }

    /** What could not be taken. */
    static void failures(StringBuilder out, List<Failure> failures) {
        for (Failure failure : failures) {
            out.append("\nNot taken: ").append(failure.name()).append(", ").append(failure.why());
            out.append("\n");
        }
    }

    private static void compared(StringBuilder out, Row row, List<Contender> peers) {
        out.append("| ").append(row.title()).append(" | ").append(row.unit()).append(" | ");
        out.append(Numbers.value(row.value(Contender.NATIVE))).append(" | ");
        out.append(Numbers.value(row.value(Contender.GUEST))).append(" | ");
        out.append(ratio(row, Contender.GUEST)).append(" | ");
        out.append(Numbers.ratio(row.cpuRatio())).append(" | ");
        out.append(withRatio(row, Contender.NIO)).append(" |");
        peers.forEach(peer -> out.append(' ').append(withRatio(row, peer)).append(" |"));
        out.append(' ').append(row.target()).append(" | ").append(reached(row)).append(" |\n");
    }

    private static void line(StringBuilder out, String... cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String ratio(Row row, Contender contender) {
        return Numbers.ratio(row.ratios().getOrDefault(contender, Double.NaN));
    }

    private static String withRatio(Row row, Contender contender) {
        return row.values().containsKey(contender)
                ? Numbers.value(row.value(contender)) + " (" + ratio(row, contender) + ")"
                : ratio(row, contender);
    }

    private static String reached(Row row) {
        if (row.met() == null) {
            return "";
        }
        return row.met() ? "yes" : "**no**";
    }
}
