package org.wasix4j.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The client in C, benchmarks/load/load.c. */
final class LoadClient {

    private final Path program;
    private final Path log;

    LoadClient(Settings settings) {
        program = settings.nativeProgram("load");
        log = settings.work().resolve("load.log");
    }

    /**
     * What a run was.
     *
     * @param count requests, bytes or whatever was counted
     * @param seconds how long it took
     * @param bytes bytes received, for HTTP; else 0
     * @param times of the round trips in nanoseconds, or null
     */
    record Result(long count, double seconds, long bytes, Histogram times) {

        double perSecond() {
            return count / seconds;
        }
    }

    /** Loads a port for some seconds. */
    Result run(String what, int port, double seconds, Object... more) {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add(what);
        command.add(Integer.toString(port));
        command.add(String.format(Locale.ROOT, "%.3f", seconds));
        for (Object word : more) {
            command.add(word.toString());
        }
        try {
            Process process =
                    Processes.start(new ProcessBuilder(command).redirectError(log.toFile()));
            byte[] output;
            int code;
            try {
                output = process.getInputStream().readAllBytes();
                code = process.waitFor();
            } finally {
                Processes.end(process);
            }
            if (code != 0) {
                throw new BenchmarkException(
                        String.join(" ", command) + ": " + Files.readString(log).strip());
            }
            return parse(output);
        } catch (IOException e) {
            throw new BenchmarkException("cannot run " + program + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    private static Result parse(byte[] output) {
        int end = 0;
        while (output[end] != '\n') {
            end++;
        }
        String[] words = new String(output, 0, end, StandardCharsets.US_ASCII).split(" ");
        Histogram times = null;
        if (output.length > end + 1) {
            times = new Histogram(3);
            ByteBuffer rest =
                    ByteBuffer.wrap(output, end + 1, output.length - end - 1)
                            .slice()
                            .order(ByteOrder.LITTLE_ENDIAN);
            while (rest.remaining() >= Long.BYTES) {
                times.recordValue(rest.getLong());
            }
        }
        return new Result(
                Long.parseLong(words[0]),
                Double.parseDouble(words[1]),
                words.length > 2 ? Long.parseLong(words[2]) : 0,
                times);
    }

    /** A client of the guest "calls" that holds idle connections; see load.c. */
    Calls calls(int port, int idle) {
        try {
            Process process =
                    Processes.start(
                            new ProcessBuilder(
                                            program.toString(),
                                            "calls",
                                            Integer.toString(port),
                                            Integer.toString(idle))
                                    .redirectError(log.toFile()));
            return new Calls(process);
        } catch (IOException e) {
            throw new BenchmarkException("cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    /** Orders to the guest "calls". */
    final class Calls implements AutoCloseable {

        private final Process process;
        private final BufferedReader answers;
        private final PrintStream orders;

        private Calls(Process process) {
            this.process = process;
            answers = process.inputReader(StandardCharsets.US_ASCII);
            orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
            answer();
        }

        /** Nanoseconds a call. */
        double nanos(char what, int count) {
            orders.println(what + " " + count);
            return Double.parseDouble(answer());
        }

        private String answer() {
            try {
                String line = answers.readLine();
                if (line == null) {
                    throw new BenchmarkException(Files.readString(log).strip());
                }
                return line;
            } catch (IOException e) {
                throw new BenchmarkException("load client: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            Processes.end(process);
        }
    }
}
