package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux tells of a process. */
final class ProcFiles {

    private ProcFiles() {}

    static String read(long pid, String name) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), name));
        } catch (IOException e) {
            throw new BenchmarkException("process " + pid + " is gone: " + e.getMessage(), e);
        }
    }

    /** Resident memory in bytes. */
    static long residentBytes(long pid) {
        return statusBytes(pid, "VmRSS:");
    }

    /** The most resident memory that the process has had, in bytes. */
    static long peakBytes(long pid) {
        return statusBytes(pid, "VmHWM:");
    }

    private static long statusBytes(long pid, String key) {
        for (String line : read(pid, "status").split("\n")) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new BenchmarkException("no " + key + " of " + pid);
    }
}
