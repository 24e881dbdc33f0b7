package org.wasix4j.runtime;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.wasix4j.policy.Decision;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

/**
 * A guest of the catalogue that was started by a test, with what it wrote and what was reported.
 */
public final class Guest implements AutoCloseable {

    /** How long a test waits for what has to come. */
    public static final Duration SOON = Duration.ofSeconds(60);

    private static final Map<String, WasixModule> MODULES = new ConcurrentHashMap<>();

    private final WasixProcess process;
    private final ByteArrayOutputStream stdout;
    private final ByteArrayOutputStream stderr;
    private final Events events;

    private Guest(
            WasixProcess process,
            ByteArrayOutputStream stdout,
            ByteArrayOutputStream stderr,
            Events events) {
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
        this.events = events;
    }

    /** A module of the catalogue, compiled once for all tests. */
    public static WasixModule module(String name, Engine engine) {
        return MODULES.computeIfAbsent(
                engine + " " + name,
                key -> WasixModule.load(name, TestModule.named(name).bytes(), engine));
    }

    /** Starts a guest that may use the network. */
    public static Guest start(String name, String... arguments) {
        return start(
                module(name, Engine.COMPILER),
                new byte[0],
                settings ->
                        settings.withArguments(arguments)
                                .withNetworkPolicy(NetworkPolicy.allowAll()));
    }

    /** Starts a guest as a case of the catalogue says, with a folder that holds its tree. */
    public static Guest start(WasixModule module, TestCase test, Path folder) {
        return start(
                module,
                test.stdin().getBytes(StandardCharsets.UTF_8),
                settings -> {
                    settings.withArguments(test.args()).withEnvironment(test.env());
                    test.dirs().forEach(dir -> settings.withDirectory(folder.resolve(dir), dir));
                    test.program().ifPresent(path -> settings.withProgram(path, module));
                    test.net().ifPresent(rules -> settings.withNetworkPolicy(policy(rules)));
                    return settings;
                });
    }

    /** A grant as a json gives it: "" is everything. */
    public static NetworkPolicy policy(String rules) {
        return rules.isEmpty() ? NetworkPolicy.allowAll() : NetworkPolicy.parse(rules);
    }

    /** Starts a guest with settings of the test's own. */
    public static Guest start(
            WasixModule module, byte[] stdin, UnaryOperator<WasixRuntime.Builder> settings) {
        return start(module, new ByteArrayInputStream(stdin), settings);
    }

    /** Starts a guest with settings of the test's own. */
    public static Guest start(
            WasixModule module, InputStream stdin, UnaryOperator<WasixRuntime.Builder> settings) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        Events events = new Events();
        WasixRuntime runtime =
                settings.apply(
                                WasixRuntime.builder()
                                        .withStdin(stdin)
                                        .withStdout(stdout)
                                        .withStderr(stderr)
                                        .withListener(events))
                        .build();
        return new Guest(runtime.start(module), stdout, stderr, events);
    }

    public WasixProcess process() {
        return process;
    }

    /** The port on which it listens, as soon as it does. */
    public int port() throws InterruptedException {
        try {
            return process.awaitListening(SOON).port();
        } catch (TimeoutException | IllegalStateException e) {
            throw new AssertionError(e.getMessage() + "; " + this + stacks(), e);
        }
    }

    /** What it wrote to standard output until now. */
    public String stdout() {
        return stdout.toString(StandardCharsets.UTF_8);
    }

    /** What it wrote to standard error until now. */
    public String stderr() {
        return stderr.toString(StandardCharsets.UTF_8);
    }

    /** What the policy refused until now. */
    public List<Decision> denied() {
        return events.denied;
    }

    /** Errors of the host that the guest saw as an errno, and faults. */
    public List<String> hostErrors() {
        return events.hostErrors;
    }

    /** Waits until it has written a line to standard output. */
    public Guest awaitFirstLine() {
        Awaitility.await()
                .atMost(SOON)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> stdout().contains("\n") || !process.isAlive());
        return this;
    }

    /** Waits for its end. */
    public ExitStatus awaitEnd() throws InterruptedException {
        return process.waitFor(SOON)
                .orElseThrow(() -> new AssertionError("still runs; " + this + stacks()));
    }

    /** Where the threads of all guests are, for the message of a failure. */
    private static String stacks() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces()
                .forEach(
                        (thread, frames) -> {
                            if (thread.getName().startsWith("wasix-")) {
                                text.append('\n').append(thread);
                                for (StackTraceElement frame : frames) {
                                    text.append("\n    ").append(frame);
                                }
                            }
                        });
        return text.toString();
    }

    /** The threads that run guests of a module now. */
    public static List<String> threadsOf(String module) {
        return Stream.of(allThreads())
                .filter(thread -> thread != null && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> name.startsWith("wasix-" + module + "-"))
                .toList();
    }

    private static Thread[] allThreads() {
        Thread[] threads = new Thread[Thread.activeCount() * 2 + 100];
        Thread.enumerate(threads);
        return threads;
    }

    @Override
    public void close() {
        process.close();
    }

    @Override
    public String toString() {
        return "guest with stdout [" + stdout() + "], stderr [" + stderr() + "], " + events;
    }

    /** Remembers what is reported. */
    private static final class Events implements ProcessListener {

        private final List<Decision> denied = new CopyOnWriteArrayList<>();
        private final List<String> hostErrors = new CopyOnWriteArrayList<>();

        @Override
        public void denied(Decision decision) {
            denied.add(decision);
        }

        @Override
        public void hostError(String operation, Throwable error) {
            hostErrors.add(operation + ": " + error);
        }

        @Override
        public String toString() {
            return "denied " + denied + ", host errors " + hostErrors;
        }
    }
}
