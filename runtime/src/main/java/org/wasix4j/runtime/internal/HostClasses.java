package org.wasix4j.runtime.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.wasix4j.WasixHost;
import org.wasix4j.runtime.ModuleException;

/**
 * Initialises the host's classes before a guest runs. A guest decides how deep its stack is when it
 * calls the host for the first time; a stack overflow in a static initialiser would make the class
 * unusable for as long as the JVM runs, for every other guest too.
 *
 * <p>The names are those of the classes that have a static initialiser; a test keeps the list
 * complete.
 */
final class HostClasses {

    static final String LIST = "initialised.txt";

    private HostClasses() {}

    private static volatile boolean done;

    /**
     * Initialises them, once.
     *
     * @throws ModuleException when their list cannot be read: without descriptors nothing can
     */
    static void initialise() {
        if (done) {
            return;
        }
        ClassLoader loader = WasixHost.class.getClassLoader();
        boolean all = true;
        try (InputStream stream = HostClasses.class.getResourceAsStream(LIST)) {
            if (stream == null) {
                throw new IOException("it cannot be opened");
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII));
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                all &= initialise(name, loader);
            }
        } catch (IOException e) {
            throw new ModuleException(
                    "cannot read "
                            + LIST
                            + ", a resource of this library ("
                            + e.getMessage()
                            + "); are there descriptors left (ulimit -n)?",
                    e);
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
