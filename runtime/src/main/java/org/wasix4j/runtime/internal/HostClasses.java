package org.wasix4j.runtime.internal;

import org.wasix4j.WasixHost;

/**
 * Initialises the host's classes before a guest runs. A guest decides how deep its stack is when it
 * calls the host for the first time; a stack overflow in a static initialiser would make the class
 * unusable for as long as the JVM runs, for every other guest too.
 *
 * <p>The names are those of the classes that have a static initialiser ({@link
 * InitialisedClasses}); a test keeps the list complete.
 */
final class HostClasses {

    private HostClasses() {}

    private static volatile boolean done;

    /** Their names. */
    static String[] names() {
        return InitialisedClasses.NAMES.split("\n");
    }

    /** Initialises them, once. */
    static void initialise() {
        if (done) {
            return;
        }
        ClassLoader loader = WasixHost.class.getClassLoader();
        boolean all = true;
        for (String name : names()) {
            all &= initialise(name, loader);
        }
        done = all;
    }

    private static boolean initialise(String name, ClassLoader loader) {
        try {
            Class.forName(name, true, loader);
            return true;
        } catch (ClassNotFoundException e) {
            // moved, which the test finds and a guest need not suffer; or there are no descriptors
            return isSwitchTable(name);
        }
    }

    /** Classes that a compiler makes for switches over enums; newer compilers make fewer. */
    static boolean isSwitchTable(String name) {
        int end = name.length();
        while (Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        return end < name.length() && name.charAt(end - 1) == '$';
    }
}
