package org.wasix4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Colours for a stream that shows them, and nothing for another. */
enum Paint {
    /** Writes the codes of a terminal. */
    COLOURS,
    /** Writes plain text. */
    PLAIN;

    /** When to write colours. */
    enum When {
        /** On a terminal, unless the environment is against it. */
        AUTO,
        /** Always. */
        ALWAYS,
        /** Never. */
        NEVER
    }

    /** The standard output of this JVM, as a number of a descriptor. */
    static final int STDOUT = 1;

    /** The standard error of this JVM, as a number of a descriptor. */
    static final int STDERR = 2;

    /**
     * How to write to a stream.
     *
     * @param environment of which {@code NO_COLOR} (set to anything but nothing, no-color.org) and
     *     {@code TERM=dumb} are obeyed
     * @param stream the number of a standard stream of this JVM, or -1 for another
     */
    static Paint of(When when, Map<String, String> environment, int stream) {
        return switch (when) {
            case ALWAYS -> COLOURS;
            case NEVER -> PLAIN;
            case AUTO ->
                    auto(environment, () -> stream >= 0 && isTerminal(stream)) ? COLOURS : PLAIN;
        };
    }

    /** Whether {@link When#AUTO} means yes. */
    static boolean auto(Map<String, String> environment, BooleanSupplier terminal) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"))
                && terminal.getAsBoolean();
    }

    /** Whether a standard stream of this JVM is a terminal. */
    static boolean isTerminal(int stream) {
        try {
            String target = Path.of("/dev/fd/" + stream).toRealPath().toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException e) {
            // a pipe or a socket has no path, or the stream is closed
            return false;
        }
    }

    /** What went wrong. */
    String red(String text) {
        return paint(31, text);
    }

    /** What is to be looked at. */
    String yellow(String text) {
        return paint(33, text);
    }

    /** What is as it should be. */
    String green(String text) {
        return paint(32, text);
    }

    /** A heading. */
    String bold(String text) {
        return paint(1, text);
    }

    private String paint(int code, String text) {
        return this == PLAIN ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
