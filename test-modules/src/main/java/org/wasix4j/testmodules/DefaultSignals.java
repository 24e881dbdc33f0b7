package org.wasix4j.testmodules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts programs with the default handling of signals. A build in the background of a script
 * ignores SIGINT and SIGQUIT, one under {@code nohup} SIGHUP; programs inherit that, and the JVM
 * leaves a signal alone that was ignored when it started.
 */
public final class DefaultSignals {

    private static final String SIGNALS = "HUP,INT,QUIT,TERM,USR1";

    private DefaultSignals() {}

    /**
     * What to put before a command, so that it starts with the default handling: nothing where none
     * is ignored; empty when this machine has no program that does it.
     */
    public static Optional<List<String>> prefix() throws InterruptedException {
        if (!isAnyIgnored()) {
            return Optional.of(List.of());
        }
        List<String> env = List.of("env", "--default-signal=" + SIGNALS);
        if (ChildProcess.run("env", "--default-signal=" + SIGNALS, "true") == 0) {
            return Optional.of(env);
        }
        String perl =
                "$SIG{$_} = 'DEFAULT' for split /,/, '" + SIGNALS + "'; exec @ARGV or exit 127;";
        if (ChildProcess.run("perl", "-e", perl, "true") == 0) {
            return Optional.of(List.of("perl", "-e", perl));
        }
        return Optional.empty();
    }

    /** Whether this process ignores one of the signals; true where that cannot be found out. */
    private static boolean isAnyIgnored() {
        try {
            // the JVM has handlers of its own for some, so only SIGHUP to SIGTERM as they came in
            long ignored =
                    Files.readAllLines(Path.of("/proc/self/status")).stream()
                            .filter(line -> line.startsWith("SigIgn:"))
                            .mapToLong(
                                    line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                            .findFirst()
                            .orElse(-1);
            long asked = 1 | 1 << 1 | 1 << 2 | 1 << 9 | 1 << 14;
            return (ignored & asked) != 0;
        } catch (IOException e) {
            return true;
        }
    }
}
