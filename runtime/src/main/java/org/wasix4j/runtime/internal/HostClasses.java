package org.wasix4j.runtime.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.wasix4j.WasixHost;

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

    static void initialise() {
        ClassLoader loader = WasixHost.class.getClassLoader();
        try (InputStream stream = HostClasses.class.getResourceAsStream(LIST);
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                initialise(name, loader);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void initialise(String name, ClassLoader loader) {
        try {
            Class.forName(name, true, loader);
        } catch (ClassNotFoundException e) {
            // a class that was moved; the test finds it, a guest need not suffer
        }
    }
}
