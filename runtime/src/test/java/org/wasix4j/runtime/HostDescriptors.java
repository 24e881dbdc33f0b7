package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The descriptors that this JVM holds of the system, where the system tells (Linux). */
final class HostDescriptors {

    private static final Path OPEN = Path.of("/proc/self/fd");

    private HostDescriptors() {}

    /** Whether the system tells. */
    static boolean areTold() {
        return Files.isDirectory(OPEN);
    }

    /**
     * Sockets, pipes, selectors and unlinked files (a guest's memory is one). Jars and modules,
     * which the JVM opens when it likes, do not count.
     */
    static List<String> open() {
        List<String> open = new ArrayList<>();
        try (Stream<Path> links = Files.list(OPEN)) {
            for (Path link : (Iterable<Path>) links::iterator) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith("socket:")
                            || target.startsWith("pipe:")
                            || target.startsWith("anon_inode:")
                            || target.endsWith(" (deleted)")) {
                        open.add(target);
                    }
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return open;
    }
}
