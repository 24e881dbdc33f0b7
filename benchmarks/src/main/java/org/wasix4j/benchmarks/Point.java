package org.wasix4j.benchmarks;

/** A point of a curve, or of a drawing. */
record Point(double x, double y) {}
