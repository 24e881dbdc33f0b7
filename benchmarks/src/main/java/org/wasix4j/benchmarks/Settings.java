package org.wasix4j.benchmarks;

import java.nio.file.Path;
import java.util.List;

/**
 * How long and where.
 *
 * @param root the project's folder
 * @param work a folder for what is made on the way: native programs, logs, caches
 * @param output where the page and the chart are written
 * @param rounds so many times everyone is measured, in turn
 * @param seconds one measurement
 * @param warmUps seconds of load before a JVM is measured, each over new connections
 * @param starts so many times a start is measured
 * @param quick whether this is the short run
 * @param javaHome the JDK of the run
 * @param otherJavaHomes more JDKs, with which starts are measured too
 */
record Settings(
        Path root,
        Path work,
        Path output,
        int rounds,
        double seconds,
        int warmUps,
        int starts,
        boolean quick,
        Path javaHome,
        List<Path> otherJavaHomes) {

    /** The command that is measured, of the distribution that run.sh has unpacked. */
    Path command() {
        return work.resolve("installed/bin/wasix-run");
    }

    Path guest(String name) {
        return root.resolve("benchmarks/guests/wasm/" + name + ".wasm");
    }

    Path testModule(String name) {
        return root.resolve("test-modules/src/main/resources/wasm/" + name + ".wasm");
    }

    Path nativeProgram(String name) {
        return work.resolve("native/" + name);
    }
}
