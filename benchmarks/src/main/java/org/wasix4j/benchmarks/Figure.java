package org.wasix4j.benchmarks;

import java.util.List;

/** A group of figures that are taken together. */
interface Figure {

    /** What it is called on the command line. */
    String name();

    /** Takes the figures. */
    List<Row> take(Bench bench);
}
