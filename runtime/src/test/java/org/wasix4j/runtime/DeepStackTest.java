package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.deep.DeepSweep;

/**
 * Guests that make their first calls where the stack is nearly used up, in JVMs that have done
 * nothing else: each call is done or ends that guest, and the JVM is as it was.
 *
 * <p>A build takes the calls that do most with the JVM. {@code -Dwasix.deep=all} takes every
 * function on every kind of descriptor at every depth, compiled and interpreted; that takes an
 * hour.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class DeepStackTest {

    private static final boolean ALL = "all".equals(System.getProperty("wasix.deep"));

    @TempDir Path temp;

    static Stream<Arguments> groups() {
        List<String> names = ALL ? DeepSweep.allGroups() : DeepSweep.groups();
        return names.stream()
                .flatMap(
                        name ->
                                Stream.of(Engine.values())
                                        .filter(
                                                engine ->
                                                        ALL
                                                                || name.endsWith(" bind")
                                                                        == (engine
                                                                                == Engine
                                                                                        .INTERPRETER))
                                        .map(engine -> Arguments.of(name, engine)));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void no_depth_at_which_a_guest_calls_harms_the_jvm(String group, Engine engine)
            throws Exception {
        Path volume = Files.createDirectory(temp.resolve("volume"));
        Files.createFile(Files.createDirectory(volume.resolve("d")).resolve("a"));
        Files.writeString(volume.resolve("f"), "content");
        Files.createSymbolicLink(volume.resolve("l"), Path.of("f"));
        try (ForkedJvm jvm =
                ForkedJvm.start(
                        temp,
                        "exec",
                        List.of(
                                "-javaagent:" + agent(),
                                // a guest's levels are all alike, and the host's own code is
                                // compiled, also on a machine that has much to do
                                "-XX:CompileCommand=quiet",
                                "-XX:CompileCommand=exclude,com.dylibso.chicory.*::*",
                                "-XX:-BackgroundCompilation",
                                "-XX:+UseSerialGC",
                                // a thread may get the stack of another that has ended, if that
                                // is larger: they are all alike
                                "-Xss" + DeepSweep.STACK,
                                "-XX:-UseDynamicNumberOfCompilerThreads"),
                        DeepSweep.class.getName(),
                        volume.toString(),
                        engine.name(),
                        ALL ? "1" : "3",
                        group)) {
            assertThat(jvm.awaitExit(Duration.ofSeconds(240))).as(jvm.toString()).isZero();
        }
    }

    /** A jar that makes {@link DeepSweep} an agent, which is given what knows every class. */
    private Path agent() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", DeepSweep.class.getName());
        Path jar = temp.resolve("agent.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }
}
