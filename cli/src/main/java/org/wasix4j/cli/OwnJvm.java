package org.wasix4j.cli;

/**
 * Settings of the JVM that only a program that owns it may make. Each of them saves a part of a
 * start; nothing depends on them.
 */
final class OwnJvm {

    private static final String SELECTORS = "java.nio.channels.spi.SelectorProvider";

    /** What the JDK takes on Linux when it finds no other. */
    static final String EPOLL = "sun.nio.ch.EPollSelectorProvider";

    private OwnJvm() {}

    static void settle() {
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
