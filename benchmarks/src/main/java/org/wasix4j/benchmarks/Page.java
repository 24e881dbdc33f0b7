package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The page: what stands between two marks is replaced by what a run has measured, the words around
 * it stay.
 */
final class Page {

    private static final String NEW_PAGE = "# Performance\n";

    private final Path file;

    Page(Path folder) {
        file = folder.resolve("PERFORMANCE.md");
    }

    Path file() {
        return file;
    }

    /**
     * Replaces a section; a page without one gets it at its end.
     *
     * @param begin the mark before it
     * @param end the mark after it
     */
    void replace(String begin, String end, String section) throws IOException {
        Files.createDirectories(file.getParent());
        String text = Files.exists(file) ? Files.readString(file) : NEW_PAGE;
        if (!text.contains(begin) && !text.contains(end)) {
            text = text + "\n" + begin + "\n" + end + "\n";
        }
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new BenchmarkException(
                    file
                            + " has only one of two marks, or in the wrong order: "
                            + begin
                            + ", "
                            + end);
        }
        Files.writeString(
                file,
                text.substring(0, from) + begin + "\n\n" + section + "\n" + text.substring(to));
    }
}
