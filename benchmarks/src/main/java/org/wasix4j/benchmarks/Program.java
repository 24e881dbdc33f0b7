package org.wasix4j.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that is measured: a process that has printed its port. */
final class Program implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("listening on .*:(\\d+)");
    private static final int START_SECONDS = 180;

    /** Ticks of the CPU times in /proc, a second; the same on every Linux that Java runs on. */
    private static final int TICKS = 100;

    private final Process process;
    private final int port;

    private Program(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a program and waits until it listens.
     *
     * @param log where its standard error goes
     */
    static Program start(List<String> command, Map<String, String> environment, Path log) {
        Process process = launch(command, environment, log);
        try {
            return new Program(process, awaitPort(process, command, log));
        } catch (RuntimeException e) {
            Processes.end(process);
            throw e;
        }
    }

    private static Process launch(List<String> command, Map<String, String> environment, Path log) {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
        builder.environment().putAll(environment);
        builder.redirectError(log.toFile());
        try {
            return Processes.start(builder);
        } catch (IOException e) {
            throw new BenchmarkException("cannot start " + command + ": " + e.getMessage(), e);
        }
    }

    private static int awaitPort(Process process, List<String> command, Path log) {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread reader =
                new Thread(
                        () -> {
                            try {
                                for (String line = output.readLine();
                                        line != null;
                                        line = output.readLine()) {
                                    Matcher matcher = LISTENING.matcher(line);
                                    if (matcher.find()) {
                                        port.complete(Integer.valueOf(matcher.group(1)));
                                    }
                                }
                                port.completeExceptionally(new IOException("it has ended"));
                            } catch (IOException e) {
                                port.completeExceptionally(e);
                            }
                        },
                        "output of " + command.get(0));
        reader.setDaemon(true);
        reader.start();
        try {
            return port.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BenchmarkException(
                    String.join(" ", command) + " does not listen; it said: " + tail(log), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    private static String tail(Path log) {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 500)).strip();
        } catch (IOException e) {
            return "nothing";
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** CPU time it has used, in microseconds, in user and system. */
    long cpuMicros() {
        String stat = ProcFiles.read(process.pid(), "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * (1_000_000 / TICKS);
    }

    @Override
    public void close() {
        Processes.end(process);
    }
}
