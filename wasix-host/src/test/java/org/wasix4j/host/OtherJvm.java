package org.wasix4j.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.wasix4j.testmodules.ChildProcess;

/** A JVM of its own with the class path of this test, for what cannot be set in a running one. */
final class OtherJvm {

    private OtherJvm() {}

    /**
     * Runs a program to its end.
     *
     * @param before what starts it, such as a shell that sets a limit; empty for nothing
     * @param options of the JVM
     * @param environment variables beside those of this process
     * @return the lines of its standard output and its standard error
     */
    static List<String> run(
            List<String> before,
            List<String> options,
            Map<String, String> environment,
            Class<?> program,
            String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.addAll(ChildProcess.java());
        command.addAll(options);
        command.addAll(List.of("-cp", ChildProcess.classPath(), program.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try (ChildProcess child = ChildProcess.start(builder)) {
            child.awaitExit();
            return child.out().lines().toList();
        }
    }
}
