package org.wasix4j.cli;

import java.util.List;
import java.util.Map;

/**
 * Settings of the JVM that only a program that owns it may make. Each of them saves a part of a
 * start; nothing depends on them.
 */
final class OwnJvm {

    private static final String SELECTORS = "java.nio.channels.spi.SelectorProvider";

    /** What the JDK takes on Linux when it finds no other. */
    static final String EPOLL = "sun.nio.ch.EPollSelectorProvider";

    /**
     * Options for a JVM, of which anyone's agent or recording may have something to do at the end.
     */
    private static final List<String> OPTIONS =
            List.of(
                    "WASIX_RUN_JAVA_OPTS",
                    "JDK_JAVA_OPTIONS",
                    "JAVA_TOOL_OPTIONS",
                    "_JAVA_OPTIONS");

    /** The first Java whose exit looks for a logger, for which it opens every jar. */
    private static final int LOGS_EXITS = 21;

    /** Into a JVM that ran longer somebody may have brought a recording or an agent by now. */
    private static final long SHORT_NANOS = 10_000_000_000L;

    private static volatile boolean hooks;

    private static volatile long settled;

    private OwnJvm() {}

    /** Something of the command is to be done when the JVM ends. */
    static void hasHooks() {
        hooks = true;
    }

    /**
     * Ends the JVM. Where the start script started it a moment ago and nobody else can have a hook
     * in it, it is halted, which takes 15 ms less.
     */
    static void exit(int code) {
        if (!hooks
                && System.nanoTime() - settled < SHORT_NANOS
                && Runtime.version().feature() >= LOGS_EXITS
                && Boolean.getBoolean(CompilerPriority.GIVEN_BY_SCRIPT)
                && !hasOptions(System.getenv())) {
            System.out.flush();
            Runtime.getRuntime().halt(code);
        }
        System.exit(code);
    }

    /** Whether a user's options were given to this JVM. */
    static boolean hasOptions(Map<String, String> environment) {
        for (String name : OPTIONS) {
            if (!environment.getOrDefault(name, "").isBlank()) {
                return true;
            }
        }
        return false;
    }

    static void settle() {
        settled = System.nanoTime();
        // else picocli looks for Groovy's closures, for whose sake it opens every jar
        System.setProperty("picocli.disable.closures", "true");
        // no option has a time or a table's column as its value: their classes need not be loaded
        System.setProperty("picocli.converters.excludes", "java[.](time|sql)[.].*");
        // one guest in this JVM: a trap of it slows down no other one
        System.setProperty("wasix4j.oneGuest", "true");
        settleSelectors();
    }

    /** Else the JDK looks for another provider in every jar of the class path. */
    private static void settleSelectors() {
        if (System.getProperty(SELECTORS) != null) {
            return;
        }
        try {
            // without initialising it
            Class.forName(EPOLL, false, null);
            System.setProperty(SELECTORS, EPOLL);
        } catch (ClassNotFoundException e) {
            // another system
        }
    }
}
