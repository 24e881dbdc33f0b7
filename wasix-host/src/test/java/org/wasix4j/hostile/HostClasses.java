package org.wasix4j.hostile;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.wasix4j.types.Errno;

/**
 * Initialises every class of the host, as a runtime does before it enters a guest: a stack that
 * overflows in a static initialiser would leave a class that nobody can use any more.
 */
final class HostClasses {

    private HostClasses() {}

    static void initialise() throws IOException {
        Path classes;
        try {
            classes =
                    Path.of(
                            Errno.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
        Path host = classes.resolve("org/wasix4j");
        try (Stream<Path> files = Files.walk(host)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                try {
                    Class.forName(name.substring(0, name.length() - ".class".length()));
                } catch (ClassNotFoundException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
