package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestCase;
import org.wasix4j.testmodules.TestModule;

/** Every guest of the catalogue that ends by itself does what it is said to do. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CatalogueTest {

    @TempDir Path folder;

    static Stream<Arguments> guests() {
        return TestModule.all().stream()
                .flatMap(
                        module ->
                                module.cases().stream()
                                        .filter(one -> !one.server())
                                        .map(one -> Arguments.of(module.name(), one)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("guests")
    void a_guest_of_the_catalogue_does_what_it_should(String name, TestCase expected)
            throws Exception {
        expected.layOut(folder);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        WasixRuntime.Builder builder =
                WasixRuntime.builder()
                        .withArguments(expected.args())
                        .withEnvironment(expected.env())
                        .withStdin(
                                new ByteArrayInputStream(
                                        expected.stdin().getBytes(StandardCharsets.UTF_8)))
                        .withStdout(out)
                        .withStderr(err);
        expected.dirs().forEach(dir -> builder.withDirectory(folder.resolve(dir), dir));
        if (expected.net().isPresent()) {
            builder.withNetworkPolicy(NetworkPolicy.allowAll());
        }
        WasixModule module =
                WasixModule.load(name, TestModule.named(name).bytes(), Engine.COMPILER);
        ExitStatus status = builder.build().start(module).waitFor();
        expected.stdout()
                .ifPresent(
                        text -> assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(text));
        expected.stderr()
                .ifPresent(
                        text -> assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(text));
        assertThat(status.shellCode()).as(status.toString()).isEqualTo(expected.exitCode());
        assertThat(status.kind() == ExitStatus.Kind.TRAPPED).isEqualTo(expected.trap());
    }
}
