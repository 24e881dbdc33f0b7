package org.wasix4j.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts of growing modules: how long until the first answer, and the most memory until then. */
final class ModuleCurves implements CurveGroup {

    /** Bytes of the modules that are made; the smallest is the guest itself. */
    private static final List<Integer> SIZES =
            List.of(300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000);

    /** What a short run leaves out. */
    private static final int LARGE = 3_000_000;

    /** Modules above this are compiled once only. */
    private static final int OFTEN = 1_000_000;

    private static final int COLD_STARTS = 3;
    private static final double MILLION = 1e6;

    @Override
    public String name() {
        return "module sizes";
    }

    @Override
    public List<Panel> take(Bench bench) {
        Settings settings = bench.settings();
        Path small = settings.guest("http-epoll");
        CurvePoints times = new CurvePoints();
        CurvePoints peaks = new CurvePoints();
        StartFigures.prepare(bench, settings.javaHome());
        measure(bench, small, times, peaks);
        for (int size : SIZES) {
            if (!settings.quick() || size <= LARGE) {
                Path module = LargeModule.make(small, size, bench.folder("large"));
                measure(bench, module, times, peaks);
            }
        }
        Panel.Axis across = new Panel.Axis("size of the module, MB", true);
        return List.of(
                new Panel(
                        "From the command to the first answer",
                        across,
                        new Panel.Axis("ms", true),
                        times.series()),
                new Panel(
                        "Most memory of the process until then",
                        across,
                        new Panel.Axis("MB", true),
                        peaks.series()));
    }

    /** Cold starts, which compile, then warm ones. */
    private static void measure(Bench bench, Path module, CurvePoints times, CurvePoints peaks) {
        long size = module.toFile().length();
        Path cache = bench.folder("curves-cache");
        List<StartFigures.Start> cold = new ArrayList<>();
        List<StartFigures.Start> warm = new ArrayList<>();
        for (int i = 0; i < (size <= OFTEN ? COLD_STARTS : 1); i++) {
            StartFigures.clear(cache);
            cold.add(StartFigures.start(bench, bench.settings().javaHome(), module, cache));
        }
        for (int i = 0; i < bench.settings().starts(); i++) {
            warm.add(StartFigures.start(bench, bench.settings().javaHome(), module, cache));
        }
        StartFigures.clear(cache);
        add(times, peaks, "cold", "cold", size, cold);
        add(times, peaks, "warm", "guest", size, warm);
        bench.say("a module of " + size + " bytes: cold " + cold + ", warm " + warm);
    }

    private static void add(
            CurvePoints times,
            CurvePoints peaks,
            String title,
            String style,
            long size,
            List<StartFigures.Start> starts) {
        times.add(
                title,
                style,
                size / MILLION,
                Numbers.median(starts.stream().map(StartFigures.Start::millis).toList()));
        peaks.add(
                title,
                style,
                size / MILLION,
                Numbers.median(
                        starts.stream()
                                .map(start -> start.peakBytes() / MemoryFigures.MEGABYTE)
                                .toList()));
    }
}
