package org.wasix4j.benchmarks;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** JDKs of the machine. */
final class JavaHomes {

    private JavaHomes() {}

    /** The number of a JDK's release: 17, 25. */
    static int release(Path home) {
        try {
            Properties release = new Properties();
            release.load(new StringReader(Files.readString(home.resolve("release"))));
            String version = release.getProperty("JAVA_VERSION").replace("\"", "");
            return Integer.parseInt(version.replaceAll("[^0-9].*", ""));
        } catch (IOException | NullPointerException | NumberFormatException e) {
            throw new BenchmarkException(home + " is no JDK: it has no release file", e);
        }
    }
}
