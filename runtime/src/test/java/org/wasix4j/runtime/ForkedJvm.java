package org.wasix4j.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.wasix4j.testmodules.ChildProcess;

/** A JVM of its own that lacks something, with the classes of this one. */
public final class ForkedJvm implements AutoCloseable {

    /** A JVM that has little of something and starts on a loaded machine takes its time. */
    private static final Duration END = Duration.ofSeconds(60);

    private final Process process;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Thread> pumps = new ArrayList<>();

    private ForkedJvm(Process process) {
        this.process = process;
        pump(process.getInputStream(), out);
        pump(process.getErrorStream(), err);
    }

    /**
     * Starts it.
     *
     * @param temp a folder of the test's, for classes
     * @param setting what a shell says before the JVM's command line: {@code exec} when there is
     *     nothing to set
     * @param options of the JVM
     * @param main the class, with its arguments
     */
    public static ForkedJvm start(Path temp, String setting, List<String> options, String... main)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", setting + " \"$@\"", "sh"));
        command.addAll(ChildProcess.java());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(temp)));
        command.addAll(List.of(main));
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().close();
        return new ForkedJvm(process);
    }

    /** As a user has them: in jars, which are open when descriptors or disks run out. */
    private static String classPath(Path temp) throws IOException {
        String here = ChildProcess.classPath();
        List<String> there = new ArrayList<>();
        for (String entry : here.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                Path jar = temp.resolve("classes-" + there.size() + ".jar");
                if (!Files.exists(jar)) {
                    pack(path, jar);
                }
                there.add(jar.toString());
            } else {
                there.add(entry);
            }
        }
        return String.join(File.pathSeparator, there);
    }

    private static void pack(Path folder, Path jar) throws IOException {
        try (JarOutputStream packed = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(new JarEntry(folder.relativize(file).toString()));
                Files.copy(file, packed);
            }
        }
    }

    private void pump(InputStream from, OutputStream to) {
        Thread pump =
                new Thread(
                        () -> {
                            try {
                                from.transferTo(to);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        pump.setDaemon(true);
        pump.start();
        pumps.add(pump);
    }

    public String out() {
        return out.toString(UTF_8);
    }

    /** What it wrote to standard error, without what the JVM itself has to say. */
    public List<String> err() {
        return err.toString(UTF_8)
                .lines()
                .filter(line -> !line.startsWith("WARNING: ") && !line.contains(" warning: "))
                .toList();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM. */
    public ForkedJvm terminate() {
        process.toHandle().destroy();
        return this;
    }

    /** Waits for its end and answers its exit code. */
    public int awaitExit() throws InterruptedException {
        return awaitExit(END);
    }

    /** Waits for its end for some time and answers its exit code. */
    public int awaitExit(Duration time) throws InterruptedException {
        assertThat(process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)).as(toString()).isTrue();
        for (Thread pump : pumps) {
            pump.join(Guest.SOON.toMillis());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return "stdout [" + out() + "], stderr " + err.toString(UTF_8);
    }
}
