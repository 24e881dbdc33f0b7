package org.wasix4j.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a figure needs: settings, the load client, and programs to start. */
final class Bench {

    private final Settings settings;
    private final LoadClient load;
    private final Peers peers;

    Bench(Settings settings, Peers peers) {
        this.settings = settings;
        this.load = new LoadClient(settings);
        this.peers = peers;
    }

    Settings settings() {
        return settings;
    }

    Peers peers() {
        return peers;
    }

    LoadClient load() {
        return load;
    }

    /** Tells the human how it goes. */
    void say(String text) {
        System.err.println("benchmarks: " + text);
    }

    private Path log(Contender contender, String name) {
        return settings.work().resolve(contender.name().toLowerCase() + "-" + name + ".log");
    }

    /** The C source as a Linux program. */
    Program startNative(String name, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(settings.nativeProgram(name).toString());
        command.addAll(arguments);
        return Program.start(command, Map.of(), log(Contender.NATIVE, name));
    }

    /** The command line of a guest. */
    List<String> guestCommand(Path module, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(settings.command().toString());
        command.add("--net");
        command.addAll(options);
        command.add(module.toString());
        command.addAll(arguments);
        return command;
    }

    /** What a guest's JVM finds in its environment: the JDK, and no cache but that of this run. */
    Map<String, String> guestEnvironment(Path javaHome) {
        return Map.of(
                "JAVA_HOME",
                javaHome.toString(),
                "XDG_CACHE_HOME",
                settings.work().resolve("cache").toString());
    }

    /** The lines that a program prints, which is to end well. */
    List<String> output(List<String> command, String name) {
        Path log = settings.work().resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(guestEnvironment(settings.javaHome()));
        try {
            Process process = Processes.start(builder);
            try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
                List<String> lines = output.lines().toList();
                if (process.waitFor() != 0 || lines.isEmpty()) {
                    throw new BenchmarkException(command.get(0) + " failed: see " + log);
                }
                return lines;
            } finally {
                Processes.end(process);
            }
        } catch (IOException e) {
            throw new BenchmarkException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    /** The guest under wasix-run. */
    Program startGuest(Path module, List<String> options, List<String> arguments) {
        return Program.start(
                guestCommand(module, options, arguments),
                guestEnvironment(settings.javaHome()),
                log(Contender.GUEST, baseName(module)));
    }

    /** The plain Java program of a kind. */
    Program startNio(String kind, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(settings.javaHome().resolve("bin/java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("org.wasix4j.benchmarks.nio.NioServer");
        command.add(kind);
        command.addAll(arguments);
        return Program.start(command, Map.of(), log(Contender.NIO, kind));
    }

    /**
     * The servers of one piece of work, all running: native, guest, Java NIO when there is one,
     * other runtimes when they are wanted and there.
     *
     * @param module the guest
     * @param nio the kind of the Java program, or null
     * @param onPeers whether it is tried on other runtimes too
     */
    Contest contest(
            String nativeName,
            Path module,
            String nio,
            boolean onPeers,
            List<String> options,
            List<String> arguments) {
        Map<Contender, Program> programs = new EnumMap<>(Contender.class);
        try {
            programs.put(Contender.NATIVE, startNative(nativeName, arguments));
            programs.put(Contender.GUEST, startGuest(module, options, arguments));
            if (nio != null) {
                programs.put(Contender.NIO, startNio(nio, arguments));
            }
            if (onPeers) {
                startOnPeers(programs, module, arguments);
            }
            return new Contest(this, programs);
        } catch (RuntimeException e) {
            programs.values().forEach(Program::close);
            throw e;
        }
    }

    private void startOnPeers(
            Map<Contender, Program> programs, Path module, List<String> arguments) {
        for (Contender peer : peers.servers()) {
            try {
                programs.put(
                        peer,
                        Program.start(
                                peers.command(peer, module, arguments),
                                Map.of(),
                                log(peer, baseName(module))));
            } catch (BenchmarkException e) {
                say(peer.title() + " is left out: " + e.getMessage());
            }
        }
    }

    private static String baseName(Path module) {
        return module.getFileName().toString().replace(".wasm", "");
    }

    /** A folder of this run, made when it is not there. */
    Path folder(String name) {
        Path folder = settings.work().resolve(name);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BenchmarkException("cannot make " + folder + ": " + e.getMessage(), e);
        }
    }
}
