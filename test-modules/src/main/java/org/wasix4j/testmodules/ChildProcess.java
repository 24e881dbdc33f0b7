package org.wasix4j.testmodules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test starts and listens to. Every wait for it has a limit, and what is thrown
 * then says what was waited for and what the program had said.
 */
public final class ChildProcess implements AutoCloseable {

    /** A JVM that starts on a loaded machine takes its time. */
    private static final long LIMIT_SECONDS = 90;

    private final List<String> command;
    private final Process process;
    private final LinkedBlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();
    private final List<Thread> readers = new ArrayList<>();

    private ChildProcess(ProcessBuilder builder) throws IOException {
        command = builder.command();
        process = builder.start();
        read(
                process.inputReader(UTF_8),
                line -> {
                    out.append(line).append('\n');
                    lines.add(Optional.of(line));
                });
        read(process.errorReader(UTF_8), line -> err.append(line).append('\n'));
    }

    private interface LineTaker {
        void take(String line);
    }

    /**
     * The JVM of this test, as a command line begins. It has the options of the JVM that the {@code
     * wasix-run} script passes so that nothing but the program writes on standard error: newer JVMs
     * warn of a call that unmaps the memory of a guest.
     */
    public static List<String> java() {
        String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Runtime.version().feature() >= 23
                ? List.of(program, "--sun-misc-unsafe-memory-access=allow")
                : List.of(program);
    }

    /** The class path of this test, as a child needs it: Maven runs tests with a manifest's. */
    public static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Starts a program whose output goes to the test unless the builder says otherwise. */
    public static ChildProcess start(ProcessBuilder builder) throws IOException {
        return new ChildProcess(builder);
    }

    /** Starts a program. */
    public static ChildProcess start(List<String> command) throws IOException {
        return start(new ProcessBuilder(command));
    }

    /** Runs a program to its end; a program that is not there ends with 127. */
    public static int run(String... command) throws InterruptedException {
        try (ChildProcess child = start(List.of(command))) {
            return child.awaitExit();
        } catch (IOException e) {
            return 127;
        }
    }

    private void read(BufferedReader from, LineTaker to) {
        Thread reader =
                new Thread(
                        () -> {
                            try (from) {
                                for (String l = from.readLine(); l != null; l = from.readLine()) {
                                    to.take(l);
                                }
                            } catch (IOException e) {
                                // it was closed: the program has ended
                            } finally {
                                lines.add(Optional.empty());
                            }
                        },
                        "reads " + process.pid());
        reader.setDaemon(true);
        reader.start();
        readers.add(reader);
    }

    /** The next line of its standard output. */
    public String line() throws InterruptedException {
        for (int ends = 0; ends < readers.size(); ends++) {
            Optional<String> next = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("waited " + LIMIT_SECONDS + " s for a line of " + this);
            }
            if (next.isPresent()) {
                return next.get();
            }
        }
        throw new AssertionError("waited for a line, but there is none left of " + this);
    }

    /** Waits for its end and for all that it said; its exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("waited " + LIMIT_SECONDS + " s for the end of " + this);
        }
        for (Thread reader : readers) {
            // a grandchild may hold the stream open
            reader.join(TimeUnit.SECONDS.toMillis(10));
        }
        return process.exitValue();
    }

    /** What it has written to standard output, with a newline at the end of each line. */
    public String out() {
        return out.toString();
    }

    /** What it has written to standard error; as {@link #out}. */
    public String err() {
        return err.toString();
    }

    /** Its standard input. */
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    /** The process itself. */
    public Process process() {
        return process;
    }

    /** Ends it, if it has not ended. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        String state = process.isAlive() ? "running" : "ended with " + process.exitValue();
        return String.join(" ", command)
                + " ("
                + state
                + "; stdout ["
                + out
                + "], stderr ["
                + err
                + "])";
    }
}
