package org.wasix4j.benchmarks;

import java.util.List;

/** Growth curves that are measured together. */
interface CurveGroup {

    /** What grows, for the progress line. */
    String name();

    /** Measures; each process is as a user would start it, with the default options. */
    List<Panel> take(Bench bench);
}
