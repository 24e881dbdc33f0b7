package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The growth curves, which have a section of the page and a drawing of their own. */
final class Curves {

    /** On the command line. */
    static final String NAME = "curves";

    private static final String BEGIN =
            "<!-- curves: written by benchmarks/run.sh curves, do not edit -->";
    private static final String END = "<!-- end of the curves -->";
    private static final String DRAWING = "curves.svg";

    private static final List<CurveGroup> GROUPS =
            List.of(
                    new ConnectionCurves(),
                    new CrowdCurves.Guests(),
                    new CrowdCurves.Threads(),
                    new ModuleCurves());

    private Curves() {}

    /** Measures all of them; what fails is reported, and is missing. */
    static List<Panel> take(Bench bench, List<Report.Failure> failures) {
        List<Panel> panels = new ArrayList<>();
        for (CurveGroup group : GROUPS) {
            long start = System.nanoTime();
            try {
                panels.addAll(group.take(bench));
            } catch (BenchmarkException e) {
                failures.add(new Report.Failure("growth with " + group.name(), e.getMessage()));
                bench.say("growth with " + group.name() + " FAILED: " + e.getMessage());
            }
            bench.say(
                    "growth with "
                            + group.name()
                            + " took "
                            + (System.nanoTime() - start) / 1_000_000_000
                            + " s");
        }
        return panels;
    }

    /** Writes the drawing, and the section that shows it and has the numbers. */
    static void write(Path folder, String about, List<Panel> panels, List<Report.Failure> failures)
            throws IOException {
        StringBuilder out = new StringBuilder(about);
        if (!panels.isEmpty()) {
            out.append("\n![Growth curves](").append(DRAWING).append(")\n");
            out.append("\n<details>\n<summary>The numbers</summary>\n");
            panels.forEach(panel -> table(out, panel));
            out.append("\n</details>\n");
        }
        Report.failures(out, failures);
        new Page(folder).replace(BEGIN, END, out.toString());
        if (!panels.isEmpty()) {
            Files.writeString(folder.resolve(DRAWING), Plots.svg(panels));
        }
    }

    private static void table(StringBuilder out, Panel panel) {
        out.append("\n**").append(panel.title()).append("**, ").append(panel.up().title());
        out.append("\n\n| ").append(panel.across().title()).append(" |");
        panel.series().forEach(series -> out.append(' ').append(series.title()).append(" |"));
        out.append("\n|--:|").append("--:|".repeat(panel.series().size())).append('\n');
        List<Point> first = panel.series().get(0).points();
        for (int i = 0; i < first.size(); i++) {
            out.append("| ").append(Numbers.plain(first.get(i).x())).append(" |");
            for (Panel.Series series : panel.series()) {
                out.append(' ').append(Numbers.value(series.points().get(i).y())).append(" |");
            }
            out.append('\n');
        }
    }
}
