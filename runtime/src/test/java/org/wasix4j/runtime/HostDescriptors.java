package org.wasix4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The descriptors that this JVM holds of the system, where the system tells (Linux). */
public final class HostDescriptors {

    private static final Path OPEN = Path.of("/proc/self/fd");

    private HostDescriptors() {}

    /** Whether the system tells. */
    public static boolean areListed() {
        return Files.isDirectory(OPEN);
    }

    /**
     * Sockets, pipes, selectors and unlinked files (a guest's memory is one). Jars and modules,
     * which the JVM opens when it likes, do not count.
     */
    public static List<String> open() {
        return targets().stream()
                .filter(
                        target ->
                                target.startsWith("socket:")
                                        || target.startsWith("pipe:")
                                        || target.startsWith("anon_inode:")
                                        || target.endsWith(" (deleted)"))
                .toList();
    }

    /** What is open below a folder, without the folder itself. */
    public static List<String> openBelow(Path folder) throws IOException {
        String start = folder.toRealPath() + "/";
        return targets().stream().filter(target -> target.startsWith(start)).toList();
    }

    private static List<String> targets() {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> links = Files.list(OPEN)) {
            for (Path link : (Iterable<Path>) links::iterator) {
                try {
                    targets.add(Files.readSymbolicLink(link).toString());
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return targets;
    }
}
