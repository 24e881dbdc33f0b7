package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** What a figure was taken on. */
final class Machine {

    private Machine() {}

    /**
     * The machine, the versions of everything, and the command.
     *
     * @param howOften how often and how long something is measured
     */
    static String describe(Settings settings, Peers peers, String commandLine, String howOften) {
        StringBuilder out = new StringBuilder();
        out.append("- Date: ").append(LocalDate.now());
        out.append(", commit ")
                .append(
                        run(
                                "git",
                                "-C",
                                settings.root().toString(),
                                "rev-parse",
                                "--short",
                                "HEAD"));
        out.append("\n- Machine: ").append(Runtime.getRuntime().availableProcessors());
        out.append(" processors (").append(processor()).append("), ").append(memory());
        out.append(" of memory, Linux ").append(System.getProperty("os.version"));
        out.append("; load average at the start ").append(loadAverage());
        out.append("\n- Java: ").append(System.getProperty("java.vm.name"));
        out.append(' ').append(System.getProperty("java.runtime.version"));
        for (Path home : settings.otherJavaHomes()) {
            out.append("; for starts also JDK ").append(JavaHomes.release(home));
        }
        out.append("\n- Compilers: ").append(run("gcc", "--version"));
        out.append(" -O2; guests by clang -O2 -mbulk-memory\n- Other runtimes: ")
                .append(peers.state());
        out.append("\n- Command: `").append(commandLine).append("`: ").append(howOften);
        out.append('\n');
        return out.toString();
    }

    private static String processor() {
        for (String line : file("/proc/cpuinfo").split("\n")) {
            if (line.startsWith("model name")) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return System.getProperty("os.arch");
    }

    private static String memory() {
        String first = file("/proc/meminfo").split("\n")[0].replaceAll("\\D", "");
        return first.isEmpty() ? "?" : (Long.parseLong(first) >> 20) + " GB";
    }

    private static String loadAverage() {
        return file("/proc/loadavg").split(" ")[0];
    }

    private static String file(String name) {
        try {
            return Files.readString(Path.of(name));
        } catch (IOException e) {
            return "";
        }
    }

    /** The first line that a program prints. */
    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().findFirst().orElse("?");
        } catch (IOException e) {
            return "?";
        }
    }
}
