package org.wasix4j.benchmarks;

/** Who runs a piece of work. */
enum Contender {
    /** The C source, compiled with gcc. */
    NATIVE("native C"),
    /** The same source as a guest of wasix-run. */
    GUEST("wasix4j"),
    /** A plain Java NIO program that does the same. */
    NIO("Java NIO"),
    /** The same guest on Wasmer, under Node. */
    WASMER("Wasmer (npm)");

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
