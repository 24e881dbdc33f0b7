package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Wasmer as its npm package runs it, under Node 24 or newer. NODE names the program (else the
 * PATH's is asked), and the package is found where Node looks: NODE_PATH or node_modules of
 * benchmarks/node.
 */
final class Wasmer {

    private final Path script;
    private final String node;
    private final String whyNot;

    Wasmer(Path root) {
        script = root.resolve("benchmarks/node/wasmer-run.mjs");
        String named = System.getenv("NODE");
        node = named == null || named.isEmpty() ? "node" : named;
        whyNot = examine();
    }

    private String examine() {
        String answer;
        try {
            Process process =
                    Processes.start(
                            new ProcessBuilder(node, script.toString(), "--check")
                                    .redirectErrorStream(true));
            try {
                answer =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                                .strip();
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    return "node does not answer";
                }
                return process.exitValue() == 0
                        ? null
                        : answer.lines().findFirst().orElse("node ended with an error");
            } finally {
                Processes.end(process);
            }
        } catch (IOException e) {
            return "no node: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    boolean isPresent() {
        return whyNot == null;
    }

    /** A sentence for the page. */
    String state() {
        return whyNot == null ? "measured under Node" : "absent on this machine (" + whyNot + ")";
    }

    /**
     * Starts a server on a port that is free now: what the guest prints is not passed on at once.
     */
    Program start(Path module, Path log) {
        if (!Files.exists(module)) {
            throw new BenchmarkException("no " + module);
        }
        return Program.start(
                List.of(node, script.toString(), module.toString(), "0", "127.0.0.1"),
                Map.of(),
                log);
    }
}
