package org.wasix4j.benchmarks;

import java.util.List;

/** One JVM with growing numbers of guests, and one guest with growing numbers of threads. */
final class CrowdCurves {

    private static final Panel.Axis MEGABYTES = new Panel.Axis("MB", false);

    private CrowdCurves() {}

    /** Servers in one JVM, each of which listens. */
    static final class Guests implements CurveGroup {

        private static final List<Integer> COUNTS = List.of(1, 2, 5, 10, 20, 50, 100, 200, 500);

        @Override
        public String name() {
            return "guests";
        }

        @Override
        public List<Panel> take(Bench bench) {
            List<MemoryFigures.ManyGuests> steps = MemoryFigures.inOneJvm(bench, COUNTS);
            CurvePoints memory = new CurvePoints();
            CurvePoints starts = new CurvePoints();
            for (int i = 0; i < COUNTS.size(); i++) {
                int count = COUNTS.get(i);
                memory.add(Contender.GUEST, count, steps.get(i).bytes() / MemoryFigures.MEGABYTE);
                starts.add(Contender.GUEST, count, steps.get(i).startNanos() / 1e6);
            }
            Panel.Axis across = new Panel.Axis("guests in one JVM", true);
            bench.say("memory of guests: " + memory.series() + ", starts: " + starts.series());
            return List.of(
                    new Panel(
                            "Memory of a JVM with many guests", across, MEGABYTES, memory.series()),
                    new Panel(
                            "Time to start one more guest, until it listens",
                            across,
                            new Panel.Axis("ms", true),
                            starts.series()));
        }
    }

    /** Threads that sleep. */
    static final class Threads implements CurveGroup {

        private static final List<Integer> COUNTS = List.of(1, 25, 50, 100, 150, 200);

        @Override
        public String name() {
            return "threads";
        }

        @Override
        public List<Panel> take(Bench bench) {
            // the first process compiles the module
            MemoryFigures.settledThreads(bench, 1, "");
            CurvePoints memory = new CurvePoints();
            for (int count : COUNTS) {
                memory.add(
                        Contender.GUEST,
                        count,
                        MemoryFigures.settledThreads(bench, count, "") / MemoryFigures.MEGABYTE);
            }
            bench.say("memory of threads: " + memory.series());
            return List.of(
                    new Panel(
                            "Memory of a guest with many threads",
                            new Panel.Axis("threads, all of them asleep", false),
                            MEGABYTES,
                            memory.series()));
        }
    }
}
