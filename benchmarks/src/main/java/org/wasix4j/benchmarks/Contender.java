package org.wasix4j.benchmarks;

/** A runtime that runs a piece of work. */
enum Contender {
    /** The C source, compiled with gcc. */
    NATIVE("native C"),
    /** The same source as a guest of wasix-run. */
    GUEST("wasix4j"),
    /** A plain Java NIO program that does the same. */
    NIO("Java NIO"),
    /** The same guest on Wasmer. */
    WASMER("Wasmer"),
    /** The same guest on wasmtime, if it only computes. */
    WASMTIME("wasmtime"),
    /** The same guest on wazero, if it only computes. */
    WAZERO("wazero"),
    /** The same guest on V8 under Node, if it only computes. */
    NODE("Node");

    /** Whether it is another runtime. */
    boolean isPeer() {
        return ordinal() >= WASMER.ordinal();
    }

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
