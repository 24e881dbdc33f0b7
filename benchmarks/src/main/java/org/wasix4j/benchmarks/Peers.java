package org.wasix4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Other runtimes that the machine has: found on the PATH by their names, or named by WASMER,
 * WASMTIME, WAZERO and NODE. None is looked for unless {@code --peers} is given.
 */
final class Peers {

    /** Those that have the sockets of WASIX. */
    private static final List<Contender> SERVERS = List.of(Contender.WASMER);

    private static final List<Contender> ALL =
            List.of(Contender.WASMER, Contender.WASMTIME, Contender.WAZERO, Contender.NODE);

    private final Path wasiScript;

    /** What each said of its version. */
    private final Map<Contender, String> versions = new EnumMap<>(Contender.class);

    private final boolean wanted;

    Peers(Path root, boolean wanted) {
        this.wasiScript = root.resolve("benchmarks/node/wasi-run.mjs");
        this.wanted = wanted;
        if (wanted) {
            for (Contender peer : ALL) {
                String version = version(peer);
                if (version != null) {
                    versions.put(peer, version);
                }
            }
        }
    }

    private static String program(Contender peer) {
        String named = System.getenv(peer.name());
        return named == null || named.isEmpty() ? peer.name().toLowerCase() : named;
    }

    private static String version(Contender peer) {
        List<String> command =
                peer == Contender.WAZERO
                        ? List.of(program(peer), "version")
                        : List.of(program(peer), "--version");
        try {
            Process process = Processes.start(new ProcessBuilder(command));
            try {
                String answer =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0
                        ? answer.lines().findFirst().orElse("of an unknown version").strip()
                        : null;
            } finally {
                Processes.end(process);
            }
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** A sentence for the page. */
    String state() {
        if (!wanted) {
            return "not looked for (--peers)";
        }
        return ALL.stream()
                .map(
                        peer ->
                                peer.title()
                                        + (versions.containsKey(peer)
                                                ? " (" + versions.get(peer) + ")"
                                                : " is not on this machine"))
                .collect(Collectors.joining(", "));
    }

    /** Those that can run a server. */
    List<Contender> servers() {
        return SERVERS.stream().filter(versions::containsKey).toList();
    }

    /** Those that can run a program that only computes. */
    List<Contender> present() {
        return List.copyOf(versions.keySet());
    }

    /** The command line of a module. */
    List<String> command(Contender peer, Path module, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(program(peer));
        switch (peer) {
            case WASMER -> command.addAll(List.of("run", "--net", module.toString(), "--"));
            case WASMTIME, WAZERO -> command.addAll(List.of("run", module.toString()));
            case NODE ->
                    command.addAll(
                            List.of("--no-warnings", wasiScript.toString(), module.toString()));
            default -> throw new IllegalArgumentException(peer + " is no peer");
        }
        command.addAll(arguments);
        return command;
    }
}
