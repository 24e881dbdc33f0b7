package org.wasix4j.system.stdio;

/** What is known of a stream to read from before it is read. */
enum InputKind {
    /** Nothing: an embedder's stream, whose {@code available} is a guess. */
    UNKNOWN,
    /** A pipe or a socket of the host: what it says that there is can be read at once. */
    PIPE,
    /** As {@link #PIPE}, but its end is no end for ever. */
    TERMINAL,
    /** A file of the host: a read never waits, and after its end more may be written to it. */
    FILE,
    /** Bytes in memory: a read never waits. */
    BYTES;

    /** What a standard stream of the JVM is. */
    static InputKind of(StreamKind kind) {
        if (kind == StreamKind.TERMINAL) {
            return TERMINAL;
        }
        return kind == StreamKind.FILE ? FILE : PIPE;
    }

    /** Whether a read never waits. */
    boolean neverWaits() {
        return this == FILE || this == BYTES;
    }

    /** Whether {@code available} reports what can be read at once. */
    boolean tellsPresent() {
        return this != UNKNOWN;
    }
}
